// mig/codegen/doc/doc.cpp
//
// The interface as a page for a person: what each routine does, its messages byte by byte, and whose each right and region
// is afterwards.
#include "codegen/backend.h"
#include "codegen/writer.h"
#include "ir/meaning.h"

#include <cctype>
#include <set>

namespace migc {

namespace {

using ir::Argument;
using ir::Type;

std::string right_aligned(const std::string& text, size_t width)
{
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

// "at most 4096 bytes" and the like, where the type's name does not tell.
std::string extent(const Type& type)
{
    const std::string limit = std::to_string(type.count);
    switch (type.kind) {
    case Type::Array:
        return limit + " of " + type.element->user_type;
    case Type::Varying:
        return "at most " + limit + " of " + type.element->user_type;
    case Type::String:
        return (type.varying ? "at most " : "") + limit + " characters, the NUL included";
    case Type::Memory:
    case Type::Ports: {
        const std::string elements = type.kind == Type::Ports ? "rights" : type.element->user_type;
        return "out of line, " + (type.count == 0 ? "any number" : "at most " + limit) + " of " + elements;
    }
    case Type::Port:
        return word(type.sent);
    case Type::Rights:
        return (type.has_count ? "at most " : "") + limit + " rights, " + word(type.sent);
    case Type::UserPointer:
        return "address of " + (type.extent.empty() ? limit : "`" + type.extent + "`") + " of " +
               type.element->user_type;
    case Type::Structure:
        return std::to_string(type.size) + " bytes";
    default:
        return "";
    }
}

// Who has a right or a region after the routine has succeeded, and after it has failed.
std::string ownership(const Argument& argument)
{
    if (argument.role != ir::Role::Data || argument.type->is_inline() ||
        argument.type->kind == Type::UserPointer)
        return "";
    const std::string sender = sender_of(argument);
    if (argument.in())
        return "caller " + sender + " its own; success: the server's; failure: what was sent is destroyed" +
               (argument.out() ? "; what comes back is the caller's" : "");
    return "server " + sender + " its own; success: the caller's; failure: nothing comes";
}

// The codes that the comment names.
std::set<std::string> errors_in(const std::string& comment)
{
    std::set<std::string> found;
    const auto is_part = [](char letter) {
        return std::isupper(static_cast<unsigned char>(letter)) ||
               std::isdigit(static_cast<unsigned char>(letter)) || letter == '_';
    };
    for (size_t at = 0; at < comment.size();) {
        size_t end = at;
        while (end < comment.size() && is_part(comment[end]))
            ++end;
        const std::string name = comment.substr(at, end - at);
        const bool is_code = name.starts_with("KERN_") || name.starts_with("MIG_") ||
                             name.starts_with("UNIX_ERROR_") || name.starts_with("MACH_SEND_") ||
                             name.starts_with("MACH_RCV_");
        const bool is_errno =
            name.size() >= 4 && name[0] == 'E' && name.find('_') == std::string::npos && name != "ELF64";
        if (is_code || is_errno)
            found.insert(name);
        at = end == at ? at + 1 : end;
    }
    return found;
}

void print_part(Writer& out, uint32_t offset, bool moves, const std::string& size, const std::string& what)
{
    out.raw("    " + right_aligned((moves ? "<= " : "") + std::to_string(offset), 9) + "  " +
            right_aligned(size, 9) + "  " + what);
}

std::string meaning(const ir::Slot& slot)
{
    std::string name = slot.argument != nullptr ? slot.argument->name : "";
    switch (slot.kind) {
    case ir::Slot::Ndr:
        return "NDR record";
    case ir::Slot::RetCode:
        return "return code";
    case ir::Slot::Count:
        return name + ": count";
    case ir::Slot::StringOffset:
        return name + ": 0";
    case ir::Slot::StringCount:
        return name + ": bytes, the NUL included";
    case ir::Slot::Capacity:
        return name + ": room of the caller";
    default:
        return name;
    }
}

void print_message(Writer& out, const char* which, const ir::Message& message, uint32_t id)
{
    const std::string least = std::to_string(message.minimum_size),
                      most = std::to_string(message.maximum_size);
    out("$ $, $ bytes$:", which, id, message.varies() ? least + " to " + most : most,
        message.is_complex() ? ", complex" : "");
    out.blank();
    out.raw("    " + right_aligned("offset", 9) + "  " + right_aligned("size", 9));
    print_part(out, 0, false, "24", "header");
    if (message.is_complex())
        print_part(out, ir::header_size, false, "4",
                   "number of descriptors: " + std::to_string(message.descriptors.size()));
    for (const ir::Descriptor& each : message.descriptors) {
        const Type& type = *each.argument->type;
        if (type.kind == Type::Rights && each.element == 0)
            print_part(out, each.offset, false, std::to_string(type.count * ir::port_descriptor_size),
                       each.argument->name + ": " + std::to_string(type.count) + " port descriptors");
        else if (type.kind != Type::Rights)
            print_part(out, each.offset, false, type.kind == Type::Port ? "12" : "16",
                       each.argument->name + ": " + word(type.kind) + " descriptor");
    }
    for (const ir::Slot& slot : message.slots) {
        const bool varies = slot.kind == ir::Slot::Data;
        print_part(out, slot.offset, !slot.fixed, (varies ? "<= " : "") + std::to_string(slot.size),
                   meaning(slot));
    }
    out.blank();
}

void print_arguments(Writer& out, const ir::Routine& routine)
{
    if (routine.arguments.empty())
        return;
    out.raw("| argument | | type | | owner |").raw("|---|---|---|---|---|");
    for (const auto& argument : routine.arguments) {
        const bool is_data = argument->role == ir::Role::Data;
        out("| `$` | $ | `$` | $ | $ |", argument->name,
            is_data ? word(argument->direction) : word(argument->role), argument->type->user_type,
            extent(*argument->type), ownership(*argument));
    }
    out.blank();
}

void print_routine(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
{
    out("## $", routine.name).blank();
    const std::string kind = interface.is_traps ? "Trap" : routine.simple ? "One-way routine" : "Routine";
    const std::string result = routine.result ? " Returns `" + routine.result->user_type + "`." : "";
    out("$ $.$", kind, routine.id, interface.is_traps ? result : "").blank();
    const std::vector<std::string> comment = comment_lines(routine.comment);
    for (const std::string& line : comment)
        out.raw(line);
    if (!comment.empty())
        out.blank();
    print_arguments(out, routine);
    const std::set<std::string> errors = errors_in(routine.comment);
    if (!errors.empty()) {
        std::vector<std::string> names;
        for (const std::string& error : errors)
            names.push_back("`" + error + "`");
        out("Errors named above: $.", join(names, ", ")).blank();
    }
    if (interface.is_traps)
        return;
    print_message(out, "Request", routine.request, routine.id);
    if (!routine.simple)
        print_message(out, "Reply", routine.reply, routine.id + ir::reply_id_offset);
}

}  // namespace

GeneratedFiles generate_doc(const ir::Interface& interface)
{
    Writer out;
    out("# $", interface.name).blank();
    out("Made by `mig doc` from the interface's .defs file; change that instead.").blank();
    if (interface.is_traps) {
        out("Traps $ to $.", interface.base, uint64_t{interface.base} + interface.routines.size() - 1)
            .blank();
    } else {
        out("Requests $ to $; a reply's id is 100 more.", interface.base,
            uint64_t{interface.base} + interface.routines.size() - 1)
            .blank();
        out("An offset or size after `<=` is the one that it has when all varying data before it, or it, is "
            "at its limit. "
            "A failed")
            .raw("routine's reply is the return code alone (36 bytes).")
            .blank();
    }
    for (const auto& routine : interface.routines) {
        if (routine)
            print_routine(out, interface, *routine);
    }
    std::string text = out.str();
    while (text.ends_with("\n\n"))
        text.pop_back();
    return {{interface.name + ".md", text}};
}

}  // namespace migc
