// kernel/machine/user_copy.h
//
// The only way to user memory (design D6): copies that stop at the first byte that is not there.  They never block and
// take no fault; whoever is told "absent" drops its locks, faults, and starts again (vm/vm_fault.h).
//
// They act on the address space of the running thread.  Addresses outside user space are reported like absent ones: the
// fault then fails with KERN_INVALID_ADDRESS.
#ifndef PORTICO_MACHINE_USER_COPY_H
#define PORTICO_MACHINE_USER_COPY_H

#include <cstddef>

#include <mach/vm_prot.h>
#include <mach/vm_types.h>

namespace machine {

struct CopyOutcome {
    size_t done = 0;  // Bytes that have certainly been copied.
    bool ok = true;
    user_address_t absent_at =
        0;               // If not ok: the byte that could not be reached (at or a little after `done`),
    bool write = false;  // and how it was to be used.

    explicit operator bool() const { return ok; }
    vm_prot_t access() const { return write ? VM_PROT_WRITE : VM_PROT_READ; }
};

[[nodiscard]] CopyOutcome copy_in(void* to, user_address_t from, size_t size);
[[nodiscard]] CopyOutcome copy_out(user_address_t to, const void* from, size_t size);

// Is every byte there and writable (readable)?  Touches each page without changing it.
[[nodiscard]] CopyOutcome probe_write(user_address_t at, size_t size);
[[nodiscard]] CopyOutcome probe_read(user_address_t at, size_t size);

}  // namespace machine

#endif
