// tests/bench/guest/partner.h
//
// Somebody for a benchmark to talk to: threads, of this task or of a copy of it, that run a function for ever.
//
// What another task runs is a function of this program, too: that task is a copy of ours, made on write.  The names of
// its ports are its own: mach_init_after_fork() comes first if it wants to call itself by name.
//
// Stacks are never given back: a benchmark ends with the machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <mach/mach.h>
#include <portico/start.h>

#include "bench.h"
#include <thread_state.h>

namespace bench {

// What a partner runs.  `port` is a name in its own task.
using PartnerBody = void (*)(mach_port_t port);

// Calls here prepare a measurement: without them there is nothing to measure.
inline void require(kern_return_t code, const char* what)
{
    if (code != KERN_SUCCESS)
        give_up(what, code);
}

// A stack, and storage for one thread after another.
class ThreadRoom {
public:
    ThreadRoom() : pointer_{__portico_tls_make(storage_.data())} {}

    // The registers of a thread that calls body(argument) here.
    x86_thread_state64_t state_for(PartnerBody body, mach_port_t argument)
    {
        return guest::thread_state(body, argument, reinterpret_cast<std::uint64_t>(stack_.end()), pointer_);
    }

private:
    alignas(64) std::array<char, 2048> storage_{};
    alignas(16) std::array<char, 16 * 1024> stack_{};
    ThreadControlBlock* pointer_;
};

// The rooms of all partners.  They are made before a task is copied, so that its partners find theirs in the copy.
inline std::array<ThreadRoom, 24> rooms;

// A task that can hold partners: this one, or a copy.
class Side {
public:
    static Side here() { return Side{mach_task_self()}; }

    static Side elsewhere()
    {
        mach_port_t task;
        require(task_create(mach_task_self(), nullptr, 0, TRUE, &task), "task_create");
        return Side{task};
    }

    mach_port_t task() const { return task_; }

    // A receive right of that task; the name is that task's.
    mach_port_t make_port() const
    {
        mach_port_t name;
        require(mach_port_allocate(task_, MACH_PORT_RIGHT_RECEIVE, &name), "mach_port_allocate");
        return name;
    }

    // A set of that task with one member.
    mach_port_t make_set(mach_port_t member) const
    {
        mach_port_t name;
        require(mach_port_allocate(task_, MACH_PORT_RIGHT_PORT_SET, &name), "mach_port_allocate");
        require(mach_port_insert_member(task_, member, name), "mach_port_insert_member");
        return name;
    }

    // A send right of ours to such a port.
    mach_port_t send_right(mach_port_t name) const
    {
        mach_port_t right;
        mach_msg_type_name_t type;
        require(mach_port_extract_right(task_, name, MACH_MSG_TYPE_MAKE_SEND, &right, &type),
                "mach_port_extract_right");
        return right;
    }

    // Starts a thread there; returns its port.
    mach_port_t start(PartnerBody body, mach_port_t argument) const
    {
        static std::size_t used = 0;
        if (used == rooms.size())
            give_up("too many partners", KERN_RESOURCE_SHORTAGE);
        x86_thread_state64_t state = rooms[used++].state_for(body, argument);
        mach_port_t thread;
        require(thread_create_running(task_, x86_THREAD_STATE64, reinterpret_cast<thread_state_t>(&state),
                                      x86_THREAD_STATE64_COUNT, &thread),
                "thread_create_running");
        return thread;
    }

    // The usual: a server on a port of its own; returns our send right to it.
    mach_port_t serve(PartnerBody body) const
    {
        const mach_port_t port = make_port();
        (void)start(body, port);
        return send_right(port);
    }

private:
    explicit Side(mach_port_t task) : task_{task} {}
    mach_port_t task_;
};

}  // namespace bench
