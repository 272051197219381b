// kernel/vm/vm_fault.h
//
// Page faults, in a form that can be given up and started again (design D6).
//
// vm_fault_step() does as much as it can without waiting.  If it has to wait (for a pager, or for a page that
// another thread is filling) it has asserted the wait and says so; the caller blocks as it likes and calls it
// again, from the beginning.  Nothing is held in between: neither lock nor reference nor busy page.
//
// Results of a failed fault, which tell Unix its signals apart:
//     KERN_INVALID_ADDRESS     no entry there                               SIGSEGV
//     KERN_PROTECTION_FAILURE  the entry does not allow the access          SIGSEGV
//     KERN_MEMORY_ERROR        the pager said error or past the end, or the time limit was reached   SIGBUS
//     KERN_MEMORY_FAILURE      the pager has died or destroyed the object   SIGBUS
//     KERN_RESOURCE_SHORTAGE   no memory                                    SIGBUS
//     KERN_ABORTED             the thread was aborted while it waited
#ifndef PORTICO_VM_VM_FAULT_H
#define PORTICO_VM_VM_FAULT_H

#include <kern/sched.h>
#include <vm/vm_types.h>

class Thread;
class VmMap;
class VmObject;
class VmPage;

enum class FaultProgress : uint8_t { Done, Waiting };

// Makes `address` accessible in `map`, or one step towards it.  Waiting: block now, then call again; self.vm
// keeps since when this fault has waited, and the caller clears it (VmThreadState::begin) before the first
// call.
[[nodiscard]] mach::Result<FaultProgress> vm_fault_step(Thread& self, VmMap& map, vm_address_t address,
                                                        vm_prot_t access);

// The whole fault, keeping the kernel stack while it waits: for kernel calls.
[[nodiscard]] mach::Result<void> vm_fault_wait(Thread& self, VmMap& map, vm_address_t address,
                                               vm_prot_t access);

// What a kernel routine does with the bytes of a page that it has faulted in, under the object's lock.
class PageUser {
public:
    virtual void use(VmPage& page) = 0;

protected:
    ~PageUser() = default;
};
// Faults the page in, without mapping it, and calls user.use() while it stays.
[[nodiscard]] mach::Result<void> vm_fault_use_wait(Thread& self, VmMap& map, vm_address_t address,
                                                   vm_prot_t access, PageUser& user);
// The same for a page of an object that is in no map.  Read only.
[[nodiscard]] mach::Result<void> vm_fault_object_wait(Thread& self, VmObject& object, page_index_t index,
                                                      PageUser& user);

// The machine's page-fault trap from user mode: resolves, or raises EXC_BAD_ACCESS, and returns to user mode.
[[noreturn]] void vm_fault_user(Thread& self, vm_address_t address, vm_prot_t access);

// In the middle of a trap that has had no effect yet: faults, then goes on in `then` with self.fault_result, KERN_ABORTED
// also after thread_abort_safely().
[[noreturn]] void vm_fault_safely_then(Thread& self, vm_address_t address, vm_prot_t access,
                                       Continuation then);

// A trap found user memory absent before it had any effect: faults, then starts the trap again from the saved
// registers; if the fault fails, the trap returns self.trap_fault_result.
[[noreturn]] void vm_fault_and_restart_trap(Thread& self, vm_address_t address, vm_prot_t access);

// The same after effects: goes on with `then`, which finds the outcome in self.fault_result.
[[noreturn]] void vm_fault_then(Thread& self, vm_address_t address, vm_prot_t access, Continuation then);

#endif
