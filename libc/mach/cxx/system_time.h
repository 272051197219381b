// libc/mach/cxx/system_time.h: SYSTEM_CLOCK without a call where that is possible.
#ifndef PORTICO_LIBC_MACH_SYSTEM_TIME_H
#define PORTICO_LIBC_MACH_SYSTEM_TIME_H

#include <cstdint>

namespace mach {

// Nanoseconds since start-up.
uint64_t system_time();

}  // namespace mach

#endif
