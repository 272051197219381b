// tests/system/unix/hostile/first_task.cpp
//
// The first task of a boot in which a hostile process shall have what none has: it starts bootstrap, keeps the port of its
// task, and gives that to every process that asks.  Who has it has everything that bootstrap started.
//
// A process asks by a breakpoint that its process service is not told of: the exception ends up with the host's port, which is
// ours, together with the process's task, and the answer is its third registered port (insider.h).
//
// boot: kernel + this task + the root and the run's archive + bootstrap, as the last module (./run --first-task)
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include <exc_interface.h>
#include <mach/boot_info.h>
#include <mach/exception_types.h>
#include <mach/mach.h>
#include <portico/event_loop.h>
#include <portico/memory.h>

#include "elf_image.h"
#include "insider.h"
#include "task_loader.h"

namespace hostile {
namespace {

using mach::Async;
using mach::failure;
using mach::Result;
using mach::result_of;
using mach::SendRight;

template <typename T>
T require(const char* what, Result<T> result)
{
    if (!result) {
        std::printf("first task: %s: error %#x\n", what, static_cast<unsigned>(result.error()));
        std::exit(1);
    }
    return *std::move(result);
}

mach_port_t host_privileged_port()
{
    mach_port_array_t ports = nullptr;
    mach_msg_type_number_t count = 0;
    if (mach_ports_lookup(mach_task_self(), &ports, &count) != KERN_SUCCESS || count <= BOOT_PORT_HOST_PRIV)
        std::exit(1);  // Without the port there is no way to say so.
    return ports[BOOT_PORT_HOST_PRIV];
}

class Debugger final : public mach::Object, public exc::Interface {
public:
    explicit Debugger(SendRight bootstrap) : bootstrap_{std::move(bootstrap)} {}

    bool dispatch(mig::Request& request) override { return exc::Server::dispatch(*this, request); }
    void no_senders() override {}

    Async<Result<void>> exception_raise(SendRight thread, SendRight task, exception_type_t exception,
                                        std::span<const exception_data_type_t> code) override
    {
        if (exception == EXC_BREAKPOINT)
            co_return give_bootstrap_to(task.name());
        show(thread.name(), exception, code);
        co_return failure(KERN_FAILURE);  // Nobody takes it: the kernel ends the task.
    }
    Async<Result<int>> exception_raise_state(exception_type_t, std::span<const exception_data_type_t>, int,
                                             std::span<const natural_t>, mig::OutArray<natural_t>&) override
    {
        co_return failure(KERN_FAILURE);
    }
    Async<Result<int>> exception_raise_state_identity(SendRight, SendRight, exception_type_t,
                                                      std::span<const exception_data_type_t>, int,
                                                      std::span<const natural_t>,
                                                      mig::OutArray<natural_t>&) override
    {
        co_return failure(KERN_FAILURE);
    }

private:
    // A service that has run into it is what the log should show.
    static void show(mach_port_t thread, exception_type_t exception,
                     std::span<const exception_data_type_t> code)
    {
        x86_thread_state64_t state{};
        mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
        (void)thread_get_state(thread, x86_THREAD_STATE64, reinterpret_cast<thread_state_t>(&state), &count);
        char line[200];
        std::snprintf(line, sizeof line, "exception %d, code %#llx %#llx, rip %#llx, rsp %#llx, rdi %#llx\n",
                      exception, static_cast<long long>(code.empty() ? 0 : code.front()),
                      static_cast<long long>(code.empty() ? 0 : code.back()),
                      static_cast<long long>(state.rip), static_cast<long long>(state.rsp),
                      static_cast<long long>(state.rdi));
        (void)host_log(host_privileged_port(), line, static_cast<mach_msg_type_number_t>(std::strlen(line)));
    }

    Result<void> give_bootstrap_to(mach_port_t task) const
    {
        mach_port_array_t found = nullptr;
        mach_msg_type_number_t count = 0;
        TRY(result_of(mach_ports_lookup(task, &found, &count)));
        const mach::Memory array{reinterpret_cast<vm_address_t>(found), count * sizeof(mach_port_t)};
        mach_port_t ports[TASK_PORT_REGISTER_MAX] = {};
        for (mach_msg_type_number_t at = 0; at < count && at < insider_slot; ++at)
            ports[at] = found[at];
        ports[insider_slot] = bootstrap_.name();
        const Result<void> registered = result_of(mach_ports_register(task, ports, std::size(ports)));
        for (mach_msg_type_number_t at = 0; at < count; ++at)
            SendRight{found[at]}.reset();
        return registered;
    }

    SendRight bootstrap_;
};

// It finds the privileged ports where it would as the first task: registered ports are inherited.
Result<SendRight> start_bootstrap(mach_port_t host)
{
    natural_t modules = 0;
    TRY(result_of(host_boot_module_count(host, &modules)));
    boot_module_name_t name;
    vm_size_t size = 0;
    mach_port_t entry = MACH_PORT_NULL;
    TRY(result_of(host_boot_module(host, modules - 1, name, &size, &entry)));
    const SendRight module{entry};
    vm_address_t address = 0;
    TRY(result_of(vm_map(mach_task_self(), &address, mach_round_page(size), 0, VM_FLAGS_ANYWHERE, entry, 0,
                         FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE)));
    const auto image = boot::ElfImage::parse({reinterpret_cast<const std::byte*>(address), size});
    if (!image)
        return failure(KERN_INVALID_ARGUMENT);
    return boot::start_task(*image, {"bootstrap"}, SendRight{}, MACH_PORT_NULL);
}

[[noreturn]] void run()
{
    const mach_port_t host = host_privileged_port();
    mach::EventLoop loop{{}};
    const auto debugger = std::make_shared<Debugger>(require("bootstrap", start_bootstrap(host)));
    const SendRight port = require("a port", debugger->make_send());
    const kern_return_t code =
        host_set_exception_ports(host, EXC_MASK_ALL, port.name(), EXCEPTION_DEFAULT, THREAD_STATE_NONE);
    if (code != KERN_SUCCESS)
        std::exit(1);
    loop.run();
    std::exit(1);
}

}  // namespace
}  // namespace hostile

int main() { hostile::run(); }
