// kernel/arch/host/zone_host.cpp
//
// The element store of zones, and kalloc(), in place of kern/zone_slab.cpp: each element is an allocation of its own, so
// that AddressSanitizer sees use after free and leaks.

#include <cstdlib>
#include <new>

#include <arch/host/zone_host.h>
#include <kern/zone.h>

namespace {

uint64_t allocations_left = UINT64_MAX;

void* host_allocate(size_t size, size_t alignment)
{
    if (allocations_left == 0)
        return nullptr;
    if (allocations_left != UINT64_MAX)
        --allocations_left;
    return ::operator new(size, std::align_val_t{alignment}, std::nothrow);
}

}  // namespace

namespace machine::host {

void fail_allocations_after(uint64_t count) { allocations_left = count; }

}  // namespace machine::host

void* ZoneBase::take_element() { return host_allocate(element_size_, alignment_); }
void ZoneBase::give_element(void* element)
{
    ::operator delete(element, element_size_, std::align_val_t{alignment_});
}
bool ZoneBase::grow() { return false; }

void* kalloc(size_t size) { return size == 0 || size > kalloc_limit ? nullptr : host_allocate(size, 16); }
void kfree(void* memory, size_t size)
{
    if (memory != nullptr)
        ::operator delete(memory, size, std::align_val_t{16});
}
