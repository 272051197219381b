// tests/system/unix/hostile/insider.cpp
#include "insider.h"

#include <algorithm>
#include <functional>
#include <unistd.h>

#include <bootstrap.h>
#include <mach/exception_types.h>

namespace hostile {
namespace {

void give_up(mach_port_t right) { (void)mach_port_deallocate(mach_task_self(), right); }

mach_port_t ask_for_bootstraps_task()
{
    // Past the process service, which would make a signal of it.
    if (task_set_exception_ports(mach_task_self(), EXC_MASK_BREAKPOINT, MACH_PORT_NULL, EXCEPTION_DEFAULT,
                                 THREAD_STATE_NONE) != KERN_SUCCESS)
        _exit(3);
    asm volatile("int3");
    mach_port_array_t ports = nullptr;
    mach_msg_type_number_t count = 0;
    if (mach_ports_lookup(mach_task_self(), &ports, &count) != KERN_SUCCESS || count <= insider_slot)
        _exit(3);
    const mach_port_t task = ports[insider_slot];
    for (mach_msg_type_number_t at = 0; at < count; ++at) {
        if (at != insider_slot)
            give_up(ports[at]);
    }
    // Children have to ask for themselves.
    (void)mach_ports_register(mach_task_self(), ports, insider_slot);
    (void)vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(ports), count * sizeof *ports);
    return task;
}

// Visits every name in the space of `task` that is of one of these types.
void for_each_name(mach_port_t task, mach_port_type_t types,
                   const std::function<void(mach_port_name_t)>& visit)
{
    mach_port_name_array_t names = nullptr;
    mach_port_type_array_t kinds = nullptr;
    mach_msg_type_number_t count = 0, kind_count = 0;
    if (mach_port_names(task, &names, &count, &kinds, &kind_count) != KERN_SUCCESS)
        return;
    for (mach_msg_type_number_t at = 0; at < count && at < kind_count; ++at) {
        if ((kinds[at] & types) != 0)
            visit(names[at]);
    }
    (void)vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(names), count * sizeof *names);
    (void)vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(kinds), kind_count * sizeof *kinds);
}

mach_port_t extract(mach_port_t task, mach_port_name_t name, mach_msg_type_name_t disposition)
{
    mach_port_t right = MACH_PORT_NULL;
    mach_msg_type_name_t kind = 0;
    return mach_port_extract_right(task, name, disposition, &right, &kind) == KERN_SUCCESS ? right
                                                                                           : MACH_PORT_NULL;
}

bool has_senders(mach_port_t task, mach_port_name_t name)
{
    mach_port_status_t status{};
    mach_msg_type_number_t count = MACH_PORT_RECEIVE_STATUS_COUNT;
    return mach_port_get_attributes(task, name, MACH_PORT_RECEIVE_STATUS,
                                    reinterpret_cast<mach_port_info_t>(&status), &count) == KERN_SUCCESS &&
           status.mps_srights != FALSE;
}

bool is_task(mach_port_t right)
{
    task_basic_info_data_t info{};
    mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
    return task_info(right, TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info), &count) == KERN_SUCCESS;
}

mach_port_t bootstrap_port_of(mach_port_t task)
{
    mach_port_t port = MACH_PORT_NULL;
    (void)task_get_special_port(task, TASK_BOOTSTRAP_PORT, &port);
    return port;
}

}  // namespace

Insider::Insider()
{
    const mach_port_t bootstrap = ask_for_bootstraps_task();
    for_each_name(bootstrap, MACH_PORT_TYPE_SEND, [&](mach_port_name_t name) {
        const mach_port_t right = extract(bootstrap, name, MACH_MSG_TYPE_COPY_SEND);
        if (right != MACH_PORT_NULL && is_task(right))
            tasks_.push_back(right);
        else if (right != MACH_PORT_NULL)
            give_up(right);
    });
    give_up(bootstrap);
}

Insider::~Insider()
{
    for (const mach_port_t task : tasks_)
        give_up(task);
}

mach_port_t Insider::service(const char* name) const
{
    mach_port_t found = MACH_PORT_NULL;
    for (const mach_port_t client : clients_of_bootstrap()) {
        if (found == MACH_PORT_NULL)
            (void)bootstrap_look_up(client, const_cast<char*>(name), FALSE, &found);
        give_up(client);
    }
    return found;
}

std::vector<mach_port_t> Insider::clients_of_bootstrap() const
{
    std::vector<mach_port_t> clients;
    for (const mach_port_t task : tasks_) {
        if (const mach_port_t port = bootstrap_port_of(task); MACH_PORT_VALID(port))
            clients.push_back(port);
    }
    return clients;
}

Insider::Names Insider::receive_rights() const
{
    Names names;
    for (const mach_port_t task : tasks_) {
        names.emplace_back();
        for_each_name(task, MACH_PORT_TYPE_RECEIVE,
                      [&](mach_port_name_t name) { names.back().push_back(name); });
        std::ranges::sort(names.back());
    }
    return names;
}

mach_port_t Insider::new_port(Names& known, const std::function<bool(mach_port_t)>& serves) const
{
    Names now = receive_rights();
    mach_port_t found = MACH_PORT_NULL;
    for (size_t at = 0; at < tasks_.size() && at < known.size(); ++at) {
        for (const mach_port_name_t name : now[at]) {
            if (found != MACH_PORT_NULL || std::ranges::binary_search(known[at], name) ||
                !has_senders(tasks_[at], name))
                continue;
            const mach_port_t right = extract(tasks_[at], name, MACH_MSG_TYPE_MAKE_SEND);
            if (right != MACH_PORT_NULL && serves(right))
                found = right;
            else if (right != MACH_PORT_NULL)
                give_up(right);
        }
    }
    known = std::move(now);
    return found;
}

}  // namespace hostile
