// mig/driver/output.h
//
// Which files a back end's text goes into.
#pragma once

#include "driver/options.h"
#include "ir/ir.h"

namespace migc {

// False, and reported, if the back end has no word for the interface's dialect.
bool speaks_dialect(const ir::Interface& interface, const std::string& language, Reporter& reporter);

// False, and reported, if there is no such back end for the interface's dialect or a file cannot be written.
bool write_outputs(const ir::Interface& interface, const Options& options, Reporter& reporter);

// What the classic form writes for an interface of this name, for the rule of a makefile.
std::vector<std::string> classic_outputs(const std::string& name, const Options& options);

}  // namespace migc
