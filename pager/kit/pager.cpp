// pager/kit/pager.cpp
#include <portico/pager.h>

#include <cstdio>

#include <mach/mach.h>

namespace pager {

using mach::Async;
using mach::failure;
using mach::Memory;
using mach::Result;

namespace {

// Starts work that nobody waits for. Without memory for it the kernel is told that the data cannot be had.
bool start(Async<void> work) { return mach::EventLoop::current().spawn(std::move(work)).has_value(); }

}  // namespace

Async<Result<void>> MemoryObject::write(uint64_t, Memory) { co_return failure(KERN_NOT_SUPPORTED); }

void MemoryObject::init(mach::SendRight memory_control, memory_object_cluster_size_t)
{
    control_ = std::move(memory_control);
    memory_object_attr_info_data_t info = {};
    info.copy_strategy = attributes_.copy_strategy;
    info.cluster_size = attributes_.cluster_size;
    info.may_cache_object = attributes_.keep_when_unmapped;
    (void)memory_object_change_attributes(control(), MEMORY_OBJECT_ATTRIBUTE_INFO,
                                          reinterpret_cast<memory_object_info_t>(&info),
                                          MEMORY_OBJECT_ATTR_INFO_COUNT);
}

void MemoryObject::terminate() { control_.reset(); }

void MemoryObject::data_request(memory_object_offset_t offset, memory_object_cluster_size_t length, vm_prot_t)
{
    if (!start(supply(offset, length)))
        (void)memory_object_data_error(control(), offset, length, KERN_MEMORY_ERROR);
}

Async<void> MemoryObject::supply(uint64_t offset, uint64_t length)
{
    const std::shared_ptr<Object> keep_alive = shared_from_this();
    Result<Memory> data = co_await read(offset, length);
    if (!data.has_value()) {
        (void)memory_object_data_error(control(), offset, length, data.error());
        co_return;
    }
    const uint64_t supplied = data->size() < length ? mach_round_page(data->size()) : length;
    if (supplied > 0) {
        const auto size = static_cast<mach_msg_type_number_t>(data->size() < length ? data->size() : length);
        const vm_prot_t lock = can_be_written() ? VM_PROT_NONE : VM_PROT_WRITE;
        if (memory_object_data_supply(control(), offset, data->address(), size, TRUE, lock, FALSE) ==
            KERN_SUCCESS)
            (void)data->release();
    }
    if (supplied < length)
        (void)memory_object_data_unavailable(control(), offset + supplied, length - supplied);
}

void MemoryObject::data_unlock(memory_object_offset_t offset, memory_object_cluster_size_t length,
                               vm_prot_t access)
{
    if ((access & VM_PROT_WRITE) != 0 && !can_be_written())
        (void)memory_object_data_error(control(), offset, length, KERN_PROTECTION_FAILURE);
    else
        (void)memory_object_lock_request(control(), offset, length, MEMORY_OBJECT_RETURN_NONE, FALSE,
                                         VM_PROT_NONE, MACH_PORT_NULL);
}

void MemoryObject::data_return(memory_object_offset_t offset, Memory data, boolean_t dirty, boolean_t)
{
    if (!dirty)
        return;
    ++writes_under_way_;
    if (!start(take_back(offset, std::move(data)))) {
        --writes_under_way_;
        std::printf("pager: no memory to take pages back at %#llx\n",
                    static_cast<unsigned long long>(offset));
    }
}

Async<void> MemoryObject::take_back(uint64_t offset, Memory data)
{
    const std::shared_ptr<Object> keep_alive = shared_from_this();
    const Result<void> taken = co_await write(offset, std::move(data));
    if (!taken.has_value())
        std::printf("pager: pages at %#llx are lost, error %#x\n", static_cast<unsigned long long>(offset),
                    static_cast<unsigned>(taken.error()));
    --writes_under_way_;
    written_.wake_all();
}

void MemoryObject::synchronize(memory_object_offset_t offset, memory_object_size_t length, natural_t)
{
    if (!start(finish_synchronize(offset, length)))
        (void)memory_object_synchronize_completed(control(), offset, length);
}

Async<void> MemoryObject::finish_synchronize(uint64_t offset, uint64_t length)
{
    const std::shared_ptr<Object> keep_alive = shared_from_this();
    while (writes_under_way_ > 0)
        (void)co_await written_.wait_to_the_end();
    (void)memory_object_synchronize_completed(control(), offset, length);
}

}  // namespace pager
