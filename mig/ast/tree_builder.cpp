// mig/ast/tree_builder.cpp
#include "ast/tree_builder.h"

namespace migc {

namespace {

// True if the parser gave up somewhere in the subtree, so that children the builder relies on may be missing.
bool is_damaged(antlr4::tree::ParseTree& tree)
{
    if (antlrcpp::is<antlr4::tree::ErrorNode*>(&tree))
        return true;
    if (auto* rule = dynamic_cast<antlr4::ParserRuleContext*>(&tree); rule != nullptr && rule->exception)
        return true;
    for (antlr4::tree::ParseTree* child : tree.children) {
        if (is_damaged(*child))
            return true;
    }
    return false;
}

ast::Direction direction_of(size_t token)
{
    using L = grammar::MigLexer;
    switch (token) {
    case L::IN:
        return ast::Direction::In;
    case L::OUT:
        return ast::Direction::Out;
    case L::INOUT:
        return ast::Direction::InOut;
    case L::REQUEST_PORT:
        return ast::Direction::RequestPort;
    case L::REPLY_PORT:
        return ast::Direction::ReplyPort;
    case L::SREPLY_PORT:
        return ast::Direction::ServerReplyPort;
    case L::UREPLY_PORT:
        return ast::Direction::UserReplyPort;
    case L::WAIT_TIME:
        return ast::Direction::WaitTime;
    case L::SEND_TIME:
        return ast::Direction::SendTime;
    case L::MSG_OPTION:
        return ast::Direction::MsgOption;
    case L::MSG_SEQNO:
        return ast::Direction::MsgSeqno;
    case L::RETCODE:
        return ast::Direction::RetCode;
    case L::SECURITY_TOKEN:
        return ast::Direction::SecurityToken;
    case L::USER_SECURITY_TOKEN:
        return ast::Direction::UserSecurityToken;
    case L::SERVER_SECURITY_TOKEN:
        return ast::Direction::ServerSecurityToken;
    case L::AUDIT_TOKEN:
        return ast::Direction::AuditToken;
    case L::USER_AUDIT_TOKEN:
        return ast::Direction::UserAuditToken;
    case L::SERVER_AUDIT_TOKEN:
        return ast::Direction::ServerAuditToken;
    case L::SERVER_CONTEXT_TOKEN:
        return ast::Direction::ServerContextToken;
    case L::SERVER_IMPLICIT:
        return ast::Direction::ServerImplicit;
    case L::USER_IMPLICIT:
        return ast::Direction::UserImplicit;
    default:
        return ast::Direction::None;
    }
}

bool is_osf_direction(ast::Direction direction)
{
    return direction >= ast::Direction::RetCode || direction == ast::Direction::SendTime;
}

// The name of a declared type and nothing more.
bool is_type_name(grammar::MigParser::TypeWithTranslationsContext& tree)
{
    auto* named = dynamic_cast<grammar::MigParser::NamedTypeContext*>(tree.typeSpec());
    return named != nullptr && named->primitiveType()->name() != nullptr && tree.translation().empty() &&
           !is_symbolic_type(named->getText());
}

}  // namespace

bool is_symbolic_type(std::string text)
{
    for (char& letter : text)
        letter = static_cast<char>(std::toupper(letter));
    return text.starts_with("MACH_MSG_TYPE_") || text == "POLYMORPHIC";
}

ast::Specification TreeBuilder::build(P::SpecificationContext& tree)
{
    ast::Specification result;
    for (P::StatementContext* each : tree.statement()) {
        if (!is_damaged(*each))
            statement(*each, result.statements);
    }
    result.wider_uses = std::move(wider_uses_);
    antlr4::Token* end = tokens_.get(tokens_.size() - 1);
    result.end = map_.position(end->getLine(), end->getCharPositionInLine());
    return result;
}

void TreeBuilder::statement(P::StatementContext& tree, std::vector<ast::Statement>& statements)
{
    if (P::SubsystemContext* found = tree.subsystem()) {
        statements.emplace_back(subsystem(*found));
    }
    if (P::TrapsContext* found = tree.traps()) {
        statements.emplace_back(
            ast::Subsystem{name(found->name()), integer(found->integer()), false, false, true});
    }
    if (P::TypeDeclarationContext* found = tree.typeDeclaration()) {
        ast::Name declared = name(found->name());
        statements.emplace_back(
            ast::TypeDeclaration{std::move(declared), type(found->typeWithTranslations())});
    }
    if (P::RoutineContext* found = tree.routine()) {
        statements.emplace_back(routine(*found));
    }
    if (P::TrapRoutineContext* found = tree.trapRoutine()) {
        statements.emplace_back(trap(*found));
    }
    if (P::SkipContext* found = tree.skip()) {
        ast::Skip skip{position(*found), std::nullopt};
        if (found->integer() != nullptr)
            skip.count = integer(found->integer());
        statements.emplace_back(std::move(skip));
    }
    if (P::ImportStatementContext* found = tree.importStatement()) {
        statements.emplace_back(import_statement(*found));
    }
    if (P::SettingContext* found = tree.setting()) {
        statements.emplace_back(setting(*found));
    }
}

ast::Subsystem TreeBuilder::subsystem(P::SubsystemContext& tree)
{
    ast::Subsystem result{name(tree.name()), integer(tree.integer()), false, false, false};
    for (P::SubsystemModifierContext* modifier : tree.subsystemModifier()) {
        result.kernel_user |= modifier->KERNEL_USER() != nullptr;
        result.kernel_server |= modifier->KERNEL_SERVER() != nullptr;
    }
    return result;
}

ast::Import TreeBuilder::import_statement(P::ImportStatementContext& tree)
{
    using L = grammar::MigLexer;
    ast::Import::Side side = ast::Import::Both;
    switch (tree.getStart()->getType()) {
    case L::UIMPORT:
        side = ast::Import::User;
        break;
    case L::SIMPORT:
        side = ast::Import::Server;
        break;
    case L::DIMPORT:
        side = ast::Import::Defs;
        break;
    case L::IIMPORT:
        side = ast::Import::Internal;
        break;
    default:
        break;
    }
    if (side == ast::Import::Defs || side == ast::Import::Internal)
        note(ast::WiderUse::Word, tree);
    return {side, tree.fileName()->getText()};
}

ast::Setting TreeBuilder::setting(P::SettingContext& tree)
{
    using S = ast::Setting;
    const Position where = position(tree);
    if (auto* found = dynamic_cast<P::RcsIdSettingContext*>(&tree))
        return {S::RcsId, where, found->STRING()->getText()};
    if (auto* found = dynamic_cast<P::PrefixSettingContext*>(&tree))
        return {found->USER_PREFIX() ? S::UserPrefix : S::ServerPrefix, where, name(found->name()).text};
    if (auto* found = dynamic_cast<P::DemuxSettingContext*>(&tree))
        return {S::ServerDemux, where, name(found->name()).text};
    if (auto* found = dynamic_cast<P::ErrorSettingContext*>(&tree))
        return {S::Error, where, name(found->name()).text};
    if (auto* found = dynamic_cast<P::PhraseSettingContext*>(&tree)) {
        if (found->SEND_TIME() != nullptr)
            note(ast::WiderUse::Word, tree);
        const size_t first = found->phrase()->getStart()->getType();
        const bool is_word = first == grammar::MigLexer::IDENTIFIER || first == grammar::MigLexer::NUMBER;
        if (found->phrase()->phraseToken().size() > 1 || !is_word)
            note(ast::WiderUse::Expression, *found->phrase());
        const S::Kind kind = found->WAIT_TIME()   ? S::WaitTime
                             : found->SEND_TIME() ? S::SendTime
                                                  : S::MsgOption;
        return {kind, where, text(*found->phrase())};
    }
    const bool is_osf_only = dynamic_cast<P::LimitSettingContext*>(&tree) != nullptr ||
                             dynamic_cast<P::ConsumeSettingContext*>(&tree) != nullptr ||
                             dynamic_cast<P::SpecialReplySettingContext*>(&tree) != nullptr;
    if (is_osf_only || tree.getStart()->getType() == grammar::MigLexer::NO_SEND_TIME)
        note(ast::WiderUse::Word, tree);
    if (auto* found = dynamic_cast<P::NoTimeSettingContext*>(&tree))
        return {found->NO_WAIT_TIME() ? S::NoWaitTime : S::NoSendTime, where, {}};
    if (auto* found = dynamic_cast<P::LimitSettingContext*>(&tree))
        return {found->USER_TYPE_LIMIT() ? S::UserTypeLimit : S::OnStackLimit,
                where,
                {},
                integer(found->integer())};
    if (auto* found = dynamic_cast<P::ConsumeSettingContext*>(&tree))
        return {S::ConsumeOnSendError, where, name(found->name()).text};
    auto& last = dynamic_cast<P::SpecialReplySettingContext&>(tree);
    return {S::UseSpecialReplyPort, where, {}, integer(last.integer())};
}

ast::Routine TreeBuilder::routine(P::RoutineContext& tree)
{
    ast::Routine result{ast::Routine::Call, name(tree.name()), arguments(tree.argumentList()),
                        std::nullopt,       nullptr,           comment_before(tree)};
    if (tree.ROUTINE() == nullptr && tree.SIMPLE_ROUTINE() == nullptr)
        note(ast::WiderUse::Word, tree);
    if (tree.SIMPLE_ROUTINE() || tree.SIMPLE_PROCEDURE())
        result.kind = ast::Routine::Simple;
    result.is_procedure = tree.PROCEDURE() != nullptr || tree.SIMPLE_PROCEDURE() != nullptr;
    if (tree.FUNCTION()) {
        result.kind = ast::Routine::Function;
        result.function_result = type(tree.argumentType()->typeWithTranslations());
    }
    return result;
}

ast::Routine TreeBuilder::trap(P::TrapRoutineContext& tree)
{
    ast::Routine result{
        ast::Routine::Trap,  name(tree.name(0)), arguments(tree.argumentList()), std::nullopt, nullptr,
        comment_before(tree)};
    if (tree.name().size() > 1)
        result.result = name(tree.name(1));
    return result;
}

std::vector<ast::Argument> TreeBuilder::arguments(P::ArgumentListContext* tree)
{
    std::vector<ast::Argument> result;
    if (!tree->argument().empty() && tree->SEMI().size() == tree->argument().size())
        note(ast::WiderUse::LastSemicolon, *tree->argument().back());
    for (P::ArgumentContext* each : tree->argument())
        result.push_back(argument(*each));
    return result;
}

ast::Argument TreeBuilder::argument(P::ArgumentContext& tree)
{
    ast::Argument result;
    result.direction = tree.direction() != nullptr ? direction_of(tree.direction()->getStart()->getType())
                                                   : ast::Direction::None;
    if (is_osf_direction(result.direction))
        note(ast::WiderUse::Word, *tree.direction());
    result.name = name(tree.name());
    if (tree.argumentType()->name() != nullptr)
        result.declared_type = name(tree.argumentType()->name());
    else if (!is_type_name(*tree.argumentType()->typeWithTranslations()))
        note(ast::WiderUse::TypeInPlace, *tree.argumentType());
    result.type = type(tree.argumentType()->typeWithTranslations());
    for (P::ArgumentFlagContext* each : tree.argumentFlag())
        result.flags.push_back(flag(*each->flag()));
    return result;
}

}  // namespace migc
