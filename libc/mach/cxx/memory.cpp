// libc/mach/cxx/memory.cpp
#include <portico/memory.h>

#include <mach/mach.h>

namespace mach {

Result<Memory> Memory::allocate(vm_size_t size)
{
    vm_address_t address = 0;
    TRY(result_of(vm_allocate(mach_task_self(), &address, size, VM_FLAGS_ANYWHERE)));
    return Memory{address, size};
}

void Memory::reset()
{
    if (size_ != 0)
        (void)vm_deallocate(mach_task_self(), address_, size_);
    address_ = 0;
    size_ = 0;
}

}  // namespace mach
