// mig/ast/tree_builder.h
//
// From the parse tree to the AST.  Not for use outside ast/.
#pragma once

#include "ast/ast.h"
#include "ast/source_map.h"

#include "MigLexer.h"
#include "MigParser.h"

namespace migc {

// MACH_MSG_TYPE_* and `polymorphic`, in any case.
bool is_symbolic_type(std::string text);

class TreeBuilder {
public:
    TreeBuilder(const SourceMap& map, antlr4::CommonTokenStream& tokens, Reporter& reporter)
        : map_{map}, tokens_{tokens}, reporter_{reporter}
    {
    }

    ast::Specification build(grammar::MigParser::SpecificationContext& tree);

private:
    using P = grammar::MigParser;

    // Statements (tree_builder.cpp).
    void statement(P::StatementContext& tree, std::vector<ast::Statement>& statements);
    ast::Subsystem subsystem(P::SubsystemContext& tree);
    ast::Import import_statement(P::ImportStatementContext& tree);
    ast::Setting setting(P::SettingContext& tree);
    ast::Routine routine(P::RoutineContext& tree);
    ast::Routine trap(P::TrapRoutineContext& tree);
    ast::Argument argument(P::ArgumentContext& tree);
    std::vector<ast::Argument> arguments(P::ArgumentListContext* tree);

    // Types (tree_builder_types.cpp).
    ast::TypeSpecPtr type(P::TypeWithTranslationsContext* tree);
    ast::TypeSpecPtr type_spec(P::TypeSpecContext* tree);
    ast::BasicType sized_type(P::SizedBasicTypeContext& tree);
    ast::ArrayType array_type(P::ArrayTypeContext& tree);
    ast::UserPointerType user_pointer(P::UserPointerTypeContext& tree);
    ast::Translation translation(P::TranslationContext& tree);
    ast::Name primitive(P::PrimitiveTypeContext& tree);
    ast::Flag flag(P::FlagContext& tree);

    // Leaves (tree_builder_types.cpp).
    std::string c_type(P::CTypeContext& tree);
    uint32_t integer(P::IntegerContext* tree);
    int64_t evaluate(P::IntegerContext& tree);
    ast::Name name(P::NameContext* tree);
    Position position(antlr4::ParserRuleContext& tree) const;
    std::string text(antlr4::ParserRuleContext& tree) const;
    std::string comment_before(antlr4::ParserRuleContext& tree);

    void note(ast::WiderUse::Kind kind, antlr4::ParserRuleContext& tree);

    const SourceMap& map_;
    std::vector<ast::WiderUse> wider_uses_;
    antlr4::CommonTokenStream& tokens_;
    Reporter& reporter_;
};

}  // namespace migc
