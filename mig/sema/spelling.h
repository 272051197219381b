// mig/sema/spelling.h
//
// How the words of the language are written, for messages.
#pragma once

#include "ast/ast.h"
#include "ir/ir.h"

namespace migc {

const char* spelling(ir::Role role);
const char* spelling(ast::Flag::Kind flag);

}  // namespace migc
