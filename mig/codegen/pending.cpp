// mig/codegen/pending.cpp: back ends that do not exist yet say so and generate nothing.
#include "codegen/backend.h"

#include <cstdio>
#include <cstdlib>

namespace migc {

[[noreturn]] static GeneratedFiles pending(const char* name)
{
    std::fprintf(stderr, "mig: the %s back end does not exist yet\n", name);
    std::exit(1);
}

GeneratedFiles generate_cpp(const ir::Interface&) { pending("C++"); }
GeneratedFiles generate_json(const ir::Interface&) { pending("JSON"); }

}  // namespace migc
