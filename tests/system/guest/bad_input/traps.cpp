// tests/system/guest/bad_input/traps.cpp
//
// Every trap with every pointer bad in every way, and every number at its bounds.
//
// boot: kernel + this task     machine: -smp 1     time limit: 240 s
#include "hostile_world.h"
#include "victims.h"
#include "watchdog.h"

#include "guest_test.h"

#include <catalogue.h>

#include <cstdio>
#include <cstring>

#include <mach/mach.h>

extern "C" const uint64_t __mach_trap_slot;  // Where every stub jumps to (libc/mach/trap).

namespace guest {
namespace {

using namespace mig::description;
using mig::fuzz::TrapCall;

// The trap without a stub: any number, any six registers.
uint64_t trap(const TrapCall& call)
{
    uint64_t result = call.number;
    // A message in registers comes back in those of the arguments.
    uint64_t first = call.arguments[0], second = call.arguments[1], third = call.arguments[2];
    register uint64_t fourth asm("rcx") = call.arguments[3];
    register uint64_t fifth asm("r8") = call.arguments[4];
    register uint64_t sixth asm("r9") = call.arguments[5];
    asm volatile("call *%[slot]"
                 : "+a"(result), "+D"(first), "+S"(second), "+d"(third), "+r"(fourth), "+r"(fifth),
                   "+r"(sixth)
                 : [slot] "m"(__mach_trap_slot)
                 : "r10", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
                   "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return result;
}

const Interface* the_traps()
{
    for (const Interface* interface : system_interfaces) {
        if (interface->is_traps)
            return interface;
    }
    return nullptr;
}

class TrapAttack {
public:
    void run(const Routine& routine, unsigned rounds)
    {
        for (unsigned round = 0; round < rounds; ++round) {
            for (uint32_t number = 0; number < mig::fuzz::trap_changes(routine); ++number)
                attempt(routine, number);
        }
    }

    unsigned calls() const { return calls_; }
    uint32_t aborted() const { return watchdog_.aborted(); }

private:
    void attempt(const Routine& routine, uint32_t number)
    {
        const TrapCall call = generator_.trap(routine, number);
        const Argument* changed = mig::fuzz::trap_change_argument(routine, number);
        uint64_t storage;
        asm volatile("movq %%fs:0, %0" : "=r"(storage));
        watchdog_.call_begins();
        const uint64_t result = trap(call);
        // The trap may have been the one that moves the thread's storage.
        (void)trap({storage_trap_, {storage}});
        watchdog_.call_ends();
        ++calls_;
        const bool must_fail =
            changed != nullptr && changed->kind == Kind::Pointer && is_bad(*changed, number);
        if (must_fail && static_cast<int32_t>(result) == KERN_SUCCESS)
            fail(__FILE__, __LINE__, routine.name, "success with a bad pointer", "an error");
        world_.clean_up();
        victims_.repair();
    }

    // What is only read may be read-only.
    static bool is_bad(const Argument& argument, uint32_t number)
    {
        const uint32_t kind = (number - 1) % mig::fuzz::bad_addresses;
        return argument.out || kind != static_cast<uint32_t>(mig::fuzz::BadAddress::ReadOnly);
    }

    static uint64_t number_of(std::string_view name)
    {
        for (const Routine& routine : the_traps()->routines) {
            if (name == routine.name)
                return routine.number;
        }
        return 0;
    }

    Victims victims_;
    HostileWorld world_{victims_.names()};
    Watchdog watchdog_;
    mig::fuzz::Generator generator_{world_, 20261129};
    const uint64_t storage_trap_ = number_of("thread_set_fs_base");
    unsigned calls_ = 0;
};

}  // namespace

GUEST_TEST(bad_input_traps, every_argument_of_every_trap_may_be_bad)
{
    const Interface* traps = the_traps();
    REQUIRE(traps != nullptr);
    TrapAttack attack;
    for (const Routine& routine : traps->routines)
        attack.run(routine, 8);
    char line[120];
    std::snprintf(line, sizeof line, "%zu traps, %u calls, %u waits ended", traps->routines.size(),
                  attack.calls(), attack.aborted());
    log_line(line);
    CHECK_OK(static_cast<kern_return_t>(mach_task_self() == MACH_PORT_NULL));
}

// A block of arguments behind a pointer is no argument that mig knows: its own pointers are tried here.
GUEST_TEST(bad_input_traps, the_pointers_in_the_block_of_mach_msg_overwrite_may_be_bad)
{
    Victims victims;
    HostileWorld world{victims.names()};
    const mach_port_t port = mach_reply_port();
    for (uint32_t kind = 0; kind < mig::fuzz::bad_addresses; ++kind) {
        auto* bad =
            reinterpret_cast<mach_msg_header_t*>(world.address(static_cast<mig::fuzz::BadAddress>(kind)));
        CHECK(mach_msg_overwrite(bad, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof *bad, 0, MACH_PORT_NULL, 0,
                                 MACH_PORT_NULL, nullptr, 0) != MACH_MSG_SUCCESS);
        mach_msg_header_t header{};
        header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
        header.msgh_remote_port = port;
        header.msgh_size = sizeof header;
        CHECK_OK(mach_msg(&header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof header, 0, MACH_PORT_NULL, 0,
                          MACH_PORT_NULL));
        const mach_msg_return_t code = mach_msg_overwrite(&header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 256,
                                                          port, 0, MACH_PORT_NULL, bad, 256);
        // Null says that the first buffer is the one to receive into: it has room.
        CHECK_EQ(code == MACH_MSG_SUCCESS, kind == static_cast<uint32_t>(mig::fuzz::BadAddress::Null));
        drain(port);
    }
    CHECK_OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1));
}

}  // namespace guest
