// unix-server/process/process.h
//
// The record of a process, and the table of all.
//
// Owns        rights to the task, its one thread and its ports; signal state; what a wait will report.
// Lifetime    shared_ptr: the table holds it from fork to reaping; requests and coroutines in progress hold it longer.
// Lock        life_lock: fork, exec and end of one process are one after the other, across awaits.
// Invariants  (Q1) A process has a task and a thread exactly while its state is running or stopped.
//             (Q2) Every process but the first has a parent in the table; orphans belong to process 1.
//             (Q3) A group lies within one session.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include <portico/event_loop.h>
#include <portico/rights.h>
#include <portico/unix_types.h>

#include "../signal/signal_state.h"

namespace portico {

class ProcessClient;
class ExceptionPort;

enum class ProcessState : uint8_t { running, stopped, zombie };

// Where libc wants its thread to be sent (docs/signals.md).
struct SignalEntry {
    uint64_t trampoline = 0;
    uint64_t trap_begin = 0;
    uint64_t trap_end = 0;
};

struct Process {
    static constexpr uint32_t life_lock_rank = 5;

    unix_identity_t identity{};
    std::vector<uint32_t> groups;
    ProcessState state = ProcessState::running;
    mach::SendRight task;
    mach::SendRight thread;
    mach::DeathWatch death;
    std::shared_ptr<ProcessClient> client;
    std::shared_ptr<ExceptionPort> exceptions;

    SignalState signals;
    SignalEntry entry;
    bool announced = false;  // The thread has been told of a signal and has not come to take it.
    uint64_t saved_ip = 0;   // Where it was when it was redirected.
    uint64_t saved_sp = 0;
    bool ending = false;    // Its end has begun: nothing new is done with it.
    bool executed = false;  // Has executed a program since fork: setpgid() by the parent is refused.

    int wait_status = 0;     // Of a zombie.
    int stop_signal = 0;     // Not yet reported by wait: the signal that stopped it.
    bool continued = false;  // Not yet reported.
    unix_usage_t usage{};    // Of the ended task.
    unix_usage_t children_usage{};
    mach::Time alarm_at = 0;  // 0: none.
    uint64_t alarm_interval_ns = 0;

    mach::WaitQueue child_changed;
    mach::WaitQueue signal_arrived;
    mach::AsyncMutex<life_lock_rank> life_lock;

    int32_t pid() const { return identity.pid; }
    bool alive() const { return state != ProcessState::zombie; }
};
using ProcessRef = std::shared_ptr<Process>;

class ProcessTable {
public:
    static constexpr int32_t largest_pid = 32767;
    static constexpr size_t limit = 4096;

    // A pid that is neither a process's, a group's nor a session's.  EAGAIN: the table is full.
    mach::Result<int32_t> choose_pid();
    void add(const ProcessRef& process) { processes_[process->pid()] = process; }
    void remove(int32_t pid) { processes_.erase(pid); }
    // ESRCH.
    mach::Result<ProcessRef> find(int32_t pid) const;
    std::vector<ProcessRef> all() const;
    std::vector<ProcessRef> group(int32_t pgid) const;
    std::vector<ProcessRef> children(int32_t pid) const;
    bool has_group_in_session(int32_t pgid, int32_t sid) const;
    // No living member has a parent outside the group but in its session: nobody would continue it.
    bool is_orphaned(int32_t pgid) const;

private:
    bool in_use(int32_t number) const;

    std::map<int32_t, ProcessRef> processes_;
    int32_t last_pid_ = 0;
};

}  // namespace portico
