// Sending, receiving and waiting, by the trap.
#include "message_fixture.h"

namespace {

class MachMsg : public ClientAndServer {
protected:
    // One request with a reply port, and its reply.
    static mach_msg_return_t rpc(user_address_t at, mach_port_name_t to, mach_port_name_t reply,
                                 uint32_t first, Words& answer)
    {
        machine::host::store(at,
                             words(to, MACH_MSG_TYPE_COPY_SEND, first, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE));
        const mach_msg_return_t code =
            mach_msg(at, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), reply);
        machine::host::load(&answer, at, sizeof answer);
        return code;
    }
    // Answers `count` requests from a port or a set with their first word plus one.
    static void serve(user_address_t at, mach_port_name_t from, unsigned count)
    {
        Words request;
        EXPECT_EQ(receive(at, from, request), MACH_MSG_SUCCESS);
        while (count-- > 0) {
            const Words reply = words(request.header.msgh_remote_port,
                                      MACH_MSGH_BITS_REMOTE(request.header.msgh_bits), request.word[0] + 1);
            machine::host::store(at, reply);
            if (count == 0) {
                EXPECT_EQ(mach_msg(at, MACH_SEND_MSG, Words::size, 0, 0), MACH_MSG_SUCCESS);
                return;
            }
            EXPECT_EQ(mach_msg(at, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), from),
                      MACH_MSG_SUCCESS);
            machine::host::load(&request, at, sizeof request);
        }
    }
};

TEST_F(MachMsg, QueuedMessagesArriveInOrderAndAreNumbered)
{
    start_user(*client, [&] {
        for (uint32_t i = 0; i < 3; ++i)
            EXPECT_EQ(send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, i * 10)),
                      MACH_MSG_SUCCESS);
    });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 3u);

    start_user(*server, [&] {
        for (uint32_t i = 0; i < 3; ++i) {
            Words got;
            EXPECT_EQ(receive(server.memory, service, got, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_SEQNO)),
                      MACH_MSG_SUCCESS);
            EXPECT_EQ(got.word[0], i * 10);
            EXPECT_EQ(got.word[3], i * 10 + 3);
            EXPECT_EQ(got.header.msgh_size, Words::size);
            EXPECT_EQ(got.header.msgh_id, 1000);
            EXPECT_EQ(got.header.msgh_remote_port, MACH_PORT_NULL);
            EXPECT_EQ(got.header.msgh_local_port, service);
            EXPECT_EQ(got.header.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND));
            EXPECT_EQ(got.trailer.msgh_trailer_size, sizeof(mach_msg_seqno_trailer_t));
            EXPECT_EQ(got.trailer.msgh_seqno, i);
        }
    });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 0u);
}

TEST_F(MachMsg, WaitingReceiverGetsTheMessageWithoutAQueue)
{
    bool received = false;
    start_user(*server, [&] {
        Words got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.word[1], 43u);
        received = true;
    });
    run_until_idle();
    set_queue_limit(server.space(), service, 0);

    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, 42), MACH_SEND_TIMEOUT, 0),
                  MACH_MSG_SUCCESS);
    });
    run_until_idle();
    EXPECT_TRUE(received);
}

TEST_F(MachMsg, CallComesBackWithItsReply)
{
    start_user(*server, [&] { serve(server.memory, service, 3); });
    unsigned answers = 0;
    start_user(*client, [&] {
        for (uint32_t i = 0; i < 3; ++i) {
            Words answer;
            EXPECT_EQ(rpc(client.memory, to_service, reply_port, i * 7, answer), MACH_MSG_SUCCESS);
            EXPECT_EQ(answer.word[0], i * 7 + 1);
            EXPECT_EQ(answer.header.msgh_local_port, reply_port);
            EXPECT_EQ(MACH_MSGH_BITS_LOCAL(answer.header.msgh_bits), MACH_MSG_TYPE_PORT_SEND_ONCE);
            ++answers;
        }
    });
    run_until_idle();
    EXPECT_EQ(answers, 3u);
    EXPECT_EQ(send_once_rights_of(*port_of(client.space(), reply_port)), 0u);
    EXPECT_EQ(names_in_use(server.space()), 1u) << "the reply rights are used up";
}

TEST_F(MachMsg, CallReachesAServerThatWaitsInASet)
{
    const mach_port_name_t set = allocate_set(server.space());
    const mach_port_name_t other = allocate_port(server.space());
    add_to_set(server.space(), set, service);
    add_to_set(server.space(), set, other);
    const mach_port_name_t to_other = give_send(server.space(), other, client.space());
    start_user(*server, [&] { serve(server.memory, set, 4); });
    unsigned answers = 0;
    start_user(*client, [&] {
        for (const mach_port_name_t to : {to_service, to_other, to_service, to_other}) {
            Words answer;
            EXPECT_EQ(rpc(client.memory, to, reply_port, 5, answer), MACH_MSG_SUCCESS);
            answers += answer.word[0] == 6;
        }
    });
    run_until_idle();
    EXPECT_EQ(answers, 4u);
}

TEST_F(MachMsg, ReplyThatIsThereAlreadyIsNotLost)
{
    // The reply overtakes the client on its way to wait: it is sent before anyone receives.
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, words(reply_port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 99)), MACH_MSG_SUCCESS);
        Words answer;
        EXPECT_EQ(rpc(client.memory, to_service, reply_port, 1, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.word[0], 99u);
    });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 1u);
}

TEST_F(MachMsg, MessageToASetIsFoundWhicheverMemberHasIt)
{
    const mach_port_name_t set = allocate_set(server.space());
    std::vector<mach_port_name_t> members;
    for (int i = 0; i < 4; ++i) {
        members.push_back(allocate_port(server.space()));
        add_to_set(server.space(), set, members.back());
    }
    const mach_port_name_t to_last = give_send(server.space(), members[3], client.space());
    const mach_port_name_t to_first = give_send(server.space(), members[0], client.space());
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, words(to_last, MACH_MSG_TYPE_COPY_SEND, 3)), MACH_MSG_SUCCESS);
        EXPECT_EQ(send(client.memory, words(to_last, MACH_MSG_TYPE_COPY_SEND, 4)), MACH_MSG_SUCCESS);
        EXPECT_EQ(send(client.memory, words(to_first, MACH_MSG_TYPE_COPY_SEND, 0)), MACH_MSG_SUCCESS);
    });
    run_until_idle();
    start_user(*server, [&] {
        std::vector<mach_port_name_t> order;
        for (int i = 0; i < 3; ++i) {
            Words got;
            EXPECT_EQ(receive(server.memory, set, got), MACH_MSG_SUCCESS);
            order.push_back(got.header.msgh_local_port);
        }
        EXPECT_EQ(order, (std::vector{members[3], members[0], members[3]})) << "ports take turns";
        Words got;
        EXPECT_EQ(receive(server.memory, set, got, MACH_RCV_TIMEOUT, 0), MACH_RCV_TIMED_OUT);
    });
    run_until_idle();
}

TEST_F(MachMsg, MemberOfASetCanBeReceivedFromDirectly)
{
    const mach_port_name_t set = allocate_set(server.space());
    const mach_port_name_t second_set = allocate_set(server.space());
    add_to_set(server.space(), set, service);
    add_to_set(server.space(), second_set, service);
    start_user(*client, [&] {
        for (uint32_t i = 0; i < 3; ++i)
            EXPECT_EQ(send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, i)), MACH_MSG_SUCCESS);
    });
    run_until_idle();
    start_user(*server, [&] {
        uint32_t expected = 0;
        for (const mach_port_name_t from : {service, set, second_set}) {
            Words got;
            EXPECT_EQ(receive(server.memory, from, got), MACH_MSG_SUCCESS);
            EXPECT_EQ(got.word[0], expected++);
        }
    });
    run_until_idle();
}

TEST_F(MachMsg, FullQueueMakesTheSenderWait)
{
    set_queue_limit(server.space(), service, 1);
    unsigned sent = 0;
    start_user(*client, [&] {
        for (uint32_t i = 0; i < 3; ++i) {
            EXPECT_EQ(send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, i)), MACH_MSG_SUCCESS);
            ++sent;
        }
    });
    run_until_idle();
    EXPECT_EQ(sent, 1u);

    start_user(*server, [&] {
        for (uint32_t i = 0; i < 3; ++i) {
            Words got;
            EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
            EXPECT_EQ(got.word[0], i);
        }
    });
    run_until_idle();
    EXPECT_EQ(sent, 3u);
}

TEST_F(MachMsg, SendOnceRightPassesAFullQueue)
{
    set_queue_limit(server.space(), service, 1);
    const mach_port_name_t once = give_send_once(server.space(), service, client.space());
    start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND)), MACH_MSG_SUCCESS);
        EXPECT_EQ(send(client.memory, words(once, MACH_MSG_TYPE_MOVE_SEND_ONCE), MACH_SEND_TIMEOUT, 0),
                  MACH_MSG_SUCCESS);
    });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 2u);
}

TEST_F(MachMsg, TimedOutSendGivesItsRightsBack)
{
    set_queue_limit(server.space(), service, 0);
    unsigned turns = 0;
    start_user(*client, [&] {
        mach_port_name_t to = to_service;
        mach_port_name_t carried = allocate_port(client.space());
        for (const mach_msg_timeout_t timeout : {0u, 20u}) {
            OnePort message = one_port(to, carried, MACH_MSG_TYPE_MOVE_RECEIVE);
            message.base.header.msgh_bits =
                MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) |
                MACH_MSGH_BITS_COMPLEX;
            message.base.header.msgh_local_port = reply_port;
            EXPECT_EQ(send(client.memory, message, MACH_SEND_TIMEOUT, timeout), MACH_SEND_TIMED_OUT);

            const auto back = machine::host::load<OnePort>(client.memory);
            to = back.base.header.msgh_remote_port;
            carried = back.port.name;
            EXPECT_EQ(back.base.header.msgh_bits,
                      MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE) |
                          MACH_MSGH_BITS_COMPLEX);
            EXPECT_EQ(type_of(client.space(), to), MACH_PORT_TYPE_SEND);
            EXPECT_EQ(type_of(client.space(), back.base.header.msgh_local_port), MACH_PORT_TYPE_SEND_ONCE);
            EXPECT_EQ(back.port.disposition, MACH_MSG_TYPE_PORT_RECEIVE);
            EXPECT_EQ(type_of(client.space(), carried), MACH_PORT_TYPE_RECEIVE);
            ++turns;
        }
    });
    run_until_idle();
    EXPECT_EQ(turns, 2u);
}

TEST_F(MachMsg, ReceiveTimesOut)
{
    std::vector<mach_msg_return_t> codes;
    start_user(*server, [&] {
        Words got;
        codes.push_back(receive(server.memory, service, got, MACH_RCV_TIMEOUT, 0));
        codes.push_back(receive(server.memory, service, got, MACH_RCV_TIMEOUT, 30));
    });
    run_until_idle();
    EXPECT_EQ(codes, (std::vector<mach_msg_return_t>{MACH_RCV_TIMED_OUT, MACH_RCV_TIMED_OUT}));
}

TEST_F(MachMsg, AbortInterruptsAReceive)
{
    mach_msg_return_t code = 0;
    ThreadRef thread = start_user(*server, [&] {
        Words got;
        code = receive(server.memory, service, got);
    });
    run_until_idle();
    EXPECT_TRUE(thread->abort_safely());
    run_until_idle();
    EXPECT_EQ(code, MACH_RCV_INTERRUPTED);
}

TEST_F(MachMsg, AbortInterruptsASendAndGivesItsRightsBack)
{
    set_queue_limit(server.space(), service, 0);
    mach_msg_return_t code = 0;
    ThreadRef thread = start_user(*client, [&] {
        code = send(client.memory,
                    words(to_service, MACH_MSG_TYPE_MOVE_SEND, 0, reply_port, MACH_MSG_TYPE_MAKE_SEND));
        const auto back = machine::host::load<Words>(client.memory);
        EXPECT_EQ(type_of(client.space(), back.header.msgh_remote_port), MACH_PORT_TYPE_SEND);
        EXPECT_EQ(back.header.msgh_local_port, reply_port)
            << "the send right joined the receive right's name";
    });
    run_until_idle();
    thread->abort();
    run_until_idle();
    EXPECT_EQ(code, MACH_SEND_INTERRUPTED);
}

TEST_F(MachMsg, DyingPortWakesItsReceiversAndSenders)
{
    mach_msg_return_t received = 0;
    start_user(*server, [&] {
        Words got;
        received = receive(server.memory, service, got);
    });
    run_until_idle();
    EXPECT_TRUE(ipc_right_destroy(server.space(), service));
    run_until_idle();
    EXPECT_EQ(received, MACH_RCV_PORT_DIED);

    const mach_port_name_t full = allocate_port(server.space());
    set_queue_limit(server.space(), full, 0);
    const mach_port_name_t to_full = give_send(server.space(), full, client.space());
    mach_msg_return_t sent = -1;
    start_user(*client, [&] { sent = send(client.memory, words(to_full, MACH_MSG_TYPE_COPY_SEND)); });
    run_until_idle();
    EXPECT_EQ(sent, -1);
    EXPECT_TRUE(ipc_right_destroy(server.space(), full));
    run_until_idle();
    EXPECT_EQ(sent, MACH_MSG_SUCCESS) << "the message is destroyed, and the sender cannot tell";
}

TEST_F(MachMsg, ReceiveRightThatMovesAwayWakesItsReceivers)
{
    mach_msg_return_t received = 0;
    start_user(*server, [&] {
        Words got;
        received = receive(server.memory, service, got);
    });
    run_until_idle();
    mach::Result<IpcRight> moved =
        ipc_right_copyin(server.space(), service, MACH_MSG_TYPE_MOVE_RECEIVE, false);
    run_until_idle();
    EXPECT_EQ(received, MACH_RCV_PORT_CHANGED);
}

TEST_F(MachMsg, DyingSetWakesItsReceivers)
{
    const mach_port_name_t set = allocate_set(server.space());
    add_to_set(server.space(), set, service);
    mach_msg_return_t received = 0;
    start_user(*server, [&] {
        Words got;
        received = receive(server.memory, set, got);
    });
    run_until_idle();
    EXPECT_TRUE(ipc_right_destroy(server.space(), set));
    run_until_idle();
    EXPECT_EQ(received, MACH_RCV_PORT_DIED);
    EXPECT_EQ(type_of(server.space(), service), MACH_PORT_TYPE_RECEIVE);
}

TEST_F(MachMsg, TooLargeMessageIsDestroyed)
{
    start_user(*client, [&] { (void)send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND)); });
    run_until_idle();
    start_user(*server, [&] {
        EXPECT_EQ(mach_msg(server.memory, MACH_RCV_MSG, 0, Words::size, service), MACH_RCV_TOO_LARGE)
            << "there is no room for the trailer";
        EXPECT_EQ(machine::host::load<mach_msg_header_t>(server.memory).msgh_size, Words::size);
        EXPECT_EQ(mach_msg(server.memory, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(Words), service),
                  MACH_RCV_TIMED_OUT);
    });
    run_until_idle();
}

TEST_F(MachMsg, TooLargeMessageStaysIfAskedTo)
{
    const mach_port_name_t set = allocate_set(server.space());
    add_to_set(server.space(), set, service);
    start_user(*server, [&] {
        // The first time it waits, the second time the message is there.
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(mach_msg(server.memory, MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY, 0,
                               Words::size, set),
                      MACH_RCV_TOO_LARGE);
            const auto told = machine::host::load<mach_msg_header_t>(server.memory);
            EXPECT_EQ(told.msgh_size, Words::size);
            EXPECT_EQ(told.msgh_local_port, service);
        }
        Words got;
        EXPECT_EQ(receive(server.memory, set, got, MACH_RCV_LARGE), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.word[0], 77u);
    });
    run_until_idle();
    start_user(*client, [&] { (void)send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, 77)); });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 0u);
}

TEST_F(MachMsg, TrailerTellsTheSenderAndTheContext)
{
    client.task->set_tokens({{501, 20}}, {{1, 501, 20, 501, 20, 4711, 1, 9}});
    {
        const RefPtr<IpcPort> port = port_of(server.space(), service);
        Guard guard{port->lock()};
        port->set_context(0x123456789abcdef0);
    }
    start_user(*client, [&] { (void)send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND)); });
    start_user(*server, [&] {
        Words got;
        EXPECT_EQ(receive(server.memory, service, got, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX)),
                  MACH_MSG_SUCCESS);
        EXPECT_EQ(got.trailer.msgh_trailer_size, sizeof(mach_msg_context_trailer_t));
        EXPECT_EQ(got.trailer.msgh_sender.val[0], 501u);
        EXPECT_EQ(got.trailer.msgh_audit.val[5], 4711u);
        const mach_port_context_t context = got.trailer.msgh_context;
        EXPECT_EQ(context, 0x123456789abcdef0u);
    });
    run_until_idle();
}

TEST_F(MachMsg, MessageOfAnySizeArrivesWhole)
{
    start_user(*server, [&] {
        for (mach_msg_size_t size = 24; size <= 60 * 1024; size = size * 3 + 1) {
            EXPECT_EQ(mach_msg(server.memory, MACH_RCV_MSG, 0, memory_size, service), MACH_MSG_SUCCESS);
            EXPECT_EQ(machine::host::load<mach_msg_header_t>(server.memory).msgh_size, size);
            if (size > 24) {
                EXPECT_EQ(machine::host::load<uint8_t>(server.memory + size - 1), size % 251);
            }
        }
    });
    start_user(*client, [&] {
        for (mach_msg_size_t size = 24; size <= 60 * 1024; size = size * 3 + 1) {
            machine::host::store(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND).header);
            if (size > 24)
                machine::host::store(client.memory + size - 1, static_cast<uint8_t>(size % 251));
            EXPECT_EQ(mach_msg(client.memory, MACH_SEND_MSG, size, 0, 0), MACH_MSG_SUCCESS);
        }
    });
    run_until_idle();
}

TEST_F(MachMsg, DestroyedReplyRightIsHeardOf)
{
    start_user(*server, [&] {
        Words request;
        EXPECT_EQ(receive(server.memory, service, request), MACH_MSG_SUCCESS);
        EXPECT_EQ(
            call("mach_port_deallocate_trap", {call("task_self_trap", {}), request.header.msgh_remote_port}),
            uint64_t{KERN_SUCCESS});
    });
    mach_msg_id_t id = 0;
    start_user(*client, [&] {
        Words answer;
        EXPECT_EQ(rpc(client.memory, to_service, reply_port, 0, answer), MACH_MSG_SUCCESS);
        id = answer.header.msgh_id;
    });
    run_until_idle();
    EXPECT_EQ(id, MACH_NOTIFY_SEND_ONCE);
}

}  // namespace
