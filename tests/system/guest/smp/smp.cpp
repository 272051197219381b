// tests/system/guest/smp/smp.cpp
//
// What only several processors can show: threads that really run at the same time, translations that another processor
// still remembers, wake-ups from one to another.
//
// boot: kernel + this task     machine: -smp 4
#include <array>
#include <atomic>
#include <optional>

#include <mach/host_info.h>
#include <mach/mach.h>

#include "guest_test.h"
#include "guest_thread.h"

namespace {

using guest::JoiningThread;

constexpr int processors = 4;

GUEST_TEST(smp, the_kernel_runs_as_many_processors_as_the_machine_has)
{
    host_basic_info_data_t info{};
    mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;
    REQUIRE_OK(host_info(mach_host_self(), HOST_BASIC_INFO, reinterpret_cast<host_info_t>(&info), &count));
    CHECK_EQ(info.avail_cpus, processors);
}

// Turns taken without a trap: on one processor each would last a quantum, and all of them longer than the test may.
GUEST_TEST(smp, threads_that_spin_for_each_other_run_at_the_same_time)
{
    constexpr int turns = 5'000;
    std::atomic<int> turn = 0;
    const auto take_turns = [&](int mine) {
        for (int i = mine; i < turns; i += 2) {
            while (turn.load(std::memory_order_acquire) != i)
                __builtin_ia32_pause();
            turn.store(i + 1, std::memory_order_release);
        }
    };
    {
        JoiningThread odd{[&] { take_turns(1); }};
        take_turns(0);
    }
    CHECK_EQ(turn.load(), turns);
}

// Each reader has just read the page, so its processor remembers where it was when the page is replaced.
GUEST_TEST(smp, no_processor_remembers_memory_that_has_been_deallocated)
{
    constexpr int rounds =
        20;  // Each costs the emulator several turns of its own on a machine with fewer processors.
    constexpr int reader_count = processors - 1;
    vm_address_t address = 0;
    REQUIRE_OK(vm_allocate(mach_task_self(), &address, MACH_PAGE_SIZE, VM_FLAGS_ANYWHERE));
    vm_address_t other = 0;
    REQUIRE_OK(vm_allocate(mach_task_self(), &other, MACH_PAGE_SIZE, VM_FLAGS_ANYWHERE));
    const auto* const page = reinterpret_cast<const volatile int*>(address);
    std::atomic<int> round = 0;
    std::atomic<int> stale = 0;
    std::array<std::atomic<int>, reader_count> seen{};
    const auto read_each_round = [&](int reader) {
        for (int i = 1; i <= rounds; ++i) {
            while (round.load(std::memory_order_acquire) != i)
                __builtin_ia32_pause();
            stale += *page != i;
            seen[reader].store(i, std::memory_order_release);
        }
    };
    {
        JoiningThread first{[&] { read_each_round(0); }};
        JoiningThread second{[&] { read_each_round(1); }};
        JoiningThread third{[&] { read_each_round(2); }};
        for (int i = 1; i <= rounds; ++i) {
            CHECK_OK(vm_deallocate(mach_task_self(), address, MACH_PAGE_SIZE));
            *reinterpret_cast<volatile int*>(other) = -1;  // Takes the frame that has just become free.
            CHECK_OK(vm_allocate(mach_task_self(), &address, MACH_PAGE_SIZE, VM_FLAGS_FIXED));
            *const_cast<volatile int*>(page) = i;
            round.store(i, std::memory_order_release);
            for (const std::atomic<int>& reader : seen)
                while (reader.load(std::memory_order_acquire) != i)
                    __builtin_ia32_pause();
            CHECK_OK(vm_deallocate(mach_task_self(), other, MACH_PAGE_SIZE));
            CHECK_OK(vm_allocate(mach_task_self(), &other, MACH_PAGE_SIZE, VM_FLAGS_FIXED));
        }
    }
    CHECK_EQ(stale.load(), 0);
    CHECK_OK(vm_deallocate(mach_task_self(), address, MACH_PAGE_SIZE));
}

struct Numbered {
    mach_msg_header_t header;
    int number;
    mach_msg_trailer_t trailer;
};
constexpr mach_msg_size_t numbered_size = sizeof(mach_msg_header_t) + sizeof(int);

// Answers each number with its successor, until it is told to end by a negative one.
void serve_numbers(mach_port_t port)
{
    for (;;) {
        Numbered message{};
        CHECK_OK(mach_msg(&message.header, MACH_RCV_MSG, 0, sizeof message, port, 0, MACH_PORT_NULL));
        if (message.number < 0)
            return;
        ++message.number;
        message.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
        message.header.msgh_local_port = MACH_PORT_NULL;
        CHECK_OK(
            mach_msg(&message.header, MACH_SEND_MSG, numbered_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL));
    }
}

int ask(mach_port_t server, mach_port_t reply_port, int number)
{
    Numbered message{};
    message.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    message.header.msgh_remote_port = server;
    message.header.msgh_local_port = reply_port;
    message.number = number;
    CHECK_OK(mach_msg(&message.header, MACH_SEND_MSG | MACH_RCV_MSG, numbered_size, sizeof message,
                      reply_port, 0, MACH_PORT_NULL));
    return message.number;
}

void tell_to_end(mach_port_t server)
{
    Numbered message{};
    message.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
    message.header.msgh_remote_port = server;
    message.number = -1;
    CHECK_OK(mach_msg(&message.header, MACH_SEND_MSG, numbered_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL));
}

void ask_often(mach_port_t server, int calls)
{
    const mach_port_t reply_port = mach_reply_port();
    int wrong = 0;
    for (int i = 0; i < calls; ++i)
        wrong += ask(server, reply_port, i) != i + 1;
    CHECK_EQ(wrong, 0);
    CHECK_OK(mach_port_mod_refs(mach_task_self(), reply_port, MACH_PORT_RIGHT_RECEIVE, -1));
}

GUEST_TEST(smp, pairs_of_clients_and_servers_do_not_lose_a_message)
{
    constexpr int calls = 500;
    std::array<mach_port_t, processors> ports{};
    for (mach_port_t& port : ports)
        REQUIRE_OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
    const auto server_of = [&](int pair) { return [&ports, pair] { serve_numbers(ports[pair]); }; };
    const auto client_of = [&](int pair) { return [&ports, pair] { ask_often(ports[pair], calls); }; };
    {
        JoiningThread server0{server_of(0)}, server1{server_of(1)}, server2{server_of(2)},
            server3{server_of(3)};
        {
            JoiningThread client0{client_of(0)}, client1{client_of(1)}, client2{client_of(2)},
                client3{client_of(3)};
        }
        for (const mach_port_t port : ports)
            tell_to_end(port);
    }
    for (const mach_port_t port : ports)
        CHECK_OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1));
}

// Many clients at one server: the queue fills, senders wait in it, and are woken from another processor.
GUEST_TEST(smp, many_clients_of_one_server_all_get_their_answers)
{
    constexpr int calls = 300;
    mach_port_t port;
    REQUIRE_OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
    {
        JoiningThread server{[&] { serve_numbers(port); }};
        {
            const auto client = [&] { ask_often(port, calls); };
            JoiningThread a{client}, b{client}, c{client}, d{client}, e{client}, f{client};
        }
        tell_to_end(port);
    }
    CHECK_OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1));
}

}  // namespace
