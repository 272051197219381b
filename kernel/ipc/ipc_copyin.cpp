// kernel/ipc/ipc_copyin.cpp
//
// A user's message becomes the kernel's.  See ipc_copyin.h.
//
// Everything is read once, into kernel memory, and checked there: what the sender's other threads write
// meanwhile does not matter.
#include <ipc/ipc_copyin.h>

#include <ipc/ipc_right_locked.h>
#include <ipc/message_layout.h>
#include <kern/sched.h>
#include <kern/task.h>
#include <kern/zone.h>
#include <mach/message_registers.h>
#include <vm/vm_user.h>

// ---- Fetch: bytes.

namespace {

mach_msg_return_t check_header(const mach_msg_header_t& header)
{
    if ((header.msgh_bits & ~MACH_MSGH_BITS_USER) != 0)
        return MACH_SEND_INVALID_HEADER;
    if (MACH_MSGH_BITS_VOUCHER(header.msgh_bits) != 0 || header.msgh_voucher_port != MACH_PORT_NULL)
        return MACH_SEND_INVALID_VOUCHER;
    const mach_msg_type_name_t remote = MACH_MSGH_BITS_REMOTE(header.msgh_bits);
    const mach_msg_type_name_t local = MACH_MSGH_BITS_LOCAL(header.msgh_bits);
    if (!MACH_MSG_TYPE_PORT_ANY_SEND(remote))
        return MACH_SEND_INVALID_HEADER;
    if (local == 0 ? header.msgh_local_port != MACH_PORT_NULL : !MACH_MSG_TYPE_PORT_ANY_SEND(local))
        return MACH_SEND_INVALID_HEADER;
    return MACH_MSG_SUCCESS;
}

RightKind kind_of(mach_msg_type_name_t disposition)
{
    switch (disposition) {
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        return RightKind::Receive;
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        return RightKind::SendOnce;
    default:
        return RightKind::Send;
    }
}

// How fetching a descriptor went: an error, or memory that is absent, or neither.
struct Step {
    mach_msg_return_t code = MACH_MSG_SUCCESS;
    machine::CopyOutcome copied;

    bool good() const { return code == MACH_MSG_SUCCESS && copied.ok; }
};

Step fetch_memory(DescriptorCursor& cursor, KmsgDescriptor& descriptor)
{
    mach_msg_ool_descriptor_t ool;
    if (!cursor.read(ool))
        return {MACH_SEND_MSG_TOO_SMALL, {}};
    if (ool.copy != MACH_MSG_VIRTUAL_COPY && ool.copy != MACH_MSG_PHYSICAL_COPY)
        return {MACH_SEND_INVALID_TYPE, {}};
    if (ool.size > MACH_MSG_OOL_SIZE_MAX)
        return {MACH_SEND_NO_BUFFER, {}};
    KmsgMemory& memory = descriptor.emplace<KmsgMemory>();
    memory.address = ool.address;
    memory.size = ool.size;
    memory.deallocate = ool.deallocate != 0;
    return {};
}

Step fetch_ports(DescriptorCursor& cursor, KmsgDescriptor& descriptor)
{
    mach_msg_ool_ports_descriptor_t ool;
    if (!cursor.read(ool))
        return {MACH_SEND_MSG_TOO_SMALL, {}};
    if (!MACH_MSG_TYPE_PORT_ANY(ool.disposition) ||
        (ool.copy != MACH_MSG_VIRTUAL_COPY && ool.copy != MACH_MSG_PHYSICAL_COPY))
        return {MACH_SEND_INVALID_TYPE, {}};
    if (ool.count > MACH_MSG_OOL_PORTS_MAX)
        return {MACH_SEND_TOO_LARGE, {}};
    mach::Result<PortNames> names = PortNames::create(ool.count);
    mach::Result<IpcPortArray> rights = IpcPortArray::create(ool.count);
    if (!names || !rights)
        return {MACH_SEND_NO_BUFFER, {}};
    const std::span<mach_port_name_t> list = names->all();
    const machine::CopyOutcome copied = machine::copy_in(list.data(), ool.address, list.size_bytes());
    if (!copied)
        return {MACH_SEND_INVALID_MEMORY, copied};
    KmsgPorts& ports = descriptor.emplace<KmsgPorts>();
    ports.address = ool.address;
    ports.rights = std::move(*rights);
    ports.names = std::move(*names);
    ports.disposition = ool.disposition;
    ports.kind = kind_of(ool.disposition);
    ports.deallocate = ool.deallocate != 0;
    return {};
}

Step fetch_descriptor(DescriptorCursor& cursor, KmsgDescriptor& descriptor)
{
    switch (cursor.kind()) {
    case MACH_MSG_PORT_DESCRIPTOR: {
        mach_msg_port_descriptor_t port;
        if (!cursor.read(port))
            return {MACH_SEND_MSG_TOO_SMALL, {}};
        if (!MACH_MSG_TYPE_PORT_ANY(port.disposition))
            return {MACH_SEND_INVALID_TYPE, {}};
        descriptor.emplace<IpcRight>();  // Name and disposition stay in the bytes until the right is taken.
        return {};
    }
    case MACH_MSG_OOL_DESCRIPTOR:
        return fetch_memory(cursor, descriptor);
    case MACH_MSG_OOL_PORTS_DESCRIPTOR:
        return fetch_ports(cursor, descriptor);
    case DescriptorCursor::none:
        return {MACH_SEND_MSG_TOO_SMALL, {}};
    default:
        return {MACH_SEND_INVALID_TYPE, {}};
    }
}

Step fetch_descriptors(IpcKmsg& message)
{
    mach_msg_body_t body;
    if (message.size() < sizeof(mach_msg_base_t))
        return {MACH_SEND_MSG_TOO_SMALL, {}};
    std::memcpy(&body, message.bytes().data() + sizeof(mach_msg_header_t), sizeof body);
    if (body.msgh_descriptor_count > MACH_MSG_DESCRIPTOR_MAX)
        return {MACH_SEND_TOO_LARGE, {}};
    if (!message.set_descriptor_count(body.msgh_descriptor_count))
        return {MACH_SEND_NO_BUFFER, {}};
    DescriptorCursor cursor{message.bytes()};
    for (KmsgDescriptor& descriptor : message.descriptors())
        if (const Step step = fetch_descriptor(cursor, descriptor); !step.good())
            return step;
    return {};
}

}  // namespace

namespace {

Fetched not_fetched(mach_msg_return_t code, machine::CopyOutcome copied = {})
{
    Fetched fetched;
    fetched.code = code;
    fetched.copied = copied;
    return fetched;
}

}  // namespace

Fetched ipc_copyin_fetch(const MsgTrapArgs& args)
{
    if (args.send_size < sizeof(mach_msg_header_t))
        return not_fetched(MACH_SEND_MSG_TOO_SMALL);
    if (args.send_size > MACH_MSG_SIZE_MAX)
        return not_fetched(MACH_SEND_TOO_LARGE);
    mach::Result<KmsgPtr> made = IpcKmsg::create(args.send_size);
    if (!made)
        return not_fetched(MACH_SEND_NO_BUFFER);
    KmsgPtr message = std::move(*made);
    const machine::CopyOutcome copied =
        machine::copy_in(message->bytes().data(), args.send_at, args.send_size);
    if (!copied)
        return not_fetched(MACH_SEND_INVALID_DATA, copied);

    mach_msg_header_t& header = message->header();
    header.msgh_size = args.send_size;
    if (const mach_msg_return_t code = check_header(header); code != MACH_MSG_SUCCESS)
        return not_fetched(code);
    if (MACH_MSGH_BITS_IS_COMPLEX(header.msgh_bits)) {
        message->set_complex(true);
        if (const Step step = fetch_descriptors(*message); !step.good())
            return not_fetched(step.code, step.copied);
    }
    Fetched fetched;
    fetched.message = std::move(message);
    return fetched;
}

Fetched ipc_copyin_fetch_registers(const machine::UserState& user)
{
    const uint64_t ports = user.trap_argument(0);
    const uint64_t info = user.trap_argument(1);
    const mach_msg_size_t body = MACH_MSG_REGISTERS_BODY(info);
    if (body > MACH_MSG_REGISTERS_BODY_MAX)
        return not_fetched(MACH_SEND_TOO_LARGE);
    mach::Result<KmsgPtr> message = IpcKmsg::create(sizeof(mach_msg_header_t) + body);
    if (!message)
        return not_fetched(MACH_SEND_NO_BUFFER);
    mach_msg_header_t& header = (*message)->header();
    header.msgh_bits = MACH_MSG_REGISTERS_BITS(info);
    header.msgh_remote_port = MACH_MSG_REGISTERS_REMOTE(ports);
    // Where mach_msg_reply_trap receives, it does not say who shall answer.
    header.msgh_local_port =
        MACH_MSGH_BITS_LOCAL(header.msgh_bits) != 0 ? MACH_MSG_REGISTERS_LOCAL(ports) : MACH_PORT_NULL;
    header.msgh_id = MACH_MSG_REGISTERS_ID(info);
    uint64_t words[MACH_MSG_REGISTERS_WORDS];
    for (unsigned i = 0; i < MACH_MSG_REGISTERS_WORDS; ++i)
        words[i] = user.trap_argument(2 + i);
    std::memcpy((*message)->bytes().data() + sizeof header, words, body);
    if (const mach_msg_return_t code = check_header(header); code != MACH_MSG_SUCCESS)
        return not_fetched(code);
    Fetched fetched;
    fetched.message = std::move(*message);
    return fetched;
}

// ---- Rights.

namespace {

bool moves(mach_msg_type_name_t disposition)
{
    return disposition == MACH_MSG_TYPE_MOVE_SEND || disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE;
}

// Destination and reply port together: either both rights are taken, or the space stays as it was.
class HeaderCopyin {
public:
    HeaderCopyin(IpcSpace& space, IpcKmsg& message)
        : space_{space},
          message_{message},
          header_{message.header()},
          remote_{MACH_MSGH_BITS_REMOTE(header_.msgh_bits)},
          local_{MACH_MSGH_BITS_LOCAL(header_.msgh_bits)}
    {
    }

    mach_msg_return_t run() EXCLUDES(space_.lock())
    {
        RightAftermath after_destination;
        RightAftermath after_reply;
        Guard guard{space_.lock()};
        IpcEntry* const destination = space_.lookup(header_.msgh_remote_port);
        if (destination == nullptr)
            return MACH_SEND_INVALID_DEST;
        ipc_right_check(space_, *destination, after_destination);
        if (!ipc_right_copyin_check(*destination, remote_, /*dead_ok=*/false))
            return MACH_SEND_INVALID_DEST;
        if (!MACH_PORT_VALID(header_.msgh_local_port)) {
            message_.reply = IpcRight::adopt(
                header_.msgh_local_port == MACH_PORT_DEAD ? ipc_port_dead() : nullptr, reply_kind());
            take_destination(*destination, after_destination);
            return MACH_MSG_SUCCESS;
        }
        IpcEntry* const reply = space_.lookup(header_.msgh_local_port);
        if (reply == nullptr)
            return MACH_SEND_INVALID_REPLY;
        const bool reply_is_dead = ipc_right_check(space_, *reply, after_reply);
        if (!ipc_right_copyin_check(*reply, local_, /*dead_ok=*/true))
            return MACH_SEND_INVALID_REPLY;
        if (destination == reply && moves(remote_) && moves(local_) && reply->user_references < 2)
            return MACH_SEND_INVALID_REPLY;

        // From one entry, what leaves the entry as it is goes first.
        const bool reply_first = destination == reply && moves(remote_);
        if (reply_first)
            take_reply(*reply, reply_is_dead, after_reply);
        take_destination(*destination, after_destination);
        if (!reply_first)
            take_reply(*reply, reply_is_dead, after_reply);
        return MACH_MSG_SUCCESS;
    }

private:
    RightKind reply_kind() const { return local_ == 0 ? RightKind::None : kind_of(local_); }

    // A port that has died since the check gives a right to a dead port, which is as good as one that dies a moment later.
    void take_destination(IpcEntry& entry, RightAftermath& after) REQUIRES(space_.lock())
    {
        message_.destination = ipc_right_copyin_checked(space_, entry, remote_, /*dead=*/false, after);
    }
    void take_reply(IpcEntry& entry, bool dead, RightAftermath& after) REQUIRES(space_.lock())
    {
        message_.reply = ipc_right_copyin_checked(space_, entry, local_, dead, after);
    }

    IpcSpace& space_;
    IpcKmsg& message_;
    const mach_msg_header_t& header_;
    const mach_msg_type_name_t remote_;
    const mach_msg_type_name_t local_;
};

// One right of the body.  Null and dead names travel as they are.
mach::Result<IpcRight> copyin_body_right(IpcSpace& space, mach_port_name_t name,
                                         mach_msg_type_name_t disposition)
{
    if (!MACH_PORT_VALID(name))
        return IpcRight::adopt(name == MACH_PORT_DEAD ? ipc_port_dead() : nullptr, kind_of(disposition));
    return ipc_right_copyin(space, name, disposition, /*dead_ok=*/true);
}

// A kernel buffer for memory that is copied at the send.
class CopyBuffer {
public:
    explicit CopyBuffer(size_t size) : bytes_{static_cast<std::byte*>(kalloc(size))}, size_{size} {}
    ~CopyBuffer()
    {
        if (bytes_ != nullptr)
            kfree(bytes_, size_);
    }
    CopyBuffer(const CopyBuffer&) = delete;
    CopyBuffer& operator=(const CopyBuffer&) = delete;

    explicit operator bool() const { return bytes_ != nullptr; }
    std::span<std::byte> all() const { return {bytes_, size_}; }

private:
    std::byte* bytes_;
    size_t size_;
};

// The receiver asked never to wait for a sender's pager (MACH_PORT_OOL_COPY_AT_SEND, design D13): the sender
// does, here and now, on its kernel stack, and for no longer than its map entries allow.
mach::Result<VmMapCopy> copy_now(Task& sender, const KmsgMemory& memory)
{
    const CopyBuffer buffer{memory.size};
    if (!buffer)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    TRY(vm_map_read_wait(current_thread(), sender.map(), memory.address, buffer.all()));
    VmMapCopy copy = TRY(VmMapCopy::from_kernel(buffer.all()));
    if (memory.deallocate)
        TRY(sender.map().deallocate(memory.address, memory.size));
    return copy;
}

mach_msg_return_t take_memory(Task& sender, KmsgMemory& memory, bool at_once)
{
    if (memory.size == 0)
        return MACH_MSG_SUCCESS;
    mach::Result<VmMapCopy> copy =
        at_once ? copy_now(sender, memory)
                : vm_map_copyin(sender.map(), memory.address, memory.size, memory.deallocate);
    if (!copy)
        return copy.error() == KERN_RESOURCE_SHORTAGE ? MACH_SEND_INVALID_MEMORY | MACH_MSG_VM_KERNEL
                                                      : MACH_SEND_INVALID_MEMORY;
    memory.copy = std::move(*copy);
    return MACH_MSG_SUCCESS;
}

bool wants_memory_at_once(IpcPort& destination)
{
    Guard guard{destination.lock()};
    return destination.copies_memory_at_send();
}

mach_msg_return_t take_ports(Task& sender, KmsgPorts& ports)
{
    const std::span<mach_port_name_t> names = ports.names.all();
    for (uint32_t i = 0; i < names.size(); ++i) {
        mach::Result<IpcRight> right = copyin_body_right(sender.space(), names[i], ports.disposition);
        if (!right)
            return MACH_SEND_INVALID_RIGHT;
        ports.rights.put(i, std::move(*right));
    }
    if (ports.deallocate && !names.empty())
        (void)sender.map().deallocate(ports.address,
                                      names.size_bytes());  // Already gone: as the sender wants it.
    ports.names = PortNames{};
    return MACH_MSG_SUCCESS;
}

mach_msg_return_t take_descriptors(Task& sender, IpcKmsg& message)
{
    const bool at_once = wants_memory_at_once(message.destination.port());
    DescriptorCursor cursor{message.bytes()};
    for (KmsgDescriptor& descriptor : message.descriptors()) {
        mach_msg_return_t code = MACH_MSG_SUCCESS;
        if (IpcRight* right = std::get_if<IpcRight>(&descriptor)) {
            mach_msg_port_descriptor_t port{};
            (void)cursor.read(port);
            mach::Result<IpcRight> taken = copyin_body_right(sender.space(), port.name, port.disposition);
            if (taken)
                *right = std::move(*taken);
            else
                code = MACH_SEND_INVALID_RIGHT;
        } else if (KmsgMemory* memory = std::get_if<KmsgMemory>(&descriptor)) {
            cursor.skip<mach_msg_ool_descriptor_t>();
            code = take_memory(sender, *memory, at_once);
        } else if (KmsgPorts* ports = std::get_if<KmsgPorts>(&descriptor)) {
            cursor.skip<mach_msg_ool_ports_descriptor_t>();
            code = take_ports(sender, *ports);
        }
        if (code != MACH_MSG_SUCCESS)
            return code;
    }
    return MACH_MSG_SUCCESS;
}

}  // namespace

mach_msg_return_t ipc_copyin_rights(Task& sender, IpcKmsg& message)
{
    message.sender = sender.security_token();
    message.audit = sender.audit_token();
    if (const mach_msg_return_t code = HeaderCopyin{sender.space(), message}.run(); code != MACH_MSG_SUCCESS)
        return code;
    if (message.descriptor_count() == 0)
        return MACH_MSG_SUCCESS;
    const mach_msg_return_t code = take_descriptors(sender, message);
    if (code == MACH_MSG_SUCCESS)
        message.put_in_transit();
    return code;
}
