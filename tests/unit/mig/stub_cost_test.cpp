// tests/unit/mig/stub_cost_test.cpp
//
// How many instructions of generated code a call of a routine without arguments executes, counted one by one: a process runs
// the call, its parent steps it.  docs/benchmarks.md has the figures.
#include "played_mach_msg.h"

#include <everything.h>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// The linker's names of the two sections' ends.
extern "C" {
extern const char __start_mig_user_stubs[], __stop_mig_user_stubs[];
extern const char __start_mig_server_stubs[], __stop_mig_server_stubs[];
}

// As little as will do: each of its instructions is a step, too.
extern "C" {
mach_msg_return_t played_mach_msg(mach_msg_header_t* msg, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t,
                                  mach_port_name_t, mach_msg_timeout_t, mach_port_name_t)
{
    mig_reply_error_t reply;
    played::server.serve(msg, &reply.Head);
    std::memcpy(msg, &reply, sizeof reply);
    return MACH_MSG_SUCCESS;
}
mach_port_t mig_get_reply_port() { return 77; }
void mig_put_reply_port(mach_port_t) {}
void mig_dealloc_reply_port(mach_port_t) {}
void mach_msg_destroy(mach_msg_header_t*) {}
}

namespace {

constexpr unsigned most_instructions = 40;

struct Cost {
    unsigned user = 0, server = 0;
    int status = -1;  // As wait() has it.
};

bool is_in(uint64_t address, const char* start, const char* end)
{
    return address >= reinterpret_cast<uint64_t>(start) && address < reinterpret_cast<uint64_t>(end);
}

[[noreturn]] void run_call()
{
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
        _exit(99);
    static_cast<void>(nothing(0x103));  // Once unseen: the dynamic linker has looked up what it must.
    static_cast<void>(kill(getpid(), SIGSTOP));
    const kern_return_t code = nothing(0x103);
    static_cast<void>(kill(getpid(), SIGSTOP));
    _exit(code);
}

Cost cost_of_null_call()
{
    Cost cost;
    const pid_t child = fork();
    if (child == 0)
        run_call();
    unsigned stops = 0;  // Before the call, and behind it.
    while (waitpid(child, &cost.status, 0) == child && WIFSTOPPED(cost.status)) {
        stops += WSTOPSIG(cost.status) == SIGSTOP;
        if (stops == 2) {
            ptrace(PTRACE_CONT, child, nullptr, nullptr);
            continue;
        }
        user_regs_struct registers{};
        ptrace(PTRACE_GETREGS, child, nullptr, &registers);
        if (is_in(registers.rip, __start_mig_user_stubs, __stop_mig_user_stubs))
            ++cost.user;
        if (is_in(registers.rip, __start_mig_server_stubs, __stop_mig_server_stubs))
            ++cost.server;
        ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
    }
    return cost;
}

TEST(MigStubCost, NullCallTakesAtMost40InstructionsOnEachSide)
{
    const Cost cost = cost_of_null_call();

    ASSERT_TRUE(WIFEXITED(cost.status) && WEXITSTATUS(cost.status) == KERN_SUCCESS);
    std::printf("user %u, server %u\n", cost.user, cost.server);
    EXPECT_GT(cost.user, 0u);
    EXPECT_LE(cost.user, most_instructions);
    EXPECT_GT(cost.server, 0u);
    EXPECT_LE(cost.server, most_instructions);
}

}  // namespace
