// kernel/ipc/ipc_kmsg.h
//
// A message in the kernel's hands: between copy-in from its sender and copy-out to its receiver.
//
// The bytes are kept as the user laid them out, from mach_msg_header_t on.  What they name is not: the rights
// of the header, and the rights and memory of each descriptor, are objects beside the bytes.  Copy-in fills
// them, copy-out writes names and addresses back into the bytes; in between, names in the bytes mean nothing.
// So everything but ipc_copyin.cpp and ipc_copyout.cpp is independent of the format (design D2: one seam).
//
// Owns        its bytes, rights, out-of-line memory and ledger charge.
// Lifetime    one owner at a time: a KmsgPtr, a queue, or a thread's record.  A message that dies with
//             descriptors goes to the reap list, because what it carries may itself be a port with messages
//             (design D10).
// Lock        none of its own: the owner's.
// Invariants  (G1) In a queue  =>  destination is a send or send-once right to the queue's port.
//             (G2) Complex  <=>  descriptor_count() > 0 or the sender said so; each descriptor holds what its
//                  kind says.
//             (G3) A receive right in a message that is queued is in transit to the queue's port.
#ifndef PORTICO_IPC_IPC_KMSG_H
#define PORTICO_IPC_IPC_KMSG_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>

#include <boost/intrusive/list_hook.hpp>

#include <ipc/ipc_right.h>
#include <kern/ledger.h>
#include <kern/reaper.h>
#include <mach/message.h>
#include <mach/result.h>
#include <vm/vm_map_copy.h>

class IpcKmsg;
class IpcNotice;
class Thread;

// Sole ownership of a message.  Dropping it destroys the message and what it carries.
class KmsgPtr {
public:
    KmsgPtr() = default;
    explicit KmsgPtr(IpcKmsg* message) { hold(message); }
    KmsgPtr(KmsgPtr&& other) noexcept { hold(other.leak()); }
    KmsgPtr& operator=(KmsgPtr&& other) noexcept
    {
        IpcKmsg* incoming = other.leak();
        KmsgPtr old{leak()};
        hold(incoming);
        return *this;
    }
    ~KmsgPtr();

    [[nodiscard]] IpcKmsg* leak()
    {
        IpcKmsg* message = std::exchange(message_, nullptr);
        if (message != nullptr)
            census_note(this, -1);
        return message;
    }
    void reset() { KmsgPtr gone{leak()}; }
    IpcKmsg& operator*() const { return *message_; }
    IpcKmsg* operator->() const { return message_; }
    explicit operator bool() const { return message_ != nullptr; }

private:
    void hold(IpcKmsg* message)
    {
        message_ = message;
        if (message != nullptr)
            census_note(this, +1);
    }

    IpcKmsg* message_ = nullptr;
};

// The rights of an out-of-line ports descriptor, all of one kind (or null, or dead).
class IpcPortArray {
public:
    IpcPortArray() = default;
    [[nodiscard]] static mach::Result<IpcPortArray> create(uint32_t count);
    IpcPortArray(IpcPortArray&& other) noexcept
        : rights_{std::exchange(other.rights_, nullptr)},
          count_{std::exchange(other.count_, 0u)},
          capacity_{std::exchange(other.capacity_, 0u)}
    {
    }
    IpcPortArray& operator=(IpcPortArray&& other) noexcept
    {
        std::swap(rights_, other.rights_);
        std::swap(count_, other.count_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~IpcPortArray();

    uint32_t size() const { return count_; }
    IpcRight& operator[](uint32_t i)
    {
        KASSERT(i < count_, "index of a port array");
        return rights_[i];
    }
    [[nodiscard]] SendRight take_send(uint32_t i) { return (*this)[i].take_send(); }
    void put(uint32_t i, IpcRight right) { (*this)[i] = std::move(right); }

    // Drops up to `limit` rights from the end; true when none is left.
    bool shrink(uint32_t limit);

private:
    IpcRight* rights_ = nullptr;
    uint32_t count_ = 0;
    uint32_t capacity_ = 0;
};

// The names of an out-of-line ports descriptor: read from the sender before its rights are taken, or about to
// be written for the receiver.
class PortNames {
public:
    PortNames() = default;
    [[nodiscard]] static mach::Result<PortNames> create(uint32_t count);
    PortNames(PortNames&& other) noexcept
        : names_{std::exchange(other.names_, nullptr)}, count_{std::exchange(other.count_, 0u)}
    {
    }
    PortNames& operator=(PortNames&& other) noexcept
    {
        std::swap(names_, other.names_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~PortNames();

    std::span<mach_port_name_t> all() { return {names_, count_}; }

private:
    mach_port_name_t* names_ = nullptr;
    uint32_t count_ = 0;
};

struct KmsgMemory {
    VmMapCopy copy;
    mach_msg_size_t size = 0;    // Bytes; 0: no memory, address 0.
    user_address_t address = 0;  // In the sender, until the memory is taken.
    bool deallocate = false;
};
struct KmsgPorts {
    IpcPortArray rights;
    RightKind kind = RightKind::Send;
    // Until the rights are taken from the sender:
    PortNames names;
    mach_msg_type_name_t disposition = 0;
    user_address_t address = 0;
    bool deallocate = false;
};
// monostate: not filled in yet.
using KmsgDescriptor = std::variant<std::monostate, IpcRight, KmsgMemory, KmsgPorts>;

class IpcKmsg final : public Reapable {
public:
    using QueueHook =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    // A message of `size` bytes, header included, and `descriptors` empty descriptors.
    // KERN_RESOURCE_SHORTAGE. The bytes are not set, but for the header's.
    [[nodiscard]] static mach::Result<KmsgPtr> create(mach_msg_size_t size, uint32_t descriptors = 0);

    // From mach_msg_header_t on, size() bytes.
    std::span<std::byte> bytes() { return {reinterpret_cast<std::byte*>(this + 1), size_}; }
    mach_msg_header_t& header() { return *reinterpret_cast<mach_msg_header_t*>(this + 1); }
    mach_msg_size_t size() const { return size_; }
    void shrink_to(mach_msg_size_t size)
    {
        KASSERT(size <= size_, "a message only shrinks");
        size_ = size;
    }
    mach_msg_id_t id() { return header().msgh_id; }
    bool complex() const { return complex_; }
    void set_complex(bool complex) { complex_ = complex; }

    std::span<KmsgDescriptor> descriptors() { return {descriptors_, descriptor_count_}; }
    uint32_t descriptor_count() const { return descriptor_count_; }
    [[nodiscard]] mach::Result<void> set_descriptor_count(uint32_t count);  // Once, from 0.
    void discard_descriptors();  // With what they carry: only where recursion cannot come of it.

    IpcRight destination;  // Send or send-once; used up when the message is received.
    IpcRight reply;        // Send, send-once or null: what the receiver gets as msgh_remote_port.

    // What trailers tell.
    mach_port_seqno_t sequence_number = 0;  // Given when the message leaves the queue, or is handed over.
    security_token_t sender = KERNEL_SECURITY_TOKEN_VALUE;
    audit_token_t audit = KERNEL_AUDIT_TOKEN_VALUE;
    mach_port_context_t context = 0;  // Of the port it arrived on.

    int priority = 0;  // Of its sender (design D5: priority travels in the message).
    bool from_kernel = false;
    bool circular = false;        // Would put a port into its own queue: destroyed instead of being queued.
    LedgerCharge charge;          // While queued.
    IpcNotice* notice = nullptr;  // A reserved message goes back there instead of being freed.

    QueueHook queue_hook;

    // The receive rights that it carries are on their way to its destination from now on; `circular` is set
    // if one of them must not be.  With no lock held; may sleep.
    void put_in_transit();

    // A message of the kernel to one of its own objects: made a call by the reaper's thread, where nothing is
    // held.
    static void call_later(KmsgPtr message);

    // Destroys the message and what it carries, now or by the reap list.
    static void destroy(IpcKmsg* message);
    // Always by the reap list: for many at once.
    static void destroy_later(IpcKmsg* message);

private:
    explicit IpcKmsg(mach_msg_size_t size) : size_{size}, capacity_{size} {}
    ~IpcKmsg();
    Step reap() override;
    void put_in_transit(IpcRight& right);
    static void free(IpcKmsg* message);

    mach_msg_size_t size_;
    const mach_msg_size_t capacity_;
    uint32_t descriptor_count_ = 0;
    bool complex_ = false;
    bool is_call_ = false;
    KmsgDescriptor* descriptors_ = nullptr;
};

inline KmsgPtr::~KmsgPtr()
{
    if (IpcKmsg* message = leak())
        IpcKmsg::destroy(message);
}

// Messages that exist: queued, on their way, or reserved.
uint64_t ipc_kmsg_count();

#endif
