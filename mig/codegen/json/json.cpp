// mig/codegen/json/json.cpp
//
// The interface as data: for documentation, trace decoders and tests that try every argument.  docs/mig.md, "JSON",
// describes each member; members are only ever added.
#include "codegen/backend.h"
#include "codegen/writer.h"

namespace migc {

namespace {

using ir::Argument;
using ir::Slot;
using ir::Type;

std::string quoted(const std::string& text)
{
    constexpr const char* digits = "0123456789abcdef";
    std::string result = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            result += '\\';
            result += letter;
        } else if (letter == '\n') {
            result += "\\n";
        } else if (static_cast<unsigned char>(letter) < 0x20) {
            result += std::string{"\\u00"} + digits[letter >> 4] + digits[letter & 15];
        } else {
            result += letter;
        }
    }
    return result + '"';
}

// One object, on one line.
class Object {
public:
    Object& add(const char* name, const std::string& json)
    {
        text_ += (text_.empty() ? "" : ", ") + quoted(name) + ": " + json;
        return *this;
    }
    Object& text(const char* name, const std::string& value) { return add(name, quoted(value)); }
    Object& number(const char* name, uint64_t value) { return add(name, std::to_string(value)); }
    Object& flag(const char* name, bool value) { return value ? add(name, "true") : *this; }
    std::string str() const { return "{" + text_ + "}"; }

private:
    std::string text_;
};

const char* word(Type::Kind kind)
{
    constexpr const char* words[] = {"scalar", "struct", "array", "varying-array", "string",
                                     "port",   "memory", "ports", "pointer"};
    return words[kind];
}

const char* word(ir::Direction direction)
{
    return direction == ir::Direction::In ? "in" : direction == ir::Direction::Out ? "out" : "inout";
}

const char* word(ir::Role role)
{
    constexpr const char* words[] = {"data",      "request-port", "reply-port",  "wait-time",      "send-time",
                                     "msg-option", "msg-seqno",    "return-code", "audit-token", "security-token",
                                     "context-token"};
    return words[static_cast<int>(role)];
}

const char* word(ir::Disposition disposition)
{
    switch (disposition) {
    case ir::Disposition::MoveReceive: return "move-receive";
    case ir::Disposition::MoveSend: return "move-send";
    case ir::Disposition::MoveSendOnce: return "move-send-once";
    case ir::Disposition::CopySend: return "copy-send";
    case ir::Disposition::MakeSend: return "make-send";
    case ir::Disposition::MakeSendOnce: return "make-send-once";
    case ir::Disposition::Polymorphic: return "polymorphic";
    case ir::Disposition::None: break;
    }
    return "none";
}

// Where the argument is in a message: of its fixed part or of its count, and its descriptor.
void add_place(Object& object, const char* prefix, const ir::Message& message, const Argument& argument)
{
    const std::string name{prefix};
    for (size_t i = 0; i < message.descriptors.size(); ++i) {
        if (message.descriptors[i].argument == &argument)
            object.number((name + "_descriptor").c_str(), i)
                .number((name + "_descriptor_offset").c_str(), message.descriptors[i].offset);
    }
    for (const Slot& slot : message.slots) {
        if (slot.argument != &argument)
            continue;
        const bool is_count = slot.kind == Slot::Count || slot.kind == Slot::StringCount || slot.kind == Slot::Capacity;
        if (slot.kind == Slot::StringOffset)
            continue;
        object.number((name + (is_count ? "_count_offset" : "_offset")).c_str(), slot.offset);
        object.flag((name + "_moves").c_str(), !slot.fixed && !is_count);
    }
}

std::string argument_json(const ir::Routine& routine, const Argument& argument)
{
    const Type& type = *argument.type;
    Object object;
    object.text("name", argument.name).text("direction", word(argument.direction)).text("role", word(argument.role));
    object.text("kind", word(type.kind)).text("type", type.user_type);
    if (type.is_inline())
        object.number("size", type.size);
    if (type.kind != Type::Scalar && type.kind != Type::Structure && type.kind != Type::Port) {
        object.number("element_size", type.element_size);
        if (type.element)
            object.text("element_type", type.element->user_type);
        if (type.extent.empty())
            object.number("limit", type.count);
        else
            object.text("count_argument", type.extent);
    }
    if (type.kind == Type::Scalar)
        object.flag("signed", type.is_signed);
    if (type.is_counted() && type.has_count)
        object.text("count_field", argument.name + "Cnt");
    object.flag("varying", type.is_varying()).flag("count_in_out", argument.count_in_out);
    object.flag("dealloc", argument.dealloc);
    if (type.sent != ir::Disposition::None)
        object.text("sent", word(type.sent)).text("received", word(type.received));
    object.flag("pointer", type.kind == Type::UserPointer || type.kind == Type::Memory || type.kind == Type::Ports);
    if (argument.role == ir::Role::Data && type.kind != Type::UserPointer) {
        add_place(object, "request", routine.request, argument);
        add_place(object, "reply", routine.reply, argument);
    }
    return object.str();
}

std::string message_json(const ir::Message& message)
{
    return Object{}
        .number("minimum_size", message.minimum_size)
        .number("maximum_size", message.maximum_size)
        .number("descriptors", message.descriptors.size())
        .str();
}

void print_routine(Writer& out, const ir::Interface& interface, const ir::Routine& routine, bool last)
{
    const bool is_trap = interface.is_traps;
    out("{");
    out("\"name\": $,", quoted(routine.name));
    out("$: $,", quoted(is_trap ? "number" : "id"), routine.id);
    if (is_trap) {
        out("\"returns\": $,", quoted(routine.result ? routine.result->user_type : "void"));
    } else {
        out("\"simple\": $,", routine.simple ? "true" : "false");
        out("\"request\": $,", message_json(routine.request));
        if (!routine.simple)
            out("\"reply\": $,", message_json(routine.reply));
    }
    if (!routine.comment.empty())
        out("\"comment\": $,", quoted(routine.comment));
    out("\"arguments\": [");
    for (size_t at = 0; at < routine.arguments.size(); ++at)
        out("    $$", argument_json(routine, *routine.arguments[at]), at + 1 < routine.arguments.size() ? "," : "");
    out("]");
    out("}$", last ? "" : ",");
}

}  // namespace

GeneratedFiles generate_json(const ir::Interface& interface)
{
    Writer out;
    out("{");
    out("\"format\": 1,");
    out("$: $,", quoted(interface.is_traps ? "traps" : "subsystem"), quoted(interface.name));
    out("\"base\": $,", interface.base);
    out("\"end\": $,", uint64_t{interface.base} + interface.routines.size());
    out("\"routines\": [");
    const ir::Routine* last = nullptr;
    for (const auto& routine : interface.routines)
        last = routine ? routine.get() : last;
    for (const auto& routine : interface.routines) {
        if (routine)
            print_routine(out, interface, *routine, routine.get() == last);
    }
    out("]");
    out("}");
    return {{interface.name + ".json", out.str()}};
}

}  // namespace migc
