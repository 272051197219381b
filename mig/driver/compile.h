// mig/driver/compile.h
//
// The phases in their order, for the command line and for tests.
#pragma once

#include "driver/preprocess.h"
#include "ir/ir.h"
#include "sema/analyze.h"

namespace migc {

// Text that has been preprocessed already.
std::unique_ptr<const ir::Interface> compile_text(const std::string& text, const std::string& file,
                                                  Reporter& reporter, const Choices& choices = {});
std::unique_ptr<const ir::Interface> compile_file(const std::string& file, const PreprocessorCall& call,
                                                  Reporter& reporter, const Choices& choices = {});

}  // namespace migc
