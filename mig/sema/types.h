// mig/sema/types.h
//
// The table of types, and how one is made from what was written.
#pragma once

#include "ast/ast.h"
#include "ir/ir.h"

#include <map>

namespace migc {

struct Builtin;

class TypeTable {
public:
    TypeTable(Reporter& reporter, ir::Dialect dialect);

    void declare(const ast::TypeDeclaration& declaration);

    // The type of an argument.  Never null: what cannot be resolved has been reported and is a 32-bit scalar.
    ir::TypePtr resolve(const ast::TypeSpec& spec);
    // `argument : name = spec`: the spec under a name of its own.
    ir::TypePtr resolve_as(const ast::Name& name, const ast::TypeSpec& spec);

    const std::vector<ir::TypePtr>& declared() const { return declared_; }
    ir::TypePtr find(const std::string& name) const;

private:
    using Made = std::shared_ptr<ir::Type>;

    Made make(const ast::TypeSpec& spec);
    Made make_basic(const ast::BasicType& basic, const Position& position);
    Made make_named(const ast::BasicType& basic, const Position& position);
    Made make_form(const ast::ArrayType& array, const Position& position);
    Made make_form(const ast::OutOfLineType& pointer, const Position& position);
    Made make_form(const ast::StructArrayType& array, const Position& position);
    Made make_form(const ast::StructType& structure, const Position& position);
    Made make_form(const ast::StringType& string, const Position& position);
    Made make_form(const ast::UserPointerType& pointer, const Position& position);
    Made make_form(const ast::NativeType& native, const Position& position);
    Made make_form(const ast::BasicType& basic, const Position& position);
    static Made make_placeholder();
    void apply(ir::Type& type, const std::vector<ast::Translation>& translations);
    void name_in_c(ir::Type& type, const Position& position);
    void check_size(ir::Type& type, uint64_t size, const Position& position);
    // What GNU's dialect knows without a declaration.
    void declare_basic_types();
    void describe(ir::Type& type, const ast::BasicType& basic, const Builtin& sent, const Builtin& received);
    bool needs_size(const ast::BasicType& basic) const;
    bool check_sides(const ast::BasicType& basic, const Builtin& first, const Builtin& second);
    void make_rights(ir::Type& type, const Position& position);
    static void put_out_of_line(ir::Type& type);
    static void make_indefinite(ir::Type& type);
    static void choose_length(ir::Type& type);
    bool is_gnu() const { return dialect_ == ir::Dialect::Gnu; }

    Reporter& reporter_;
    const ir::Dialect dialect_;
    std::map<std::string, ir::TypePtr> by_name_;
    std::vector<ir::TypePtr> declared_;
};

}  // namespace migc
