#include "startup.h"

#include <bootstrap.h>
#include <bootstrap_interface.h>
#include <cstdio>
#include <cstdlib>
#include <mach/mach.h>
#include <mach/machine/vm_param.h>
#include <mach/special_ports.h>
#include <string_view>

namespace portico {

namespace {

mach::SendRight bootstrap_port()
{
    mach_port_t port = MACH_PORT_NULL;
    const kern_return_t code = task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &port);
    if (code != KERN_SUCCESS || port == MACH_PORT_NULL)
        give_up("no bootstrap port", code);
    return mach::SendRight{port};
}

bool take_option(std::string_view word, std::string_view name, std::string& value)
{
    if (!word.starts_with(name))
        return false;
    value = word.substr(name.size());
    return true;
}

}  // namespace

void give_up(const std::string& why, kern_return_t code)
{
    std::printf("%s: error %#x\n", why.c_str(), static_cast<unsigned>(code));
    std::exit(1);
}

ServerOptions ServerOptions::parse(int argc, char** argv)
{
    ServerOptions options;
    std::string seed;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (take_option(word, "suspend-seed=", seed))
            options.suspension_seed = std::strtoull(seed.c_str(), nullptr, 0);
        else if (!take_option(word, "term=", options.terminal) && !take_option(word, "rows=", options.rows))
            take_option(word, "cols=", options.columns);
    }
    return options;
}

std::vector<std::string> ServerOptions::init_environment() const
{
    std::vector<std::string> environment{"TERM=" + terminal};
    if (!rows.empty() && !columns.empty()) {
        environment.push_back("LINES=" + rows);
        environment.push_back("COLUMNS=" + columns);
    }
    return environment;
}

mach::SendRight require_right(const char* name)
{
    mach_port_t right = MACH_PORT_NULL;
    uint64_t value = 0;
    const kern_return_t code =
        bootstrap_get_right(bootstrap_port().name(), const_cast<char*>(name), &right, &value);
    if (code != KERN_SUCCESS)
        give_up(std::string{"no right to "} + name, code);
    return mach::SendRight{right};
}

mach::SendRight require_service(const char* name)
{
    mach_port_t service = MACH_PORT_NULL;
    const kern_return_t code =
        bootstrap_look_up(bootstrap_port().name(), const_cast<char*>(name), TRUE, &service);
    if (code != KERN_SUCCESS)
        give_up(std::string{"no service "} + name, code);
    return mach::SendRight{service};
}

mach::Async<mach::Result<mach::SendRight>> look_up_service(mach::EventLoop& loop, std::string name)
{
    bootstrap::Remote name_server{loop, bootstrap_port()};
    co_return co_await name_server.look_up(name, TRUE);
}

void offer_service(const char* name, mach::Object& object)
{
    mach::Result<mach::SendRight> right = object.make_send();
    if (!right)
        give_up(std::string{"no port for "} + name, right.error());
    const kern_return_t code =
        bootstrap_register(bootstrap_port().name(), const_cast<char*>(name), right->name());
    if (code != KERN_SUCCESS)
        give_up(std::string{"cannot offer "} + name, code);
    static_cast<void>(right->release());  // It went with the message.
}

std::span<const char> map_module(const char* name)
{
    mach_port_t right = MACH_PORT_NULL;
    uint64_t size = 0;
    const kern_return_t granted =
        bootstrap_get_right(bootstrap_port().name(), const_cast<char*>(name), &right, &size);
    if (granted == KERN_INVALID_ARGUMENT)
        return {};  // The boot loader brought no such module.
    if (granted != KERN_SUCCESS)
        give_up(std::string{"no right to "} + name, granted);
    const mach::SendRight entry{right};
    vm_address_t address = 0;
    const kern_return_t code = vm_map(mach_task_self(), &address, mach_round_page(size), 0, VM_FLAGS_ANYWHERE,
                                      entry.name(), 0, FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE);
    if (code != KERN_SUCCESS)
        give_up(std::string{"cannot map "} + name, code);
    return {reinterpret_cast<const char*>(address), size};
}

}  // namespace portico
