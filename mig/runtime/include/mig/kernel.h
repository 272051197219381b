// mig/kernel.h
//
// What the kernel's generated stubs add to mig/message.h.
#ifndef MIG_KERNEL_H
#define MIG_KERNEL_H

#include <ipc/ipc_kobject.h>
#include <ipc/kernel_call.h>
#include <mig/message.h>

namespace mig {

// What a call fails with when `intran` finds no object behind a port.  Specialize it beside the reference's type:
//     template <> inline constexpr kern_return_t mig::null_error<TaskRef> = KERN_INVALID_TASK;
template <class Reference>
inline constexpr kern_return_t null_error = KERN_INVALID_ARGUMENT;

}  // namespace mig

// The kernel's list of objects behind ports: their references, translations and null_error.
#include <kern/kernel_objects.h>

#endif
