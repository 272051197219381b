// kernel/ipc/kernel_call.h
//
// Messages that the kernel itself takes (KernelCall) and makes (KernelMessage): the run-time part of mig's
// kernel stubs. docs/mig.md, section "kernel".
//
// A call is a message to the port of a kernel object.  It runs in the sender's thread, on its kernel stack,
// with no lock held.  The reply is an ordinary message to the reply right; if the caller receives on that
// port next, it is handed back without touching a queue.
//
// Owns        the reply.  The request, the object's port and the reply right are its caller's: ipc_kobject_call() has a
//             message like others; kernel_call_fast.cpp has bytes without descriptors, and room for an answer of that
//             kind.
// Lifetime    on the stack of the call.
// Invariants  (C1) A right or memory that was taken is the routine's; what was not taken dies with the
//                  request.
//             (C2) What was put into a reply is the reply's, and dies with it if it cannot be delivered.
#ifndef PORTICO_IPC_KERNEL_CALL_H
#define PORTICO_IPC_KERNEL_CALL_H

#include <cstddef>
#include <cstdint>
#include <span>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <kern/sched.h>
#include <mach/mig_errors.h>
#include <mach/result.h>

using IpcKmsgHeader = mach_msg_header_t;  // Sizes and id are good; port names mean nothing here.

// Descriptors of one message, by number: reading takes, writing puts.  No message: none.
class KernelDescriptors {
public:
    explicit KernelDescriptors(IpcKmsg* message) : message_{message} {}

    uint32_t count() const { return message_ != nullptr ? message_->descriptor_count() : 0; }
    bool is_send(uint32_t i) const { return is_right(i, RightKind::Send); }
    bool is_send_once(uint32_t i) const { return is_right(i, RightKind::SendOnce); }
    bool is_receive(uint32_t i) const { return is_right(i, RightKind::Receive); }
    bool is_any_right(uint32_t i) const;
    bool is_memory(uint32_t i) const;
    bool is_ports(uint32_t i, mach_msg_type_name_t disposition) const;  // MACH_MSG_TYPE_PORT_*
    mach_msg_size_t memory_size(uint32_t i) const;
    uint32_t ports_count(uint32_t i) const;

    // Of the kind that is_*() says; anything else is empty.
    [[nodiscard]] SendRight take_send(uint32_t i);
    [[nodiscard]] SendOnceRight take_send_once(uint32_t i);
    [[nodiscard]] ReceiveRight take_receive(uint32_t i);
    [[nodiscard]] IpcRight take_right(uint32_t i);
    [[nodiscard]] VmMapCopy take_memory(uint32_t i);
    [[nodiscard]] IpcPortArray take_ports(uint32_t i);

    void put_right(uint32_t i, IpcRight right);
    void put_memory(uint32_t i, VmMapCopy memory, mach_msg_size_t size);
    void put_ports(uint32_t i, IpcPortArray rights, mach_msg_type_name_t disposition);

private:
    bool is_right(uint32_t i, RightKind kind) const;
    KmsgDescriptor* at(uint32_t i) const;

    IpcKmsg* message_;
};

class KernelCall {
public:
    KernelCall(Thread& self, IpcKmsg& request, IpcPort& target)
        : self_{self},
          target_{target},
          bytes_{request.bytes()},
          request_{&request},
          reply_right_{request.reply}
    {
    }
    // `request` from its header on; both are aligned for one.
    KernelCall(Thread& self, std::span<const std::byte> request, IpcPort& target, IpcRight& reply_right,
               std::span<std::byte> room)
        : self_{self}, target_{target}, bytes_{request}, reply_right_{reply_right}, room_{room}
    {
    }

    Thread& caller() const { return self_; }
    const IpcKmsgHeader& header() const { return *reinterpret_cast<const IpcKmsgHeader*>(bytes_.data()); }
    IpcPort& target() { return target_; }
    std::span<const std::byte> request() const { return bytes_; }

    security_token_t security_token() const;
    audit_token_t audit_token() const;

    uint32_t descriptor_count() { return in().count(); }
    bool is_send(uint32_t i) { return in().is_send(i); }
    bool is_send_once(uint32_t i) { return in().is_send_once(i); }
    bool is_receive(uint32_t i) { return in().is_receive(i); }
    bool is_any_right(uint32_t i) { return in().is_any_right(i); }
    bool is_memory(uint32_t i) { return in().is_memory(i); }
    bool is_ports(uint32_t i, mach_msg_type_name_t disposition) { return in().is_ports(i, disposition); }
    mach_msg_size_t memory_size(uint32_t i) { return in().memory_size(i); }
    uint32_t ports_count(uint32_t i) { return in().ports_count(i); }

    [[nodiscard]] SendRight take_send(uint32_t i) { return in().take_send(i); }
    [[nodiscard]] SendOnceRight take_send_once(uint32_t i) { return in().take_send_once(i); }
    [[nodiscard]] ReceiveRight take_receive(uint32_t i) { return in().take_receive(i); }
    [[nodiscard]] IpcRight take_right(uint32_t i) { return in().take_right(i); }
    [[nodiscard]] VmMapCopy take_memory(uint32_t i) { return in().take_memory(i); }
    [[nodiscard]] IpcPortArray take_ports(uint32_t i) { return in().take_ports(i); }

    // ---- The reply, once all arguments are taken.
    // A body of `size` bytes, header included, all zero, and empty descriptors.  Null: no memory, and the call has failed
    // already.
    [[nodiscard]] std::byte* reply(uint32_t size, uint32_t descriptors = 0);
    void set_reply_size(uint32_t size);  // It may only shrink.
    void put_send(uint32_t i, SendRight right) { out().put_right(i, std::move(right)); }
    void put_send_once(uint32_t i, SendOnceRight right) { out().put_right(i, std::move(right)); }
    void put_receive(uint32_t i, ReceiveRight right) { out().put_right(i, std::move(right)); }
    void put_right(uint32_t i, IpcRight right) { out().put_right(i, std::move(right)); }
    void put_memory(uint32_t i, VmMapCopy memory, uint32_t size)
    {
        out().put_memory(i, std::move(memory), size);
    }
    void put_ports(uint32_t i, IpcPortArray rights, mach_msg_type_name_t disposition)
    {
        out().put_ports(i, std::move(rights), disposition);
    }
    // Instead of all that: NDR and RetCode only.  What a reply held already dies.
    void fail(kern_return_t code);
    // The routine answers later, or never (MIG_NO_REPLY); the reply right is its own now.
    [[nodiscard]] IpcRight take_reply_right() { return std::move(reply_right_); }

    // ---- For who has made it.
    // The answer, if it is in the room for it and can still be sent; else empty.
    [[nodiscard]] std::span<std::byte> answer_in_room()
    {
        return reply_right_ ? room_.first(size_in_room_) : std::span<std::byte>{};
    }
    // The answer as a message to the reply right; null if there is none.
    [[nodiscard]] KmsgPtr finish();

private:
    KernelDescriptors in() { return KernelDescriptors{request_}; }
    KernelDescriptors out() { return KernelDescriptors{&*reply_}; }
    std::byte* blank_reply(uint32_t size, uint32_t descriptors);

    Thread& self_;
    IpcPort& target_;
    const std::span<const std::byte> bytes_;
    IpcKmsg* const request_ = nullptr;  // Null: without descriptors.
    IpcRight& reply_right_;
    const std::span<std::byte> room_;
    uint32_t size_in_room_ = 0;  // Of the answer that is there; 0: it is not.
    KmsgPtr reply_;
};

// A message that the kernel sends as a client (a request to a pager, an exception, a notification), or the
// reply to one.
class KernelMessage {
public:
    KernelMessage() = default;
    explicit KernelMessage(KmsgPtr message) : message_{std::move(message)} {}

    explicit operator bool() const { return static_cast<bool>(message_); }

    // ---- Making one.
    // A body of `size` bytes, header included, all zero, with this id.  Null: no memory.
    [[nodiscard]] std::byte* create(mach_msg_id_t id, uint32_t size);
    void set_size(uint32_t size);
    [[nodiscard]] bool set_descriptors(uint32_t count);
    void set_destination(IpcRight right);  // A send or send-once right.
    void set_reply(IpcRight right);
    void put_send(uint32_t i, SendRight right) { descriptors().put_right(i, std::move(right)); }
    void put_send_once(uint32_t i, SendOnceRight right) { descriptors().put_right(i, std::move(right)); }
    void put_receive(uint32_t i, ReceiveRight right) { descriptors().put_right(i, std::move(right)); }
    void put_right(uint32_t i, IpcRight right) { descriptors().put_right(i, std::move(right)); }
    void put_memory(uint32_t i, VmMapCopy memory, uint32_t size)
    {
        descriptors().put_memory(i, std::move(memory), size);
    }
    void put_ports(uint32_t i, IpcPortArray rights, mach_msg_type_name_t disposition)
    {
        descriptors().put_ports(i, std::move(rights), disposition);
    }

    // ---- Reading one.
    const IpcKmsgHeader& header() { return message_->header(); }
    std::span<const std::byte> bytes() { return message_->bytes(); }
    uint32_t descriptor_count() const { return message_->descriptor_count(); }
    KernelDescriptors descriptors() { return KernelDescriptors{&*message_}; }
    bool is_send(uint32_t i) { return descriptors().is_send(i); }
    bool is_send_once(uint32_t i) { return descriptors().is_send_once(i); }
    bool is_receive(uint32_t i) { return descriptors().is_receive(i); }
    bool is_memory(uint32_t i) { return descriptors().is_memory(i); }
    bool is_ports(uint32_t i, mach_msg_type_name_t disposition)
    {
        return descriptors().is_ports(i, disposition);
    }
    [[nodiscard]] SendRight take_send(uint32_t i) { return descriptors().take_send(i); }
    [[nodiscard]] SendOnceRight take_send_once(uint32_t i) { return descriptors().take_send_once(i); }
    [[nodiscard]] ReceiveRight take_receive(uint32_t i) { return descriptors().take_receive(i); }
    [[nodiscard]] VmMapCopy take_memory(uint32_t i) { return descriptors().take_memory(i); }
    [[nodiscard]] IpcPortArray take_ports(uint32_t i) { return descriptors().take_ports(i); }

    [[nodiscard]] KmsgPtr take() { return std::move(message_); }

private:
    KmsgPtr message_;
};

// Sends it: never blocks, passes a full queue.  To a dead port it vanishes.  With no lock held.
void send_from_kernel(KernelMessage message);

// ---- A call that the kernel makes and whose reply it waits for, with a continuation.
// First step, with rights alive: parks the message in `self` and gives it a reply right to self's own kernel
// reply port. KERN_RESOURCE_SHORTAGE.
[[nodiscard]] mach::Result<void> kernel_rpc_prepare(Thread& self, KernelMessage message);
// Second step, with nothing alive: sends it (handing over to a receiver that waits), and goes on in `then`,
// which ...
[[noreturn]] void kernel_rpc(Thread& self, Deadline deadline, Continuation then);
// ... asks for the reply first.  KERN_ABORTED: thread_abort() or termination; KERN_OPERATION_TIMED_OUT; after
// either, a late reply finds no port.  MIG_SERVER_DIED: the reply right was destroyed.
[[nodiscard]] mach::Result<KernelMessage> kernel_rpc_reply(Thread& self);

#endif
