// mig/sema/types.cpp
#include "sema/types.h"

#include "sema/builtin.h"
#include "sema/spelling.h"

namespace migc {

namespace {

bool is_same(const ir::Type& left, const ir::Type& right)
{
    return left.kind == right.kind && left.size == right.size && left.element_size == right.element_size &&
           left.count == right.count && left.varying == right.varying && left.sent == right.sent &&
           left.received == right.received && left.user_type == right.user_type &&
           left.server_type == right.server_type;
}

bool is_plain(const ir::Type& type)
{
    return type.kind == ir::Type::Scalar || type.kind == ir::Type::Structure ||
           type.kind == ir::Type::Array || (type.kind == ir::Type::String && !type.varying);
}

// A C compiler's alignment of a number of `size` bytes.
uint32_t alignment_of(uint32_t size)
{
    const uint32_t unit = size & (~size + 1);  // The largest power of two that divides it.
    return std::min(8u, std::max(1u, unit));
}

}  // namespace

TypeTable::TypeTable(Reporter& reporter, ir::Dialect dialect) : reporter_{reporter}, dialect_{dialect}
{
    if (is_gnu())
        declare_basic_types();
}

void TypeTable::declare_basic_types()
{
    constexpr std::pair<const char*, const char*> known[] = {{"int", "MACH_MSG_TYPE_INTEGER_32"},
                                                             {"short", "MACH_MSG_TYPE_INTEGER_16"},
                                                             {"char", "MACH_MSG_TYPE_CHAR"},
                                                             {"intptr_t", "MACH_MSG_TYPE_INTEGER_64"},
                                                             {"uintptr_t", "MACH_MSG_TYPE_INTEGER_64"}};
    for (const auto& [name, builtin] : known) {
        const Position nowhere{std::make_shared<const std::string>("<built in>"), 0, 0, nullptr};
        ast::TypeSpec spec{nowhere, ast::BasicType{{builtin, nowhere}, std::nullopt, std::nullopt, {}}, {}};
        by_name_.try_emplace(name, resolve_as({name, nowhere}, spec));
    }
}

void TypeTable::declare(const ast::TypeDeclaration& declaration)
{
    const ir::TypePtr type = resolve_as(declaration.name, *declaration.type);
    const auto [entry, is_new] = by_name_.try_emplace(declaration.name.text, type);
    if (is_new)
        declared_.push_back(type);
    else if (!is_same(*entry->second, *type))
        reporter_.report(declaration.name.position, err_duplicate_type, declaration.name.text,
                         entry->second->position);
}

ir::TypePtr TypeTable::find(const std::string& name) const
{
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

ir::TypePtr TypeTable::resolve(const ast::TypeSpec& spec)
{
    // A plain use of a declared type is that type, with its translations.
    if (const auto* basic = std::get_if<ast::BasicType>(&spec.form);
        basic != nullptr && !basic->second && !basic->bits && spec.translations.empty()) {
        if (ir::TypePtr declared = find(basic->first.text))
            return declared;
    }
    Made type = make(spec);
    apply(*type, spec.translations);
    name_in_c(*type, spec.position);
    return type;
}

ir::TypePtr TypeTable::resolve_as(const ast::Name& name, const ast::TypeSpec& spec)
{
    Made type = make(spec);
    type->name = name.text;
    type->position = name.position;
    apply(*type, spec.translations);
    name_in_c(*type, spec.position);
    return type;
}

TypeTable::Made TypeTable::make(const ast::TypeSpec& spec)
{
    Made result = std::visit([&](const auto& form) { return make_form(form, spec.position); }, spec.form);
    result->position = spec.position;
    return result;
}

TypeTable::Made TypeTable::make_placeholder()
{
    auto result = std::make_shared<ir::Type>();
    result->size = result->element_size = 4;
    result->count = 1;
    return result;
}

// PointerTo(t), ValueOf(t): t under its own names in C, whatever the new type is called.
TypeTable::Made TypeTable::make_form(const ast::NativeType& native, const Position& position)
{
    const ir::TypePtr target = resolve(*native.target);
    const bool is_value = target->kind == ir::Type::Scalar || target->kind == ir::Type::Structure;
    if (native.kind == ast::NativeType::PointerIfNot || !is_value || is_gnu()) {
        reporter_.report(position, err_native_pointer);
        return make_placeholder();
    }
    auto type = std::make_shared<ir::Type>(*target);
    type->name.clear();
    type->by_pointer = native.kind == ast::NativeType::Pointer;
    return type;
}

TypeTable::Made TypeTable::make_form(const ast::BasicType& basic, const Position& position)
{
    return basic.bits || basic.second ? make_basic(basic, position) : make_named(basic, position);
}

// A name alone: a declared type (what it says about C stays behind: the new name has its own), or a builtin one.
TypeTable::Made TypeTable::make_named(const ast::BasicType& basic, const Position& position)
{
    if (const ir::TypePtr declared = find(basic.first.text)) {
        auto copy = std::make_shared<ir::Type>(*declared);
        copy->name.clear();
        copy->user_type.clear();
        copy->server_type.clear();
        copy->names_server_type = false;
        copy->in_translation.reset();
        copy->out_translation.reset();
        copy->payload_translation.reset();
        copy->destructor.clear();
        if (copy->kind != ir::Type::Varying && copy->kind != ir::Type::Array && !copy->element)
            copy->element = declared;  // Its C name, should the copy stay nameless.
        return copy;
    }
    if (find_builtin(basic.first.text) == nullptr) {
        reporter_.report(basic.first.position, err_unknown_type, basic.first.text);
        return make_placeholder();
    }
    return make_basic(basic, position);
}

TypeTable::Made TypeTable::make_basic(const ast::BasicType& basic, const Position& position)
{
    auto type = make_placeholder();
    const Builtin* first = find_builtin(basic.first.text);
    const Builtin* second = basic.second ? find_builtin(basic.second->text) : first;
    if (first == nullptr || second == nullptr) {
        const ast::Name& unknown = first == nullptr ? basic.first : *basic.second;
        reporter_.report(unknown.position, err_unknown_type, unknown.text);
        return type;
    }
    if (basic.second && !check_sides(basic, *first, *second))
        return type;
    const uint32_t bits = needs_size(basic) ? 0 : basic.bits.value_or(first->bits);
    const bool fits = first->is_port ? bits == 32 || (basic.bits && bits == 64)
                                     : bits == 8 || bits == 16 || bits == 32 || bits == 64;
    if (bits == 0) {
        reporter_.report(position, err_size_required, basic.first.text, basic.first.text);
        return type;
    }
    if (!fits && (first->is_port || bits % 8 != 0)) {
        reporter_.report(position, err_basic_size, basic.first.text, bits);
        return type;
    }
    type->is_signed = first->is_signed;
    type->is_real = first->is_real;
    type->alignment = alignment_of(bits / 8);
    describe(*type, basic, *first, *second);
    if (first->is_port) {
        type->kind = ir::Type::Port;
        type->sent = first->sent;
        type->received = second->received;
    } else {
        type->size = type->element_size = bits / 8;
        if (first->is_string) {
            type->kind = ir::Type::String;
            type->count = type->size;
            type->element_size = 1;
        } else if (!fits) {
            type->kind = ir::Type::Structure;  // (MACH_MSG_TYPE_BYTE, 96) and the like.
        }
    }
    return type;
}

// Numbers, strings and MACH_MSG_TYPE_POLYMORPHIC have no size of their own in the GNU dialect.
bool TypeTable::needs_size(const ast::BasicType& basic) const
{
    if (!is_gnu() || basic.bits || basic.second)
        return false;
    const std::string& name = basic.first.text;
    return std::isdigit(static_cast<unsigned char>(name[0])) || name.starts_with("MACH_MSG_TYPE_STRING") ||
           name == "MACH_MSG_TYPE_POLYMORPHIC";
}

bool TypeTable::check_sides(const ast::BasicType& basic, const Builtin& first, const Builtin& second)
{
    const bool same_size = first.bits == second.bits || first.bits == 0 || second.bits == 0;
    if (first.is_port == second.is_port && same_size)
        return true;
    reporter_.report(basic.second->position, err_sides_differ, basic.first.text, basic.second->text);
    return false;
}

void TypeTable::describe(ir::Type& type, const ast::BasicType& basic, const Builtin& sent,
                         const Builtin& received)
{
    const auto name_of = [](const Builtin& builtin, ir::Disposition disposition) {
        if (!builtin.is_port)
            return builtin.number;
        return disposition == ir::Disposition::Polymorphic ? ir::TypedForm::polymorphic
                                                           : static_cast<uint32_t>(disposition);
    };
    type.typed = {name_of(sent, sent.sent), name_of(received, received.received),
                  basic.bits.value_or(sent.bits), 1, false};
    choose_length(type);
    for (const ast::Flag& flag : basic.flags) {
        switch (flag.kind) {
        case ast::Flag::IsLong:
            type.typed.is_long = true;
            break;
        case ast::Flag::IsNotLong:
            type.typed.is_long = false;
            break;
        case ast::Flag::Dealloc:
            type.deallocates = true;
            break;
        default:
            reporter_.report(flag.position, warn_flag_useless, spelling(flag.kind), basic.first.text);
            break;
        }
    }
}

// The short description has eight bits for the size and twelve for the number.
void TypeTable::choose_length(ir::Type& type)
{
    constexpr uint32_t largest_short_size = 0xff, largest_short_number = 0xfff;
    const uint64_t units = uint64_t{type.typed.units} * (type.kind == ir::Type::Varying ? type.count : 1);
    type.typed.is_long =
        type.typed.is_long || type.typed.bits > largest_short_size || units > largest_short_number;
}

void TypeTable::check_size(ir::Type& type, uint64_t size, const Position& position)
{
    if (size > ir::message_size_limit) {
        reporter_.report(position, err_too_large, ir::message_size_limit);
        size = 4;
        type.count = type.element_size == 0 ? 4 : (4 + type.element_size - 1) / type.element_size;
    }
    type.size = static_cast<uint32_t>(size);
}

TypeTable::Made TypeTable::make_form(const ast::ArrayType& array, const Position& position)
{
    auto type = std::make_shared<ir::Type>();
    type->element = resolve(*array.element);
    type->kind = array.bound == ast::ArrayType::Fixed ? ir::Type::Array : ir::Type::Varying;
    type->count = array.count;
    type->element_size = type->element->size;
    if (array.bound != ast::ArrayType::Unlimited && array.count == 0)
        reporter_.report(position, err_empty_array);
    type->sent = type->element->sent;
    type->received = type->element->received;
    type->typed = type->element->typed;
    type->alignment = type->element->alignment;
    if (type->element->kind == ir::Type::Port) {
        type->element_size = 4;
    } else if (!is_plain(*type->element)) {
        reporter_.report(array.element->position, err_array_of_varying);
        type->element_size = 4;
    }
    // Out of line the bound is no matter of the message's size: ^ clears `size` again.
    type->size = 0;
    if (array.bound == ast::ArrayType::Fixed)
        type->typed.units *= array.count;
    else if (array.bound == ast::ArrayType::Unlimited)
        is_gnu() ? make_indefinite(*type) : put_out_of_line(*type);
    if (!is_gnu() && type->carries_rights() && array.bound != ast::ArrayType::Unlimited)
        make_rights(*type, position);
    choose_length(*type);
    return type;
}

// Rights inside an OSF message: a descriptor for each that there can be.
void TypeTable::make_rights(ir::Type& type, const Position& position)
{
    type.has_count = type.kind == ir::Type::Varying;
    type.kind = ir::Type::Rights;
    if (uint64_t{type.count} * ir::port_descriptor_size > ir::message_size_limit) {
        reporter_.report(position, err_too_large, ir::message_size_limit);
        type.count = 1;
    }
}

void TypeTable::put_out_of_line(ir::Type& type)
{
    type.has_count = type.kind == ir::Type::Varying || (type.kind == ir::Type::Rights && type.has_count);
    type.kind = type.carries_rights() ? ir::Type::Ports : ir::Type::Memory;
}

void TypeTable::make_indefinite(ir::Type& type)
{
    type.indefinite = true;
    type.count = ir::typed_inline_limit / std::max(1u, type.element_size);
    type.typed.is_long = true;  // Out of line there is no limit.
}

TypeTable::Made TypeTable::make_form(const ast::OutOfLineType& pointer, const Position& position)
{
    Made type;
    if (const auto* array = std::get_if<ast::ArrayType>(&pointer.target->form))
        type = make_form(*array, pointer.target->position);
    else
        type = std::make_shared<ir::Type>(*resolve(*pointer.target));
    const bool is_array = type->kind == ir::Type::Array || type->is_counted();
    if (is_gnu() && !is_array && (type->kind == ir::Type::Port || is_plain(*type))) {
        type->element = std::make_shared<ir::Type>(*type);  // One element.
        type->element_size = type->size;
        type->count = 1;
    } else if (!is_array) {
        reporter_.report(position, err_pointer_to_fixed);
        return type;
    }
    if (!type->is_out_of_line())  // OSF's array[] is that already.
        put_out_of_line(*type);
    if (type->indefinite)
        type->count = 0;
    type->indefinite = false;
    type->typed.is_long = type->typed.is_long || type->has_count;
    type->size = 0;
    return type;
}

TypeTable::Made TypeTable::make_form(const ast::StructArrayType& array, const Position& position)
{
    auto type = std::make_shared<ir::Type>();
    const ir::TypePtr element = resolve(*array.element);
    type->kind = ir::Type::Structure;
    type->count = 1;
    if (array.count == 0)
        reporter_.report(position, err_empty_array);
    if (element->kind == ir::Type::Port && !is_gnu())
        reporter_.report(array.element->position, err_inline_ports);
    else if (element->kind != ir::Type::Port && !is_plain(*element))
        reporter_.report(array.element->position, err_struct_of);
    check_size(*type, uint64_t{array.count} * element->size, position);
    type->element_size = type->size;
    type->alignment = element->alignment;
    if (is_gnu()) {
        type->sent = element->sent;
        type->received = element->received;
    }
    type->typed = element->typed;
    type->typed.units *= array.count;
    choose_length(*type);
    return type;
}

// GNU's struct { ... }: members at their natural alignment, as the C compiler places them.
TypeTable::Made TypeTable::make_form(const ast::StructType& structure, const Position& position)
{
    auto type = std::make_shared<ir::Type>();
    type->kind = ir::Type::Structure;
    type->count = 1;
    uint64_t offset = 0;
    uint32_t strictest = 1;
    for (const ast::StructMember& member : structure.members) {
        const ir::TypePtr resolved = resolve(*member.type);
        // GNU's messages are packed to four bytes, and so are the structures in them.
        const uint32_t unit = is_gnu() ? std::min(4u, resolved->alignment) : resolved->alignment;
        if (!is_plain(*resolved) || resolved->size == 0) {
            reporter_.report(member.name.position, err_struct_member, member.name.text);
            continue;
        }
        strictest = std::max(strictest, unit);
        offset = (offset + unit - 1) / unit * unit;
        type->members.push_back({resolved, member.name.text, static_cast<uint32_t>(offset)});
        offset += resolved->size;
    }
    if (structure.members.empty())
        reporter_.report(position, err_empty_array);
    check_size(*type, (offset + strictest - 1) / strictest * strictest, position);
    type->element_size = type->size;
    type->alignment = strictest;
    // In the typed format a structure is so many of the largest numbers in it.
    const Builtin* number = find_builtin(strictest == 1   ? "MACH_MSG_TYPE_BYTE"
                                         : strictest == 2 ? "MACH_MSG_TYPE_INTEGER_16"
                                         : strictest == 4 ? "MACH_MSG_TYPE_INTEGER_32"
                                                          : "MACH_MSG_TYPE_INTEGER_64");
    type->typed = {number->number, number->number, strictest * 8, type->size / strictest, false};
    choose_length(*type);
    return type;
}

TypeTable::Made TypeTable::make_form(const ast::StringType& string, const Position& position)
{
    auto type = std::make_shared<ir::Type>();
    type->kind = ir::Type::String;
    type->varying = string.varying;
    type->count = string.size;
    type->element_size = 1;
    if (string.size == 0)
        reporter_.report(position, err_empty_array);
    check_size(*type, string.size, position);
    const uint32_t number = find_builtin("MACH_MSG_TYPE_STRING_C")->number;
    type->typed = {number, number, 8, string.varying ? 1 : string.size, false};
    type->typed.is_long = string.size > 0xfff;
    return type;
}

TypeTable::Made TypeTable::make_form(const ast::UserPointerType& pointer, const Position&)
{
    auto type = std::make_shared<ir::Type>();
    type->kind = ir::Type::UserPointer;
    type->element = resolve(*pointer.target);
    type->element_size = type->element->size;
    type->size = 8;
    if (const auto* name = std::get_if<ast::Name>(&pointer.extent))
        type->extent = name->text;
    else
        type->count = std::get<uint32_t>(pointer.extent);
    return type;
}

void TypeTable::apply(ir::Type& type, const std::vector<ast::Translation>& translations)
{
    using T = ast::Translation;
    bool has_ctype = false;
    for (const T& each : translations) {
        switch (each.kind) {
        case T::InTran:
            type.in_translation = {each.result, each.function, each.argument};
            break;
        case T::OutTran:
            type.out_translation = {each.result, each.function, each.argument};
            break;
        case T::InTranPayload:
            type.payload_translation = {each.result, each.function, each.argument};
            break;
        case T::Destructor:
            type.destructor = each.function;
            break;
        case T::CType:
            has_ctype = true;
            type.user_type = each.result;
            break;
        case T::CUserType:
            type.user_type = each.result;
            break;
        case T::CServerType:
            type.server_type = each.result;
            type.names_server_type = true;
            break;
        }
    }
    for (const T& each : translations) {
        if (has_ctype && each.kind == T::CUserType)
            reporter_.report(each.position, err_ctype_conflict, "cusertype");
    }
    if (has_ctype && type.server_type.empty() && !type.in_translation)
        type.server_type = type.user_type;
    if (type.in_translation && type.server_type.empty())
        type.server_type = type.in_translation->result;
    if (type.out_translation && type.server_type.empty())
        type.server_type = type.out_translation->argument;
}

// Every type has a C name in the end: its own, or for one written in place that of what it is made of.
void TypeTable::name_in_c(ir::Type& type, const Position& position)
{
    std::string fallback = type.name;
    if (fallback.empty()) {
        const std::string element = type.element ? type.element->user_type : "";
        switch (type.kind) {
        case ir::Type::Port:
            fallback = element.empty() ? "mach_port_t" : element;
            break;
        case ir::Type::String:
            fallback = element.empty() ? "char *" : element;
            break;
        case ir::Type::Memory:
            fallback = "vm_offset_t";
            break;
        case ir::Type::Ports:
            fallback = "mach_port_array_t";
            break;
        case ir::Type::Array:
        case ir::Type::Varying:
        case ir::Type::Rights:
        case ir::Type::UserPointer:
            fallback = element + " *";
            break;
        default:
            fallback = !element.empty() ? element : type.is_real ? (type.size == 4 ? "float" : "double") : "";
            if (fallback.empty())
                fallback = (type.is_signed ? "int" : "uint") + std::to_string(type.size * 8) + "_t";
            break;
        }
    }
    if (type.user_type.empty())
        type.user_type = fallback;
    if (type.server_type.empty())
        type.server_type = type.user_type;
    if (type.kind == ir::Type::Array || type.kind == ir::Type::Varying)
        check_size(type, uint64_t{type.count} * type.element_size, position);
    if (is_gnu() && type.kind == ir::Type::Varying && type.element->name.empty())
        reporter_.report(position, warn_wider_type, type.element->user_type, type.element->user_type);
}

}  // namespace migc
