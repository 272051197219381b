// mig/sema/analyze.h
#pragma once

#include "ast/ast.h"
#include "ir/ir.h"

namespace migc {

// Resolves, checks and lays out.  The result may be used only if the reporter has no errors.
std::unique_ptr<const ir::Interface> analyze(const ast::Specification& specification, const std::string& file,
                                             Reporter& reporter);

}  // namespace migc
