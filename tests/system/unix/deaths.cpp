// tests/system/unix/deaths.cpp
//
// A process that dies in a system call takes nothing with it that belongs to somebody else, keeps nobody waiting, and leaves
// nothing behind: killed by a signal while it waits, and made to die before the n-th message, copy, lock and block of a call,
// for every n (mach_debug_death_point(), which the checked kernel has).  ./check tries a slice of all n.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mach/mach.h>
#include <mach/mach_debug.h>

namespace {

using Step = std::function<void()>;

constexpr const char* file = "/tmp/deaths";

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

// Answers how many points the last plan has met.
uint64_t plan_death(uint32_t kinds, uint64_t n)
{
    uint64_t met = 0;
    const kern_return_t code = mach_debug_death_point(mach_host_self(), mach_thread_self(), kinds, n, &met);
    if (code != KERN_SUCCESS)
        guest::fail(__FILE__, __LINE__, "mach_debug_death_point", guest::text_of_unsigned(code).characters,
                    "0");
    return met;
}

// A child that dies at the n-th point from `call` to its exit; 0: it lives.
pid_t start_mortal(uint64_t n, const Step& prepare, const Step& call)
{
    return guest::start_child([&] {
        prepare();
        plan_death(MACH_DEATH_AT_ANYTHING, n);
        call();
        return 0;
    });
}

bool was_killed(int status) { return status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

struct Deaths {
    uint64_t tried = 0, killed = 0;
};

// Dies at the n-th point for each n of the slice up to `points`.
Deaths sweep(const std::string& what, uint64_t points, const Step& prepare, const Step& call,
             const Step& look)
{
    Deaths deaths;
    for (uint64_t n = 1; n <= points; ++n) {
        if (!guest::in_slice(n))
            continue;
        const int status = guest::wait_status(start_mortal(n, prepare, call));
        ++deaths.tried;
        deaths.killed += was_killed(status) ? 1 : 0;
        // What others do at the same time decides how many points there are: near the end it gets through.
        if (!was_killed(status) && status != 0)
            guest::fail(__FILE__, __LINE__, (what + " at " + std::to_string(n)).c_str(),
                        guest::describe_status(status).c_str(), "signal 9");
        look();
    }
    return deaths;
}

// A child that ends by itself comes before each count, so that like is compared with like.
void check_sweeps_leave_nothing(const std::string& what, const Step& one_sweep)
{
    const auto count = [] {
        CHECK_EQ(guest::describe_status(guest::status_of([] { return 0; })), "exit 0");
        return guest::settled_counts();
    };
    one_sweep();
    const mach_debug_counts_t before = count();
    one_sweep();
    guest::check_flat(what.c_str(), before, count());
}

// Lets a child die at each point of `call`, after `prepare`; `look` judges what it has left when it is gone.
void die_everywhere(const std::string& what, const Step& prepare, const Step& call, const Step& look)
{
    CHECK_EQ(guest::describe_status(guest::wait_status(start_mortal(0, prepare, call))), "exit 0");
    const uint64_t points = plan_death(0, 0);
    look();
    Deaths deaths;
    check_sweeps_leave_nothing(what, [&] { deaths = sweep(what, points, prepare, call, look); });
    // The last points are those of exit(): there the call is over, and the end is what exit() said.
    CHECK(!guest::whole_campaign() || 2 * deaths.killed > deaths.tried);
    guest::log_line((what + ": killed at " + std::to_string(deaths.killed) + " of " + std::to_string(points) +
                     " points, tried " + std::to_string(deaths.tried))
                        .c_str());
}

void die_everywhere(const std::string& what, const Step& call)
{
    die_everywhere(what, [] {}, call, [] {});
}

void make_file(const char* path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK_EQ(write(fd, "0123456789abcdef", 16), 16);
    close(fd);
}

// Lets readers die at each point from read() to their wait for what is not there yet, and then looks.
void die_while_waiting(const std::string& what, int fd, const Step& look)
{
    const auto read_one = [fd] {
        char byte;
        (void)!read(fd, &byte, 1);
    };
    check_sweeps_leave_nothing(what, [&] {
        const uint64_t most_points = 200;  // Those that wait have met fewer.
        for (uint64_t n = 1; n <= most_points; ++n) {
            if (!guest::in_slice(n))
                continue;
            const pid_t reader = start_mortal(n, [] {}, read_one);
            let_wait();
            (void)kill(reader, SIGKILL);
            CHECK(was_killed(guest::wait_status(reader)));
            look();
        }
    });
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

GUEST_TEST(deaths, at_each_point_of_a_read_or_write_of_a_file_leave_it_whole)
{
    make_file(file);
    const int fd = open(file, O_RDWR);
    char buffer[16];
    die_everywhere("read", [&] { (void)!pread(fd, buffer, sizeof buffer, 0); });
    die_everywhere(
        "write", [] {}, [&] { (void)!pwrite(fd, "FEDCBA9876543210", 16, 0); },
        [&] {
            char found[16] = {};
            CHECK_EQ(pread(fd, found, sizeof found, 0), 16);
            CHECK(std::memcmp(found, "0123456789abcdef", 16) == 0 ||
                  std::memcmp(found, "FEDCBA9876543210", 16) == 0);
            CHECK_EQ(pwrite(fd, "0123456789abcdef", 16, 0), 16);
        });
    die_everywhere("mmap", [&] {
        void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        auto* bytes = static_cast<volatile char*>(memory);
        bytes[0] = bytes[1];
        munmap(memory, 4096);
    });
    close(fd);
    unlink(file);
}

GUEST_TEST(deaths, at_each_point_of_a_change_of_names_leave_the_old_or_the_new)
{
    make_file(file);
    die_everywhere("open and close", [] { close(open(file, O_RDONLY)); });
    die_everywhere(
        "create", [] {}, [] { (void)open("/tmp/deaths-new", O_WRONLY | O_CREAT, 0600); },
        [] { unlink("/tmp/deaths-new"); });
    make_file("/tmp/deaths-old");
    die_everywhere(
        "rename", [] {}, [] { (void)rename("/tmp/deaths-old", "/tmp/deaths-new"); },
        [] {
            const bool old_one = access("/tmp/deaths-old", F_OK) == 0;
            const bool new_one = access("/tmp/deaths-new", F_OK) == 0;
            CHECK(old_one != new_one);
            if (new_one)
                CHECK_EQ(rename("/tmp/deaths-new", "/tmp/deaths-old"), 0);
        });
    unlink("/tmp/deaths-old");
    unlink(file);
}

GUEST_TEST(deaths, at_each_point_of_fork_wait_exec_and_kill_leave_no_process)
{
    die_everywhere("fork and wait", [] {
        const pid_t child = fork();
        if (child == 0)
            _exit(0);
        (void)waitpid(child, nullptr, 0);
    });
    die_everywhere("exec", [] { execl("/bin/true", "true", static_cast<char*>(nullptr)); });
    die_everywhere("kill", [] { (void)kill(getppid(), SIGCONT); });
    die_everywhere("a signal caught", [] {
        signal(SIGUSR1, [](int) {});
        raise(SIGUSR1);
    });
}

GUEST_TEST(deaths, at_each_point_of_a_read_or_write_of_a_pipe_leave_all_or_nothing)
{
    int ends[2];
    REQUIRE_OK(pipe(ends));
    const auto pass_on = [&] {
        char found[16] = {};
        CHECK_EQ(write(ends[1], "whole", 5), 5);
        CHECK_EQ(read(ends[0], found, sizeof found), 5);
        CHECK(std::memcmp(found, "whole", 5) == 0);
    };
    die_while_waiting("read of an empty pipe", ends[0], pass_on);
    // Whoever was sent its answer has had it; the others leave all of it.
    const auto drain = [&] {
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        char found[16] = {};
        const ssize_t got = read(ends[0], found, sizeof found);
        CHECK(got == -1 || (got == 8 && std::memcmp(found, "12345678", 8) == 0));
        fcntl(ends[0], F_SETFL, 0);
    };
    die_everywhere("write to a pipe", [] {}, [&] { (void)!write(ends[1], "12345678", 8); }, drain);
    die_everywhere(
        "read of a pipe", [&] { CHECK_EQ(write(ends[1], "12345678", 8), 8); },
        [&] {
            char found[16];
            (void)!read(ends[0], found, sizeof found);
        },
        drain);
    die_everywhere("poll", [&] {
        pollfd wanted{ends[0], POLLIN, 0};
        (void)poll(&wanted, 1, 1);
    });
    close(ends[0]);
    close(ends[1]);
}

GUEST_TEST(deaths, at_each_point_of_a_use_of_the_terminal_leave_it_usable)
{
    const int console = open("/dev/console", O_RDWR | O_NOCTTY);
    CHECK(console >= 0);
    die_while_waiting("read of the terminal", console, [] {});
    die_everywhere(
        "write to the terminal", [] {}, [&] { (void)!write(console, "\r", 1); },
        [&] { CHECK_EQ(write(console, "\r", 1), 1); });
    close(console);
}

GUEST_TEST(deaths, leave_a_system_that_works)
{
    CHECK_EQ(
        guest::describe_status(guest::status_of_script("[ \"$(seq 1 100 | sort -n | tail -n 1)\" = 100 ]")),
        "exit 0");
}
