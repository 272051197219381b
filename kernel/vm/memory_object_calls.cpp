// kernel/vm/memory_object_calls.cpp
//
// The routines of <mach/memory_object_control.defs>, as mig's kernel stubs call them.
#include <cstring>

#include <ipc/kernel_call.h>
#include <kern/sched.h>
#include <vm/memory_object.h>

#include <memory_object_control_kernel.h>  // Made by mig.
#include <memory_object_kernel.h>

using mach::failure;
using mach::Result;

namespace memory_object_control_calls {

Result<void> memory_object_get_attributes(MemoryObjectControlRef object, memory_object_flavor_t flavor,
                                          mig::OutArray<int>& info)
{
    if (flavor != MEMORY_OBJECT_ATTRIBUTE_INFO || info.capacity() < MEMORY_OBJECT_ATTR_INFO_COUNT)
        return failure(KERN_INVALID_ARGUMENT);
    const MemoryObject::Attributes attributes = object->attributes();
    memory_object_attr_info_data_t answer{};
    answer.copy_strategy = attributes.copy_strategy;
    answer.cluster_size = static_cast<natural_t>(attributes.cluster_size);
    answer.may_cache_object = attributes.may_cache;
    answer.temporary = attributes.temporary;
    std::memcpy(info.data(), &answer, sizeof answer);
    info.set_count(MEMORY_OBJECT_ATTR_INFO_COUNT);
    return {};
}

Result<void> memory_object_change_attributes(MemoryObjectControlRef object, memory_object_flavor_t flavor,
                                             std::span<const int> info)
{
    object->change_attributes(TRY(MemoryObject::Attributes::from_info(flavor, info)));
    return {};
}

// vm_msync() is not there yet, so nobody can be waiting.
Result<void> memory_object_synchronize_completed(MemoryObjectControlRef, memory_object_offset_t,
                                                 memory_object_size_t)
{
    return failure(KERN_NOT_SUPPORTED);
}

Result<void> memory_object_lock_request(MemoryObjectControlRef object, memory_object_offset_t offset,
                                        memory_object_size_t size, memory_object_return_t should_return,
                                        boolean_t should_flush, vm_prot_t lock_value, SendOnceRight reply_to)
{
    object->lock_request({offset, size, should_return, should_flush != FALSE, lock_value});
    if (!reply_to)
        return {};
    KernelMessage message;
    TRY(memory_object_calls::encode_memory_object_lock_completed(message, offset, size));
    message.set_destination(std::move(reply_to));
    send_from_kernel(std::move(message));
    return {};
}

Result<void> memory_object_destroy(MemoryObjectControlRef object, kern_return_t reason)
{
    object->destroy(reason);
    return {};
}

Result<void> memory_object_data_supply(MemoryObjectControlRef object, memory_object_offset_t offset,
                                       VmMapCopy data, vm_prot_t lock_value, boolean_t precious)
{
    object->data_supply(current_thread(), offset, std::move(data), lock_value, precious != FALSE);
    return {};
}

Result<void> memory_object_data_unavailable(MemoryObjectControlRef object, memory_object_offset_t offset,
                                            memory_object_size_t size)
{
    object->data_unavailable(offset, size);
    return {};
}

Result<void> memory_object_data_error(MemoryObjectControlRef object, memory_object_offset_t offset,
                                      memory_object_size_t size, kern_return_t reason)
{
    object->data_error(offset, size, reason);
    return {};
}

Result<memory_object_offset_t> memory_object_cache_read(MemoryObjectControlRef object,
                                                        memory_object_offset_t offset, natural_t size,
                                                        mig::OutArray<char>& data)
{
    if (size > data.capacity() || offset + size < offset)
        return failure(KERN_INVALID_ARGUMENT);
    const MemoryObject::CacheResult result = object->cache_read(offset, data.room().first(size));
    data.set_count(static_cast<uint32_t>(result.done));
    return result.absent;
}

Result<MemoryObjectCacheWriteReply> memory_object_cache_write(MemoryObjectControlRef object,
                                                              memory_object_offset_t offset,
                                                              std::span<const char> data)
{
    if (offset + data.size() < offset)
        return failure(KERN_INVALID_ARGUMENT);
    const MemoryObject::CacheResult result = TRY(object->cache_write(offset, data));
    return MemoryObjectCacheWriteReply{static_cast<natural_t>(result.done), result.absent};
}

}  // namespace memory_object_control_calls
