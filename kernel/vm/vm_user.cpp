// kernel/vm/vm_user.cpp: see vm_user.h.
#include <vm/vm_user.h>

#include <algorithm>
#include <cstring>

#include <vm/vm_fault.h>

using mach::failure;
using mach::Result;

namespace {

class ReadBytes final : public PageUser {
public:
    ReadBytes(vm_offset_t offset, std::span<std::byte> to) : offset_{offset}, to_{to} {}
    void use(VmPage& page) override
    {
        std::memcpy(to_.data(), static_cast<const std::byte*>(page.contents()) + offset_, to_.size());
    }

private:
    const vm_offset_t offset_;
    const std::span<std::byte> to_;
};

class WriteBytes final : public PageUser {
public:
    WriteBytes(vm_offset_t offset, std::span<const std::byte> from) : offset_{offset}, from_{from} {}
    void use(VmPage& page) override
    {
        std::memcpy(static_cast<std::byte*>(page.contents()) + offset_, from_.data(), from_.size());
    }

private:
    const vm_offset_t offset_;
    const std::span<const std::byte> from_;
};

// A page of kernel memory for the length of a call.
class BouncePage {
public:
    BouncePage() : memory_{static_cast<std::byte*>(vm_page_grab_kernel())} {}
    BouncePage(const BouncePage&) = delete;
    BouncePage& operator=(const BouncePage&) = delete;
    ~BouncePage()
    {
        if (memory_ != nullptr)
            vm_page_release_kernel(memory_);
    }
    explicit operator bool() const { return memory_ != nullptr; }
    std::span<std::byte> bytes(size_t length) const { return {memory_, length}; }

private:
    std::byte* const memory_;
};

size_t up_to_page_end(vm_address_t address, size_t size)
{
    return std::min<size_t>(size, page_size - (address & page_mask));
}

}  // namespace

Result<VmMapCopy> vm_map_copyin(VmMap& map, vm_address_t address, vm_size_t size, bool deallocate)
{
    return map.copy_in(address, size, deallocate);
}

Result<vm_address_t> vm_map_copyout(VmMap& map, VmMapCopy& copy) { return map.copy_out(copy); }

Result<void> vm_map_read_wait(Thread& self, VmMap& map, vm_address_t from, std::span<std::byte> to)
{
    while (!to.empty()) {
        const size_t length = up_to_page_end(from, to.size());
        ReadBytes bytes{from & page_mask, to.first(length)};
        TRY(vm_fault_use_wait(self, map, from, VM_PROT_READ, bytes));
        to = to.subspan(length);
        from += length;
    }
    return {};
}

Result<void> vm_map_write_wait(Thread& self, VmMap& map, vm_address_t to, std::span<const std::byte> from)
{
    while (!from.empty()) {
        const size_t length = up_to_page_end(to, from.size());
        WriteBytes bytes{to & page_mask, from.first(length)};
        TRY(vm_fault_use_wait(self, map, to, VM_PROT_READ | VM_PROT_WRITE, bytes));
        from = from.subspan(length);
        to += length;
    }
    return {};
}

// By way of a page of the kernel's: source and destination may be of one family of objects, whose lock is
// taken once.
Result<void> vm_map_copy_overwrite_wait(Thread& self, VmMap& map, vm_address_t address, VmMapCopy copy)
{
    TRY(PageRange::around(address, copy.size()));
    BouncePage bounce;
    if (!bounce)
        return failure(KERN_RESOURCE_SHORTAGE);
    for (vm_size_t done = 0; done != copy.size();) {
        const size_t length = up_to_page_end(address + done, copy.size() - done);
        const std::span<std::byte> bytes = bounce.bytes(length);
        TRY(copy.read_wait(self, done, bytes));
        TRY(vm_map_write_wait(self, map, address + done, bytes));
        done += length;
    }
    return {};
}
