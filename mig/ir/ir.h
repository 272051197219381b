// mig/ir/ir.h
//
// The intermediate form: an interface with every name resolved, every number computed and every message laid out.  It
// is made once by sema/ and never changed; the back ends only print it.
//
// Invariants  (I1) Arguments, types and slots are referred to by pointers that live as long as the Interface.
//             (I2) A message's slots are in wire order; `offset` is exact if `fixed`, else the place the slot has when
//                  every varying slot before it is at its limit.
//             (I3) All sizes are bytes, all slots are padded to `alignment`.
//             (I4) Data that shares a count follows, in each message, the last Count slot before it.
#pragma once

#include "diag/reporter.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace migc::ir {

inline constexpr uint32_t alignment = 4;
inline constexpr uint32_t header_size = 24;
inline constexpr uint32_t body_size = 4;
inline constexpr uint32_t ndr_size = 8;
inline constexpr uint32_t port_descriptor_size = 12;
inline constexpr uint32_t memory_descriptor_size = 16;
inline constexpr uint32_t typed_header_size = 32;     // gnumach on x86-64.
inline constexpr uint32_t typed_inline_limit = 2048;  // Bytes of an array[] that still travel inline.
inline constexpr uint32_t error_reply_size = header_size + ndr_size + 4;
inline constexpr uint32_t message_size_limit = 68 * 1024;
inline constexpr uint32_t reply_id_offset = 100;

constexpr uint32_t pad(uint32_t size) { return (size + alignment - 1) & ~(alignment - 1); }

// MACH_MSG_TYPE_*: what the sender does with a right, or what the receiver gets.
enum class Disposition : uint32_t {
    None = 0,
    MoveReceive = 16,
    MoveSend = 17,
    MoveSendOnce = 18,
    CopySend = 19,
    MakeSend = 20,
    MakeSendOnce = 21,
    Polymorphic = 0xffffffff
};

// Which family of compilers an interface is written for, and so in which form its messages travel: OSF's and Darwin's
// with descriptors and an NDR record, or CMU's and GNU's, where each item carries a description of its own.
enum class Dialect { Osf, Gnu };

struct Translation {
    std::string result, function, argument;
};

struct Type;
using TypePtr = std::shared_ptr<const Type>;

struct Member {
    TypePtr type;
    std::string name;
    uint32_t offset;
};

// What an item's description says in the typed format.
struct TypedForm {
    static constexpr uint32_t polymorphic = 0xffffffff;

    uint32_t sent_name = 0, received_name = 0;  // MACH_MSG_TYPE_* by number.
    uint32_t bits = 32, units = 1;              // Of one unit; units in one element (if fixed: in all).
    bool is_long = false;                       // Twelve bytes instead of four.
};

struct Type {
    enum Kind {
        Scalar,       // An integer, character or number of `size` bytes.
        Structure,    // Plain data of `size` bytes, passed by value.
        Array,        // `count` elements inline.
        Varying,      // A count and at most `count` elements inline.
        String,       // A C string in `count` bytes, the NUL included; `varying`: only the bytes it needs.
        Port,         // A right.
        Memory,       // Out of line: at most `count` elements, 0 for no limit.
        Ports,        // Out of line: at most `count` rights.
        UserPointer,  // In a trap: the address of `count` elements, or as many as the argument `extent` says.
        Rights,       // `count` port descriptors in the message; if `has_count`, that many at most are used.
    };

    Kind kind = Scalar;
    Position position;
    std::string name;                      // As declared; empty for a type written in place.
    std::string user_type, server_type;    // In C.
    bool names_server_type = false;        // cservertype was given.
    uint32_t size = 0;                     // Of the inline data, at most; 0 out of line.
    uint32_t element_size = 0, count = 0;  // count is 1 for scalars.
    TypePtr element;
    std::vector<Member> members;
    uint32_t alignment = 1;  // Of the C type.
    TypedForm typed;
    bool indefinite = false;   // GNU's array[]: inline while at most `count` elements, else out of line.
    bool deallocates = false;  // The type's own `dealloc`.
    bool by_pointer = false;   // PointerTo: C has the address also where it is `in`.
    bool varying = false, is_signed = false, is_real = false, has_count = true;
    Disposition sent = Disposition::None, received = Disposition::None;
    std::string extent;
    std::optional<Translation> in_translation, out_translation, payload_translation;
    std::string destructor;

    bool is_inline() const { return kind <= String; }
    bool is_varying() const { return kind == Varying || (kind == String && varying); }
    bool carries_rights() const { return sent != Disposition::None; }
    // Passed with a count of its own.
    bool is_counted() const { return kind == Varying || kind == Memory || kind == Ports || kind == Rights; }
    bool is_out_of_line() const { return kind == Memory || kind == Ports; }
};

enum class Direction { In, Out, InOut };

enum class Role {
    Data,
    RequestPort,
    ReplyPort,
    WaitTime,
    SendTime,
    MsgOption,
    MsgSeqno,
    RetCode,
    AuditToken,
    SecurityToken,
    ContextToken
};

struct Argument {
    std::string name;
    Position position;
    Role role = Role::Data;
    Direction direction = Direction::In;
    bool user_side = true, server_side = true;  // Who has it as a parameter (a token is the server's alone).
    TypePtr type;
    bool dealloc = false, dealloc_by_caller = false, not_dealloc = false, is_const = false,
         physical_copy = false;
    bool automatic = false;  // auto: what a request brought goes when the routine has returned.
    bool server_copy = false, count_in_out = false, overwrite = false;
    const Argument* counter = nullptr;  // sameCount: the argument whose count is this one's, too.

    bool in() const { return direction != Direction::Out; }
    bool out() const { return direction != Direction::In; }
    bool has_own_count() const { return type->is_counted() && type->has_count && counter == nullptr; }
    // The argument that this one's count is a part of: itself, but for sameCount.
    const Argument& counted_by() const { return counter != nullptr ? *counter : *this; }
    // Told by a message's trailer, not by who sent it: to the routine by the request's, to the caller by the reply's.
    bool is_any_token() const
    {
        return role == Role::AuditToken || role == Role::SecurityToken || role == Role::ContextToken;
    }
    bool is_token() const { return server_side && is_any_token(); }
    bool is_user_token() const { return user_side && (is_any_token() || role == Role::MsgSeqno); }
};

struct Descriptor {
    const Argument* argument;
    uint32_t offset;
    uint32_t element = 0;  // Which of an argument's rights, if it has several descriptors.
};

// A piece of inline data.
struct Slot {
    enum Kind {
        Ndr,
        RetCode,
        Value,         // A fixed argument.
        Count,         // Elements that follow, or of out-of-line data.
        StringOffset,  // Before the count of a varying string: 0.
        StringCount,   // Bytes of a varying string, the NUL included.
        Capacity,      // In a request: elements the caller has room for (countInOut).
        Data,          // The elements of a varying array, or the bytes of a varying string.
        Description,   // Typed format: says what the next slot is; four bytes, or twelve if long.
        Address,       // Typed format: of out-of-line data.
    };
    Kind kind;
    const Argument* argument;  // Null for Ndr and RetCode.
    uint32_t offset;
    uint32_t size;  // Exact, or at most (Data).
    bool fixed;
};

struct Message {
    std::vector<Descriptor> descriptors;
    std::vector<Slot> slots;
    uint32_t descriptors_end = header_size;  // Where inline data begins.
    uint32_t minimum_size = header_size, maximum_size = header_size;
    // Typed format: whether the message carries rights or memory may depend on what is sent.
    enum { Never, Depends, Always } typed_complexity = Never;

    bool is_complex() const { return !descriptors.empty(); }
    bool varies() const { return minimum_size != maximum_size; }
    bool has_ndr() const { return !slots.empty() && slots.front().kind == Slot::Ndr; }
};

struct Routine {
    std::string name;
    Position position;
    std::string comment;
    uint32_t id = 0;
    bool simple = false;
    // What it returns in C: a code; nothing; a value, the last of `arguments`.  Of the latter two the error function is told.
    enum { Ordinary, Procedure, Function } style = Ordinary;
    std::vector<std::unique_ptr<const Argument>> arguments;
    const Argument* request_port = nullptr;
    const Argument* reply_port = nullptr;         // Explicit on the user's side.
    const Argument* server_reply_port = nullptr;  // Explicit on the server's side.
    const Argument* value = nullptr;              // Of a function.
    Message request, reply;
    TypePtr result;                                    // Of a trap.
    std::string wait_time, send_time, message_option;  // In force where the routine stands; C expressions.
};

struct Import {
    bool user, server;
    std::string file;
};

struct Interface {
    std::string name, file;
    Dialect dialect = Dialect::Osf;
    uint32_t base = 0;
    bool is_traps = false, kernel_user = false, kernel_server = false;
    std::string user_prefix, server_prefix, server_demux, error_function, rcs_id;
    std::string library_prefix;  // GNU: before mach_msg and mig_* in the stubs.
    bool symbol_table = false;   // GNU: the server's source has a table of routines by name.
    std::vector<Import> imports;
    std::vector<std::string> internal_imports, definition_imports;  // iimport and dimport.
    std::vector<TypePtr> types;                                     // Declared, in order.
    std::vector<std::unique_ptr<const Routine>> routines;           // Null where an id is skipped.
};

}  // namespace migc::ir
