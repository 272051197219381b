#include "process.h"

#include <cerrno>

#include "../support/unix_error.h"

namespace portico {

bool ProcessTable::in_use(int32_t number) const
{
    for (const auto& [pid, process] : processes_) {
        if (pid == number || process->identity.pgid == number || process->identity.sid == number)
            return true;
    }
    return false;
}

mach::Result<int32_t> ProcessTable::choose_pid()
{
    if (processes_.size() >= limit)
        return unix_failure(EAGAIN);
    do
        last_pid_ = last_pid_ >= largest_pid ? 2 : last_pid_ + 1;
    while (in_use(last_pid_));
    return last_pid_;
}

mach::Result<ProcessRef> ProcessTable::find(int32_t pid) const
{
    const auto found = processes_.find(pid);
    if (found == processes_.end())
        return unix_failure(ESRCH);
    return found->second;
}

std::vector<ProcessRef> ProcessTable::all() const
{
    std::vector<ProcessRef> all;
    for (const auto& [pid, process] : processes_)
        all.push_back(process);
    return all;
}

std::vector<ProcessRef> ProcessTable::group(int32_t pgid) const
{
    std::vector<ProcessRef> members;
    for (const auto& [pid, process] : processes_) {
        if (process->identity.pgid == pgid)
            members.push_back(process);
    }
    return members;
}

std::vector<ProcessRef> ProcessTable::children(int32_t parent) const
{
    std::vector<ProcessRef> children;
    for (const auto& [pid, process] : processes_) {
        if (process->identity.ppid == parent)
            children.push_back(process);
    }
    return children;
}

bool ProcessTable::has_group_in_session(int32_t pgid, int32_t sid) const
{
    for (const auto& [pid, process] : processes_) {
        if (process->identity.pgid == pgid && process->identity.sid == sid)
            return true;
    }
    return false;
}

bool ProcessTable::is_orphaned(int32_t pgid) const
{
    for (const auto& [pid, process] : processes_) {
        if (process->identity.pgid != pgid || !process->alive())
            continue;
        const auto parent = processes_.find(process->identity.ppid);
        if (parent == processes_.end() || parent->first == 1)
            continue;
        const unix_identity_t& above = parent->second->identity;
        if (above.pgid != pgid && above.sid == process->identity.sid)
            return false;
    }
    return true;
}

}  // namespace portico
