#include "message_fixture.h"

#include <string_view>

#include <kern/ablation.h>
#include <mach_trap_table.h>
#include <machine/processor.h>
#include <vm/vm_map.h>

namespace {

uint64_t trap_number(std::string_view name)
{
    for (uint64_t i = 0; i < mach_trap_count; ++i)
        if (mach_trap_table[i].name != nullptr && mach_trap_table[i].name == name)
            return mach_trap_first + i;
    ADD_FAILURE() << "no trap is called " << name;
    return 0;
}

mach_msg_header_t header(mach_port_name_t to, mach_msg_type_name_t disposition, mach_port_name_t reply,
                         mach_msg_type_name_t reply_disposition)
{
    mach_msg_header_t made{};
    made.msgh_bits = MACH_MSGH_BITS(disposition, reply_disposition);
    made.msgh_remote_port = to;
    made.msgh_local_port = reply;
    made.msgh_id = 1000;
    return made;
}

}  // namespace

MessageFixture::UserTask MessageFixture::make_user_task()
{
    UserTask made{make_task(), 0};
    made.memory = allocate_memory(*made.task, memory_size);
    audit(made.space());
    return made;
}

user_address_t MessageFixture::allocate_memory(Task& task, vm_size_t size)
{
    user_address_t at = 0;
    in_kernel([&](Thread&) {
        const mach::Result<vm_address_t> made = task.map().allocate(0, size, VM_FLAGS_ANYWHERE);
        EXPECT_TRUE(made);
        at = made.value_or(0);
    });
    return at;
}

uint64_t MessageFixture::call(const char* trap_name, std::array<uint64_t, 6> arguments)
{
    return machine::host::trap(trap_number(trap_name), arguments);
}

mach_msg_return_t MessageFixture::mach_msg(user_address_t at, mach_msg_option_t options,
                                           mach_msg_size_t send_size, mach_msg_size_t receive_size,
                                           mach_port_name_t receive_name, mach_msg_timeout_t timeout)
{
    return static_cast<mach_msg_return_t>(
        call("mach_msg_trap",
             {at, static_cast<uint64_t>(options), send_size, receive_size, receive_name, timeout}));
}

Words MessageFixture::words(mach_port_name_t to, mach_msg_type_name_t disposition, uint32_t first,
                            mach_port_name_t reply, mach_msg_type_name_t reply_disposition)
{
    Words made{};
    made.header = header(to, disposition, reply, reply_disposition);
    for (uint32_t i = 0; i < 4; ++i)
        made.word[i] = first + i;
    return made;
}

OnePort MessageFixture::one_port(mach_port_name_t to, mach_port_name_t name, mach_msg_type_name_t disposition)
{
    OnePort made{};
    made.base.header = header(to, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, 0);
    made.base.header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
    made.base.body.msgh_descriptor_count = 1;
    made.port.name = name;
    made.port.disposition = disposition;
    made.port.type = MACH_MSG_PORT_DESCRIPTOR;
    return made;
}

OneRegion MessageFixture::one_region(mach_port_name_t to, user_address_t address, mach_msg_size_t size,
                                     bool deallocate)
{
    OneRegion made{};
    made.base.header = header(to, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, 0);
    made.base.header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
    made.base.body.msgh_descriptor_count = 1;
    made.memory.address = address;
    made.memory.size = size;
    made.memory.deallocate = deallocate;
    made.memory.copy = MACH_MSG_VIRTUAL_COPY;
    made.memory.type = MACH_MSG_OOL_DESCRIPTOR;
    return made;
}

OneRegion MessageFixture::port_list(mach_port_name_t to, user_address_t address, mach_msg_size_t count,
                                    mach_msg_type_name_t disposition)
{
    OneRegion made = one_region(to, 0, 0, false);
    made.ports = {};
    made.ports.address = address;
    made.ports.count = count;
    made.ports.disposition = disposition;
    made.ports.copy = MACH_MSG_VIRTUAL_COPY;
    made.ports.type = MACH_MSG_OOL_PORTS_DESCRIPTOR;
    return made;
}

uint32_t MessageFixture::queue_length(IpcSpace& space, mach_port_name_t name)
{
    const RefPtr<IpcPort> port = port_of(space, name);
    Guard guard{port->lock()};
    return port->queue().count;
}

void MessageFixture::set_queue_limit(IpcSpace& space, mach_port_name_t name, uint32_t limit)
{
    const RefPtr<IpcPort> port = port_of(space, name);
    Guard guard{port->lock()};
    port->queue().limit = limit;
}

void MessageFixture::add_to_set(IpcSpace& space, mach_port_name_t set, mach_port_name_t name)
{
    RefPtr<IpcPset> pset;
    {
        Guard guard{space.lock()};
        pset = RefPtr<IpcPset>{space.lookup(set)->pset};
    }
    EXPECT_TRUE(ipc_pset_add(*pset, *port_of(space, name), name));
}

void ClientAndServer::SetUp()
{
    MessageFixture::SetUp();
    server = make_user_task();
    client = make_user_task();
    service = allocate_port(server.space());
    to_service = give_send(server.space(), service, client.space());
    reply_port = allocate_port(client.space());
}

void ClientAndServer::TearDown()
{
    server_thread = {};
    client_thread = {};
    server = {};
    client = {};
    MessageFixture::TearDown();
}

bool ClientAndServer::hands_over()
{
    const Ablation& on = ablation();
    return machine::processor_count() == 1 && on.hand_off && on.continuations;
}
