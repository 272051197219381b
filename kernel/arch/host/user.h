// kernel/arch/host/user.h
//
// What the user code of a simulated thread, a C++ function, can do: traps, loads and stores, and exceptions.
// Its locals live on the thread's own stack; a thread that is terminated never returns there, so what must be destroyed
// should not be there.
#ifndef PORTICO_ARCH_HOST_USER_H
#define PORTICO_ARCH_HOST_USER_H

#include <array>
#include <cstddef>
#include <cstdint>

#include <mach/exception_types.h>
#include <mach/vm_types.h>
#include <machine/user_copy.h>

namespace machine::host {

inline constexpr size_t user_stack_size = 512 << 10;

// The trap `number`: all the way through the kernel and back.
uint64_t trap(uint64_t number, std::array<uint64_t, 6> arguments);
template <class... Arguments>
uint64_t trap(uint64_t number, Arguments... arguments)
{
    return trap(number, std::array<uint64_t, 6>{static_cast<uint64_t>(arguments)...});
}

// A place where an interrupt may come, and the seed may take the processor away.  Each trap begins with one.
void user_step();

// The processor's page fault, illegal instruction and so on; returns when the thread goes on.
void fault(user_address_t address, vm_prot_t access);
void raise(exception_type_t type, exception_data_type_t code, exception_data_type_t subcode);

[[noreturn]] void exit_thread();

// Loads and stores of user memory, with the page faults that they take.
void load(void* to, user_address_t from, size_t size);
void store(user_address_t to, const void* from, size_t size);
template <class T>
T load(user_address_t from)
{
    T value;
    load(&value, from, sizeof value);
    return value;
}
template <class T>
void store(user_address_t to, const T& value)
{
    store(to, &value, sizeof value);
}

}  // namespace machine::host

#endif
