// unix-server/support/page_size.h
#pragma once

#include <cstdint>

#include <mach/vm_param.h>

namespace portico {

inline constexpr uint64_t page_size = MACH_PAGE_SIZE;

}  // namespace portico
