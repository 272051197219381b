// tests/system/guest/bad_input/victims.cpp
#include "victims.h"

#include <mig/fuzz.h>

#include "guest_test.h"
#include "hostile_world.h"

#include <mach/memory_object_types.h>
#include <mach/special_ports.h>
#include <mach/sync_policy.h>

namespace guest {

Victims::~Victims()
{
    (void)task_terminate(names_[Task]);
    // The names of the host's own ports are also those that the library and the test's log use.
    for (const Kind kind : {Task, Thread, Clock, Semaphore, Control, IoPorts, Interrupt, Entry})
        (void)mach_port_destroy(mach_task_self(), names_[kind]);
    (void)mach_port_destroy(mach_task_self(), plain_);
    (void)mach_port_destroy(mach_task_self(), pager_);
}

kern_return_t Victims::make(size_t kind, mach_port_t& name)
{
    constexpr vm_size_t page = 4096;
    const mach_port_t task = names_[Task];
    switch (kind) {
    case Task:
        return task_create(mach_task_self(), nullptr, 0, 0, &name);
    case Thread:
        return thread_create(task, &name);
    case Host:
        name = host_self_trap();
        return KERN_SUCCESS;
    case HostPriv:
        return host_get_special_port(host_privileged_port(), HOST_LOCAL_NODE, HOST_PRIV_PORT, &name);
    case Security:
        return host_get_special_port(host_privileged_port(), HOST_LOCAL_NODE, HOST_SECURITY_PORT, &name);
    case Clock:
        return host_get_clock_service(mach_host_self(), SYSTEM_CLOCK, &name);
    case Semaphore:
        return semaphore_create(task, &name, SYNC_POLICY_FIFO, 0);
    case Control: {
        // A port is the pager of one object.
        (void)mach_port_mod_refs(mach_task_self(), pager_, MACH_PORT_RIGHT_RECEIVE, -1);
        pager_ = mach_reply_port();
        memory_object_attr_info_data_t info{MEMORY_OBJECT_COPY_DELAY, page, 1, 0};
        return memory_object_establish(mach_host_self(), pager_, MEMORY_OBJECT_ATTRIBUTE_INFO,
                                       reinterpret_cast<memory_object_info_t>(&info),
                                       MEMORY_OBJECT_ATTR_INFO_COUNT, &name);
    }
    case Master:
        return host_get_special_port(host_privileged_port(), HOST_LOCAL_NODE, HOST_IO_MASTER_PORT, &name);
    case IoPorts:
        return device_io_ports_create(device_master_port(), 0x2f8, 8, &name);
    case Interrupt:
        return device_interrupt_create(device_master_port(), 5, &name);
    case Entry: {
        vm_address_t memory = 0;
        memory_object_size_t size = page;
        const kern_return_t code = vm_allocate(mach_task_self(), &memory, page, VM_FLAGS_ANYWHERE);
        if (code != KERN_SUCCESS)
            return code;
        const kern_return_t made = mach_make_memory_entry(
            mach_task_self(), &size, memory, VM_PROT_READ | VM_PROT_WRITE, &name, MACH_PORT_NULL);
        (void)vm_deallocate(mach_task_self(), memory, page);
        return made;
    }
    default:
        name = plain_;
        return mach_port_insert_right(mach_task_self(), plain_, plain_, MACH_MSG_TYPE_MAKE_SEND);
    }
}

// A message that moves a right takes one reference, and never the last: a task without a name could not be ended.
void Victims::keep_references(mach_port_t name)
{
    constexpr mach_port_urefs_t enough = 20000;  // More than one message can move.
    mach_port_urefs_t references = 0;
    (void)mach_port_get_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND, &references);
    if (references < mig::fuzz::memory_limit / sizeof(mach_port_t))
        (void)mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND,
                                 static_cast<int>(enough - references));  // It may just have died.
}

// One that dies while others are made (its thread was resumed, say) is found the next time.
void Victims::repair()
{
    for (unsigned tries = 0; !make_those_that_are_gone(); ++tries) {
        if (tries == 10) {
            fail(__FILE__, __LINE__, "repair()", "no end", "a victim of each kind");
            return;
        }
    }
}

bool Victims::make_those_that_are_gone()
{
    mach_port_type_t type = 0;
    if (mach_port_type(mach_task_self(), plain_, &type) != KERN_SUCCESS ||
        (type & MACH_PORT_TYPE_RECEIVE) == 0)
        CHECK_OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &plain_));
    drain(plain_);
    drain(pager_);
    for (size_t kind = 0; kind < kinds; ++kind) {
        type = 0;
        (void)mach_port_type(mach_task_self(), names_[kind], &type);
        if ((type & MACH_PORT_TYPE_SEND) != 0) {
            keep_references(names_[kind]);
            continue;
        }
        if ((type & MACH_PORT_TYPE_DEAD_NAME) != 0)
            (void)mach_port_destroy(mach_task_self(), names_[kind]);
        names_[kind] = MACH_PORT_NULL;
        if (make(kind, names_[kind]) != KERN_SUCCESS)
            return false;
        keep_references(names_[kind]);
    }
    return true;
}

}  // namespace guest
