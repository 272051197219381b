// mig/ast/ast.h
//
// The file as it was written: one node per construct, names not yet resolved, each with its position.
#pragma once

#include "diag/reporter.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace migc::ast {

struct Name {
    std::string text;
    Position position;
};

// ---- Types

struct TypeSpec;
using TypeSpecPtr = std::unique_ptr<TypeSpec>;

struct Flag {
    enum Kind {
        Dealloc,
        DeallocByCaller,
        NotDealloc,
        ServerCopy,
        PhysicalCopy,
        Overwrite,
        Auto,
        Const,
        IsLong,
        IsNotLong,
        SameCount,
        CountInOut,
        RetCode
    };
    Kind kind;
    Position position;
};

// A type's name or number, alone or one for each side, perhaps with a size: (a | b, 32).
struct BasicType {
    Name first;
    std::optional<Name> second;
    std::optional<uint32_t> bits;
    std::vector<Flag> flags;
};
struct ArrayType {
    enum Bound { Fixed, Limited, Unlimited };
    Bound bound;
    uint32_t count;
    TypeSpecPtr element;
};
struct OutOfLineType {
    TypeSpecPtr target;
};
struct StructArrayType {
    uint32_t count;
    TypeSpecPtr element;
};
struct StructMember {
    TypeSpecPtr type;
    Name name;
};
struct StructType {
    std::vector<StructMember> members;
};
struct StringType {
    uint32_t size;
    bool varying;
};
// PointerTo(t) and its like: the value travels, C has its address.
struct NativeType {
    enum Kind { Pointer, PointerIfNot, Value };
    Kind kind = PointerIfNot;
    TypeSpecPtr target;
};
// pointer_to(type, extent): the extent is a number, or the argument that holds it.
struct UserPointerType {
    TypeSpecPtr target;
    std::variant<uint32_t, Name> extent;
};

struct Translation {
    enum Kind { InTran, OutTran, InTranPayload, Destructor, CType, CUserType, CServerType };
    Kind kind;
    Position position;
    std::string result;  // Its type, or the C type named.
    std::string function;
    std::string argument;  // The type it takes.
};

struct TypeSpec {
    Position position;
    std::variant<BasicType, ArrayType, OutOfLineType, StructArrayType, StructType, StringType, NativeType,
                 UserPointerType>
        form;
    std::vector<Translation> translations;
};

// ---- Routines

enum class Direction {
    None,
    In,
    Out,
    InOut,
    RequestPort,
    ReplyPort,
    ServerReplyPort,
    UserReplyPort,
    WaitTime,
    SendTime,
    MsgOption,
    MsgSeqno,
    RetCode,
    SecurityToken,
    UserSecurityToken,
    ServerSecurityToken,
    AuditToken,
    UserAuditToken,
    ServerAuditToken,
    ServerContextToken,
    ServerImplicit,
    UserImplicit
};

struct Argument {
    Direction direction;
    Name name;
    std::optional<Name> declared_type;  // `name : declared = spec`
    TypeSpecPtr type;
    std::vector<Flag> flags;
};

struct Routine {
    enum Kind { Call, Simple, Trap, Function };
    Kind kind;
    Name name;
    std::vector<Argument> arguments;
    std::optional<Name> result;   // A trap's type of return.
    TypeSpecPtr function_result;  // A function's.
    std::string comment;
    bool is_procedure = false;  // A call or simple call that returns nothing.
};

// ---- Statements

struct Subsystem {
    Name name;
    uint32_t base;
    bool kernel_user, kernel_server, traps;
};
struct TypeDeclaration {
    Name name;
    TypeSpecPtr type;
};
struct Skip {
    Position position;
    std::optional<uint32_t> count;
};
struct Import {
    enum Side { Both, User, Server, Defs, Internal };
    Side side;
    std::string file;  // With its quotes or angles.
};
struct Setting {
    enum Kind {
        RcsId,
        UserPrefix,
        ServerPrefix,
        ServerDemux,
        Error,
        WaitTime,
        SendTime,
        MsgOption,
        NoWaitTime,
        NoSendTime,
        UserTypeLimit,
        OnStackLimit,
        ConsumeOnSendError,
        UseSpecialReplyPort
    };
    Kind kind;
    Position position;
    std::string text;
    uint32_t number = 0;
};

using Statement = std::variant<Subsystem, TypeDeclaration, Routine, Skip, Import, Setting>;

// What GNU's compiler does not take, although this grammar does.
struct WiderUse {
    enum Kind { KeywordAsName, CTypeOfWords, Expression, LastSemicolon, Word, TypeInPlace };
    Kind kind;
    Position position;
    std::string text;
};

struct Specification {
    std::vector<Statement> statements;
    std::vector<WiderUse> wider_uses;
    Position end;
};

}  // namespace migc::ast
