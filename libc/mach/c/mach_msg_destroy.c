/* libc/mach/c/mach_msg_destroy.c: gives up what a message carries.
 *
 * The message is one that was received, so its dispositions say what this task holds now. A message that
 * failed in the middle of being sent was pseudo-received and has the same form.
 */
#include <mach/mach.h>

static void destroy_right(mach_port_t name, mach_msg_type_name_t disposition)
{
    if (!MACH_PORT_VALID(name))
        return;
    switch (disposition) {
    case MACH_MSG_TYPE_MOVE_SEND:
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
        mach_port_deallocate(mach_task_self(), name);
        break;
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
        break;
    default: /* a right that was copied or made for a send that never happened: the task's own is untouched */
        break;
    }
}

/* What arrived is ours to deallocate. What was to be sent by physical copy, and kept, is not the
 * message's. */
static void destroy_memory(uint64_t address, vm_size_t size, boolean_t deallocate,
                           mach_msg_copy_options_t copy)
{
    if (address != 0 && size != 0 && (deallocate || copy != MACH_MSG_PHYSICAL_COPY))
        vm_deallocate(mach_task_self(), address, size);
}

static void destroy_ports(const mach_msg_ool_ports_descriptor_t* ports)
{
    const mach_port_t* names = (const mach_port_t*)(uintptr_t)ports->address;

    if (!names)
        return;
    for (mach_msg_size_t i = 0; i < ports->count; i++)
        destroy_right(names[i], ports->disposition);
    destroy_memory(ports->address, (vm_size_t)ports->count * sizeof *names, ports->deallocate, ports->copy);
}

/* Gives up what one descriptor carries, and returns where the next one starts. */
static char* destroy_descriptor(mach_msg_descriptor_t* descriptor)
{
    switch (descriptor->type.type) {
    case MACH_MSG_PORT_DESCRIPTOR:
        destroy_right(descriptor->port.name, descriptor->port.disposition);
        return (char*)descriptor + sizeof descriptor->port;
    case MACH_MSG_OOL_PORTS_DESCRIPTOR:
        destroy_ports(&descriptor->ool_ports);
        return (char*)descriptor + sizeof descriptor->ool_ports;
    default:
        destroy_memory(descriptor->out_of_line.address, descriptor->out_of_line.size,
                       descriptor->out_of_line.deallocate, descriptor->out_of_line.copy);
        return (char*)descriptor + sizeof descriptor->out_of_line;
    }
}

void mach_msg_destroy(mach_msg_header_t* message)
{
    mach_msg_base_t* base = (mach_msg_base_t*)message;
    char* at = (char*)(base + 1);

    destroy_right(message->msgh_remote_port, MACH_MSGH_BITS_REMOTE(message->msgh_bits));
    if (MACH_MSGH_BITS_IS_COMPLEX(message->msgh_bits)) {
        for (mach_msg_size_t i = 0; i < base->body.msgh_descriptor_count; i++)
            at = destroy_descriptor((mach_msg_descriptor_t*)at);
    }
    message->msgh_remote_port = MACH_PORT_NULL;
    message->msgh_bits &= ~(MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_REMOTE_MASK);
}
