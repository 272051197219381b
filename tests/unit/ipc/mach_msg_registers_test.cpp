// Messages in registers (ipc/mach_msg_registers.cpp): between themselves by the shortest way, with messages in memory by
// the general one, and every error.
#include "message_fixture.h"

#include <ipc/mach_msg.h>
#include <kern/ablation.h>
#include <mach/message_registers.h>

namespace {

struct Registers {
    mach_msg_return_t code = 0;
    uint64_t ports = 0;
    uint64_t info = 0;
    std::array<uint64_t, MACH_MSG_REGISTERS_WORDS> word{};
};

class MachMsgRegisters : public ClientAndServer {
protected:
    static constexpr mach_msg_id_t id = 1000;
    static constexpr mach_msg_bits_t request_bits =
        MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);

    static Registers registers_trap(const char* name, const Registers& in)
    {
        Registers out;
        out.code = static_cast<mach_msg_return_t>(
            call(name, {in.ports, in.info, in.word[0], in.word[1], in.word[2], in.word[3]}));
        const x86_thread_state64_t& now = current_thread().user.registers;
        out.ports = now.rdi;
        out.info = now.rsi;
        out.word = {now.rdx, now.r10, now.r8, now.r9};
        return out;
    }
    static Registers message(mach_port_name_t remote, mach_port_name_t local, mach_msg_bits_t bits,
                             uint64_t first = 1, mach_msg_size_t body = 32)
    {
        return {0,
                MACH_MSG_REGISTERS_PORTS(remote, local),
                MACH_MSG_REGISTERS_INFO(bits, body, id),
                {first, first + 1, first + 2, first + 3}};
    }
    Registers request(uint64_t first = 1) const
    {
        return message(to_service, reply_port, request_bits, first);
    }
    static Registers call_in_registers(const Registers& in)
    {
        return registers_trap("mach_msg_call_trap", in);
    }
    static Registers reply_in_registers(const Registers& in)
    {
        return registers_trap("mach_msg_reply_trap", in);
    }
    static Registers receive_in_registers(mach_port_name_t from)
    {
        return reply_in_registers({0, MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, from), 0, {}});
    }
    // Answers every request with its words plus one, until receiving fails.
    static mach_msg_return_t serve(mach_port_name_t from)
    {
        Registers got = receive_in_registers(from);
        while (got.code == MACH_MSG_SUCCESS) {
            Registers answer = message(MACH_MSG_REGISTERS_REMOTE(got.ports), from,
                                       MACH_MSGH_BITS_REMOTE(MACH_MSG_REGISTERS_BITS(got.info)));
            for (size_t i = 0; i < answer.word.size(); ++i)
                answer.word[i] = got.word[i] + 1;
            got = reply_in_registers(answer);
        }
        return got.code;
    }
    void expect_answer(const Registers& got, uint64_t first) const
    {
        EXPECT_EQ(got.code, MACH_MSG_SUCCESS);
        EXPECT_EQ(got.ports, MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, reply_port));
        EXPECT_EQ(got.info, MACH_MSG_REGISTERS_INFO(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE), 32, id));
        EXPECT_EQ(got.word, (std::array{first, first + 1, first + 2, first + 3}));
    }
    void run_calls(unsigned calls, mach_port_name_t from)
    {
        server_thread = start_user(*server, [=] { (void)serve(from); });
        run_until_idle();
        client_thread = start_user(*client, [=, this] {
            for (uint64_t i = 0; i < calls; ++i) {
                expect_answer(call_in_registers(request(10 * i)), 10 * i + 1);
                ++answers;
            }
        });
        run_until_idle();
        EXPECT_EQ(answers, calls);
        EXPECT_EQ(send_once_rights_of(*port_of(client.space(), reply_port)), 0u);
    }
    // Runs `body` as the client; it must come to its end.
    template <class Body>
    void as_client(Body body)
    {
        bool ended = false;
        client_thread = start_user(*client, [&] {
            body();
            ended = true;
        });
        run_until_idle();
        EXPECT_TRUE(ended);
    }
    static bool hands_over() { return ClientAndServer::hands_over() && ablation().registers; }
};

// ---- Between registers and registers.

TEST_F(MachMsgRegisters, RequestAndReplyAreHandedOver)
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

TEST_F(MachMsgRegisters, ThroughASetToo)
{
    const mach_port_name_t set = allocate_set(server.space());
    add_to_set(server.space(), set, service);
    run_calls(5, set);
    if (hands_over())
        EXPECT_EQ(server_thread->fast_sent, 5u);
}

TEST_F(MachMsgRegisters, TheServerSeesWhereARequestCameToAndWhomToAnswer)
{
    Registers got;
    server_thread = start_user(*server, [&] { got = receive_in_registers(service); });
    run_until_idle();
    client_thread = start_user(*client, [&] { (void)call_in_registers(request(7)); });
    run_until_idle();
    EXPECT_EQ(got.code, MACH_MSG_SUCCESS);
    EXPECT_EQ(MACH_MSG_REGISTERS_LOCAL(got.ports), service);
    EXPECT_EQ(MACH_MSG_REGISTERS_BITS(got.info),
              MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
    EXPECT_EQ(MACH_MSG_REGISTERS_ID(got.info), id);
    EXPECT_EQ(got.word[3], 10u);
    {
        Guard guard{server.space().lock()};
        const IpcEntry* const entry = server.space().lookup(MACH_MSG_REGISTERS_REMOTE(got.ports));
        ASSERT_NE(entry, nullptr);
        EXPECT_TRUE(entry->has(IpcEntry::SendOnce));
    }
    client_thread->terminate();
    run_until_idle();
}

TEST_F(MachMsgRegisters, AMessageIsQueuedWhenNobodyWaits)
{
    Registers answer;
    client_thread = start_user(*client, [&] { answer = call_in_registers(request(20)); });
    run_until_idle();
    EXPECT_EQ(queue_length(server.space(), service), 1u);
    EXPECT_EQ(client_thread->fast_sent, 0u);
    server_thread = start_user(*server, [&] { (void)serve(service); });
    run_until_idle();
    expect_answer(answer, 21);
}

TEST_F(MachMsgRegisters, OtherDispositionsAreTakenTheLongWay)
{
    const mach_port_name_t second = give_send(server.space(), service, client.space());
    EXPECT_EQ(second, to_service) << "one name, two references";
    server_thread = start_user(*server, [&] { (void)serve(service); });
    run_until_idle();
    as_client([&] {
        const mach_msg_bits_t bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        expect_answer(call_in_registers(message(to_service, reply_port, bits, 5)), 6);
    });
    EXPECT_EQ(client_thread->fast_sent, 0u);
    Guard guard{client.space().lock()};
    EXPECT_EQ(client.space().lookup(to_service)->user_references, 1u);
}

// ---- Between registers and memory.

TEST_F(MachMsgRegisters, AReceiverInMemoryGetsAnOrdinaryMessage)
{
    Words got{};
    mach_msg_return_t code = -1;
    server_thread = start_user(*server, [&] {
        code = receive(server.memory, service, got);
        Words answer = words(got.header.msgh_remote_port, MACH_MSGH_BITS_REMOTE(got.header.msgh_bits), 50);
        (void)send(server.memory, answer);
    });
    run_until_idle();
    Registers answer;
    as_client([&] { answer = call_in_registers(message(to_service, reply_port, request_bits, 3, 16)); });
    EXPECT_EQ(code, MACH_MSG_SUCCESS);
    EXPECT_EQ(got.header.msgh_size, sizeof(mach_msg_header_t) + 16);
    EXPECT_EQ(got.header.msgh_id, id);
    EXPECT_EQ(got.header.msgh_local_port, service);
    EXPECT_EQ(got.header.msgh_bits, MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
    EXPECT_EQ((std::array{got.word[0], got.word[1], got.word[2], got.word[3]}), (std::array{3u, 0u, 4u, 0u}));
    EXPECT_EQ(answer.code, MACH_MSG_SUCCESS);
    EXPECT_EQ(MACH_MSG_REGISTERS_BODY(answer.info), 16u);
    EXPECT_EQ(answer.word, (std::array<uint64_t, 4>{50 | 51ull << 32, 52 | 53ull << 32, 0, 0}))
        << "and what was not sent is zero";
}

TEST_F(MachMsgRegisters, ASenderInMemoryIsAnsweredFromRegisters)
{
    server_thread = start_user(*server, [&] { (void)serve(service); });
    run_until_idle();
    as_client([&] {
        machine::host::store(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, 8, reply_port,
                                                  MACH_MSG_TYPE_MAKE_SEND_ONCE));
        Words answer;
        EXPECT_EQ(
            mach_msg(client.memory, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), reply_port),
            MACH_MSG_SUCCESS);
        machine::host::load(&answer, client.memory, sizeof answer);
        EXPECT_EQ(answer.header.msgh_size, MACH_MSG_REGISTERS_SIZE_MAX);
        EXPECT_EQ(answer.word[0], 9u);
        EXPECT_EQ(answer.word[2], 11u);
    });
    EXPECT_EQ(client_thread->fast_sent, 0u) << "not into the buffer of one who has none";
}

// ---- What does not fit.

TEST_F(MachMsgRegisters, AComplexMessageStaysForMachMsg)
{
    const mach_port_name_t to_itself = give_send(server.space(), service, server.space());
    std::array<Registers, 2> told;
    const OnePort complex = one_port(to_itself, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
    static_assert(OnePort::size <= MACH_MSG_REGISTERS_SIZE_MAX);
    mach_msg_return_t taken = -1;
    server_thread = start_user(*server, [&] {
        told[0] = receive_in_registers(service);  // Waits; told as it comes.
        told[1] = receive_in_registers(service);  // Told at once.
        OnePort got;
        taken = receive(server.memory, service, got);
    });
    run_until_idle();
    start_user(*server, [&] { EXPECT_EQ(send(server.memory + 8192, complex), MACH_MSG_SUCCESS); });
    run_until_idle();
    for (const Registers& each : told) {
        EXPECT_EQ(each.code, MACH_RCV_TOO_LARGE);
        EXPECT_EQ(each.ports, MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, service));
        EXPECT_EQ(each.word[0], OnePort::size);
    }
    EXPECT_EQ(taken, MACH_MSG_SUCCESS);
}

TEST_F(MachMsgRegisters, ALongAnswerWaitsInTheReplyPort)
{
    server_thread = start_user(*server, [&] {
        Words got;
        EXPECT_EQ(receive(server.memory, service, got), MACH_MSG_SUCCESS);
        machine::host::store(server.memory, words(got.header.msgh_remote_port, MACH_MSG_TYPE_MOVE_SEND_ONCE));
        (void)mach_msg(server.memory, MACH_SEND_MSG, MACH_MSG_REGISTERS_SIZE_MAX + 4, 0, MACH_PORT_NULL);
    });
    run_until_idle();
    as_client([&] {
        const Registers got = call_in_registers(request());
        EXPECT_EQ(got.code, MACH_RCV_TOO_LARGE);
        EXPECT_EQ(got.word[0], MACH_MSG_REGISTERS_SIZE_MAX + 4);
        Words answer;
        EXPECT_EQ(receive(client.memory, reply_port, answer), MACH_MSG_SUCCESS);
        EXPECT_EQ(answer.header.msgh_size, MACH_MSG_REGISTERS_SIZE_MAX + 4);
    });
}

// ---- Errors.

TEST_F(MachMsgRegisters, MoreBytesThanThereAreRegistersAreRefused)
{
    as_client([&] {
        for (const mach_msg_size_t body : {33u, 0xffffu}) {
            const Registers in = message(to_service, reply_port, request_bits, 1, body);
            EXPECT_EQ(call_in_registers(in).code, MACH_SEND_TOO_LARGE);
            EXPECT_EQ(reply_in_registers(in).code, MACH_SEND_TOO_LARGE);
        }
    });
}

TEST_F(MachMsgRegisters, BitsThatNoMessageHasAreRefused)
{
    as_client([&] {
        for (const mach_msg_bits_t bits : {mach_msg_bits_t{0}, mach_msg_bits_t{31}, request_bits | 0x20,
                                           request_bits | 0x8000, MACH_MSGH_BITS(0, MACH_MSG_TYPE_MAKE_SEND)})
            EXPECT_EQ(call_in_registers(message(to_service, reply_port, bits)).code, MACH_SEND_INVALID_HEADER)
                << bits;
    });
}

TEST_F(MachMsgRegisters, NamesThatDenoteNothingAreRefused)
{
    const mach_port_name_t set = allocate_set(client.space());
    as_client([&] {
        EXPECT_EQ(call_in_registers(message(0x7f01, reply_port, request_bits)).code, MACH_SEND_INVALID_DEST);
        EXPECT_EQ(call_in_registers(message(reply_port, reply_port, request_bits)).code,
                  MACH_SEND_INVALID_DEST);
        for (const mach_port_name_t name : {set, to_service, mach_port_name_t{0x7f01}})
            EXPECT_EQ(call_in_registers(message(to_service, name, request_bits)).code,
                      MACH_SEND_INVALID_REPLY);
        EXPECT_EQ(reply_in_registers(message(to_service, reply_port, MACH_MSG_TYPE_MOVE_SEND_ONCE)).code,
                  MACH_SEND_INVALID_DEST);
        EXPECT_EQ(receive_in_registers(to_service).code, MACH_RCV_INVALID_NAME);
        EXPECT_EQ(receive_in_registers(MACH_PORT_NULL).code, MACH_RCV_INVALID_NAME);
    });
    EXPECT_EQ(queue_length(server.space(), service), 0u);
}

TEST_F(MachMsgRegisters, TheReplyPortsEndEndsTheWait)
{
    mach_msg_return_t code = -1;
    client_thread = start_user(*client, [&] { code = call_in_registers(request()).code; });
    run_until_idle();
    in_kernel([&](Thread&) { EXPECT_TRUE(ipc_right_destroy(client.space(), reply_port)); });
    run_until_idle();
    EXPECT_EQ(code, MACH_RCV_PORT_DIED);
}

TEST_F(MachMsgRegisters, AnAbortedWaitForTheAnswerMayBeTakenUpAgain)
{
    Registers first;
    Registers second;
    client_thread = start_user(*client, [&] {
        first = call_in_registers(request(30));
        second = receive_in_registers(reply_port);
    });
    run_until_idle();
    EXPECT_TRUE(client_thread->abort_safely());
    run_until_idle();
    EXPECT_EQ(first.code, MACH_RCV_INTERRUPTED);
    server_thread = start_user(*server, [&] { (void)serve(service); });
    run_until_idle();
    expect_answer(second, 31);
}

TEST_F(MachMsgRegisters, ASendThatIsAbortedGivesItsMessageBack)
{
    set_queue_limit(server.space(), service, 0);
    Registers got;
    client_thread = start_user(*client, [&] { got = call_in_registers(request(40)); });
    run_until_idle();
    client_thread->abort();
    run_until_idle();
    EXPECT_EQ(got.code, MACH_SEND_INTERRUPTED);
    EXPECT_EQ(MACH_MSG_REGISTERS_REMOTE(got.ports), to_service);
    EXPECT_EQ(MACH_MSG_REGISTERS_ID(got.info), id);
    EXPECT_EQ(got.word[0], 40u);
    Guard guard{client.space().lock()};
    EXPECT_TRUE(client.space().lookup(MACH_MSG_REGISTERS_LOCAL(got.ports))->has(IpcEntry::SendOnce))
        << "the right that was made of the reply port";
}

TEST_F(MachMsgRegisters, RegistersChangedMeanwhileDoNotChangeWhereItReceives)
{
    Registers got;
    server_thread = start_user(*server, [&] { got = receive_in_registers(service); });
    run_until_idle();
    mach_msg_keep_arguments(*server_thread);
    x86_thread_state64_t registers{};
    EXPECT_TRUE(server_thread->user.set_state(
        x86_THREAD_STATE64, reinterpret_cast<const natural_t*>(&registers), x86_THREAD_STATE64_COUNT));
    as_client([&] { (void)send(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, 42)); });
    EXPECT_EQ(got.code, MACH_MSG_SUCCESS);
    EXPECT_EQ(got.word[0], 42 | 43ull << 32);
}

// Both forms at once, and everything that may be done to threads, at any moment.
TEST_F(MachMsgRegisters, WhateverHappensMeanwhileLeavesNothing)
{
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        machine::host::seed(seed, 3);
        const mach_port_name_t reply = allocate_port(client.space());
        server_thread = start_user(*server, [&] {
            for (;;)
                if (serve(service) != MACH_RCV_INTERRUPTED)
                    break;
        });
        bool done = false;
        client_thread = start_user(*client, [&] {
            for (uint32_t i = 0; i < 60; ++i) {
                const bool in_registers = machine::host::random() % 3 != 0;
                mach_msg_return_t code;
                if (in_registers) {
                    code = call_in_registers(message(to_service, reply, request_bits, i)).code;
                } else {
                    machine::host::store(client.memory, words(to_service, MACH_MSG_TYPE_COPY_SEND, i, reply,
                                                              MACH_MSG_TYPE_MAKE_SEND_ONCE));
                    code = mach_msg(client.memory, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words),
                                    reply);
                }
                answers += code == MACH_MSG_SUCCESS;
                if (code != MACH_MSG_SUCCESS && code != MACH_RCV_INTERRUPTED && code != MACH_SEND_INTERRUPTED)
                    break;
            }
            done = true;
        });
        start_kernel([&](Thread& self) {
            for (unsigned step = 0; step < 40 && !done; ++step) {
                switch (machine::host::random() % 4) {
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
