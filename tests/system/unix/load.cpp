// tests/system/unix/load.cpp
//
// Load that a Unix user puts on the system, four rounds of it: all is done right, and after two rounds to warm up nothing is
// left behind.  The campaign does each row whole; ./check a small part, which must leave as little.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <cstdio>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// How often: the whole row in the campaign, a part in ./check.
int times(int whole, int part) { return guest::whole_campaign() ? whole : part; }

std::string repeat(int count, const char* text)
{
    std::string all;
    for (int i = 0; i < count; ++i)
        all += text;
    return all;
}

void run(const std::string& script)
{
    CHECK_EQ(guest::describe_status(guest::status_of_script(script)), "exit 0");
}

}  // namespace

GUEST_TEST(load, a_shell_in_a_loop_leaves_nothing)
{
    const std::string script = "i=0; while [ $i -lt " + std::to_string(times(2000, 40)) +
                               " ]; do sh -c 'exit 7'; [ $? = 7 ] || exit 1; i=$((i+1)); done";
    guest::check_rounds_leave_nothing("sh -c", [&] { run(script); });
}

GUEST_TEST(load, a_pipeline_of_twenty_processes_passes_all_bytes)
{
    const std::string lines = std::to_string(times(100'000, 5'000));
    const std::string script =
        "[ \"$(seq 1 " + lines + repeat(18, " | cat") + " | tail -n 1)\" = " + lines + " ]";
    guest::check_rounds_leave_nothing("pipeline", [&] { run(script); });
}

GUEST_TEST(load, a_directory_of_many_files_is_listed_and_removed)
{
    const std::string files = std::to_string(times(5'000, 200));
    const std::string script =
        "mkdir /tmp/many && cd /tmp/many && i=0 && while [ $i -lt " + files +
        " ]; do echo $i >file$i; i=$((i+1)); done && [ $(ls | wc -l) = " + files +
        " ] && [ \"$(cat file1[0-9])\" = \"$(seq 10 19)\" ] && cd / && rm -r /tmp/many";
    guest::check_rounds_leave_nothing("directory", [&] { run(script); });
}

GUEST_TEST(load, a_large_file_is_written_read_and_summed)
{
    const std::string blocks = std::to_string(times(1024, 32));  // Of 64 KiB.
    const std::string script = "yes 0123456789abcde | dd of=/tmp/large bs=64k count=" + blocks +
                               " iflag=fullblock 2>/dev/null && a=$(sha256sum </tmp/large) && "
                               "b=$(yes 0123456789abcde | head -c $((" +
                               blocks + " * 65536)) | sha256sum) && [ \"$a\" = \"$b\" ] && rm /tmp/large";
    guest::check_rounds_leave_nothing("file", [&] { run(script); });
}

GUEST_TEST(load, many_processes_live_at_once)
{
    const std::string count = std::to_string(times(200, 40));
    const std::string script = "i=0; while [ $i -lt " + count +
                               " ]; do (read x </tmp/gate; exit 3) & i=$((i+1)); done; "
                               "n=$(ls -d /proc/[0-9]* | wc -l); [ $n -gt " +
                               count + " ] || exit 1; sleep 1; i=0; exec 3<>/tmp/gate; while [ $i -lt " +
                               count + " ]; do echo go >&3; i=$((i+1)); done; wait; exit 0";
    (void)mkfifo("/tmp/gate", 0600);
    guest::check_rounds_leave_nothing("processes", [&] { run(script); });
    (void)unlink("/tmp/gate");
}

GUEST_TEST(load, a_child_knows_its_own_pid)
{
    const pid_t parent = getpid();
    int ends[2];
    REQUIRE_OK(pipe(ends));
    const pid_t child = guest::start_child([&] {
        const pid_t self = getpid();
        return write(ends[1], &self, sizeof self) == sizeof self ? 0 : 1;
    });
    CHECK_EQ(guest::wait_status(child), 0);
    pid_t told = 0;
    CHECK_EQ(read(ends[0], &told, sizeof told), sizeof told);
    CHECK_EQ(told, child);
    CHECK(told != parent);
    close(ends[0]);
    close(ends[1]);
}
