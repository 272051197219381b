// mig/sema/analyze.h
#pragma once

#include "ast/ast.h"
#include "ir/ir.h"

namespace migc {

// What the command line says of an interface, besides the file itself.
struct Choices {
    std::optional<ir::Dialect> dialect;  // None: the file tells.
    std::string user_prefix, library_prefix;
    bool symbol_table = false;
};

// Resolves, checks and lays out.  The result may be used only if the reporter has no errors.
std::unique_ptr<const ir::Interface> analyze(const ast::Specification& specification, const std::string& file,
                                             const Choices& choices, Reporter& reporter);

}  // namespace migc
