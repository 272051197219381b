// unix-server/support/unix_error.h
//
// How a service fails: an errno as a kern_return_t of the Unix error system (portico/unix_types.h).
#pragma once

#include <mach/result.h>
#include <portico/unix_types.h>

namespace portico {

[[nodiscard]] constexpr std::unexpected<kern_return_t> unix_failure(int error_number)
{
    return mach::failure(UNIX_ERROR(error_number));
}

}  // namespace portico
