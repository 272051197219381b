// kernel/ipc/ipc_copyout.cpp
//
// The kernel's message becomes a user's.  See ipc_copyin.h.
#include <ipc/ipc_copyin.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <ipc/message_layout.h>
#include <kern/task.h>
#include <mach/message_registers.h>
#include <vm/vm_user.h>

namespace {

// Which bit of MACH_RCV_*_ERROR tells why a right could not be given.
mach_msg_return_t shortage_of_right(kern_return_t why)
{
    return why == KERN_NO_SPACE ? MACH_MSG_IPC_SPACE : MACH_MSG_IPC_KERNEL;
}
mach_msg_return_t shortage_of_memory(kern_return_t why)
{
    return why == KERN_NO_SPACE ? MACH_MSG_VM_SPACE : MACH_MSG_VM_KERNEL;
}

// The receiver's name for the port that the message came to.  Using the right up may be the last thing that
// somebody waits for to happen to the port, so that comes after looking.
mach_port_name_t copyout_destination(IpcSpace& space, IpcRight destination)
{
    mach_port_name_t name = MACH_PORT_NULL;
    {
        IpcPort& port = destination.port();
        Guard guard{port.lock()};
        if (port.received_in(space))
            name = port.in_space()->name;
        else if (!port.active())
            name = MACH_PORT_DEAD;
    }
    if (destination.kind() == RightKind::SendOnce)
        ipc_right_consume_send_once(std::move(destination));
    return name;
}

// One right of the body, or null with the bits that say why it is lost.
mach_port_name_t copyout_body_right(IpcSpace& space, IpcRight& right, mach_msg_return_t& shortage)
{
    const mach::Result<mach_port_name_t> name = ipc_right_copyout(space, right);
    if (name)
        return *name;
    shortage |= shortage_of_right(name.error());
    IpcRight lost = std::move(right);
    return MACH_PORT_NULL;
}

// A name was given, but the receiver will not learn it.
void undo_copyout(IpcSpace& space, mach_port_name_t name, RightKind kind)
{
    if (!MACH_PORT_VALID(name))
        return;
    if (kind == RightKind::Receive)
        (void)ipc_right_delta(space, name, MACH_PORT_RIGHT_RECEIVE, -1);
    else
        (void)ipc_right_dealloc(space, name);
}

mach_msg_port_descriptor_t give_right(IpcSpace& space, IpcRight& right, mach_msg_return_t& shortage)
{
    mach_msg_port_descriptor_t out{};
    out.type = MACH_MSG_PORT_DESCRIPTOR;
    out.disposition = disposition_of(right.kind());
    out.name = copyout_body_right(space, right, shortage);
    return out;
}

// How it was sent is the sender's affair: what arrives is always the receiver's own, to be deallocated.
mach_msg_ool_descriptor_t give_memory(Task& receiver, KmsgMemory& memory, mach_msg_return_t& shortage)
{
    mach_msg_ool_descriptor_t out{};
    out.type = MACH_MSG_OOL_DESCRIPTOR;
    out.copy = MACH_MSG_VIRTUAL_COPY;
    out.deallocate = memory.deallocate;
    if (memory.size == 0)
        return out;
    const mach::Result<vm_address_t> address = vm_map_copyout(receiver.map(), memory.copy);
    if (address) {
        out.address = *address;
        out.size = memory.size;
    } else {
        shortage |= shortage_of_memory(address.error());
    }
    return out;
}

// The list of names goes out as memory of its own.  Without room for it there are no names: a right that
// nobody knows by name would be lost for ever.
mach_msg_ool_ports_descriptor_t give_ports(Task& receiver, KmsgPorts& ports, mach_msg_return_t& shortage)
{
    mach_msg_ool_ports_descriptor_t out{};
    out.type = MACH_MSG_OOL_PORTS_DESCRIPTOR;
    out.copy = MACH_MSG_VIRTUAL_COPY;
    out.disposition = disposition_of(ports.kind);
    const uint32_t count = ports.rights.size();
    if (count == 0)
        return out;
    mach::Result<PortNames> names = PortNames::create(count);
    if (!names) {
        shortage |= MACH_MSG_IPC_KERNEL;
        return out;
    }
    const std::span<mach_port_name_t> list = names->all();
    for (uint32_t i = 0; i < count; ++i)
        list[i] = copyout_body_right(receiver.space(), ports.rights[i], shortage);
    mach::Result<VmMapCopy> copy = VmMapCopy::from_kernel(std::as_bytes(list));
    mach::Result<vm_address_t> address = mach::failure(KERN_RESOURCE_SHORTAGE);
    if (copy)
        address = vm_map_copyout(receiver.map(), *copy);
    if (address) {
        out.address = *address;
        out.count = count;
        return out;
    }
    shortage |= shortage_of_memory(address.error());
    for (uint32_t i = 0; i < count; ++i)
        undo_copyout(receiver.space(), list[i], ports.kind);
    return out;
}

// What every descriptor carries goes to the receiver; the bits that say what was lost.
mach_msg_return_t give_descriptors(Task& receiver, IpcKmsg& message)
{
    mach_msg_return_t shortage = 0;
    const mach_msg_body_t body{message.descriptor_count()};
    if (message.complex())
        std::memcpy(message.bytes().data() + sizeof(mach_msg_header_t), &body, sizeof body);
    DescriptorCursor cursor{message.bytes()};
    for (KmsgDescriptor& descriptor : message.descriptors()) {
        if (IpcRight* right = std::get_if<IpcRight>(&descriptor))
            cursor.write(give_right(receiver.space(), *right, shortage));
        else if (KmsgMemory* memory = std::get_if<KmsgMemory>(&descriptor))
            cursor.write(give_memory(receiver, *memory, shortage));
        else if (KmsgPorts* ports = std::get_if<KmsgPorts>(&descriptor))
            cursor.write(give_ports(receiver, *ports, shortage));
    }
    return shortage;
}

mach_msg_bits_t bits_of(const IpcKmsg& message, RightKind remote, RightKind local)
{
    return MACH_MSGH_BITS(disposition_of(remote), disposition_of(local)) |
           (message.complex() ? MACH_MSGH_BITS_COMPLEX : 0);
}

void write_header(IpcKmsg& message, mach_msg_bits_t bits, mach_port_name_t remote, mach_port_name_t local)
{
    mach_msg_header_t& header = message.header();
    header.msgh_bits = bits;
    header.msgh_size = message.size();
    header.msgh_remote_port = remote;
    header.msgh_local_port = local;
    header.msgh_voucher_port = MACH_PORT_NULL;
}

}  // namespace

mach_msg_return_t ipc_copyout_rights(Task& receiver, IpcKmsg& message)
{
    const mach_msg_bits_t bits = bits_of(message, message.reply.kind(), message.destination.kind());
    const mach::Result<mach_port_name_t> reply = ipc_right_copyout(receiver.space(), message.reply);
    if (!reply) {
        ipc_copyout_header_only(receiver, message);
        return MACH_RCV_HEADER_ERROR | shortage_of_right(reply.error());
    }
    const mach_port_name_t here = copyout_destination(receiver.space(), std::move(message.destination));
    write_header(message, bits, *reply, here);
    const mach_msg_return_t shortage = message.complex() ? give_descriptors(receiver, message) : 0;
    return shortage == 0 ? MACH_MSG_SUCCESS : MACH_RCV_BODY_ERROR | shortage;
}

mach_msg_return_t ipc_copyout_pseudo(Task& sender, IpcKmsg& message)
{
    const mach_msg_bits_t bits = bits_of(message, message.destination.kind(), message.reply.kind());
    mach_msg_return_t shortage = 0;
    const mach_port_name_t remote = copyout_body_right(sender.space(), message.destination, shortage);
    const mach_port_name_t local = copyout_body_right(sender.space(), message.reply, shortage);
    write_header(message, bits, remote, local);
    if (message.complex())
        shortage |= give_descriptors(sender, message);
    return shortage;
}

void ipc_copyout_header_only(Task& receiver, IpcKmsg& message)
{
    const mach_msg_bits_t bits = bits_of(message, RightKind::None, message.destination.kind());
    const mach_port_name_t here = copyout_destination(receiver.space(), std::move(message.destination));
    write_header(message, bits & ~MACH_MSGH_BITS_COMPLEX, MACH_PORT_NULL, here);
}

// ---- Bytes.

namespace {

mach_msg_max_trailer_t trailer_of(const IpcKmsg& message, mach_msg_size_t size)
{
    mach_msg_max_trailer_t trailer{};
    trailer.msgh_trailer_type = MACH_MSG_TRAILER_FORMAT_0;
    trailer.msgh_trailer_size = size;
    trailer.msgh_seqno = message.sequence_number;
    trailer.msgh_sender = message.sender;
    trailer.msgh_audit = message.audit;
    trailer.msgh_context = message.context;
    return trailer;
}

}  // namespace

machine::CopyOutcome ipc_copyout_bytes(IpcKmsg& message, user_address_t to, mach_msg_size_t size,
                                       mach_msg_option_t options, bool trailer)
{
    const machine::CopyOutcome outcome = machine::copy_out(to, message.bytes().data(), size);
    if (!outcome || !trailer)
        return outcome;
    const mach_msg_size_t trailer_size = REQUESTED_TRAILER_SIZE(options);
    if (trailer_size == sizeof(mach_msg_trailer_t)) {  // What nearly everybody asks for.
        const mach_msg_trailer_t least{MACH_MSG_TRAILER_FORMAT_0, sizeof(mach_msg_trailer_t)};
        return machine::copy_out(to + round_msg(size), &least, sizeof least);
    }
    const mach_msg_max_trailer_t bytes = trailer_of(message, trailer_size);
    return machine::copy_out(to + round_msg(size), &bytes, trailer_size);
}

void ipc_copyout_registers(IpcKmsg& message, mach_msg_size_t size, machine::UserState& user)
{
    const mach_msg_header_t& header = message.header();
    const auto body = size - static_cast<mach_msg_size_t>(sizeof header);
    uint64_t words[MACH_MSG_REGISTERS_WORDS] = {};
    KASSERT(body <= sizeof words, "what does not fit stays where it is");
    std::memcpy(words, message.bytes().data() + sizeof header, body);
    user.set_message_in_registers({MACH_MSG_REGISTERS_PORTS(header.msgh_remote_port, header.msgh_local_port),
                                   MACH_MSG_REGISTERS_INFO(header.msgh_bits, body, header.msgh_id), words[0],
                                   words[1], words[2], words[3]});
}
