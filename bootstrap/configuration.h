// bootstrap/configuration.h: which tasks bootstrap starts, and what each of them may use. docs/bootstrap.md
// has the language.
//
// Invariants  (C1) Names of tasks are unique, and in each wiring a service is served by at most one task.
//             (C2) What a task uses is served in every wiring in which the task starts.
#ifndef PORTICO_BOOTSTRAP_CONFIGURATION_H
#define PORTICO_BOOTSTRAP_CONFIGURATION_H

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace boot {

// One right of a task's list.
struct Grant {
    enum class Kind { io_ports, interrupt, module, port };
    enum class Port { host_priv, host_security, device_master };

    Kind kind;
    std::string name;    // What the task asks for it by.
    uint32_t first = 0;  // io_ports: the first port; interrupt: the line; module: its index
    uint32_t count = 0;  // io_ports
    Port port = Port::host_priv;
};

// What happens when the task dies.
enum class Restart { alone, group, never };

struct Named {
    std::string name;
    int line;
};

struct TaskDescription {
    std::string name;
    int line = 0;
    std::string program;
    std::vector<std::string> arguments;
    std::vector<std::string> wirings;  // None: all.
    std::vector<Named> serves;         // Checked in: the port exists from the start.
    std::vector<Named> registers;      // The task brings the port.
    std::vector<Named> uses;
    std::vector<Grant> grants;
    std::string group;
    Restart restart = Restart::alone;

    bool starts_in(std::string_view wiring) const;
};

struct ConfigurationError {
    int line;
    std::string text;
};

struct Configuration {
    std::vector<TaskDescription> tasks;

    // All errors, in the order of lines.
    static std::expected<Configuration, std::vector<ConfigurationError>> parse(std::string_view text);
};

}  // namespace boot

#endif
