// portico/pager.h: a pager in a page of code.
//
// Derive from MemoryObject, say how to read (and, if the object can be written, how to write) its pages, and
// give make_send() to whoever shall map it. The kit speaks the protocol of memory_object.defs.
//
//     class Zeros final : public pager::MemoryObject {
//         mach::Async<mach::Result<mach::Memory>> read(uint64_t, uint64_t length) override
//             { co_return mach::Memory::allocate(length); } };
//
// Lock        none: one event loop. Requests for different pages may overlap in time.
// Invariants  (P1) Every page that the kernel asked for is answered, supplied or refused, once.
#ifndef PORTICO_PAGER_H
#define PORTICO_PAGER_H

#include <cstdint>

#include <mach/memory_object_types.h>
#include <memory_object_interface.h>
#include <portico/event_loop.h>
#include <portico/memory.h>

namespace pager {

struct Attributes {
    uint32_t cluster_size = 16 * 4096;  // Bytes to be asked for at once.
    bool keep_when_unmapped = true;
    memory_object_copy_strategy_t copy_strategy = MEMORY_OBJECT_COPY_DELAY;
};

class MemoryObject : public memory_object::Interface, public mach::Object {
public:
    explicit MemoryObject(Attributes attributes = {}) : attributes_{attributes} {}

    bool dispatch(mig::Request& request) override { return memory_object::Server::dispatch(*this, request); }

protected:
    // The contents from `offset` on; both are multiples of the page size. What is missing of `length` at the
    // end of the answer is zeros. An error (KERN_INVALID_ADDRESS past the end, KERN_MEMORY_ERROR ...) goes to
    // who touched the memory.
    virtual mach::Async<mach::Result<mach::Memory>> read(uint64_t offset, uint64_t length) = 0;

    // Changed pages come back. Unless overridden the object cannot be written: pages are supplied locked
    // against it.
    virtual bool can_be_written() const { return false; }
    virtual mach::Async<mach::Result<void>> write(uint64_t offset, mach::Memory data);

    // The kernel's port for this object; null while the kernel does not know it.
    mach_port_t control() const { return control_.name(); }

private:
    void init(mach::SendRight memory_control, memory_object_cluster_size_t page_size) override;
    void terminate() override;
    void data_request(memory_object_offset_t offset, memory_object_cluster_size_t length,
                      vm_prot_t access) override;
    void data_unlock(memory_object_offset_t offset, memory_object_cluster_size_t length,
                     vm_prot_t access) override;
    void lock_completed(memory_object_offset_t, memory_object_size_t) override {}
    void data_return(memory_object_offset_t offset, mach::Memory data, boolean_t dirty,
                     boolean_t kernel_copy) override;
    void synchronize(memory_object_offset_t offset, memory_object_size_t length, natural_t flags) override;

    mach::Async<void> supply(uint64_t offset, uint64_t length);
    mach::Async<void> take_back(uint64_t offset, mach::Memory data);
    mach::Async<void> finish_synchronize(uint64_t offset, uint64_t length);

    const Attributes attributes_;
    mach::SendRight control_;
    unsigned writes_under_way_ = 0;
    mach::WaitQueue written_;
};

}  // namespace pager

#endif
