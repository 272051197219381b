// mig/sema/dialect.h
#pragma once

#include "ast/ast.h"
#include "ir/ir.h"

namespace migc {

// The dialect a file is written in, when nobody has said.  GNU's if it uses what only the typed format can carry; else OSF's.
ir::Dialect recognise_dialect(const ast::Specification& specification);

}  // namespace migc
