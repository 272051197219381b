// mig/runtime.h
//
// What generated services and their clients share: a request on its way to a routine, and what goes wrong with it.  The
// event loop (portico/event_loop.h) does the sending and receiving; nothing here calls mach_msg().
#ifndef MIG_RUNTIME_H
#define MIG_RUNTIME_H

#include <variant>

#include <mach/result.h>
#include <mig/message.h>
#include <portico/async.h>
#include <portico/call.h>
#include <portico/event_loop.h>
#include <portico/memory.h>
#include <portico/message_buffer.h>
#include <portico/rights.h>

namespace mig {

// A right whose kind only the sender chose.
using AnyRight = std::variant<mach::SendRight, mach::SendOnceRight, mach::ReceiveRight>;

// A received message's descriptors, by place.  check_*() say whether a descriptor is what the interface asks for; take_*()
// hand out what it carries, once.
class Descriptors {
public:
    explicit Descriptors(mach_msg_header_t& message) : bytes_{reinterpret_cast<std::byte*>(&message)} {}

    uint32_t count() const { return word(sizeof(mach_msg_header_t)); }

    bool is_right(uint32_t offset, mach_msg_type_name_t disposition) const
    {
        const auto port = at<mach_msg_port_descriptor_t>(offset);
        return port.type == MACH_MSG_PORT_DESCRIPTOR && port.disposition == disposition;
    }
    bool is_any_right(uint32_t offset) const
    {
        const auto port = at<mach_msg_port_descriptor_t>(offset);
        return port.type == MACH_MSG_PORT_DESCRIPTOR && MACH_MSG_TYPE_PORT_ANY_RIGHT(port.disposition);
    }
    // At most `limit` bytes (0: any number), a multiple of `unit`.
    bool is_memory(uint32_t offset, uint32_t limit, uint32_t unit) const
    {
        const auto memory = at<mach_msg_ool_descriptor_t>(offset);
        return memory.type == MACH_MSG_OOL_DESCRIPTOR && memory.size % unit == 0 &&
               (limit == 0 || memory.size <= limit);
    }
    bool is_ports(uint32_t offset, uint32_t limit, mach_msg_type_name_t disposition) const
    {
        const auto ports = at<mach_msg_ool_ports_descriptor_t>(offset);
        return ports.type == MACH_MSG_OOL_PORTS_DESCRIPTOR && ports.disposition == disposition &&
               (limit == 0 || ports.count <= limit);
    }

    template <class Right>
    Right take(uint32_t offset)
    {
        return Right{at<mach_msg_port_descriptor_t>(offset).name};
    }
    AnyRight take_any(uint32_t offset)
    {
        const auto port = at<mach_msg_port_descriptor_t>(offset);
        if (port.disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
            return mach::ReceiveRight{port.name};
        if (port.disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
            return mach::SendOnceRight{port.name};
        return mach::SendRight{port.name};
    }
    uint32_t memory_size(uint32_t offset) const { return at<mach_msg_ool_descriptor_t>(offset).size; }
    mach::Memory take_memory(uint32_t offset)
    {
        const auto memory = at<mach_msg_ool_descriptor_t>(offset);
        return {memory.address, memory.size};
    }
    uint32_t ports_count(uint32_t offset) const { return at<mach_msg_ool_ports_descriptor_t>(offset).count; }
    // The array of names is deallocated; the rights are the vector's.
    mach::PortArray take_ports(uint32_t offset)
    {
        const auto ports = at<mach_msg_ool_ports_descriptor_t>(offset);
        const mach::Memory names{ports.address, ports.count * sizeof(mach_port_t)};
        mach::PortArray rights;
        rights.reserve(ports.count);
        for (uint32_t at = 0; at < ports.count; ++at) {
            mach_port_t name;
            __builtin_memcpy(&name, names.bytes().data() + at * sizeof name, sizeof name);
            rights.emplace_back(name);
        }
        return rights;
    }

private:
    template <class T>
    T at(uint32_t offset) const
    {
        T value;
        __builtin_memcpy(&value, bytes_ + offset, sizeof value);
        return value;
    }
    uint32_t word(uint32_t offset) const { return at<uint32_t>(offset); }

    std::byte* bytes_;
};

// Descriptors of a message that is being built.  What is put belongs to the message.
class DescriptorWriter {
public:
    DescriptorWriter(std::byte* message, uint32_t count) : bytes_{message}
    {
        __builtin_memcpy(bytes_ + sizeof(mach_msg_header_t), &count, sizeof count);
    }

    template <class Right>
    void put(uint32_t offset, Right right, mach_msg_type_name_t disposition)
    {
        mach_msg_port_descriptor_t port{};
        port.name = right.release();
        port.disposition = disposition & 0xffu;
        port.type = MACH_MSG_PORT_DESCRIPTOR;
        __builtin_memcpy(bytes_ + offset, &port, sizeof port);
    }
    void put_any(uint32_t offset, AnyRight right)
    {
        const mach_msg_type_name_t dispositions[] = {MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
                                                     MACH_MSG_TYPE_MOVE_RECEIVE};
        const mach_msg_type_name_t disposition = dispositions[right.index()];
        std::visit([&](auto& held) { put(offset, std::move(held), disposition); }, right);
    }
    void put_memory(uint32_t offset, mach::Memory memory)
    {
        mach_msg_ool_descriptor_t descriptor{};
        descriptor.size = static_cast<mach_msg_size_t>(memory.size());
        descriptor.address = memory.release();
        descriptor.deallocate = 1;
        descriptor.copy = MACH_MSG_VIRTUAL_COPY;
        descriptor.type = MACH_MSG_OOL_DESCRIPTOR;
        __builtin_memcpy(bytes_ + offset, &descriptor, sizeof descriptor);
    }
    // The names travel in pages of their own, because a message may wait before it is sent.
    // KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE: nothing was put, and the rights are given up.
    mach::Result<void> put_ports(uint32_t offset, mach::PortArray ports)
    {
        mach_msg_ool_ports_descriptor_t descriptor{};
        descriptor.copy = MACH_MSG_VIRTUAL_COPY;
        descriptor.disposition = MACH_MSG_TYPE_MOVE_SEND;
        descriptor.type = MACH_MSG_OOL_PORTS_DESCRIPTOR;
        if (!ports.empty()) {
            mach::Memory names = TRY(mach::Memory::allocate(ports.size() * sizeof(mach_port_t)));
            for (size_t at = 0; at < ports.size(); ++at) {
                const mach_port_t name = ports[at].release();
                __builtin_memcpy(names.bytes().data() + at * sizeof name, &name, sizeof name);
            }
            descriptor.count = static_cast<mach_msg_size_t>(ports.size());
            descriptor.deallocate = 1;
            descriptor.address = names.release();
        }
        __builtin_memcpy(bytes_ + offset, &descriptor, sizeof descriptor);
        return {};
    }

private:
    std::byte* bytes_;
};

// A request that the event loop has received and an object's dispatch() looks at.
//
// Whoever dispatches does exactly one of: nothing (the id is not its own), fail(), or start() after having taken out all
// that the message carries.
class Request {
public:
    explicit Request(mach::MessageBuffer message) : message_{std::move(message)} {}

    mach_msg_id_t id() const { return message_.header().msgh_id; }
    const mach_msg_header_t& header() const { return message_.header(); }
    std::span<const std::byte> bytes() const { return {message_.data(), message_.header().msgh_size}; }
    const mach_msg_context_trailer_t& trailer() const { return message_.trailer(); }
    bool has_trailer(size_t size) const { return trailer().msgh_trailer_size >= size; }
    Descriptors descriptors() { return Descriptors{message_.header()}; }

    // What destroy_contents() is called on if nobody knows the id.
    mach::MessageBuffer& buffer() { return message_; }

    // Refuses it: all that it carries is given up, and the client gets `code`.
    void fail(kern_return_t code)
    {
        message_.destroy_contents();
        mach::EventLoop::current().reply_error(code);
    }

    // The bytes, for a routine that looks at them in place.  What the descriptors carried is not destroyed with them.
    mach::MessageBuffer take() { return std::move(message_); }

    // The routine's coroutine owns all that the message carried.  `number`: by which its client may cancel the call.
    void start(mach::Async<void> routine, uint32_t number = 0)
    {
        mach::EventLoop::current().start(std::move(routine), number);
    }

private:
    mach::MessageBuffer message_;
};

// The header of a reply, but for what the loop knows itself (ports, dispositions).
inline void set_reply_header(mach::MessageBuffer& message, mach_msg_id_t id, bool is_complex, uint32_t size)
{
    message.header() = mach_msg_header_t{};
    message.header().msgh_bits = is_complex ? MACH_MSGH_BITS_COMPLEX : 0;
    message.header().msgh_size = size;
    message.header().msgh_id = id;
}

inline void set_request_header(mach::MessageBuffer& message, mach_port_t port,
                               mach_msg_type_name_t disposition, mach_msg_id_t id, bool is_complex,
                               uint32_t size)
{
    set_reply_header(message, id, is_complex, size);
    message.header().msgh_bits |= MACH_MSGH_BITS(disposition, 0);
    message.header().msgh_remote_port = port;
}

// Answers a call with only a code.  Without memory even for that the reply right dies: MIG_SERVER_DIED to the client.
inline void reply_error(mach::CallContext& call, mach_msg_id_t id, kern_return_t code)
{
    mach::Result<mach::MessageBuffer> message = mach::MessageBuffer::allocate();
    if (!message)
        return;
    Writer out{message->data(), sizeof(mach_msg_header_t)};
    out.put_native();
    out.put(code);
    set_reply_header(*message, id, false, out.offset());
    mach::EventLoop::current().reply(call, std::move(*message));
}

}  // namespace mig

#endif
