// kernel/vm/vm_thread.h
//
// What virtual memory keeps in a thread: the page fault that it is in the middle of.
//
// Owner       the thread itself; nobody else reads or writes it.
// Invariants  (T1) Between a fault's entry and its end, everything that the fault needs is here: its
//                  continuation starts afresh from it, with an empty stack (design D6).
#ifndef PORTICO_VM_VM_THREAD_H
#define PORTICO_VM_VM_THREAD_H

#include <kern/wait_queue.h>
#include <vm/vm_types.h>

class Thread;

struct VmThreadState {
    vm_address_t address = 0;
    vm_prot_t access = VM_PROT_NONE;
    uint64_t waiting_since_ns = 0;           // When the fault first waited; 0: it has not.
    void (*finish)(Thread& self) = nullptr;  // Does not return: what goes on when the fault is over.
    // Safely: nothing has happened yet, so thread_abort_safely() may end the wait, too.
    Interruptible interruptible = Interruptible::Yes;

    void begin(vm_address_t at, vm_prot_t wanted, Interruptible by)
    {
        address = at;
        access = wanted;
        waiting_since_ns = 0;
        interruptible = by;
    }
};

#endif
