// tests/system/unix/deaths.cpp
//
// A process that is killed in a system call takes nothing with it that belongs to somebody else.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <csignal>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// Until the child has had time to come to its read and wait there.
void let_wait() { usleep(20'000); }

pid_t start_reader(int from)
{
    return guest::start_child([=] {
        char found[16] = {};
        return read(from, found, sizeof found) == 5 && std::memcmp(found, "whole", 5) == 0 ? 7 : 1;
    });
}

void kill_child(pid_t child)
{
    CHECK_EQ(kill(child, SIGKILL), 0);
    CHECK_EQ(guest::describe_status(guest::wait_status(child)), "signal 9");
}

}  // namespace

GUEST_TEST(deaths, of_a_reader_that_waits_at_a_pipe_leave_all_to_the_next)
{
    int ends[2];
    REQUIRE_OK(pipe(ends));
    guest::check_rounds_leave_nothing("a reader killed", [&] {
        const pid_t first = start_reader(ends[0]);
        let_wait();
        const pid_t second = start_reader(ends[0]);
        let_wait();
        kill_child(first);
        CHECK_EQ(write(ends[1], "whole", 5), 5);
        CHECK_EQ(guest::describe_status(guest::wait_status(second)), "exit 7");
    });
    close(ends[0]);
    close(ends[1]);
}

GUEST_TEST(deaths, of_a_reader_just_before_data_comes_leave_it_in_the_pipe)
{
    int ends[2];
    REQUIRE_OK(pipe(ends));
    for (int round = 0; round < 20; ++round) {
        const pid_t reader = start_reader(ends[0]);
        usleep(static_cast<useconds_t>(round) * 500);  // It is started, on its way, or waits.
        kill_child(reader);
        CHECK_EQ(write(ends[1], "whole", 5), 5);
        char found[16] = {};
        CHECK_EQ(read(ends[0], found, sizeof found), 5);
        CHECK(std::memcmp(found, "whole", 5) == 0);
    }
    close(ends[0]);
    close(ends[1]);
}
