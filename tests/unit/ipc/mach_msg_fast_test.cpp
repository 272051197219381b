// The shortest way of a message (ipc/mach_msg_fast.cpp): that it is taken, and that whatever it must not be taken for
// comes out the same by the general one.
#include "message_fixture.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <ipc/ipc_kobject.h>
#include <ipc/mach_msg.h>
#include <machine/clock.h>

namespace {

class MachMsgFast : public ClientAndServer {
protected:
    // Makes the pages of a buffer resident, as the sender finds those of a receiver that has run before.
    static void touch(user_address_t at) { machine::host::store(at, Words{}); }
    static void touch_pages(user_address_t at, size_t size)
    {
        for (size_t offset = 0; offset < size; offset += page_size)
            machine::host::store(at + offset, uint8_t{0});
    }

    static Words request(mach_port_name_t to, uint32_t first, mach_port_name_t reply)
    {
        return words(to, MACH_MSG_TYPE_COPY_SEND, first, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    }
    static mach_msg_return_t call_service(user_address_t at, mach_port_name_t to, mach_port_name_t reply,
                                          uint32_t first, Words& answer, mach_msg_option_t options = 0)
    {
        machine::host::store(at, request(to, first, reply));
        const mach_msg_return_t code =
            mach_msg(at, MACH_SEND_MSG | MACH_RCV_MSG | options, Words::size, sizeof(Words), reply);
        machine::host::load(&answer, at, sizeof answer);
        return code;
    }
    // Answers every request with its first word plus one, until receiving fails.
    static void serve(user_address_t at, mach_port_name_t from, mach_msg_option_t options = 0)
    {
        touch(at);
        Words got;
        mach_msg_return_t code = receive(at, from, got, options);
        while (code == MACH_MSG_SUCCESS) {
            machine::host::store(at, words(got.header.msgh_remote_port,
                                           MACH_MSGH_BITS_REMOTE(got.header.msgh_bits), got.word[0] + 1));
            code = mach_msg(at, MACH_SEND_MSG | MACH_RCV_MSG | options, Words::size, sizeof(Words), from);
            machine::host::load(&got, at, sizeof got);
        }
    }
    // A server that waits, and a client that makes `calls` calls; both end with the test.
    void run_calls(unsigned calls, mach_port_name_t from, mach_msg_option_t server_options = 0)
    {
        server_thread = start_user(*server, [=, this] { serve(server.memory, from, server_options); });
        run_until_idle();
        client_thread = start_user(*client, [=, this] {
            for (uint32_t i = 0; i < calls; ++i) {
                Words answer;
                EXPECT_EQ(call_service(client.memory, to_service, reply_port, 10 * i, answer),
                          MACH_MSG_SUCCESS);
                EXPECT_EQ(answer.word[0], 10 * i + 1);
                EXPECT_EQ(answer.word[3], 10 * i + 4);
                EXPECT_EQ(answer.header.msgh_local_port, reply_port);
                EXPECT_EQ(answer.header.msgh_remote_port, MACH_PORT_NULL);
                EXPECT_EQ(answer.header.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
                EXPECT_EQ(answer.header.msgh_size, Words::size);
                EXPECT_EQ(answer.header.msgh_id, 1000);
                EXPECT_EQ(answer.trailer.msgh_trailer_size, sizeof(mach_msg_trailer_t));
                ++answers;
            }
        });
        run_until_idle();
        EXPECT_EQ(answers, calls);
        EXPECT_EQ(send_once_rights_of(*port_of(client.space(), reply_port)), 0u);
    }
};

TEST_F(MachMsgFast, RequestAndReplyAreHandedOver)
{
    run_calls(5, service);
    if (hands_over()) {
        EXPECT_EQ(client_thread->fast_sent, 5u);
        EXPECT_EQ(server_thread->fast_received, 5u);
        EXPECT_EQ(server_thread->fast_sent, 5u);
        EXPECT_EQ(client_thread->fast_received, 5u);
    }
    EXPECT_EQ(names_in_use(server.space()), 1u) << "the reply rights are used up";
}

TEST_F(MachMsgFast, ThroughASetToo)
{
    const mach_port_name_t set = allocate_set(server.space());
    add_to_set(server.space(), set, service);
    run_calls(5, set);
    if (hands_over()) {
        EXPECT_EQ(client_thread->fast_sent, 5u);
        EXPECT_EQ(server_thread->fast_sent, 5u);
    }
}

TEST_F(MachMsgFast, OptionsOfServersDoNotPreventIt)
{
    run_calls(5, service,
              MACH_SEND_TIMEOUT | MACH_RCV_LARGE | MACH_RCV_INTERRUPT |
                  MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX));
    if (hands_over())
        EXPECT_EQ(server_thread->fast_sent, 5u);
}

TEST_F(MachMsgFast, BetweenThreadsOfOneTask)
{
    client = server;
    to_service = service;
    in_kernel([&](Thread&) {
        IpcRight right{make_send(server.space(), service)};
        EXPECT_TRUE(ipc_right_copyout(server.space(), right));
    });
    reply_port = allocate_port(server.space());
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    client_thread = start_user(*server, [&] {
        Words answer;
        EXPECT_EQ(call_service(server.memory + 8192, service, reply_port, 6, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.word[0], 7u);
        ++answers;
    });
    run_until_idle();
    EXPECT_EQ(answers, 1u);
    if (hands_over())
        EXPECT_EQ(client_thread->fast_sent, 1u);
}

TEST_F(MachMsgFast, TrailersTellWhatWasAskedFor)
{
    constexpr mach_msg_option_t everything = MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX);
    {
        const RefPtr<IpcPort> port = port_of(server.space(), service);
        Guard guard{port->lock()};
        port->set_context(0x1234'5678'9abc);
    }
    client.task->set_tokens({{7, 8}}, {{1, 2, 3, 4, 5, 6, 7, 8}});
    std::vector<Words> got(3);
    server_thread = start_user(*server, [&] {
        touch(server.memory);
        EXPECT_EQ(receive(server.memory, service, got[0], everything), MACH_MSG_SUCCESS);
        for (size_t i = 1; i <= got.size(); ++i) {
            machine::host::store(server.memory,
                                 words(got[i - 1].header.msgh_remote_port, MACH_MSG_TYPE_MOVE_SEND_ONCE));
            (void)mach_msg(server.memory, MACH_SEND_MSG | MACH_RCV_MSG | everything, Words::size,
                           sizeof(Words), service);
            if (i < got.size())
                machine::host::load(&got[i], server.memory, sizeof(Words));
        }
    });
    run_until_idle();
    start_user(*client, [&] {
        Words answer;
        for (uint32_t i = 0; i < 3; ++i)
            EXPECT_EQ(call_service(client.memory, to_service, reply_port, i, answer), MACH_MSG_SUCCESS);
    });
    run_until_idle();
    for (uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(got[i].trailer.msgh_trailer_size, sizeof(mach_msg_context_trailer_t));
        EXPECT_EQ(got[i].trailer.msgh_seqno, i);
        EXPECT_EQ(got[i].trailer.msgh_sender.val[1], 8u);
        EXPECT_EQ(got[i].trailer.msgh_audit.val[7], 8u);
        const mach_port_context_t context = got[i].trailer.msgh_context;  // Not aligned where it lies.
        EXPECT_EQ(context, 0x1234'5678'9abcu);
    }
}

TEST_F(MachMsgFast, ATrapThatNeitherSendsNorReceivesDoesNothing)
{
    client_thread = start_user(*client, [&] {
        EXPECT_EQ(mach_msg(0, MACH_MSG_OPTION_NONE, 24, 24, reply_port), MACH_MSG_SUCCESS);
        EXPECT_EQ(mach_msg(0, MACH_RCV_OVERWRITE, 0, 0, MACH_PORT_NULL), KERN_NOT_SUPPORTED);
        ++answers;
    });
    run_until_idle();
    EXPECT_EQ(answers, 1u);
}

// ---- What is not for the shortest way.

// A mistake of another kernel: it took whatever the reply name denoted for a receive right.
TEST_F(MachMsgFast, AReplyNameThatIsNoReceiveRightIsRefused)
{
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    const mach_port_name_t set = allocate_set(client.space());
    const mach_port_name_t theirs = give_send(server.space(), allocate_port(server.space()), client.space());
    const mach_port_name_t once = give_send_once(server.space(), service, client.space());
    mach_port_name_t dead = 0;
    in_kernel([&](Thread&) { dead = *ipc_dead_name_alloc(client.space()); });
    client_thread = start_user(*client, [&] {
        for (const mach_port_name_t name : {set, theirs, once, dead, mach_port_name_t{0x7f01}}) {
            machine::host::store(client.memory, request(to_service, 1, name));
            EXPECT_EQ(mach_msg(client.memory, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), name),
                      MACH_SEND_INVALID_REPLY)
                << name;
        }
        Words answer;
        EXPECT_EQ(call_service(client.memory, to_service, reply_port, 1, answer), MACH_MSG_SUCCESS);
        ++answers;
    });
    run_until_idle();
    EXPECT_EQ(answers, 1u) << "and nobody noticed";
}

TEST_F(MachMsgFast, AReplyToAnotherPortThanTheOneReceivedFromGoesTheLongWay)
{
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    const mach_port_name_t other = allocate_port(client.space());
    client_thread = start_user(*client, [&] {
        machine::host::store(client.memory, request(to_service, 4, other));
        EXPECT_EQ(mach_msg(client.memory, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, Words::size,
                           sizeof(Words), reply_port, 5),
                  MACH_RCV_TIMED_OUT);
        Words answer;
        EXPECT_EQ(receive(client.memory, other, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.word[0], 5u);
    });
    run_until_idle();
    EXPECT_EQ(client_thread->fast_sent, 0u);
}

TEST_F(MachMsgFast, ASuspendedReceiverGetsItsMessageAndRunsLater)
{
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    EXPECT_TRUE(server_thread->suspend());
    client_thread = start_user(*client, [&] {
        Words answer;
        EXPECT_EQ(call_service(client.memory, to_service, reply_port, 1, answer), MACH_MSG_SUCCESS);
        ++answers;
    });
    run_until_idle();
    EXPECT_EQ(answers, 0u);
    EXPECT_EQ(client_thread->fast_sent, 0u);
    EXPECT_TRUE(server_thread->resume());
    run_until_idle();
    EXPECT_EQ(answers, 1u);
}

TEST_F(MachMsgFast, AReceiverWithADeadlineIsNotTimedOutAfterItsMessage)
{
    mach_msg_return_t second = MACH_MSG_SUCCESS;
    server_thread = start_user(*server, [&] {
        touch(server.memory);
        Words got;
        EXPECT_EQ(receive(server.memory, service, got, MACH_RCV_TIMEOUT, 1000), MACH_MSG_SUCCESS);
        second = receive(server.memory, service, got, MACH_RCV_TIMEOUT, 1);
    });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    client_thread = start_user(*client, [&] {
        Words answer;
        (void)call_service(client.memory, to_service, reply_port, 1, answer);
    });
    run_until_idle();
    EXPECT_EQ(client_thread->fast_sent, 0u);
    EXPECT_EQ(second, MACH_RCV_TIMED_OUT);
}

TEST_F(MachMsgFast, ABufferThatIsNotThereIsFaultedIn)
{
    const user_address_t fresh = allocate_memory(*server, 4096);
    Words got{};
    server_thread = start_user(*server, [&] { EXPECT_EQ(receive(fresh, service, got), MACH_MSG_SUCCESS); });
    run_until_idle();
    client_thread = start_user(*client, [&] {
        Words answer;
        EXPECT_EQ(call_service(client.memory, to_service, reply_port, 3, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.header.msgh_id, MACH_NOTIFY_SEND_ONCE) << "the server ended without an answer";
    });
    run_until_idle();
    EXPECT_EQ(client_thread->fast_sent, 0u);
    EXPECT_EQ(got.word[0], 3u);
    EXPECT_TRUE(server.task->terminate());
    run_until_idle();
}

TEST_F(MachMsgFast, ABufferThatIsTooSmallIsToldSo)
{
    mach_msg_return_t code = 0;
    server_thread = start_user(*server, [&] {
        touch(server.memory);
        code = mach_msg(server.memory, MACH_RCV_MSG, 0, Words::size + 4, service);
    });
    run_until_idle();
    client_thread = start_user(*client, [&] {
        Words answer;
        EXPECT_EQ(call_service(client.memory, to_service, reply_port, 3, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.header.msgh_id, MACH_NOTIFY_SEND_ONCE);
    });
    run_until_idle();
    EXPECT_EQ(code, MACH_RCV_TOO_LARGE);
    EXPECT_EQ(client_thread->fast_sent, 0u);
}

// A message of `size` bytes whose body tells each of its bytes from the others.
std::vector<uint8_t> long_message(const mach_msg_header_t& header, mach_msg_size_t size)
{
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<uint8_t>(i * 7 + i / 251);
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

TEST_F(MachMsgFast, LongBodiesArriveWhole)
{
    // The least that is long, an odd number of words, a page, and the most.
    const std::vector<mach_msg_size_t> sizes = {284, 4100, 4096, 8192, 8196};
    constexpr mach_msg_size_t room = 3 * 4096;
    server_thread = start_user(*server, [&] {
        touch_pages(server.memory, room);
        mach_msg_return_t code = mach_msg(server.memory, MACH_RCV_MSG, 0, room, service);
        while (code == MACH_MSG_SUCCESS) {
            auto header = machine::host::load<mach_msg_header_t>(server.memory);
            header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(header.msgh_bits), 0);
            header.msgh_local_port = MACH_PORT_NULL;
            machine::host::store(server.memory, header);
            code = mach_msg(server.memory, MACH_SEND_MSG | MACH_RCV_MSG, header.msgh_size, room, service);
        }
    });
    run_until_idle();
    client_thread = start_user(*client, [&] {
        touch_pages(client.memory, room);
        for (const mach_msg_size_t size : sizes) {
            const std::vector<uint8_t> sent = long_message(request(to_service, 0, reply_port).header, size);
            machine::host::store(client.memory, sent.data(), size);
            EXPECT_EQ(mach_msg(client.memory, MACH_SEND_MSG | MACH_RCV_MSG, size, room, reply_port),
                      MACH_MSG_SUCCESS);
            std::vector<uint8_t> got(size + sizeof(mach_msg_trailer_t));
            machine::host::load(got.data(), client.memory, got.size());
            mach_msg_header_t header;
            std::memcpy(&header, got.data(), sizeof header);
            EXPECT_EQ(header.msgh_size, size);
            EXPECT_TRUE(std::equal(sent.begin() + sizeof header, sent.end(), got.begin() + sizeof header))
                << size;
            ++answers;
        }
    });
    run_until_idle();
    EXPECT_EQ(answers, sizes.size());
    if (hands_over()) {
        EXPECT_EQ(client_thread->fast_sent, sizes.size() - 1) << "more than 8 KiB goes the general way";
        EXPECT_EQ(server_thread->fast_sent, sizes.size() - 1);
    }
}

TEST_F(MachMsgFast, MoreThanTheSmallestIsNotSmall)
{
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    constexpr mach_msg_size_t too_many = sizeof(mach_msg_header_t) + machine::message_body_max + 4;
    client_thread = start_user(*client, [&] {
        machine::host::store(client.memory, request(to_service, 1, reply_port));
        for (const mach_msg_size_t size : {too_many, mach_msg_size_t{30}, mach_msg_size_t{20}})
            (void)mach_msg(client.memory, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, size, 512,
                           reply_port, 1);
    });
    run_until_idle();
    EXPECT_EQ(client_thread->fast_sent, 0u);
}

TEST_F(MachMsgFast, SomethingAlreadyInTheReplyPortIsReceivedFirst)
{
    const mach_port_name_t to_reply = give_send(client.space(), reply_port, client.space());
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    client_thread = start_user(*client, [&] {
        EXPECT_EQ(send(client.memory, words(to_reply, MACH_MSG_TYPE_COPY_SEND, 77)), MACH_MSG_SUCCESS);
        Words answer;
        EXPECT_EQ(call_service(client.memory, to_service, reply_port, 3, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.word[0], 77u);
        EXPECT_EQ(receive(client.memory, reply_port, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.word[0], 4u);
    });
    run_until_idle();
    EXPECT_EQ(client_thread->fast_sent, 0u);
}

TEST_F(MachMsgFast, SomethingMoreUrgentRunsFirst)
{
    server_thread = start_user(*server, [&] { serve(server.memory, service); });
    run_until_idle();
    std::string order;
    client_thread = start_user(*client, [&] {
        start_kernel([&](Thread&) { order += "urgent "; }, priority_kernel);
        Words answer;
        EXPECT_EQ(call_service(client.memory, to_service, reply_port, 3, answer), MACH_MSG_SUCCESS);
        order += "answer ";
    });
    run_until_idle();
    if (hands_over())
        EXPECT_EQ(order, "urgent answer ");
}

// ---- What happens to threads that have been handed over from.

TEST_F(MachMsgFast, AnAbortEndsTheWaitForTheReply)
{
    server_thread = start_user(*server, [&] {
        touch(server.memory);
        Words got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(receive(server.memory, service, got), MACH_RCV_INTERRUPTED);
    });
    run_until_idle();
    mach_msg_return_t code = 0;
    client_thread = start_user(*client, [&] {
        Words answer;
        code = call_service(client.memory, to_service, reply_port, 3, answer);
    });
    run_until_idle();
    EXPECT_TRUE(client_thread->abort_safely());
    run_until_idle();
    EXPECT_EQ(code, MACH_RCV_INTERRUPTED);
    server_thread->abort();
    run_until_idle();
}

TEST_F(MachMsgFast, TheReplyPortsEndEndsTheWait)
{
    server_thread = start_user(*server, [&] {
        touch(server.memory);
        Words got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        (void)receive(server.memory, service, got);
    });
    run_until_idle();
    mach_msg_return_t code = 0;
    client_thread = start_user(*client, [&] {
        Words answer;
        code = call_service(client.memory, to_service, reply_port, 3, answer);
    });
    run_until_idle();
    in_kernel([&](Thread&) { EXPECT_TRUE(ipc_right_destroy(client.space(), reply_port)); });
    run_until_idle();
    EXPECT_EQ(code, MACH_RCV_PORT_DIED);
}

TEST_F(MachMsgFast, RegistersThatAreChangedMeanwhileDoNotMoveTheBuffer)
{
    Words got{};
    server_thread = start_user(*server, [&] {
        touch(server.memory);
        (void)mach_msg(server.memory, MACH_RCV_MSG, 0, sizeof(Words), service);
    });
    run_until_idle();
    mach_msg_keep_arguments(*server_thread);
    x86_thread_state64_t registers{};
    EXPECT_TRUE(server_thread->user.set_state(
        x86_THREAD_STATE64, reinterpret_cast<const natural_t*>(&registers), x86_THREAD_STATE64_COUNT));
    client_thread = start_user(
        *client, [&] { (void)send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, 42)); });
    run_until_idle();
    start_user(*server, [&] { got = machine::host::load<Words>(server.memory); });
    run_until_idle();
    EXPECT_EQ(got.word[0], 42u);
}

// Everything that may be done to two threads that call each other, at any moment (worth most with several processors).
TEST_F(MachMsgFast, WhateverHappensMeanwhileLeavesNothing)
{
    const mach_port_name_t set = allocate_set(server.space());
    add_to_set(server.space(), set, service);
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        machine::host::seed(seed, 3);
        const mach_port_name_t reply = allocate_port(client.space());
        server_thread = start_user(*server, [&] { serve(server.memory, seed % 2 != 0 ? set : service); });
        bool done = false;
        client_thread = start_user(*client, [&] {
            for (uint32_t i = 0; i < 60; ++i) {
                Words answer;
                const mach_msg_return_t code = call_service(client.memory, to_service, reply, i, answer);
                if (code == MACH_MSG_SUCCESS && answer.header.msgh_id == 1000)
                    ++answers;
                else if (code != MACH_MSG_SUCCESS && code != MACH_RCV_INTERRUPTED)
                    break;
            }
            done = true;
        });
        start_kernel([&](Thread& self) {
            for (unsigned step = 0; step < 40 && !done; ++step) {
                switch (machine::host::random() % 6) {
                case 0:
                    client_thread->abort();
                    break;
                case 1:
                    (void)server_thread->abort_safely();
                    break;
                case 2:
                    if (server_thread->suspend())
                        (void)server_thread->resume();
                    break;
                case 3:
                    if (client_thread->suspend())
                        (void)client_thread->resume();
                    break;
                case 4: {
                    RefPtr<IpcPset> pset;
                    {
                        Guard guard{server.space().lock()};
                        pset = RefPtr<IpcPset>{server.space().lookup(set)->pset};
                    }
                    if (ipc_pset_remove(*pset, *port_of(server.space(), service)))
                        (void)ipc_pset_add(*pset, *port_of(server.space(), service), service);
                    break;
                }
                default:
                    assert_wait_timeout(self, Interruptible::No,
                                        Deadline::after(1000 + machine::host::random() % 20000));
                    thread_block(self);
                }
                thread_yield(self);
            }
            if (seed % 3 == 0)
                (void)ipc_right_destroy(client.space(), reply);
            server_thread->terminate();
            client_thread->terminate();
        });
        run_until_idle();
    }
    EXPECT_GT(answers, 0u);
}

}  // namespace
