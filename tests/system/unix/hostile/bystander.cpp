// tests/system/unix/hostile/bystander.cpp
#include "bystander.h"

#include "kept_files.h"

#include "guest_test.h"
#include "processes.h"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace hostile {
namespace {

constexpr const char* line_path = "/dev/ttyS1";
constexpr char text[] = "what is written here stays";

void write_kept(const char* path, mode_t mode)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    CHECK_EQ(write(fd, text, sizeof text), static_cast<ssize_t>(sizeof text));
    close(fd);
}

// Bytes that were put in come out, and are put in again.
void check_bytes_pass(int reader, int writer)
{
    char got[sizeof text] = {};
    CHECK_EQ(read(reader, got, sizeof got), static_cast<ssize_t>(sizeof text));
    CHECK(std::memcmp(got, text, sizeof text) == 0);
    CHECK_EQ(write(writer, text, sizeof text), static_cast<ssize_t>(sizeof text));
}

}  // namespace

Bystander::Bystander()
{
    CHECK_OK(mkdir(kept_folder, 0755));
    write_kept(readable_file, 0644);
    write_kept(private_file, 0600);
    CHECK_OK(stat(readable_file, &readable_));
    CHECK_OK(stat(private_file, &private_));
    CHECK_OK(pipe(pipe_));
    CHECK_OK(mkfifo(private_fifo, 0600));
    fifo_ = open(private_fifo, O_RDWR);
    CHECK_EQ(write(pipe_[1], text, sizeof text), static_cast<ssize_t>(sizeof text));
    CHECK_EQ(write(fifo_, text, sizeof text), static_cast<ssize_t>(sizeof text));
    line_ = open(line_path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    CHECK_OK(tcgetattr(line_, &line_attributes_));
    const int console = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK);
    CHECK_OK(tcgetattr(console, &console_attributes_));
    close(console);
    clear_attackers_folder();
}

Bystander::~Bystander()
{
    for (const int fd : {pipe_[0], pipe_[1], fifo_, line_})
        close(fd);
    CHECK_EQ(guest::describe_status(guest::status_of_script("rm -rf /tmp/kept /tmp/hostile")), "exit 0");
}

void Bystander::clear_attackers_folder()
{
    CHECK_EQ(guest::describe_status(guest::status_of_script(
                 "rm -rf /tmp/hostile && mkdir /tmp/hostile && chown 65534:65534 /tmp/hostile")),
             "exit 0");
}

void Bystander::check_file(const char* path, const struct stat& before)
{
    struct stat now{};
    char got[sizeof text + 1] = {};
    const int fd = open(path, O_RDONLY);
    REQUIRE(fd >= 0);
    CHECK_OK(fstat(fd, &now));
    CHECK_EQ(read(fd, got, sizeof got), static_cast<ssize_t>(sizeof text));
    CHECK(std::memcmp(got, text, sizeof text) == 0);
    close(fd);
    CHECK_EQ(now.st_ino, before.st_ino);
    CHECK_EQ(now.st_size, before.st_size);
    CHECK_EQ(now.st_mode, before.st_mode);
    CHECK_EQ(now.st_uid, before.st_uid);
    CHECK_EQ(now.st_nlink, before.st_nlink);
    CHECK_EQ(now.st_mtim.tv_sec, before.st_mtim.tv_sec);
}

void Bystander::check_all_is_well()
{
    check_file(readable_file, readable_);
    check_file(private_file, private_);
    check_bytes_pass(pipe_[0], pipe_[1]);
    check_bytes_pass(fifo_, fifo_);
    termios now{};
    CHECK_OK(tcgetattr(line_, &now));
    CHECK_EQ(now.c_lflag, line_attributes_.c_lflag);
    CHECK_EQ(now.c_iflag, line_attributes_.c_iflag);
    CHECK_EQ(now.c_cflag, line_attributes_.c_cflag);
    CHECK_OK(kill(getpid(), 0));
    CHECK_EQ(getuid(), 0u);
}

// The attacker had a channel to the console, and with it the right to leave it in any state.
void Bystander::check_shell_works()
{
    const int console = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK);
    CHECK_OK(tcsetattr(console, TCSANOW, &console_attributes_));
    CHECK_OK(tcflow(console, TCOON));
    CHECK_OK(tcflow(console, TCION));
    close(console);
    CHECK_EQ(guest::describe_status(guest::status_of_script(
                 "[ \"$(echo one two | cat | wc -w)\" -eq 2 ] && [ -r /proc/1/status ] && ls / >/dev/null")),
             "exit 0");
}

}  // namespace hostile
