// kernel/ipc/ipc_audit.h
//
// Counts every right that can be found and compares with the ports' own counts (P1 in ipc_port.h).  For
// tests, and for the debug call that tests in the guest make when nothing else runs: it takes no locks but
// each port's in turn.
#ifndef PORTICO_IPC_IPC_AUDIT_H
#define PORTICO_IPC_IPC_AUDIT_H

#include <cstdint>
#include <span>

#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>

// What a port should say, by what has been found.
struct IpcAuditPort {
    IpcPort* port = nullptr;
    uint32_t send = 0;
    uint32_t send_once = 0;
    uint32_t receive = 0;
};

class IpcAudit {
public:
    // `table` must have room for every port that will be met; overflow is an error that ok() reports.
    explicit IpcAudit(std::span<IpcAuditPort> table) : table_{table} {}

    void add_space(IpcSpace& space);
    void add_message(IpcKmsg& message);
    void add_right(const IpcPort* port, RightKind kind);

    // The first port whose counts differ; null if all agree.  Call when everything has been added.
    const IpcAuditPort* first_difference();
    bool overflowed() const { return overflowed_; }
    size_t ports_seen() const { return used_; }

private:
    IpcAuditPort* record(IpcPort& port);
    void add_queue(IpcPort& port);
    void add_notification(const IpcNotification& notification);

    std::span<IpcAuditPort> table_;
    size_t used_ = 0;
    bool overflowed_ = false;
};

// Entries in use in all spaces.
uint64_t ipc_right_count();

#endif
