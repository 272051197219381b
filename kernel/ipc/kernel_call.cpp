// kernel/ipc/kernel_call.cpp: see kernel_call.h.
#include <ipc/kernel_call.h>

#include <cstring>

#include <kern/task.h>
#include <kern/thread.h>

// ---- Descriptors.

KmsgDescriptor* KernelDescriptors::at(uint32_t i) const
{
    return i < count() ? &message_->descriptors()[i] : nullptr;
}

bool KernelDescriptors::is_right(uint32_t i, RightKind kind) const
{
    const KmsgDescriptor* descriptor = at(i);
    const IpcRight* right = descriptor != nullptr ? std::get_if<IpcRight>(descriptor) : nullptr;
    return right != nullptr && right->kind() == kind;
}

bool KernelDescriptors::is_any_right(uint32_t i) const
{
    const KmsgDescriptor* descriptor = at(i);
    return descriptor != nullptr && std::holds_alternative<IpcRight>(*descriptor);
}

bool KernelDescriptors::is_memory(uint32_t i) const
{
    const KmsgDescriptor* descriptor = at(i);
    return descriptor != nullptr && std::holds_alternative<KmsgMemory>(*descriptor);
}

bool KernelDescriptors::is_ports(uint32_t i, mach_msg_type_name_t disposition) const
{
    const KmsgDescriptor* descriptor = at(i);
    const KmsgPorts* ports = descriptor != nullptr ? std::get_if<KmsgPorts>(descriptor) : nullptr;
    return ports != nullptr && disposition_of(ports->kind) == disposition;
}

mach_msg_size_t KernelDescriptors::memory_size(uint32_t i) const
{
    const KmsgDescriptor* descriptor = at(i);
    const KmsgMemory* memory = descriptor != nullptr ? std::get_if<KmsgMemory>(descriptor) : nullptr;
    return memory != nullptr ? memory->size : 0;
}

uint32_t KernelDescriptors::ports_count(uint32_t i) const
{
    const KmsgDescriptor* descriptor = at(i);
    const KmsgPorts* ports = descriptor != nullptr ? std::get_if<KmsgPorts>(descriptor) : nullptr;
    return ports != nullptr ? ports->rights.size() : 0;
}

IpcRight KernelDescriptors::take_right(uint32_t i)
{
    KmsgDescriptor* descriptor = at(i);
    IpcRight* right = descriptor != nullptr ? std::get_if<IpcRight>(descriptor) : nullptr;
    if (right == nullptr)
        return {};
    IpcRight taken = std::move(*right);
    if (taken.kind() == RightKind::Receive && taken)
        ipc_port_arrived_in_kernel(taken.port());
    return taken;
}

SendRight KernelDescriptors::take_send(uint32_t i) { return take_right(i).take_send(); }
SendOnceRight KernelDescriptors::take_send_once(uint32_t i) { return take_right(i).take_send_once(); }
ReceiveRight KernelDescriptors::take_receive(uint32_t i) { return take_right(i).take_receive(); }

VmMapCopy KernelDescriptors::take_memory(uint32_t i)
{
    KmsgDescriptor* descriptor = at(i);
    KmsgMemory* memory = descriptor != nullptr ? std::get_if<KmsgMemory>(descriptor) : nullptr;
    return memory != nullptr ? std::move(memory->copy) : VmMapCopy{};
}

IpcPortArray KernelDescriptors::take_ports(uint32_t i)
{
    KmsgDescriptor* descriptor = at(i);
    KmsgPorts* ports = descriptor != nullptr ? std::get_if<KmsgPorts>(descriptor) : nullptr;
    return ports != nullptr ? std::move(ports->rights) : IpcPortArray{};
}

void KernelDescriptors::put_right(uint32_t i, IpcRight right)
{
    KmsgDescriptor* descriptor = at(i);
    KASSERT(descriptor != nullptr, "a descriptor that was not announced");
    descriptor->emplace<IpcRight>(std::move(right));
}

void KernelDescriptors::put_memory(uint32_t i, VmMapCopy memory, mach_msg_size_t size)
{
    KmsgDescriptor* descriptor = at(i);
    KASSERT(descriptor != nullptr, "a descriptor that was not announced");
    descriptor->emplace<KmsgMemory>(KmsgMemory{std::move(memory), size});
}

void KernelDescriptors::put_ports(uint32_t i, IpcPortArray rights, mach_msg_type_name_t disposition)
{
    KmsgDescriptor* descriptor = at(i);
    KASSERT(descriptor != nullptr, "a descriptor that was not announced");
    KmsgPorts ports;
    ports.rights = std::move(rights);
    ports.kind = disposition == MACH_MSG_TYPE_PORT_SEND_ONCE ? RightKind::SendOnce
                 : disposition == MACH_MSG_TYPE_PORT_RECEIVE ? RightKind::Receive
                                                             : RightKind::Send;
    descriptor->emplace<KmsgPorts>(std::move(ports));
}

// ---- Calls.

namespace {

// An empty message of `size` bytes; null if there is no memory.
KmsgPtr blank(mach_msg_id_t id, uint32_t size)
{
    mach::Result<KmsgPtr> message = IpcKmsg::create(size);
    if (!message)
        return {};
    std::memset((*message)->bytes().data() + sizeof(mach_msg_header_t), 0, size - sizeof(mach_msg_header_t));
    (*message)->header().msgh_id = id;
    (*message)->from_kernel = true;
    return std::move(*message);
}

// The caller chose the id, so it may be the last there is.
mach_msg_id_t reply_id(mach_msg_id_t request)
{
    return static_cast<mach_msg_id_t>(static_cast<uint32_t>(request) + 100u);
}

}  // namespace

security_token_t KernelCall::security_token() const
{
    return request_ != nullptr ? request_->sender : self_.task().security_token();
}

audit_token_t KernelCall::audit_token() const
{
    return request_ != nullptr ? request_->audit : self_.task().audit_token();
}

// Null: no memory.
std::byte* KernelCall::blank_reply(uint32_t size, uint32_t descriptors)
{
    if (descriptors == 0 && size <= room_.size()) {
        auto* const words = reinterpret_cast<uint64_t*>(room_.data());
#pragma clang loop unroll(disable) vectorize(disable)
        for (uint32_t i = 0; i < (size + 7) / 8; ++i)  // Few, mostly.
            words[i] = 0;
        reinterpret_cast<mach_msg_header_t*>(room_.data())->msgh_id = reply_id(header().msgh_id);
        size_in_room_ = size;
        return room_.data();
    }
    reply_ = blank(reply_id(header().msgh_id), size);
    if (!reply_ || (descriptors != 0 && !reply_->set_descriptor_count(descriptors)))
        return nullptr;
    return reply_->bytes().data();
}

std::byte* KernelCall::reply(uint32_t size, uint32_t descriptors)
{
    std::byte* const bytes = blank_reply(size, descriptors);
    if (bytes == nullptr)
        fail(KERN_RESOURCE_SHORTAGE);
    return bytes;
}

void KernelCall::set_reply_size(uint32_t size)
{
    if (reply_)
        return reply_->shrink_to(size);
    KASSERT(size <= size_in_room_, "a message only shrinks");
    size_in_room_ = size;
}

void KernelCall::fail(kern_return_t code)
{
    reply_.reset();
    size_in_room_ = 0;
    if (code == MIG_NO_REPLY || reply_right_.is_null())
        return;
    std::byte* const bytes = blank_reply(sizeof(mig_reply_error_t), 0);
    if (bytes == nullptr)
        return;  // The reply right dies with the request: the caller hears MIG_SERVER_DIED.
    const NDR_record_t ndr = NDR_RECORD_NATIVE;
    std::memcpy(bytes + offsetof(mig_reply_error_t, NDR), &ndr, sizeof ndr);
    std::memcpy(bytes + offsetof(mig_reply_error_t, RetCode), &code, sizeof code);
}

KmsgPtr KernelCall::finish()
{
    if (const std::span<std::byte> answer = answer_in_room(); !answer.empty()) {
        const auto size = static_cast<uint32_t>(answer.size());
        reply_ = blank(reply_id(header().msgh_id), size);
        if (reply_)
            std::memcpy(reply_->bytes().data() + sizeof(mach_msg_header_t),
                        answer.data() + sizeof(mach_msg_header_t), size - sizeof(mach_msg_header_t));
    }
    if (!reply_ || !reply_right_) {
        reply_.reset();
        return {};
    }
    reply_->destination = std::move(reply_right_);
    reply_->put_in_transit();
    return std::move(reply_);
}

// ---- Messages of the kernel's own.

std::byte* KernelMessage::create(mach_msg_id_t id, uint32_t size)
{
    message_ = blank(id, size);
    return message_ ? message_->bytes().data() : nullptr;
}

void KernelMessage::set_size(uint32_t size) { message_->shrink_to(size); }
bool KernelMessage::set_descriptors(uint32_t count)
{
    return message_->set_descriptor_count(count).has_value();
}
void KernelMessage::set_destination(IpcRight right) { message_->destination = std::move(right); }
void KernelMessage::set_reply(IpcRight right) { message_->reply = std::move(right); }

void send_from_kernel(KernelMessage message)
{
    KmsgPtr kmsg = message.take();
    if (!kmsg || !kmsg->destination)
        return;
    kmsg->put_in_transit();
    ipc_mqueue_send_always(std::move(kmsg));
}
