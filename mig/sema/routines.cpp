// mig/sema/routines.cpp
#include "sema/routines.h"

#include "ir/layout.h"
#include "sema/builtin.h"
#include "sema/spelling.h"

#include <algorithm>
#include <map>
#include <set>

namespace migc {

namespace {

bool fits_register(const ir::Type& type)
{
    return type.kind == ir::Type::Port || type.kind == ir::Type::UserPointer ||
           (type.kind == ir::Type::Scalar && !type.is_real);
}

}  // namespace

std::unique_ptr<ir::Routine> RoutineAnalyzer::analyze(const ast::Routine& source, uint32_t id)
{
    auto routine = std::make_unique<ir::Routine>();
    routine->name = source.name.text;
    routine->position = source.name.position;
    routine->comment = source.comment;
    routine->id = id;
    routine->simple = source.kind == ast::Routine::Simple;
    if (source.is_procedure && !is_gnu())
        routine->style = ir::Routine::Procedure;

    std::map<std::string, const ir::Argument*> by_name;
    const bool explicit_request_port =
        std::any_of(source.arguments.begin(), source.arguments.end(),
                    [](const ast::Argument& each) { return each.direction == ast::Direction::RequestPort; });
    for (const ast::Argument& each : source.arguments) {
        std::unique_ptr<ir::Argument> made = argument(each, *routine);
        if (source.kind != ast::Routine::Trap && !explicit_request_port && routine->request_port == nullptr &&
            each.direction == ast::Direction::None)
            made->role = ir::Role::RequestPort;
        const auto [entry, is_new] = by_name.try_emplace(made->name, made.get());
        if (!is_new)
            reporter_.report(made->position, err_duplicate_argument, made->name, entry->second->position);
        if (made->role == ir::Role::RequestPort && routine->request_port == nullptr)
            routine->request_port = made.get();
        if (made->role == ir::Role::ReplyPort)
            (made->user_side ? routine->reply_port : routine->server_reply_port) = made.get();
        if (made->role == ir::Role::ReplyPort && made->user_side && made->server_side)
            routine->server_reply_port = made.get();
        if (source.kind != ast::Routine::Trap)
            check_data(*made, each, *routine);
        share_count(*made, each, *routine);
        routine->arguments.push_back(std::move(made));
    }

    if (source.kind == ast::Routine::Function && !refuse_in_gnu(source.name.position, "`function`"))
        add_value(*routine, source);
    if (source.kind == ast::Routine::Trap) {
        check_trap(*routine, source);
        routine->result = types_.find(source.result ? source.result->text : "kern_return_t");
        return routine;
    }
    check_special(*routine);
    routine->request = is_gnu() ? ir::lay_out_typed_request(*routine) : ir::lay_out_request(*routine);
    check_message_size(*routine, routine->request, "request");
    if (!routine->simple) {
        routine->reply = is_gnu() ? ir::lay_out_typed_reply(*routine) : ir::lay_out_reply(*routine);
        check_message_size(*routine, routine->reply, "reply");
    }
    return routine;
}

// What a function returns travels as its last argument.
void RoutineAnalyzer::add_value(ir::Routine& routine, const ast::Routine& source)
{
    auto value = std::make_unique<ir::Argument>();
    value->name = "result";
    value->position = source.function_result->position;
    value->direction = ir::Direction::Out;
    value->type = types_.resolve(*source.function_result);
    for (const auto& argument : routine.arguments) {
        if (argument->name == value->name)
            value->name += '_';
    }
    const ir::Type::Kind kind = value->type->kind;
    const bool is_value = kind == ir::Type::Scalar || kind == ir::Type::Structure || kind == ir::Type::Port;
    if (!is_value || value->type->sent == ir::Disposition::Polymorphic)
        reporter_.report(value->position, err_function_value, routine.name);
    routine.style = ir::Routine::Function;
    routine.value = value.get();
    routine.arguments.push_back(std::move(value));
}

std::unique_ptr<ir::Argument> RoutineAnalyzer::argument(const ast::Argument& source,
                                                        const ir::Routine& routine)
{
    auto result = std::make_unique<ir::Argument>();
    result->name = source.name.text;
    result->position = source.name.position;
    result->type = source.declared_type ? types_.resolve_as(*source.declared_type, *source.type)
                                        : types_.resolve(*source.type);
    set_role(*result, source, routine);
    set_flags(*result, source);
    return result;
}

void RoutineAnalyzer::set_role(ir::Argument& argument, const ast::Argument& source, const ir::Routine&)
{
    using D = ast::Direction;
    const auto special = [&argument](ir::Role role, bool user, bool server) {
        argument.role = role;
        argument.user_side = user;
        argument.server_side = server;
    };
    switch (source.direction) {
    case D::None:
    case D::In:
        break;
    case D::Out:
        argument.direction = ir::Direction::Out;
        break;
    case D::InOut:
        argument.direction = ir::Direction::InOut;
        break;
    case D::RequestPort:
        argument.role = ir::Role::RequestPort;
        break;
    case D::ReplyPort:
        special(ir::Role::ReplyPort, true, true);
        break;
    case D::ServerReplyPort:
        special(ir::Role::ReplyPort, false, true);
        break;
    case D::UserReplyPort:
        special(ir::Role::ReplyPort, true, false);
        break;
    case D::WaitTime:
        special(ir::Role::WaitTime, true, false);
        break;
    case D::SendTime:
        special(ir::Role::SendTime, true, false);
        break;
    case D::MsgOption:
        special(ir::Role::MsgOption, true, false);
        break;
    case D::MsgSeqno:
        special(ir::Role::MsgSeqno, false, true);
        break;
    case D::ServerAuditToken:
        special(ir::Role::AuditToken, false, true);
        break;
    case D::ServerSecurityToken:
        special(ir::Role::SecurityToken, false, true);
        break;
    case D::RetCode:
        reporter_.report(argument.position, err_not_supported, "`retcode`");
        break;
    case D::ServerContextToken:
        special(ir::Role::ContextToken, false, true);
        break;
    case D::ServerImplicit:
        refuse_in_gnu(argument.position, "`ServerImpl`");
        special(implicit_role(argument, "ServerImpl"), false, true);
        break;
    case D::UserImplicit:
        refuse_in_gnu(argument.position, "`UserImpl`");
        special(implicit_role(argument, "UserImpl"), true, false);
        break;
    case D::SecurityToken:
        refuse_in_gnu(argument.position, "a token on the user's side");
        special(ir::Role::SecurityToken, true, true);
        break;
    case D::UserSecurityToken:
        refuse_in_gnu(argument.position, "a token on the user's side");
        special(ir::Role::SecurityToken, true, false);
        break;
    case D::AuditToken:
        refuse_in_gnu(argument.position, "a token on the user's side");
        special(ir::Role::AuditToken, true, true);
        break;
    case D::UserAuditToken:
        refuse_in_gnu(argument.position, "a token on the user's side");
        special(ir::Role::AuditToken, true, false);
        break;
    }
}

bool RoutineAnalyzer::refuse_in_gnu(const Position& position, const std::string& word)
{
    if (is_gnu())
        reporter_.report(position, err_not_supported, word + " in the GNU dialect");
    return is_gnu();
}

// ServerImpl, UserImpl: that part of the trailer whose type the argument has.
ir::Role RoutineAnalyzer::implicit_role(const ir::Argument& argument, const char* word)
{
    const ir::Type& type = *argument.type;
    const bool is_number = type.kind == ir::Type::Scalar && !type.is_real;
    if (type.kind == ir::Type::Structure && type.size == sizeof(uint32_t) * 8)
        return ir::Role::AuditToken;
    if (type.kind == ir::Type::Structure && type.size == sizeof(uint32_t) * 2)
        return ir::Role::SecurityToken;
    if (is_number && type.size == sizeof(uint64_t))
        return ir::Role::ContextToken;
    if (is_number && type.size == sizeof(uint32_t))
        return ir::Role::MsgSeqno;
    reporter_.report(argument.position, err_special_type, word, argument.name,
                     "of a type that a part of the trailer has");
    return ir::Role::Data;
}

void RoutineAnalyzer::set_flags(ir::Argument& argument, const ast::Argument& source)
{
    using F = ast::Flag;
    const ir::Type& type = *argument.type;
    const bool out_of_line = type.is_out_of_line() || type.indefinite;
    argument.dealloc = type.deallocates && out_of_line;
    for (const F& flag : source.flags) {
        bool useful = true;
        switch (flag.kind) {
        case F::Dealloc:
            argument.dealloc = useful = out_of_line;
            break;
        case F::NotDealloc:
            argument.not_dealloc = useful = out_of_line;
            break;
        case F::DeallocByCaller:
            argument.dealloc_by_caller = useful = out_of_line;
            break;
        case F::PhysicalCopy:
            argument.physical_copy = useful = out_of_line;
            break;
        case F::Const:
            argument.is_const = true;
            break;
        case F::CountInOut:
            argument.count_in_out = useful = type.kind == ir::Type::Varying && argument.out();
            break;
        case F::SameCount:
            useful = type.is_counted() && type.has_count;  // share_count() does the rest.
            break;
        case F::Overwrite:
            refuse_in_gnu(flag.position, "`overwrite`");
            argument.overwrite = useful =
                type.is_out_of_line() && type.has_count && argument.direction == ir::Direction::Out;
            break;
        case F::Auto:
            refuse_in_gnu(flag.position, "`auto`");
            argument.automatic = useful = type.is_out_of_line() && argument.direction == ir::Direction::In;
            break;
        case F::RetCode:
            reporter_.report(flag.position, err_not_supported, "`" + std::string{spelling(flag.kind)} + "`");
            break;
        case F::ServerCopy:
            argument.server_copy = type.indefinite;
            if (!is_gnu())
                reporter_.report(flag.position, warn_no_effect, "`servercopy`");
            else
                useful = type.indefinite;
            break;
        case F::IsLong:
        case F::IsNotLong:
            reporter_.report(flag.position, warn_no_effect, "`" + std::string{spelling(flag.kind)} + "`");
            break;
        }
        if (!useful)
            reporter_.report(flag.position, warn_flag_useless, spelling(flag.kind), argument.name);
    }
}

// sameCount: the count is that of the nearest argument before that has one and travels in one of the same messages.  That
// argument has to be in all messages that this one is in.
void RoutineAnalyzer::share_count(ir::Argument& argument, const ast::Argument& source,
                                  const ir::Routine& routine)
{
    const auto flag = std::find_if(source.flags.begin(), source.flags.end(),
                                   [](const ast::Flag& each) { return each.kind == ast::Flag::SameCount; });
    if (flag == source.flags.end() || !argument.has_own_count())
        return;
    if (refuse_in_gnu(flag->position, "`sameCount`"))
        return;
    const auto counter =
        std::find_if(routine.arguments.rbegin(), routine.arguments.rend(), [&argument](const auto& each) {
            const bool meets = (each->in() && argument.in()) || (each->out() && argument.out());
            return each->role == ir::Role::Data && each->has_own_count() && meets;
        });
    if (counter == routine.arguments.rend() || (argument.in() && !(*counter)->in()) ||
        (argument.out() && !(*counter)->out())) {
        reporter_.report(flag->position, err_same_count, argument.name);
        return;
    }
    const uint32_t limit = argument.type->count, most = (*counter)->type->count;
    if (limit != 0 && (most == 0 || most > limit)) {
        reporter_.report(flag->position, err_same_count_limit, argument.name, (*counter)->name);
        return;
    }
    argument.counter = counter->get();
}

void RoutineAnalyzer::check_data(const ir::Argument& argument, const ast::Argument& source,
                                 const ir::Routine& routine)
{
    const ir::Type& type = *argument.type;
    if (argument.role != ir::Role::Data)
        return;
    if (routine.simple && argument.out()) {
        const char* direction = argument.direction == ir::Direction::Out ? "out" : "inout";
        reporter_.report(argument.position, err_out_in_simple, routine.name, argument.name, direction);
    }
    if (type.kind == ir::Type::UserPointer)
        reporter_.report(source.type->position, err_user_pointer_outside_trap, type.element->name);
    if (is_gnu() && type.is_varying() && argument.direction == ir::Direction::InOut)
        reporter_.report(argument.position, err_inout_varying, argument.name);
    if (type.kind == ir::Type::Memory && type.has_count && type.count == 0)
        reporter_.report(argument.position, warn_unbounded, argument.name);
}

void RoutineAnalyzer::check_special(const ir::Routine& routine)
{
    std::set<std::pair<ir::Role, bool>> seen;  // One for each side is possible.
    for (const auto& argument : routine.arguments) {
        if (argument->role == ir::Role::Data)
            continue;
        const bool is_reply_port = argument->role == ir::Role::ReplyPort;
        bool is_second = false;
        if (argument->user_side)
            is_second = !seen.emplace(argument->role, true).second;
        if (argument->server_side && !seen.emplace(argument->role, false).second)
            is_second = true;
        if (is_second && !is_reply_port)
            reporter_.report(argument->position, err_special_twice, spelling(argument->role));
        if (routine.simple && argument->is_user_token())
            reporter_.report(argument->position, err_token_without_reply, routine.name, argument->name);
        const bool wants_port = argument->role == ir::Role::RequestPort || is_reply_port;
        const bool wants_token = argument->is_any_token();
        const ir::Type& type = *argument->type;
        if (wants_port && type.kind != ir::Type::Port)
            reporter_.report(argument->position, err_special_type, spelling(argument->role), argument->name,
                             "a port");
        if (wants_token && type.size != (argument->role == ir::Role::AuditToken ? 32u : 8u))
            reporter_.report(argument->position, err_special_type, spelling(argument->role), argument->name,
                             argument->role == ir::Role::AuditToken      ? "an audit_token_t"
                             : argument->role == ir::Role::SecurityToken ? "a security_token_t"
                                                                         : "a mach_port_context_t");
        const bool is_receive =
            type.sent == ir::Disposition::MoveReceive || type.received == ir::Disposition::MoveReceive;
        if (is_gnu() && wants_port && type.kind == ir::Type::Port && is_receive)
            reporter_.report(argument->position, err_special_type, spelling(argument->role), argument->name,
                             "a send or send-once right");
        const bool is_typed_integer =
            type.typed.sent_name == find_builtin("MACH_MSG_TYPE_INTEGER_32")->number;
        if (is_gnu() && !wants_port && !wants_token && type.kind == ir::Type::Scalar && !is_typed_integer)
            reporter_.report(argument->position, err_special_type, spelling(argument->role), argument->name,
                             "a MACH_MSG_TYPE_INTEGER_32");
        else if (!wants_port && !wants_token && (type.kind != ir::Type::Scalar || type.size != 4))
            reporter_.report(argument->position, err_special_type, spelling(argument->role), argument->name,
                             "a 32-bit integer");
    }
    if (routine.request_port == nullptr)
        reporter_.report(routine.position, err_no_request_port, routine.name);
}

void RoutineAnalyzer::check_message_size(const ir::Routine& routine, const ir::Message& message,
                                         const char* which)
{
    if (message.maximum_size > ir::message_size_limit)
        reporter_.report(routine.position, err_message_too_large, which, routine.name, message.maximum_size,
                         ir::message_size_limit);
}

void RoutineAnalyzer::check_trap(const ir::Routine& routine, const ast::Routine& source)
{
    if (routine.arguments.size() > 6)
        reporter_.report(routine.position, err_trap_too_many, routine.name, routine.arguments.size());
    for (const auto& argument : routine.arguments)
        check_trap_argument(*argument, routine);
    if (source.result) {
        const ir::TypePtr result = types_.find(source.result->text);
        if (source.result->text != "void" && (!result || !fits_register(*result)))
            reporter_.report(source.result->position, err_trap_return, source.result->text);
    }
}

void RoutineAnalyzer::check_trap_argument(const ir::Argument& argument, const ir::Routine& routine)
{
    const ir::Type& type = *argument.type;
    if (!fits_register(type)) {
        reporter_.report(argument.position, err_trap_argument, argument.name);
        return;
    }
    if (argument.role != ir::Role::Data)
        reporter_.report(argument.position, err_not_supported, "a special argument of a trap");
    if (argument.out() && type.kind != ir::Type::UserPointer)
        reporter_.report(argument.position, err_trap_out_scalar, argument.name,
                         argument.direction == ir::Direction::Out ? "out" : "inout");
    if (type.extent.empty())
        return;
    for (const auto& other : routine.arguments) {
        if (other->name == type.extent && other->type->kind == ir::Type::Scalar)
            return;
    }
    reporter_.report(argument.position, err_extent_unknown, type.extent, argument.name);
}

}  // namespace migc
