// kernel/ipc/ipc_kmsg.cpp
//
// Making and destroying messages.  See ipc_kmsg.h.
#include <ipc/ipc_kmsg.h>

#include <atomic>
#include <new>

#include <ipc/ipc_kobject_call.h>
#include <ipc/ipc_notice.h>
#include <ipc/ipc_port.h>
#include <kern/sched.h>
#include <kern/zone.h>

namespace {

std::atomic<uint64_t> message_count;

// How much of a message one step of the reaper destroys.
constexpr uint32_t rights_per_step = 256;

// Destroys what one descriptor carries, or part of it; true when nothing is left.
bool destroy_some(KmsgDescriptor& descriptor)
{
    if (KmsgPorts* ports = std::get_if<KmsgPorts>(&descriptor))
        if (!ports->rights.shrink(rights_per_step))
            return false;
    descriptor.emplace<std::monostate>();
    return true;
}

// A port may have a queue of messages with ports ..., and memory and arrays may be large: not here and now.
bool is_heavy(const KmsgDescriptor& descriptor)
{
    if (const IpcRight* right = std::get_if<IpcRight>(&descriptor))
        return right->kind() == RightKind::Receive && *right;
    if (const KmsgPorts* ports = std::get_if<KmsgPorts>(&descriptor))
        return ports->rights.size() != 0;
    if (const KmsgMemory* memory = std::get_if<KmsgMemory>(&descriptor))
        return !memory->copy.empty();
    return false;
}

}  // namespace

uint64_t ipc_kmsg_count() { return message_count.load(std::memory_order_relaxed); }

mach::Result<IpcPortArray> IpcPortArray::create(uint32_t count)
{
    IpcPortArray array;
    if (count == 0)
        return array;
    void* memory = kalloc(count * sizeof(IpcRight));
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    array.rights_ = static_cast<IpcRight*>(memory);
    array.count_ = array.capacity_ = count;
    for (uint32_t i = 0; i < count; ++i)
        new (&array.rights_[i]) IpcRight;
    return array;
}

IpcPortArray::~IpcPortArray()
{
    shrink(count_);
    if (rights_ != nullptr)
        kfree(rights_, capacity_ * sizeof(IpcRight));
}

bool IpcPortArray::shrink(uint32_t limit)
{
    for (; limit != 0 && count_ != 0; --limit)
        rights_[--count_].~IpcRight();
    return count_ == 0;
}

mach::Result<PortNames> PortNames::create(uint32_t count)
{
    PortNames names;
    if (count == 0)
        return names;
    names.names_ = static_cast<mach_port_name_t*>(kalloc(count * sizeof(mach_port_name_t)));
    if (names.names_ == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    names.count_ = count;
    return names;
}

PortNames::~PortNames()
{
    if (names_ != nullptr)
        kfree(names_, count_ * sizeof(mach_port_name_t));
}

mach::Result<KmsgPtr> IpcKmsg::create(mach_msg_size_t size, uint32_t descriptors)
{
    KASSERT(size >= sizeof(mach_msg_header_t), "a message has a header");
    void* memory = kalloc(sizeof(IpcKmsg) + size);
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    KmsgPtr message{new (memory) IpcKmsg{size}};
    message_count.fetch_add(1, std::memory_order_relaxed);
    message->header() = mach_msg_header_t{};
    message->header().msgh_size = size;
    if (descriptors != 0)
        TRY(message->set_descriptor_count(descriptors));
    return message;
}

mach::Result<void> IpcKmsg::set_descriptor_count(uint32_t count)
{
    KASSERT(descriptor_count_ == 0, "descriptors are made once");
    complex_ = true;
    if (count == 0)
        return {};
    void* memory = kalloc(count * sizeof(KmsgDescriptor));
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    descriptors_ = static_cast<KmsgDescriptor*>(memory);
    descriptor_count_ = count;
    for (KmsgDescriptor& descriptor : this->descriptors())
        new (&descriptor) KmsgDescriptor;
    return {};
}

void IpcKmsg::discard_descriptors()
{
    if (descriptors_ == nullptr)
        return;
    for (KmsgDescriptor& descriptor : descriptors())
        descriptor.~KmsgDescriptor();
    kfree(descriptors_, descriptor_count_ * sizeof(KmsgDescriptor));
    descriptors_ = nullptr;
    descriptor_count_ = 0;
}

void IpcKmsg::put_in_transit()
{
    for (KmsgDescriptor& descriptor : descriptors()) {
        if (IpcRight* right = std::get_if<IpcRight>(&descriptor)) {
            put_in_transit(*right);
        } else if (KmsgPorts* ports = std::get_if<KmsgPorts>(&descriptor)) {
            if (ports->kind == RightKind::Receive)
                for (uint32_t i = 0; i < ports->rights.size(); ++i)
                    put_in_transit(ports->rights[i]);
        }
    }
}

void IpcKmsg::put_in_transit(IpcRight& right)
{
    if (right && right.kind() == RightKind::Receive &&
        !ipc_port_check_circularity(right.port(), destination.port()))
        circular = true;
}

void IpcKmsg::call_later(KmsgPtr message)
{
    message->is_call_ = true;
    reaper_enqueue(*message.leak());
}

void IpcKmsg::destroy(IpcKmsg* message)
{
    if (message->notice != nullptr) {
        message->notice->message_returned(*message);
        return;
    }
    for (const KmsgDescriptor& descriptor : message->descriptors())
        if (is_heavy(descriptor))
            return reaper_enqueue(*message);
    free(message);
}

void IpcKmsg::destroy_later(IpcKmsg* message)
{
    if (message->notice != nullptr)
        destroy(message);
    else
        reaper_enqueue(*message);
}

Reapable::Step IpcKmsg::reap()
{
    if (std::exchange(is_call_, false)) {
        // Nobody waits for an answer: notifications are one-way.
        KmsgPtr unwanted = ipc_kobject_call(current_thread(), KmsgPtr{this});
        return Step::Done;
    }
    for (KmsgDescriptor& descriptor : descriptors()) {
        if (std::holds_alternative<std::monostate>(descriptor))
            continue;
        destroy_some(descriptor);
        return Step::More;
    }
    free(this);
    return Step::Done;
}

void IpcKmsg::free(IpcKmsg* message)
{
    const size_t size = sizeof(IpcKmsg) + message->capacity_;
    message->~IpcKmsg();
    kfree(message, size);
    message_count.fetch_sub(1, std::memory_order_relaxed);
}

IpcKmsg::~IpcKmsg() { discard_descriptors(); }
