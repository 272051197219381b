// bootstrap/main.cpp: the first task. Name service and guardian.
//
// The kernel starts it with the privileged ports (mach/boot_info.h). It reads the configuration from the root
// archive and starts what stands there for the wiring that the kernel's command line names. It serves until
// the machine stops.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <mach/mach.h>
#include <portico/bare.h>
#include <portico/event_loop.h>

#include "archive.h"
#include "configuration.h"
#include "guardian.h"
#include "host.h"

namespace boot {

namespace {

constexpr std::string_view configuration_path = "/etc/bootstrap.conf";
constexpr std::string_view default_wiring = "single";
constexpr std::string_view wiring_option = "wiring=";
constexpr std::string_view seed_option = "suspend-seed=";
constexpr std::string_view end_option = "end=";  // end=TASK:SECONDS

const Host* the_host = nullptr;

[[noreturn]] void give_up(const char* what, kern_return_t code)
{
    std::printf("%s: error %#x; nothing is started\n", what, static_cast<unsigned>(code));
    std::exit(1);
}

template <typename T>
T require(const char* what, mach::Result<T> result)
{
    if (!result.has_value())
        give_up(what, result.error());
    return *std::move(result);
}

// What the boot menu says: words, of which the wiring and the seed concern bootstrap, and all concern the
// servers.
struct BootOptions {
    std::string wiring{default_wiring};
    uint64_t suspension_seed = 0;
    std::vector<std::string> words;
    std::vector<std::string> ends;  // TASK:SECONDS: tasks that are to die.
};

BootOptions parse_command_line(std::string_view line)
{
    BootOptions options;
    while (!line.empty()) {
        const size_t end = std::min(line.find(' '), line.size());
        const std::string word{line.substr(0, end)};
        line.remove_prefix(std::min(end + 1, line.size()));
        if (word.starts_with(wiring_option))
            options.wiring = word.substr(wiring_option.size());
        else if (word.starts_with(seed_option))
            options.suspension_seed = std::strtoull(word.c_str() + seed_option.size(), nullptr, 0);
        else if (word.starts_with(end_option))
            options.ends.push_back(word.substr(end_option.size()));
        if (word.find('=') != std::string::npos)
            options.words.push_back(word);
    }
    return options;
}

Configuration read_configuration(const Archive& archive)
{
    const auto file = archive.find(configuration_path);
    if (!file)
        give_up("no /etc/bootstrap.conf in the boot archive", KERN_INVALID_NAME);
    auto configuration = Configuration::parse({reinterpret_cast<const char*>(file->data()), file->size()});
    if (!configuration) {
        for (const ConfigurationError& error : configuration.error())
            std::printf("/etc/bootstrap.conf:%d: %s\n", error.line, error.text.c_str());
        give_up("the configuration has errors", KERN_INVALID_ARGUMENT);
    }
    return *std::move(configuration);
}

void log_by_kernel(const char* text, size_t length)
{
    if (the_host != nullptr)
        the_host->log({text, length});
}

[[noreturn]] void run()
{
    const Host host = require("privileged ports", Host::take());
    the_host = &host;
    portico_log = log_by_kernel;

    const BootOptions options = parse_command_line(require("command line", host.command_line()));
    const Archive archive{require("boot archive", host.map_module(BOOT_MODULE_ROOT_ARCHIVE))};
    const Configuration configuration = read_configuration(archive);

    mach::EventLoop loop{{.suspension_seed = options.suspension_seed}};
    Guardian guardian{configuration, options.wiring, options.words, archive, host};
    require("services", guardian.start_all());
    for (const std::string& end : options.ends) {
        const size_t colon = std::min(end.find(':'), end.size());
        const uint64_t seconds = std::strtoull(end.c_str() + std::min(colon + 1, end.size()), nullptr, 10);
        require("a planned end",
                loop.spawn(guardian.end_later(end.substr(0, colon), seconds * 1'000'000'000)));
    }
    loop.run();
    std::exit(1);
}

}  // namespace

}  // namespace boot

int main() { boot::run(); }
