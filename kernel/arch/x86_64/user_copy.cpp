// kernel/arch/x86_64/user_copy.cpp: see machine/user_copy.h.  The accesses themselves are in user_copy.S.
#include <machine/user_copy.h>

#include <lib/death_point.h>
#include <mach/vm_param.h>
#include <machine/processor.h>

extern "C" {
size_t x86_copy_user(void* to, const void* from, size_t size);
bool x86_touch_write(void* at);
bool x86_touch_read(const void* at);
}

namespace machine {
namespace {

bool is_user_range(user_address_t start, size_t size)
{
    return start <= VM_MAX_ADDRESS && size <= VM_MAX_ADDRESS - start;
}

// A range that leaves user space is not touched at all: the hardware must not be asked, for it would let the kernel in
// (docs/x86.md, X6).
CopyOutcome outside(user_address_t start, bool write)
{
    return {0, false, start < VM_MAX_ADDRESS ? VM_MAX_ADDRESS : start, write};
}

// At `at` something in [start, start + size) was missing.
CopyOutcome absent(user_address_t start, size_t size, size_t left, bool write)
{
    const user_address_t at = current_processor().arch.copy_fault_address;
    const user_address_t first_left = start + (size - left);
    return {size - left, false, at - start < size ? at : first_left, write};
}

CopyOutcome probe(user_address_t at, size_t size, bool write)
{
    death_point(DeathPoint::Copy);
    if (!is_user_range(at, size))
        return outside(at, write);
    for (user_address_t next = at; next < at + size; next = (next | MACH_PAGE_MASK) + 1) {
        auto* byte = reinterpret_cast<void*>(next);
        if (!(write ? x86_touch_write(byte) : x86_touch_read(byte)))
            return {next - at, false, next, write};
    }
    return {size};
}

}  // namespace

CopyOutcome copy_in(void* to, user_address_t from, size_t size)
{
    death_point(DeathPoint::Copy);
    if (!is_user_range(from, size)) [[unlikely]]
        return outside(from, false);
    const size_t left = x86_copy_user(to, reinterpret_cast<const void*>(from), size);
    if (left != 0) [[unlikely]]
        return absent(from, size, left, false);
    return {size};
}

CopyOutcome copy_out(user_address_t to, const void* from, size_t size)
{
    death_point(DeathPoint::Copy);
    if (!is_user_range(to, size)) [[unlikely]]
        return outside(to, true);
    const size_t left = x86_copy_user(reinterpret_cast<void*>(to), from, size);
    if (left != 0) [[unlikely]]
        return absent(to, size, left, true);
    return {size};
}

CopyOutcome probe_write(user_address_t at, size_t size) { return probe(at, size, true); }
CopyOutcome probe_read(user_address_t at, size_t size) { return probe(at, size, false); }

}  // namespace machine
