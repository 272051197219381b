// mig/codegen/backend.h
//
// A back end turns an interface into files, and does nothing but print.
#pragma once

#include "ir/ir.h"

namespace migc {

struct GeneratedFile {
    std::string name, text;
};
using GeneratedFiles = std::vector<GeneratedFile>;

GeneratedFiles generate_c(const ir::Interface& interface);
// C in the typed wire format, for interfaces in the GNU dialect.
GeneratedFiles generate_gnu_c(const ir::Interface& interface);
// The user's stubs, each in a file of its own, <routine>.c.
GeneratedFiles generate_c_parts(const ir::Interface& interface);
GeneratedFiles generate_gnu_c_parts(const ir::Interface& interface);
GeneratedFiles generate_cpp(const ir::Interface& interface);
GeneratedFiles generate_kernel(const ir::Interface& interface);
GeneratedFiles generate_trap_user(const ir::Interface& interface);
GeneratedFiles generate_trap_kernel(const ir::Interface& interface);
GeneratedFiles generate_description(const ir::Interface& interface);
GeneratedFiles generate_doc(const ir::Interface& interface);
GeneratedFiles generate_json(const ir::Interface& interface);

}  // namespace migc
