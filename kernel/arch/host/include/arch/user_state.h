// kernel/arch/host/include/arch/user_state.h
//
// A user thread of the simulated machine: a fiber that runs a C++ function as its user code, and registers that hold what
// the last trap left in them.  The function enters the kernel by host::trap() only (arch/host/user.h).
#ifndef PORTICO_ARCH_USER_STATE_H
#define PORTICO_ARCH_USER_STATE_H

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include <arch/host/fiber.h>
#include <mach/exception_types.h>
#include <mach/machine/thread_status.h>
#include <mach/result.h>
#include <mach/vm_prot.h>
#include <mach/vm_types.h>

namespace machine {

struct UserState {
    UserState() = default;
    UserState(const UserState&) = delete;
    UserState& operator=(const UserState&) = delete;

    void init_for_thread(user_address_t ip, user_address_t sp);

    uint64_t trap_number() const { return registers.rax; }
    uint64_t trap_argument(unsigned i) const { return *argument_registers()[i]; }
    void set_trap_result(uint64_t value) { registers.rax = value; }
    user_address_t ip() const { return registers.rip; }
    user_address_t sp() const { return registers.rsp; }
    void set_ip(user_address_t ip) { registers.rip = ip; }
    void set_sp(user_address_t sp) { registers.rsp = sp; }
    void set_thread_pointer(user_address_t base) { registers.fs_base = base; }

    mach::Result<natural_t> get_state(int flavor, natural_t* state, natural_t max_count) const;
    mach::Result<void> set_state(int flavor, const natural_t* state, natural_t count);

    std::atomic<uint32_t> pending = 0;  // Thread::Pending
    bool nothing_particular() const { return in_trap && !message_in_registers && pending == 0; }
    bool nothing_particular_in_registers() const { return in_trap && message_in_registers && pending == 0; }

    void begin_message_in_registers() { message_in_registers = true; }
    bool has_message_in_registers() const { return message_in_registers; }
    void set_message_in_registers(const std::array<uint64_t, 6>& message);

    // ---- The host's own.
    bool in_trap = false;  // Registers have not been set from outside since.
    bool message_in_registers = false;
    void enter_trap(uint64_t number, const std::array<uint64_t, 6>& arguments);

    x86_thread_state64_t registers{};
    std::function<void()> code;          // What the thread does in user mode.
    std::unique_ptr<host::Fiber> fiber;  // On which it does it; made when it first gets there.
    vm_address_t fault_address = 0;      // Of the page fault that it is about to report.
    vm_prot_t fault_access = 0;
    struct {  // Of another exception.
        exception_type_t type = 0;
        exception_data_type_t code = 0;
        exception_data_type_t subcode = 0;
    } raised;

private:
    std::array<const uint64_t*, 6> argument_registers() const;
    void set_argument_registers(const std::array<uint64_t, 6>& values);
};

}  // namespace machine

#endif
