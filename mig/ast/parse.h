// mig/ast/parse.h
#pragma once

#include "ast/ast.h"

namespace migc {

// Parses preprocessed text.  Syntax errors go to `reporter`; what could be read is returned all the same, so that one
// run reports the mistakes of every phase.
ast::Specification parse(const std::string& text, const std::string& file, Reporter& reporter);

}  // namespace migc
