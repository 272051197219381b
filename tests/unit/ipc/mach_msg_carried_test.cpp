// Rights and memory in messages.
#include "message_fixture.h"

#include <vm/vm_map.h>

namespace {

class Carried : public ClientAndServer {};

TEST_F(Carried, RightsArriveAsTheirDispositionSays)
{
    struct Case {
        mach_msg_type_name_t sent, arrives;
        mach_port_type_t type;
    };
    constexpr Case cases[] = {
        {MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_PORT_SEND, MACH_PORT_TYPE_SEND},
        {MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_PORT_TYPE_SEND_ONCE},
        {MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_PORT_RECEIVE, MACH_PORT_TYPE_RECEIVE},
    };
    for (const Case& one : cases) {
        start_user(*server, [&] {
            OnePort got;
            EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
            EXPECT_EQ(got.base.header.msgh_bits,
                      MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND) | MACH_MSGH_BITS_COMPLEX);
            EXPECT_EQ(got.base.body.msgh_descriptor_count, 1u);
            EXPECT_EQ(got.port.disposition, one.arrives);
            EXPECT_EQ(got.port.type, unsigned{MACH_MSG_PORT_DESCRIPTOR});
            EXPECT_EQ(type_of(server.space(), got.port.name), one.type);
        });
        start_user(*client, [&] {
            const mach_port_name_t carried = allocate_port(client.space());
            EXPECT_EQ(send(client.memory, one_port(to_service, carried, one.sent)), MACH_MSG_SUCCESS);
        });
        run_until_idle();
    }
}

TEST_F(Carried, NullAndDeadNamesArriveAsTheyAre)
{
    start_user(*server, [&] {
        for (const mach_port_name_t name : {MACH_PORT_NULL, MACH_PORT_DEAD}) {
            OnePort got;
            EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
            EXPECT_EQ(got.port.name, name);
        }
    });
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, one_port(to_service, MACH_PORT_NULL, MACH_MSG_TYPE_MOVE_SEND)),
                  MACH_MSG_SUCCESS);
        EXPECT_EQ(send(client.memory,
                       one_port(to_service, *ipc_dead_name_alloc(client.space()), MACH_MSG_TYPE_COPY_SEND)),
                  MACH_MSG_SUCCESS);
    });
    run_until_idle();
}

TEST_F(Carried, MovedReceiveRightTakesItsQueueAlong)
{
    const mach_port_name_t moving = allocate_port(client.space());
    give_send(client.space(), moving, client.space());
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, words(moving, MACH_MSG_TYPE_COPY_SEND, 70)), MACH_MSG_SUCCESS);
        EXPECT_EQ(send(client.memory, one_port(to_service, moving, MACH_MSG_TYPE_MOVE_RECEIVE)),
                  MACH_MSG_SUCCESS);
        // It is on its way, and takes messages all the same.
        EXPECT_EQ(send(client.memory, words(moving, MACH_MSG_TYPE_COPY_SEND, 80)), MACH_MSG_SUCCESS);
    });
    run_until_idle();
    start_user(*server, [&] {
        OnePort got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        for (const uint32_t expected : {70u, 80u}) {
            Words carried;
            EXPECT_EQ(receive(server.memory, got.port.name, carried), MACH_MSG_SUCCESS);
            EXPECT_EQ(carried.word[0], expected);
        }
    });
    run_until_idle();
}

TEST_F(Carried, PortThatWouldGetIntoItsOwnQueueDies)
{
    const mach_port_name_t moving = allocate_port(client.space());
    const mach_port_name_t second = allocate_port(client.space());
    give_send(client.space(), moving, client.space());
    give_send(client.space(), second, client.space());
    const RefPtr<IpcPort> first_port = port_of(client.space(), moving);
    const RefPtr<IpcPort> second_port = port_of(client.space(), second);
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, one_port(second, moving, MACH_MSG_TYPE_MOVE_RECEIVE)),
                  MACH_MSG_SUCCESS);
        // Now `moving` is in the queue of `second`; this would put `second` into the queue of `moving`.
        EXPECT_EQ(send(client.memory, one_port(moving, second, MACH_MSG_TYPE_MOVE_RECEIVE)),
                  MACH_MSG_SUCCESS);
    });
    run_until_idle();
    EXPECT_FALSE(is_alive(*second_port));
    EXPECT_FALSE(is_alive(*first_port)) << "it was in the other's queue";
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

TEST_F(Carried, PortSentToItselfDies)
{
    const mach_port_name_t moving = allocate_port(client.space());
    give_send(client.space(), moving, client.space());
    const RefPtr<IpcPort> port = port_of(client.space(), moving);
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, one_port(moving, moving, MACH_MSG_TYPE_MOVE_RECEIVE)),
                  MACH_MSG_SUCCESS);
    });
    run_until_idle();
    EXPECT_FALSE(is_alive(*port));
    EXPECT_TRUE(type_of(client.space(), moving) == MACH_PORT_TYPE_DEAD_NAME);
}

TEST_F(Carried, DeepChainOfPortsInQueuesDiesWithoutRecursion)
{
    constexpr unsigned depth = 20000;
    const uint64_t outside = ipc_port_count();
    start_user(*client, [&] {
        const uint64_t before = ipc_port_count();
        mach_port_name_t inner = allocate_port(client.space());
        for (unsigned i = 0; i < depth; ++i) {
            const mach_port_name_t outer = allocate_port(client.space());
            give_send(client.space(), outer, client.space());
            EXPECT_EQ(send(client.memory, one_port(outer, inner, MACH_MSG_TYPE_MOVE_RECEIVE)),
                      MACH_MSG_SUCCESS);
            EXPECT_TRUE(ipc_right_delta(client.space(), outer, MACH_PORT_RIGHT_SEND, -1));
            inner = outer;
        }
        EXPECT_EQ(ipc_port_count(), before + depth + 1);
        EXPECT_TRUE(ipc_right_destroy(client.space(), inner));
    });
    run_until_idle();
    EXPECT_EQ(ipc_port_count(), outside);
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

TEST_F(Carried, ListOfPortsArrivesInOrder)
{
    constexpr uint32_t count = 300;
    std::vector<mach_port_name_t> sent;
    for (uint32_t i = 0; i < count; ++i)
        sent.push_back(i % 7 == 0 ? MACH_PORT_NULL : allocate_port(client.space()));
    start_user(*server, [&] {
        OneRegion got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.ports.count, count);
        EXPECT_EQ(got.ports.disposition, MACH_MSG_TYPE_PORT_SEND);
        for (uint32_t i = 0; i < count; ++i) {
            const auto name =
                machine::host::load<mach_port_name_t>(got.ports.address + i * sizeof(mach_port_name_t));
            if (sent[i] == MACH_PORT_NULL) {
                EXPECT_EQ(name, MACH_PORT_NULL);
            } else {
                EXPECT_EQ(port_of(server.space(), name), port_of(client.space(), sent[i]));
            }
        }
    });
    start_user(*client, [&] {
        machine::host::store(client.memory + 8192, sent.data(), count * sizeof(mach_port_name_t));
        EXPECT_EQ(
            send(client.memory, port_list(to_service, client.memory + 8192, count, MACH_MSG_TYPE_MAKE_SEND)),
            MACH_MSG_SUCCESS);
    });
    run_until_idle();
}

TEST_F(Carried, MemoryArrivesAsItWasAtTheSend)
{
    start_user(*client, [&] {
        for (uint32_t i = 0; i < 3; ++i)
            machine::host::store(client.memory + 4096 * (i + 1) + 100, i + 500);
        EXPECT_EQ(send(client.memory, one_region(to_service, client.memory + 4096 + 100, 9000, false)),
                  MACH_MSG_SUCCESS);
        machine::host::store(client.memory + 4096 + 100, 9999u);
    });
    run_until_idle();
    start_user(*server, [&] {
        OneRegion got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.memory.size, 9000u);
        for (uint32_t i = 0; i < 3; ++i)
            EXPECT_EQ(machine::host::load<uint32_t>(got.memory.address + 4096 * i), i + 500);
    });
    run_until_idle();
}

TEST_F(Carried, MemoryIsCopiedAtTheSendIfTheReceiverAskedForThat)
{
    const user_address_t region = allocate_memory(*client, 3 * 4096);
    {
        const RefPtr<IpcPort> port = port_of(server.space(), service);
        Guard guard{port->lock()};
        port->set_copies_memory_at_send(true);
    }
    start_user(*client, [&] {
        machine::host::store(region + 4000, 4711u);
        EXPECT_EQ(send(client.memory, one_region(to_service, region + 4000, 5000, false)), MACH_MSG_SUCCESS);
        EXPECT_EQ(send(client.memory, one_region(to_service, 0x1000, 5000, false)), MACH_SEND_INVALID_MEMORY);
    });
    run_until_idle();
    {
        const RefPtr<IpcPort> port = port_of(server.space(), service);
        Guard guard{port->lock()};
        const auto& memory = std::get<KmsgMemory>(port->queue().messages.front().descriptors()[0]);
        EXPECT_EQ(memory.copy.form(), VmMapCopy::Form::KernelBuffer);
    }
    start_user(*server, [&] {
        OneRegion got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.memory.size, 5000u);
        EXPECT_EQ(machine::host::load<uint32_t>(got.memory.address), 4711u);
    });
    run_until_idle();
}

// Whoever destroys a message goes by the descriptor: a sender must not decide by it what the receiver keeps.
TEST_F(Carried, MemorySentByPhysicalCopyArrivesAsTheReceiversOwn)
{
    const user_address_t region = allocate_memory(*client, 4096);
    start_user(*client, [&] {
        OneRegion made = one_region(to_service, region, 4096, false);
        made.memory.copy = MACH_MSG_PHYSICAL_COPY;
        EXPECT_EQ(send(client.memory, made), MACH_MSG_SUCCESS);
    });
    start_user(*server, [&] {
        OneRegion got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.memory.size, 4096u);
        EXPECT_EQ(got.memory.copy, MACH_MSG_VIRTUAL_COPY);
    });
    run_until_idle();
}

TEST_F(Carried, DeallocatedMemoryLeavesItsSender)
{
    const user_address_t region = allocate_memory(*client, 8192);
    start_user(*client, [&] {
        machine::host::store(region, 1u);
        EXPECT_EQ(send(client.memory, one_region(to_service, region, 8192, true)), MACH_MSG_SUCCESS);
        EXPECT_EQ(mach_msg(region, MACH_SEND_MSG, 24, 0, 0), MACH_SEND_INVALID_DATA) << "it is gone";
    });
    start_user(*server, [&] {
        OneRegion got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(machine::host::load<uint32_t>(got.memory.address), 1u);
    });
    run_until_idle();
}

TEST_F(Carried, EverythingInMessagesThatNobodyReceivesDiesWithTheQueue)
{
    set_queue_limit(server.space(), service, 100);
    start_user(*client, [&] {
        machine::host::store(client.memory + 8192, allocate_port(client.space()));
        EXPECT_EQ(send(client.memory, one_region(to_service, client.memory, 4096, false)), MACH_MSG_SUCCESS);
        EXPECT_EQ(
            send(client.memory, port_list(to_service, client.memory + 8192, 1, MACH_MSG_TYPE_MOVE_RECEIVE)),
            MACH_MSG_SUCCESS);
        EXPECT_EQ(
            send(client.memory, one_port(to_service, allocate_port(client.space()), MACH_MSG_TYPE_MAKE_SEND)),
            MACH_MSG_SUCCESS);
    });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 3u);
    EXPECT_TRUE(server.task->terminate());
    run_until_idle();
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

}  // namespace
