// kernel/machine/user_state.h
//
// The user-mode registers of a thread, as a member of Thread (design D6: they are saved there, never on a stack).
//
// struct machine::UserState (arch/user_state.h) has at least:
//
//     void init_for_thread(user_address_t ip, user_address_t sp);   // All other registers zero.
//     uint64_t trap_number() const;         // Of the trap that the thread is in; valid until set_trap_result().
//     uint64_t trap_argument(unsigned i) const;                     // 0 .. 5
//     void set_trap_result(uint64_t value);                         // kern_return_t or a port name
//     user_address_t ip() const, sp() const;    void set_ip(user_address_t);    void set_sp(user_address_t);
//     std::atomic<uint32_t> pending;        // Kern's own (Thread::Pending): here, so that one look sees all of what follows.
//     bool nothing_particular() const;      // In a trap, pending is 0, and machine/hand_off.h can move all that it has.
//     void set_thread_pointer(user_address_t);  // FS base on x86-64; takes effect at the return to user mode.
//
//     // Thread state by flavour (mach/machine/thread_status.h).  The thread is stopped, or is the running one.  KERN_INVALID_ARGUMENT:
//     // unknown flavour, wrong count, or values that user mode may not have.
//     mach::Result<natural_t> get_state(int flavor, natural_t* state, natural_t max_count) const;   // The count.
//     mach::Result<void> set_state(int flavor, const natural_t* state, natural_t count);
//
// A trap that starts again (vm_fault_and_restart_trap) finds number and arguments unchanged as long as no result was set.
#ifndef PORTICO_MACHINE_USER_STATE_H
#define PORTICO_MACHINE_USER_STATE_H

#include <mach/result.h>
#include <mach/thread_status.h>
#include <mach/vm_types.h>

#include <arch/user_state.h>

#endif
