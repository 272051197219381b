// tests/system/unix/polls.cpp
//
// Polls that time out: the campaign makes a million of 1 ms under --icount, where waiting costs nothing.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <poll.h>
#include <unistd.h>

GUEST_TEST(polls, a_million_that_time_out_leave_the_counts_flat)
{
    int ends[2];
    REQUIRE_OK(pipe(ends));
    const int per_round = guest::whole_campaign() ? 250'000 : 2'500;
    guest::check_rounds_leave_nothing("polls", [&] {
        for (int i = 0; i < per_round; ++i) {
            pollfd wanted{ends[0], POLLIN, 0};
            if (poll(&wanted, 1, 1) != 0)
                return guest::fail(__FILE__, __LINE__, "poll", "something else", "0");
        }
    });
    close(ends[0]);
    close(ends[1]);
}

GUEST_TEST(polls, one_that_timed_out_does_not_hide_the_next_event)
{
    int ends[2];
    REQUIRE_OK(pipe(ends));
    pollfd wanted{ends[0], POLLIN, 0};
    CHECK_EQ(poll(&wanted, 1, 1), 0);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EQ(poll(&wanted, 1, 1000), 1);
    CHECK_EQ(wanted.revents, POLLIN);
    close(ends[0]);
    close(ends[1]);
}
