// tests/system/unix/hostile/services.cpp
//
// Every routine of every interface, good and wrong in each place and with bytes damaged, to every kind of port that a process has at
// the services, and that services, drivers and bootstrap have at each other.  They must answer or refuse in the routine's form, go on for everybody else, and keep nothing.
//
// Routines are taken from mig's tables: which port serves which is found out by asking.  docs/campaigns/services.md.
#include "attacker.h"
#include "bystander.h"

#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hostile {
namespace {

constexpr unsigned patience_s = 60;

Shared& make_shared_page()
{
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    return *new (memory) Shared;
}

// A child that stops itself is ended; one that is neither done nor ended in time is what must not be.
bool ends(pid_t child)
{
    struct sigaction action{};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    alarm(patience_s);
    int status = 0;
    bool in_time = true;
    while (waitpid(child, &status, WUNTRACED) != child || WIFSTOPPED(status)) {
        in_time = in_time && WIFSTOPPED(status);
        kill(child, SIGKILL);
    }
    alarm(0);
    return in_time;
}

class Campaign {
public:
    // Children of the attacker's kind, one after the other, until one says that all has been tried.
    void run(int (Attacker::*part)())
    {
        shared_.next = 0;
        shared_.over = false;
        while (!shared_.over && shared_.complaint[0] == '\0') {
            const uint32_t before = shared_.next;
            const Insider::Names names = insider_.receive_rights();
            const pid_t child = guest::start_child([&] { return (Attacker{shared_, names}.*part)(); });
            ++shared_.tally.children;
            if (!ends(child) || (shared_.next == before && !shared_.over))
                std::snprintf(shared_.complaint, sizeof shared_.complaint, "the attacker does not end");
            bystander_.check_all_is_well();
        }
        if (shared_.complaint[0] != '\0')
            guest::fail(__FILE__, __LINE__, shared_.last_item, shared_.complaint, "an answer");
        bystander_.check_shell_works();
        Bystander::clear_attackers_folder();
    }

    const Shared& shared() const { return shared_; }
    bool failed() const { return shared_.complaint[0] != '\0'; }

private:
    Insider insider_;
    Shared& shared_ = make_shared_page();
    Bystander bystander_;
};

// If nothing of an interface that is served succeeded, the test would show nothing.  Simple routines do not say.
void check_success(const Shared& shared)
{
    const mig::description::Interface* last = nullptr;
    uint32_t answering = 0, succeeded = 0;
    const auto judge = [&] {
        if (answering > 0 && succeeded == 0)
            guest::fail(__FILE__, __LINE__, last->name, "no success", "some");
        answering = succeeded = 0;
    };
    for_each_routine([&](uint32_t number, const mig::description::Interface& interface,
                         const mig::description::Routine& routine) {
        if (&interface != last)
            judge();
        last = &interface;
        // A memory entry is the kernel's.
        if ((shared.known[number] & ~(1u << static_cast<uint32_t>(Victim::Mapping))) == 0 || routine.simple)
            return;
        ++answering;
        succeeded += shared.succeeded[number];
        if (shared.succeeded[number] == 0)
            guest::log_line(std::string{"no success: "} + routine.name);
    });
    judge();
}

}  // namespace

GUEST_TEST(hostile, every_message_of_every_service_leaves_the_services_well)
{
    Campaign campaign;
    campaign.run(&Attacker::learn);
    guest::check_rounds_leave_nothing("hostile messages", [&] {
        if (!campaign.failed())
            campaign.run(&Attacker::attack);
        if (!campaign.failed())
            campaign.run(&Attacker::forget_forged);
    });
    if (guest::whole_campaign())
        check_success(campaign.shared());
    CHECK(campaign.shared().tally.succeeded > 0);
    const Tally& tally = campaign.shared().tally;
    char line[300];
    std::snprintf(line, sizeof line,
                  "%u sent, %u answered, %u succeeded, %u let go, %u left waiting, by %u processes; last %s",
                  tally.sent, tally.answered, tally.succeeded, tally.let_go, tally.parked, tally.children,
                  campaign.shared().last_item);
    guest::log_line(line);
}

}  // namespace hostile
