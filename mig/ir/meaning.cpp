// mig/ir/meaning.cpp
#include "ir/meaning.h"

#include <array>

namespace migc::ir {

namespace {

struct Known {
    std::string_view name;
    Format format;
};

constexpr std::array known_names{Known{"boolean_t", Format::Boolean},
                                 Known{"kern_return_t", Format::ReturnCode},
                                 Known{"mach_msg_return_t", Format::ReturnCode},
                                 Known{"mach_port_name_t", Format::PortName},
                                 Known{"natural_t", Format::Unsigned},
                                 Known{"char", Format::Character},
                                 Known{"mach_msg_type_name_t", Format::Unsigned}};

constexpr std::array known_ends{Known{"address_t", Format::Address}, Known{"offset_t", Format::Address},
                                Known{"size_t", Format::Size}};

// What a type's own name tells; nothing, if that is up to what it is made of.
std::optional<Format> named(std::string_view name)
{
    for (const Known& known : known_names) {
        if (name == known.name)
            return known.format;
    }
    for (const Known& known : known_ends) {
        if (name.ends_with(known.name))
            return known.format;
    }
    if (name.starts_with("uint") || name.starts_with("unsigned"))
        return Format::Unsigned;
    return std::nullopt;
}

}  // namespace

Format format_of(const Type& type)
{
    if (type.kind == Type::String)
        return Format::Character;
    if (type.kind == Type::Port)
        return Format::PortName;
    if (type.kind != Type::Scalar)
        return type.element && type.kind != Type::Structure ? format_of(*type.element) : Format::Bytes;
    for (const std::string& name : {type.name, type.user_type}) {
        if (const std::optional<Format> format = named(name))
            return *format;
    }
    if (type.is_real)
        return Format::Real;
    if (type.element)
        return format_of(*type.element);
    return type.is_signed ? Format::Signed : Format::Unsigned;
}

const char* word(Format format)
{
    constexpr const char* words[] = {"signed",  "unsigned", "boolean",     "character", "real",
                                     "address", "size",     "return-code", "port-name", "bytes"};
    return words[static_cast<int>(format)];
}

const char* word(Type::Kind kind)
{
    constexpr const char* words[] = {"scalar", "struct", "array", "varying-array", "string",
                                     "port",   "memory", "ports", "pointer",       "rights"};
    return words[kind];
}

const char* word(Direction direction)
{
    return direction == Direction::In ? "in" : direction == Direction::Out ? "out" : "inout";
}

const char* word(Role role)
{
    constexpr const char* words[] = {"data",        "request-port",   "reply-port",   "wait-time",
                                     "send-time",   "msg-option",     "msg-seqno",    "return-code",
                                     "audit-token", "security-token", "context-token"};
    return words[static_cast<int>(role)];
}

const char* word(Disposition disposition)
{
    switch (disposition) {
    case Disposition::MoveReceive:
        return "move-receive";
    case Disposition::MoveSend:
        return "move-send";
    case Disposition::MoveSendOnce:
        return "move-send-once";
    case Disposition::CopySend:
        return "copy-send";
    case Disposition::MakeSend:
        return "make-send";
    case Disposition::MakeSendOnce:
        return "make-send-once";
    case Disposition::Polymorphic:
        return "polymorphic";
    case Disposition::None:
        break;
    }
    return "none";
}

const char* word(Slot::Kind kind)
{
    constexpr const char* words[] = {"ndr",          "return-code", "value", "count",       "string-offset",
                                     "string-count", "capacity",    "data",  "description", "address"};
    static_assert(std::size(words) == Slot::Address + 1);
    return words[kind];
}

const char* sender_of(const Argument& argument)
{
    const Type& type = *argument.type;
    if (argument.dealloc_by_caller)
        return "chooses";
    if (type.kind == Type::Memory)
        return argument.dealloc ? "gives" : "keeps";
    switch (type.sent) {
    case Disposition::CopySend:
    case Disposition::MakeSend:
    case Disposition::MakeSendOnce:
        return "keeps";
    case Disposition::Polymorphic:
        return "chooses";
    default:
        return "gives";
    }
}

}  // namespace migc::ir
