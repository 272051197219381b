// mig/sema/analyze.cpp
//
// The statements of a file: what the interface is called, its numbering, its settings.
#include "sema/analyze.h"

#include "sema/dialect.h"
#include "sema/routines.h"

namespace migc {

namespace {

class Analyzer {
public:
    Analyzer(Reporter& reporter, const std::string& file, const Choices& choices, ir::Dialect dialect)
        : reporter_{reporter},
          types_{reporter, dialect},
          routines_{types_, reporter, dialect},
          user_prefix_{choices.user_prefix}
    {
        interface_->file = file;
        interface_->dialect = dialect;
        interface_->library_prefix = choices.library_prefix;
        interface_->symbol_table = choices.symbol_table;
    }

    std::unique_ptr<const ir::Interface> run(const ast::Specification& specification);

private:
    void visit(const ast::Subsystem& subsystem);
    void visit(const ast::TypeDeclaration& declaration) { types_.declare(declaration); }
    void visit(const ast::Routine& routine);
    void visit(const ast::Skip& skip);
    void visit(const ast::Import& import);
    void visit(const ast::Setting& setting);
    void set(std::string& target, const ast::Setting& setting, const char* name);
    void warn(const ast::WiderUse& use);
    void check_ids();
    // False, and reported, if no subsystem has been declared.
    bool is_begun(const Position& position, const std::string& what);

    Reporter& reporter_;
    std::unique_ptr<ir::Interface> interface_ = std::make_unique<ir::Interface>();
    TypeTable types_;
    RoutineAnalyzer routines_;
    bool begun_ = false;
    std::string wait_time_, send_time_, message_option_;  // For the routines that follow.
    std::map<std::string, Position> names_;
    const std::string user_prefix_;  // The command line's: it comes before the file's own.
};

std::unique_ptr<const ir::Interface> Analyzer::run(const ast::Specification& specification)
{
    if (interface_->dialect == ir::Dialect::Gnu) {
        for (const ast::WiderUse& use : specification.wider_uses)
            warn(use);
    }
    for (const ast::Statement& statement : specification.statements)
        std::visit([this](const auto& each) { visit(each); }, statement);
    if (!begun_ && !reporter_.has_errors())
        reporter_.report(specification.end, err_no_subsystem);
    check_ids();
    interface_->types = types_.declared();
    interface_->user_prefix.insert(0, user_prefix_);
    return std::move(interface_);
}

void Analyzer::visit(const ast::Subsystem& subsystem)
{
    if (begun_) {
        reporter_.report(subsystem.name.position, err_second_subsystem, subsystem.name.text);
        return;
    }
    begun_ = true;
    interface_->name = subsystem.name.text;
    interface_->base = subsystem.base;
    interface_->is_traps = subsystem.traps;
    interface_->kernel_user = subsystem.kernel_user;
    interface_->kernel_server = subsystem.kernel_server;
}

bool Analyzer::is_begun(const Position& position, const std::string& what)
{
    if (!begun_)
        reporter_.report(position, err_routine_before_subsystem, what);
    return begun_;
}

void Analyzer::visit(const ast::Routine& routine)
{
    if (!is_begun(routine.name.position, routine.name.text))
        return;
    if (interface_->is_traps != (routine.kind == ast::Routine::Trap)) {
        reporter_.report(routine.name.position,
                         interface_->is_traps ? err_routine_in_traps : err_trap_in_subsystem);
        return;
    }
    const auto [entry, is_new] = names_.try_emplace(routine.name.text, routine.name.position);
    if (!is_new)
        reporter_.report(routine.name.position, err_duplicate_routine, routine.name.text, entry->second);
    const uint64_t id = uint64_t{interface_->base} + interface_->routines.size();
    if (id > INT32_MAX - ir::reply_id_offset)
        reporter_.report(routine.name.position, err_id_overflow, routine.name.text);
    std::unique_ptr<ir::Routine> analyzed = routines_.analyze(routine, static_cast<uint32_t>(id));
    for (const auto& argument : analyzed->arguments) {
        if (interface_->kernel_server && argument->role == ir::Role::ContextToken)
            reporter_.report(argument->position, err_not_supported,
                             "`ServerContextToken` of a port that is the kernel's own");
    }
    analyzed->wait_time = wait_time_;
    analyzed->send_time = send_time_;
    analyzed->message_option = message_option_;
    interface_->routines.push_back(std::move(analyzed));
}

// `skip` leaves out one id, `skip N` as many as N says.
void Analyzer::visit(const ast::Skip& skip)
{
    if (!is_begun(skip.position, "skip"))
        return;
    constexpr uint32_t longest_gap = 10000;
    const uint32_t count = skip.count.value_or(1);
    if (count > longest_gap) {
        reporter_.report(skip.position, err_skip_too_many, count, longest_gap);
        return;
    }
    for (uint32_t at = 0; at < count; ++at)
        interface_->routines.push_back(nullptr);
}

void Analyzer::visit(const ast::Import& import)
{
    using I = ast::Import;
    if (import.side == I::Defs)
        interface_->definition_imports.push_back(import.file);
    if (import.side == I::Internal)
        interface_->internal_imports.push_back(import.file);
    const bool user = import.side == I::Both || import.side == I::User;
    const bool server = import.side == I::Both || import.side == I::Server;
    for (const ir::Import& each : interface_->imports) {
        if (each.file == import.file && each.user == user && each.server == server)
            return;
    }
    if (user || server)
        interface_->imports.push_back({user, server, import.file});
}

void Analyzer::set(std::string& target, const ast::Setting& setting, const char* name)
{
    if (!target.empty() && target != setting.text)
        reporter_.report(setting.position, warn_prefix_ignored, name);
    target = setting.text;
}

void Analyzer::visit(const ast::Setting& setting)
{
    using S = ast::Setting;
    ir::Interface& interface = *interface_;
    switch (setting.kind) {
    case S::RcsId:
        interface.rcs_id = setting.text;
        break;
    case S::UserPrefix:
        set(interface.user_prefix, setting, "userprefix");
        break;
    case S::ServerPrefix:
        set(interface.server_prefix, setting, "serverprefix");
        break;
    case S::ServerDemux:
        set(interface.server_demux, setting, "serverdemux");
        break;
    case S::Error:
        set(interface.error_function, setting, "error");
        break;
    case S::WaitTime:
        wait_time_ = setting.text;
        break;
    case S::SendTime:
        send_time_ = setting.text;
        break;
    case S::MsgOption:
        message_option_ = setting.text;
        break;
    case S::NoWaitTime:
        wait_time_.clear();
        break;
    case S::NoSendTime:
        send_time_.clear();
        break;
    case S::UserTypeLimit:
        reporter_.report(setting.position, warn_no_effect, "`UserTypeLimit`");
        break;
    case S::OnStackLimit:
        reporter_.report(setting.position, warn_no_effect, "`OnStackLimit`");
        break;
    case S::ConsumeOnSendError:
        reporter_.report(setting.position, warn_no_effect, "`ConsumeOnSendError`");
        break;
    case S::UseSpecialReplyPort:
        reporter_.report(setting.position, warn_no_effect, "`UseSpecialReplyPort`");
        break;
    }
}

void Analyzer::warn(const ast::WiderUse& use)
{
    using U = ast::WiderUse;
    switch (use.kind) {
    case U::KeywordAsName:
        reporter_.report(use.position, warn_wider_name, use.text);
        break;
    case U::CTypeOfWords:
        reporter_.report(use.position, warn_wider_c_type, use.text);
        break;
    case U::Expression:
        reporter_.report(use.position, warn_wider_expression, use.text);
        break;
    case U::LastSemicolon:
        reporter_.report(use.position, warn_wider_semicolon);
        break;
    case U::Word:
        reporter_.report(use.position, warn_wider_word, use.text);
        break;
    case U::TypeInPlace:
        reporter_.report(use.position, warn_wider_type, use.text, use.text);
        break;
    }
}

void Analyzer::check_ids()
{
    const auto& routines = interface_->routines;
    if (interface_->is_traps)
        return;
    for (size_t at = ir::reply_id_offset; at < routines.size(); ++at) {
        const ir::Routine* replier = routines[at - ir::reply_id_offset].get();
        if (routines[at] && replier != nullptr && !replier->simple)
            reporter_.report(routines[at]->position, warn_reply_id_collides, routines[at]->id,
                             routines[at]->name, replier->name);
    }
}

}  // namespace

std::unique_ptr<const ir::Interface> analyze(const ast::Specification& specification, const std::string& file,
                                             const Choices& choices, Reporter& reporter)
{
    const ir::Dialect dialect = choices.dialect ? *choices.dialect : recognise_dialect(specification);
    return Analyzer{reporter, file, choices, dialect}.run(specification);
}

}  // namespace migc
