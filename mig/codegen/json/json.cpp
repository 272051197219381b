// mig/codegen/json/json.cpp
//
// The interface as data, for programs that are not ours to write.  docs/mig-json.md describes each member; members are
// only ever added.
#include "codegen/backend.h"
#include "codegen/writer.h"
#include "ir/meaning.h"

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

// Where the argument is in a message: of its fixed part or of its count, and its descriptor.
void add_place(Object& object, const char* prefix, const ir::Message& message, const Argument& argument)
{
    const std::string name{prefix};
    for (size_t i = 0; i < message.descriptors.size(); ++i) {
        if (message.descriptors[i].argument == &argument && message.descriptors[i].element == 0)
            object.number((name + "_descriptor").c_str(), i)
                .number((name + "_descriptor_offset").c_str(), message.descriptors[i].offset);
    }
    for (const Slot& slot : message.slots) {
        if (slot.argument != &argument)
            continue;
        const bool is_count =
            slot.kind == Slot::Count || slot.kind == Slot::StringCount || slot.kind == Slot::Capacity;
        if (slot.kind == Slot::StringOffset || slot.kind == Slot::Description)
            continue;
        object.number((name + (is_count ? "_count_offset" : "_offset")).c_str(), slot.offset);
        object.flag((name + "_moves").c_str(), !slot.fixed && !is_count);
    }
}

// What the type is made of.
void add_type(Object& object, const Type& type)
{
    object.text("kind", word(type.kind)).text("type", type.user_type).text("format", word(format_of(type)));
    if (type.server_type != type.user_type)
        object.text("server_type", type.server_type);
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
        object.flag("signed",
                    format_of(type) == ir::Format::Signed || format_of(type) == ir::Format::ReturnCode);
    std::string members;
    for (const ir::Member& member : type.members) {
        Object each;
        each.text("name", member.name).number("offset", member.offset);
        add_type(each, *member.type);
        members += (members.empty() ? "" : ", ") + each.str();
    }
    if (!members.empty())
        object.add("members", "[" + members + "]");
    if (type.sent != ir::Disposition::None)
        object.text("sent", word(type.sent)).text("received", word(type.received));
}

// What becomes of a right or region: its sender's part in it, and who has it once the routine has succeeded or failed.
std::string ownership_json(const Argument& argument, bool in_request)
{
    return Object{}
        .text("sender", sender_of(argument))
        .text("success", in_request ? "server" : "caller")
        .text("failure", in_request ? "destroyed" : "absent")
        .str();
}

std::string argument_json(const ir::Routine& routine, const Argument& argument)
{
    const Type& type = *argument.type;
    Object object;
    object.text("name", argument.name)
        .text("direction", word(argument.direction))
        .text("role", word(argument.role));
    object.flag("user_only", argument.user_side && !argument.server_side);
    object.flag("server_only", argument.server_side && !argument.user_side);
    add_type(object, type);
    if (type.is_counted() && type.has_count)
        object.text("count_field", argument.counted_by().name + "Cnt");
    object.flag("varying", type.is_varying()).flag("count_in_out", argument.count_in_out);
    object.flag("dealloc", argument.dealloc).flag("dealloc_by_caller", argument.dealloc_by_caller);
    object.flag("by_pointer", type.by_pointer);
    object.flag("overwrite", argument.overwrite).flag("auto", argument.automatic);
    object.flag("physical_copy", argument.physical_copy).flag("const", argument.is_const);
    object.flag("pointer", type.kind == Type::UserPointer || type.is_out_of_line());
    if (argument.role == ir::Role::Data && type.kind != Type::UserPointer) {
        add_place(object, "request", routine.request, argument);
        add_place(object, "reply", routine.reply, argument);
        if (!type.is_inline() && argument.in())
            object.add("request_ownership", ownership_json(argument, true));
        if (!type.is_inline() && argument.out())
            object.add("reply_ownership", ownership_json(argument, false));
    }
    return object.str();
}

// One stretch of a message's bytes.
std::string part_json(const char* kind, const Argument* argument, uint32_t offset, uint32_t size, bool fixed)
{
    Object part;
    part.text("part", kind).number("offset", offset).number("size", size);
    if (argument != nullptr)
        part.text("argument", argument->name);
    return part.flag("moves", !fixed).str();
}

const char* descriptor_word(Type::Kind kind)
{
    return kind == Type::Memory  ? "memory-descriptor"
           : kind == Type::Ports ? "ports-descriptor"
                                 : "port-descriptor";
}

std::string layout_json(const ir::Message& message)
{
    // Of a message without descriptors, what comes first comes directly behind the header, which the formats differ in.
    const uint32_t header_size = message.is_complex() ? ir::header_size : message.descriptors_end;
    std::string text = part_json("header", nullptr, 0, header_size, true);
    if (message.is_complex())
        text += ", " + part_json("descriptor-count", nullptr, ir::header_size, ir::body_size, true);
    for (const ir::Descriptor& each : message.descriptors) {
        const Type& type = *each.argument->type;
        const uint32_t size = type.is_out_of_line() ? ir::memory_descriptor_size : ir::port_descriptor_size;
        text += ", " + part_json(descriptor_word(type.kind), each.argument, each.offset, size, true);
    }
    for (const Slot& slot : message.slots)
        text += ", " + part_json(word(slot.kind), slot.argument, slot.offset, slot.size, slot.fixed);
    return "[" + text + "]";
}

std::string message_json(const ir::Message& message, uint32_t id)
{
    return Object{}
        .number("id", id)
        .flag("complex", message.is_complex() || message.typed_complexity == ir::Message::Always)
        .flag("may_be_complex", message.typed_complexity == ir::Message::Depends)
        .number("minimum_size", message.minimum_size)
        .number("maximum_size", message.maximum_size)
        .number("descriptors", message.descriptors.size())
        .add("layout", layout_json(message))
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
        out("\"returns_format\": $,", quoted(routine.result ? word(format_of(*routine.result)) : "none"));
    } else {
        out("\"simple\": $,", routine.simple ? "true" : "false");
        if (routine.style != ir::Routine::Ordinary)
            out("\"style\": $,", quoted(routine.value != nullptr ? "function" : "procedure"));
        out("\"request\": $,", message_json(routine.request, routine.id));
        if (!routine.simple)
            out("\"reply\": $,", message_json(routine.reply, routine.id + ir::reply_id_offset));
    }
    if (!routine.comment.empty())
        out("\"comment\": $,", quoted(join(comment_lines(routine.comment), "\n")));
    out("\"arguments\": [");
    for (size_t at = 0; at < routine.arguments.size(); ++at)
        out("    $$", argument_json(routine, *routine.arguments[at]),
            at + 1 < routine.arguments.size() ? "," : "");
    out("]");
    out("}$", last ? "" : ",");
}

std::string imports_json(const ir::Interface& interface)
{
    std::string text;
    for (const ir::Import& import : interface.imports) {
        text +=
            (text.empty() ? "" : ", ") +
            Object{}.text("file", import.file).flag("user", import.user).flag("server", import.server).str();
    }
    return "[" + text + "]";
}

}  // namespace

GeneratedFiles generate_json(const ir::Interface& interface)
{
    Writer out;
    out("{");
    out("\"format\": 1,");
    out("$: $,", quoted(interface.is_traps ? "traps" : "subsystem"), quoted(interface.name));
    out("\"dialect\": $,", quoted(interface.dialect == ir::Dialect::Gnu ? "gnu" : "osf"));
    out("\"base\": $,", interface.base);
    out("\"end\": $,", uint64_t{interface.base} + interface.routines.size());
    out("\"user_prefix\": $,", quoted(interface.user_prefix));
    out("\"server_prefix\": $,", quoted(interface.server_prefix));
    out("\"imports\": $,", imports_json(interface));
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
