// kernel/ipc/ipc_right_locked.h
//
// Operations on one entry, for callers that hold the space's lock: the parts of which ipc_right.cpp makes
// calls and
// ipc_copyin.cpp makes messages.  Nobody else includes this.
#ifndef PORTICO_IPC_IPC_RIGHT_LOCKED_H
#define PORTICO_IPC_IPC_RIGHT_LOCKED_H

#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>

// What an operation leaves to be done when the space's lock has been released.  Declare it before the guard:
// its destructor does it.
class RightAftermath {
public:
    RightAftermath() = default;
    ~RightAftermath()
    {
        if (!dropped[0].is_null() || set || notification) [[unlikely]]
            settle();
    }
    RightAftermath(const RightAftermath&) = delete;
    RightAftermath& operator=(const RightAftermath&) = delete;

    IpcRight dropped[2];   // Rights that the entry gave up.
    RefPtr<IpcPset> set;   // A set whose name has gone.
    KmsgPtr notification;  // Port-deleted or dead-name, ready to be sent.

    void drop(IpcRight right);

private:
    void settle();
};

// An entry whose port is found dead turns into a dead name.  True if the entry is a dead name (now).
bool ipc_right_check(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock());

// May the entry be used with this disposition?  KERN_INVALID_RIGHT, KERN_INVALID_VALUE.  The entry has been
// checked.
[[nodiscard]] mach::Result<void> ipc_right_copyin_check(const IpcEntry& entry,
                                                        mach_msg_type_name_t disposition, bool dead_ok);
// Takes the right of an entry that has been checked, under one hold of the space's lock; `dead`: what ipc_right_check() said.
// `entry` may be free afterwards.
[[nodiscard]] IpcRight ipc_right_copyin_checked(IpcSpace& space, IpcEntry& entry,
                                                mach_msg_type_name_t disposition, bool dead,
                                                RightAftermath& after) REQUIRES(space.lock());
// Both checks, and takes the right.
[[nodiscard]] mach::Result<IpcRight> ipc_right_copyin_locked(IpcSpace& space, IpcEntry& entry,
                                                             mach_msg_type_name_t disposition, bool dead_ok,
                                                             RightAftermath& after) REQUIRES(space.lock());

// The entry with send or receive rights to `port`; null if the space has none.
IpcEntry* ipc_right_reverse(IpcSpace& space, IpcPort& port) REQUIRES(space.lock());

// Ends what is registered under the entry's name; the holder hears port-deleted.
void ipc_right_cancel_request(IpcEntry& entry, RightAftermath& after);
// The same for another registration: the notification comes back unused.
[[nodiscard]] IpcNotification ipc_right_withdraw_request(IpcEntry& entry);
// MACH_PORT_TYPE_*REQUEST of what is registered, if anything.
[[nodiscard]] mach_port_type_t ipc_name_request_type(const IpcEntry& entry);
// A request that is in no port's list (any more).
void ipc_name_request_free(IpcNameRequest* request);

#endif
