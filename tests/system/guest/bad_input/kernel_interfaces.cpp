// tests/system/guest/bad_input/kernel_interfaces.cpp
//
// Every routine of every interface, good and wrong in each place, to every kind of kernel port.  The kernel must answer or refuse,
// answer in the routine's form, and be as well afterwards as it was before.
//
// boot: kernel + this task     machine: -smp 1     time limit: 240 s
#include "hostile_world.h"
#include "victims.h"
#include "watchdog.h"

#include "guest_test.h"

#include <catalogue.h>
#include <mig/walk.h>

#include <cstdio>
#include <string_view>

#include <mach/exception_types.h>
#include <mach/mach.h>
#include <mach/thread_switch.h>

namespace guest {
namespace {

using namespace mig::description;
using mig::fuzz::Change;

alignas(8) std::byte room[mig::fuzz::request_room];

struct Tally {
    unsigned sent = 0, answered = 0, succeeded = 0;
};

// What ends the machine when it succeeds is tried in wrong forms only.
bool would_end_the_machine(const Routine& routine, const Change& change)
{
    return std::string_view{routine.name} == "host_reboot" && change.what == Change::Value;
}

class Attack {
public:
    ~Attack() { (void)mach_port_destroy(mach_task_self(), reply_port_); }

    void run(const Interface& interface)
    {
        for (const Routine& routine : interface.routines) {
            if (!try_everywhere(routine, 0))
                continue;  // The kernel is not this routine's server.
            const uint32_t changes = mig::fuzz::request_changes(routine);
            for (uint32_t number = 1; number < changes; ++number) {
                if (!would_end_the_machine(routine, mig::fuzz::request_change(routine, number)))
                    (void)try_everywhere(routine, number);
            }
        }
    }

    const Tally& tally() const { return tally_; }
    uint32_t aborted() const { return watchdog_.aborted(); }

private:
    // False if no port knows the routine.
    bool try_everywhere(const Routine& routine, uint32_t number)
    {
        bool known = routine.simple;
        for (const mach_port_t victim : victims_.names())
            known |= attempt(routine, victim, number);
        victims_.repair();
        return known;
    }

    // Did it find its routine?
    bool attempt(const Routine& routine, mach_port_t victim, uint32_t number)
    {
        const mig::fuzz::Request request =
            generator_.request(routine, room, {victim, MACH_MSG_TYPE_COPY_SEND}, reply_port_, number);
        const mach_msg_option_t receive = routine.simple ? 0 : MACH_RCV_MSG | MACH_RCV_TIMEOUT;
        watchdog_.call_begins();
        const mach_msg_return_t code =
            mach_msg_trap(request.header(), MACH_SEND_MSG | MACH_SEND_TIMEOUT | receive, request.size,
                          static_cast<mach_msg_size_t>(sizeof room), reply_port_, 0);
        watchdog_.call_ends();
        ++tally_.sent;
        bool known = false;
        if (code == MACH_MSG_SUCCESS && receive != 0)
            known = take_reply(routine, request.header());
        else if (code == MACH_SEND_TIMED_OUT || code == MACH_SEND_INTERRUPTED)
            mach_msg_destroy(request.header());  // It has come back.
        world_.clean_up();
        drain(reply_port_);
        repair_reply_port();
        return known;
    }

    bool take_reply(const Routine& routine, mach_msg_header_t* header)
    {
        const std::span<const std::byte> bytes{room, header->msgh_size};
        const bool is_complex = MACH_MSGH_BITS_IS_COMPLEX(header->msgh_bits);
        bool known = false;
        ++tally_.answered;
        if (header->msgh_id == routine.reply.id) {  // Else it was made into another request.
            if (const char* wrong = wrong_with_reply(routine, bytes))
                fail(__FILE__, __LINE__, routine.name, wrong, "a reply of its form");
            const auto code = is_complex ? KERN_SUCCESS
                                         : static_cast<kern_return_t>(word_at(
                                               bytes, sizeof(mach_msg_header_t) + sizeof(NDR_record_t)));
            known = code != MIG_BAD_ID;
            if (code == KERN_SUCCESS)
                succeeded(routine, bytes);
        }
        mach_msg_destroy(header);
        return known;
    }

    void succeeded(const Routine& routine, std::span<const std::byte> bytes)
    {
        ++tally_.succeeded;
        end_what_came(routine, bytes);
        victims_.repair();
    }

    // A task lives on without a right to it.  What is no task is not harmed.
    static void end_what_came(const Routine& routine, std::span<const std::byte> bytes)
    {
        for (size_t at = 0; at < routine.reply.descriptors.size(); ++at) {
            if (routine.arguments[routine.reply.descriptors[at]].kind == Kind::Port)
                (void)task_terminate(word_at(bytes, descriptor_offset(routine, routine.reply, at)));
        }
    }

    // A message that moves the port itself takes it away.
    void repair_reply_port()
    {
        mach_port_type_t type = 0;
        if (mach_port_type(mach_task_self(), reply_port_, &type) != KERN_SUCCESS ||
            (type & MACH_PORT_TYPE_RECEIVE) == 0)
            reply_port_ = mach_reply_port();
    }

    Victims victims_;
    HostileWorld world_{victims_.names()};
    Watchdog watchdog_;
    mig::fuzz::Generator generator_{world_, 20261128};
    mach_port_t reply_port_ = mach_reply_port();
    Tally tally_;
};

// The interfaces that the kernel serves: each must be entered with success, or the test would show nothing.
constexpr std::string_view served[] = {
    "task",      "thread_act", "mach_port",     "vm_map", "memory_object_control",
    "mach_host", "host_priv",  "host_security", "clock",  "device_priv",
    "sync",      "mach_debug"};

bool is_served(std::string_view name)
{
    for (const std::string_view each : served) {
        if (name == each)
            return true;
    }
    return false;
}

// What was taken comes back, a little later: the dead are taken apart by a thread of the kernel's.
bool comes_back_to(const mach_debug_counts_t& before)
{
    mach_debug_counts_t now{};
    for (unsigned tries = 0; tries < 1000; ++tries) {
        CHECK_OK(mach_debug_counts(mach_host_self(), &now));
        if (now.tasks <= before.tasks && now.threads <= before.threads && now.ports <= before.ports &&
            now.rights <= before.rights && now.vm_maps <= before.vm_maps)
            return true;
        (void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
    }
    char line[160];
    std::snprintf(
        line, sizeof line, "more than before: %lld tasks, %lld threads, %lld ports, %lld rights, %lld maps",
        static_cast<long long>(now.tasks - before.tasks),
        static_cast<long long>(now.threads - before.threads),
        static_cast<long long>(now.ports - before.ports), static_cast<long long>(now.rights - before.rights),
        static_cast<long long>(now.vm_maps - before.vm_maps));
    log_line(line);
    return false;
}

}  // namespace

GUEST_TEST(bad_input, every_message_of_every_interface_leaves_the_kernel_well)
{
    {
        Attack first;  // What is made once and kept, is made now.
    }
    mach_debug_counts_t before{};
    CHECK_OK(mach_debug_counts(mach_host_self(), &before));
    for (const Interface* interface : system_interfaces) {
        if (interface->is_traps)
            continue;
        Attack attack;
        attack.run(*interface);
        const Tally& tally = attack.tally();
        char line[160];
        std::snprintf(line, sizeof line, "%s: %u sent, %u answered, %u succeeded, %u waits ended",
                      interface->name, tally.sent, tally.answered, tally.succeeded, attack.aborted());
        log_line(line);
        if (is_served(interface->name))
            CHECK(tally.succeeded > 0);
    }
    // What a successful message has left with the host.
    CHECK_OK(
        host_set_exception_ports(host_privileged_port(), EXC_MASK_ALL, MACH_PORT_NULL, EXCEPTION_DEFAULT, 0));
    CHECK(comes_back_to(before));
}

}  // namespace guest
