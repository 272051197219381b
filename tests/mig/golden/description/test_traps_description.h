// The table of test_traps, made by mig.  Changes here will be lost.
#pragma once

#include <mig/description.h>

namespace mig::description {
extern const Interface test_traps_description;

}
