// The table of block, made by mig.  Changes here will be lost.
#pragma once

#include <mig/description.h>

namespace mig::description {
extern const Interface block_description;

}
