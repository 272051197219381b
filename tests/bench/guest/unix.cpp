// tests/bench/guest/unix.cpp
//
// System calls and shell work: the rows of the table "Unix" in docs/benchmarks.md.
//
// A process of the whole system; files lie in /tmp.  What another process does for a row (the other end of a pipe, a
// child) is counted, and so is every service that takes part.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

void bench::print_line(const char* line)
{
    std::puts(line);
    std::fflush(stdout);
}

void bench::end() { std::exit(0); }

namespace bench {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t few_samples = 21;    // Of what takes long.
constexpr std::size_t fewest_samples = 1;  // Of what takes seconds: the warm-up has made it steady.

// What a call did wrong, or 0: operations of measure() are made of such.
template <typename T>
long failed(T result)
{
    return result < 0 ? errno : 0;
}

long expect(ssize_t result, ssize_t wanted) { return result == wanted ? 0 : result < 0 ? errno : EIO; }

int must(int result, const char* what)
{
    if (result < 0)
        give_up(what, errno);
    return result;
}

std::array<char, 64 * 1024> buffer;

// A file of `size` bytes, open for reading and writing.
int make_file(const char* path, std::size_t size)
{
    const int file = must(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644), path);
    for (std::size_t written = 0; written < size; written += buffer.size()) {
        const std::size_t part = std::min(buffer.size(), size - written);
        if (write(file, buffer.data(), part) != static_cast<ssize_t>(part))
            give_up(path, errno);
    }
    return file;
}

// ---- Calls

void measure_simple_calls()
{
    measure("unix.getpid", [] { return failed(getpid()); });
    const int zero = must(open("/dev/zero", O_RDONLY), "/dev/zero");
    measure("unix.read.zero", [zero] { return expect(read(zero, buffer.data(), 1), 1); });
    close(zero);

    std::array<struct pollfd, 16> watched;
    for (struct pollfd& one : watched) {
        std::array<int, 2> ends;
        must(pipe(ends.data()), "pipe");
        one = {ends[0], POLLIN, 0};
    }
    measure("unix.poll.16", [&] { return expect(poll(watched.data(), watched.size(), 0), 0); });

    struct sigaction action{};
    action.sa_handler = [](int) {};
    must(sigaction(SIGUSR1, &action, nullptr), "sigaction");
    measure("unix.signal", [] { return failed(kill(getpid(), SIGUSR1)); });
}

// ---- Files

void measure_names()
{
    must(mkdir("/tmp/one", 0755), "mkdir");
    must(mkdir("/tmp/one/two", 0755), "mkdir");
    close(make_file("/tmp/one/two/file", 0));
    measure("unix.open_close", [] {
        const int file = open("/tmp/one/two/file", O_RDONLY);
        return failed(file) | failed(close(file));
    });
    struct stat status;
    measure("unix.stat.1", [&status] { return failed(stat("/tmp", &status)); });
    measure("unix.stat.4", [&status] { return failed(stat("/tmp/one/two/file", &status)); });
    measure("unix.create_unlink", [] {
        const int file = open("/tmp/one/new", O_WRONLY | O_CREAT | O_EXCL, 0644);
        return failed(file) | failed(close(file)) | failed(unlink("/tmp/one/new"));
    });
    measure("unix.rename_twice", [] {
        return failed(rename("/tmp/one/two/file", "/tmp/one/two/name")) |
               failed(rename("/tmp/one/two/name", "/tmp/one/two/file"));
    });
}

// Kibibytes that a million instructions move.
void measure_rate(const char* name, std::uint64_t kibibytes, auto&& operation)
{
    if (!is_wanted(name))
        return;
    std::array<std::uint64_t, fewest_samples> rates;
    long failure = operation();
    for (std::uint64_t& rate : rates) {
        profile_begin();
        const std::uint64_t start = counter();
        failure |= operation();
        rate = kibibytes * 1'000'000 / (counter() - start);
        profile_end();
    }
    if (failure != 0)
        give_up(name, failure);
    std::sort(rates.begin(), rates.end());
    print_figure(name, rates.front(), rates[rates.size() / 2], "KiB per M instructions");
    if (!wanted_row.empty())
        print_operations(name, rates.size() * kibibytes);
}

void measure_contents()
{
    const int file = make_file("/tmp/contents", buffer.size());
    measure("unix.read.4k", [file] { return expect(pread(file, buffer.data(), page, 0), page); });
    measure("unix.read.64k",
            [file] { return expect(pread(file, buffer.data(), buffer.size(), 0), buffer.size()); });
    measure("unix.write.4k", [file] { return expect(pwrite(file, buffer.data(), page, 0), page); });
    close(file);

    constexpr std::size_t large_size = 8 * 1024 * 1024;
    const int large = make_file("/tmp/large", large_size);
    measure_rate("unix.file.bandwidth", large_size / 1024, [large] {
        long failure = failed(lseek(large, 0, SEEK_SET));
        for (std::size_t done = 0; done < large_size; done += buffer.size())
            failure |= expect(read(large, buffer.data(), buffer.size()), buffer.size());
        return failure;
    });
    close(large);
    unlink("/tmp/large");
}

// ---- Memory

long map_touch_unmap(std::size_t pages)
{
    void* const memory =
        mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return errno;
    for (std::size_t i = 0; i < pages; i++)
        static_cast<volatile char*>(memory)[i * page] = 1;
    return failed(munmap(memory, pages * page));
}

void measure_memory()
{
    measure("unix.mmap.1", [] { return map_touch_unmap(1); });
    measure<few_samples>("unix.mmap.256", [] { return map_touch_unmap(256); });

    constexpr std::size_t pages = 16;
    const int file = make_file("/tmp/mapped", pages * page);
    void* mapping = MAP_FAILED;
    const auto map = [&] {
        if (mapping != MAP_FAILED)
            munmap(mapping, pages * page);
        mapping = mmap(nullptr, pages * page, PROT_READ, MAP_SHARED, file, 0);
        return mapping == MAP_FAILED ? errno : 0;
    };
    measure_prepared<few_samples>("unix.fault.file", {.parts = pages}, map, [&mapping] {
        for (std::size_t i = 0; i < pages; i++)
            (void)static_cast<volatile char*>(mapping)[i * page];
        return 0;
    });
    close(file);
}

// ---- Processes

// A child that echoes what comes through `from` into `to` until that ends.
[[noreturn]] void echo(int from, int to)
{
    for (;;) {
        const ssize_t got = read(from, buffer.data(), buffer.size());
        if (got <= 0)
            _exit(got < 0);
        if (to >= 0 && write(to, buffer.data(), got) != got)
            _exit(1);
    }
}

class Partner {  // With a pipe to it and one back.
public:
    explicit Partner(bool answers)
    {
        std::array<int, 2> there;
        std::array<int, 2> back;
        must(pipe(there.data()), "pipe");
        must(pipe(back.data()), "pipe");
        child_ = must(fork(), "fork");
        if (child_ == 0) {
            close(there[1]);
            echo(there[0], answers ? back[1] : -1);
        }
        close(there[0]);
        close(back[1]);
        to_ = there[1];
        from_ = back[0];
    }
    ~Partner()
    {
        close(to_);
        close(from_);
        waitpid(child_, nullptr, 0);
    }
    Partner(const Partner&) = delete;
    Partner& operator=(const Partner&) = delete;

    int to() const { return to_; }
    int from() const { return from_; }

private:
    pid_t child_;
    int to_;
    int from_;
};

void measure_pipes()
{
    {
        const Partner partner{/*answers=*/true};
        const auto round_trip = [&partner] {
            return expect(write(partner.to(), buffer.data(), 1), 1) |
                   expect(read(partner.from(), buffer.data(), 1), 1);
        };
        measure("unix.pipe.ping_pong", round_trip);
        // A byte there and a byte back are two switches.
        measure_prepared("unix.context_switch", {.parts = 2}, [] { return 0; }, round_trip);
    }
    constexpr std::size_t size = 1024 * 1024;
    measure_rate("unix.pipe.bandwidth", size / 1024, [] {
        long failure = 0;
        const Partner partner{/*answers=*/false};
        for (std::size_t done = 0; done < size; done += buffer.size())
            failure |= expect(write(partner.to(), buffer.data(), buffer.size()), buffer.size());
        return failure;
    });
}

// Waits for the child and tells its status, or what was wrong with making it.
long finish(pid_t child)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return errno;
    return status;
}

long fork_and_exit()
{
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    return finish(child);
}

long run(const char* path, std::array<const char*, 4> arguments)
{
    const pid_t child = fork();
    if (child == 0) {
        execv(path, const_cast<char* const*>(arguments.data()));
        _exit(127);
    }
    return finish(child);
}

long run_nothing() { return run("/bin/bench-nothing", {"bench-nothing"}); }
long shell(const char* text) { return run("/bin/sh", {"sh", "-c", text}); }

void measure_processes()
{
    measure<few_samples>("unix.fork_exit", fork_and_exit);
    measure<few_samples>("unix.fork_exec", run_nothing);
    measure<few_samples>("unix.fork_exec_sh", [] { return shell("/bin/bench-nothing"); });
}

// ---- Work of a shell

void measure_shell(const char* name, const char* text, const char* undo = nullptr)
{
    measure_prepared<fewest_samples>(
        name, {.warm_up = 1}, [undo] { return undo != nullptr ? shell(undo) : 0; },
        [text] { return shell(text); });
}

void measure_shell_work()
{
    measure_shell("unix.shell.nothing", ":");
    measure_prepared<fewest_samples>(
        "unix.shell.fork_exec.200", {.warm_up = 1}, [] { return 0; },
        [] {
            long failure = 0;
            for (int i = 0; i < 200; i++)
                failure |= run_nothing();
            return failure;
        });
    measure_shell("unix.shell.substitution.200",
                  "i=0; while [ $i -lt 200 ]; do x=$(echo $i); i=$((i + 1)); done");
    measure_shell("unix.shell.pipeline", "seq 20000 | sort -n | uniq | wc >/dev/null");
    constexpr const char* make_tree = "cd /tmp; d=0; while [ $d -lt 10 ]; do mkdir -p tree/$d; f=0; while [ "
                                      "$f -lt 100 ]; do echo $f >tree/$d/$f; "
                                      "f=$((f + 1)); done; d=$((d + 1)); done";
    measure_shell("unix.shell.make_tree", make_tree, "rm -rf /tmp/tree");
    measure_shell("unix.shell.copy_tree", "cp -r /tmp/tree /tmp/copy", "rm -rf /tmp/copy");
    measure_shell("unix.shell.tar_tree", "tar -cf /tmp/tree.tar -C /tmp tree", "rm -f /tmp/tree.tar");
    measure_shell("unix.shell.remove.3000", "rm -rf /tmp/all",
                  "mkdir /tmp/all; for i in 1 2 3; do cp -r /tmp/tree /tmp/all/$i; done");
}

void run_all(std::uint64_t started_at)
{
    // Everything before the program's first instruction, the firmware's included.
    if (is_wanted("unix.boot"))
        print_figure("unix.boot", started_at, started_at, "instructions");
    measure_simple_calls();
    measure_names();
    measure_contents();
    measure_memory();
    measure_pipes();
    measure_processes();
    measure_shell_work();
}

}  // namespace
}  // namespace bench

int main(int argument_count, char** arguments)
{
    const std::uint64_t started_at = bench::counter();
    bench::start(argument_count, arguments);
    bench::run_all(started_at);
    bench::end();
}
