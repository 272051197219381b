// tests/system/unix/hostile/service_world.cpp
#include "service_world.h"

#include "kept_files.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <portico/unix_types.h>

namespace hostile {

using mig::description::Argument;
using mig::description::Routine;

namespace {

constexpr std::string_view paths[] = {"one",         "two",        ".",       "..",           "one/two",
                                      readable_file, private_file, "/",       "/proc/1/stat", "/dev/null",
                                      "/dev/tty",    "/dev/fd/5",  "/etc/..", "/tmp/hostile", ""};

constexpr std::string_view names[] = {
    "console", "link", "fs",  "tty",       "pipe",          "process.notices",
    "archive", "run",  "one", "host-priv", "console.ports", "console.interrupt"};

// What makes sense under a name that many routines use.
struct Sense {
    std::string_view name;
    int32_t values[3];  // One of these, most of the time.
};
constexpr Sense senses[] = {
    {"directory", {AT_FDCWD, AT_FDCWD, AT_FDCWD}},
    {"from_directory", {AT_FDCWD, AT_FDCWD, AT_FDCWD}},
    {"to_directory", {AT_FDCWD, AT_FDCWD, AT_FDCWD}},
    {"descriptor", {2, 3, 5}},
    {"to", {2, 20, 21}},
    {"flags", {0, 0, O_RDWR | O_CREAT}},
    {"descriptor_flags", {0, FD_CLOEXEC, 0}},
    {"mode", {0, S_IRUSR | S_IWUSR, S_IFIFO | S_IRUSR}},
    {"owner", {-1, -1, 65534}},
    {"group", {-1, -1, 65534}},
    {"real", {-1, -1, 65534}},
    {"effective", {-1, -1, 65534}},
    {"saved", {-1, -1, 65534}},
    {"parent", {0, 0, 1}},
    {"pid", {0, 0, -1}},
    {"pgid", {0, 0, 1}},
    {"signal", {0, SIGCHLD, SIGWINCH}},
    {"disposition", {UNIX_SIGNAL_DEFAULT, UNIX_SIGNAL_IGNORE, UNIX_SIGNAL_CATCH}},
    {"options", {WNOHANG, WNOHANG | WUNTRACED, 0}},
    {"how", {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK}},
    {"whence", {SEEK_SET, SEEK_CUR, SEEK_END}},
    {"which", {0, 1, 2}},
    {"who", {RUSAGE_SELF, RUSAGE_CHILDREN, 0}},
    {"when", {TCSANOW, TCSADRAIN, TCSAFLUSH}},
    {"queue", {TCIFLUSH, TCOFLUSH, TCIOFLUSH}},
    {"action", {TCOON, TCION, TCOON}},
    {"device", {1, 1, 0}},
};

}  // namespace

bool names_process(const Argument& argument)
{
    constexpr std::string_view words[] = {"pid", "pgid", "sid", "parent"};
    return std::ranges::find(words, std::string_view{argument.name}) != std::end(words);
}

int32_t ServiceWorld::some_process()
{
    if (pid_ != 0)
        return pid_;
    const auto which = static_cast<int32_t>(random_.below(forged_processes + 1));
    return which == forged_processes ? getpid() : first_forged + which;
}

std::optional<uint64_t> ServiceWorld::value(const Routine& routine, const Argument& argument)
{
    if (is_trusted_ && names_process(argument) &&
        !(argument.name == std::string_view{"parent"} && random_.below(2)))
        return static_cast<uint32_t>(some_process());
    const auto sense = std::ranges::find(senses, std::string_view{argument.name}, &Sense::name);
    if (sense != std::end(senses) && random_.below(4) != 0)
        return static_cast<uint32_t>(sense->values[random_.below(std::size(sense->values))]);
    return base_.value(routine, argument);
}

// One of three is left to chance.
std::optional<std::string_view> ServiceWorld::text(const Routine&, const Argument& argument)
{
    if (random_.below(3) == 0)
        return std::nullopt;
    if (argument.limit == UNIX_PATH_MAX)
        return paths[random_.below(std::size(paths))];
    return names[random_.below(std::size(names))];
}

void ServiceWorld::fill(const Routine&, const Argument& argument, std::span<std::byte> bytes)
{
    if (std::string_view{argument.type} != "unix_identity_t" || bytes.size() != sizeof(unix_identity_t))
        return;
    constexpr uint32_t nobody = 65534;
    const int32_t pid = some_process();
    const unix_identity_t identity{pid,    some_process(), some_process(), some_process(), nobody,
                                   nobody, nobody,         nobody,         nobody,         nobody};
    std::memcpy(bytes.data(), &identity, sizeof identity);
}

}  // namespace hostile
