// kernel/lib/lock_rank.h
//
// The order in which locks may be taken: a thread that holds a lock takes only locks of later ranks (and further ones of
// the same rank by acquire_after(), in an order that their owner defines).  Debug builds check it (lib/lock_check.h).
#ifndef PORTICO_LIB_LOCK_RANK_H
#define PORTICO_LIB_LOCK_RANK_H

#include <cstdint>

enum class LockRank : uint8_t {
    // ---- Sleep locks (kern/mutex.h): held over blocking, so outside of every spin lock.
    IpcTransit,     // Sends that carry receive rights, one at a time: the circularity check.
    MemoryObjects,  // Pager port -> MemoryObject.  vm_map() looks there before it has a map.
    VmMap,          // An address map; two maps (vm_remap, fork) in the order of their addresses.

    // ---- Spin locks.
    Mutex,      // Inside of a Mutex: whoever takes one holds no spin lock.
    Task,       // Outermost of the objects: a task's operations look at its space, map and threads.
    TaskList,   // Which tasks live.
    Host,       // Special and exception ports of the host.
    IpcSpaces,  // The list of all spaces.
    IpcSpace,   // A name is looked up before its port is locked.
    Port,       // Several in the order of their addresses.
    PortSet,    // A message for a port reaches its sets' receivers under the port's lock.
    MessageQueue,
    Semaphore,
    Clock,
    MemoryEntries,  // Which boot modules have been given out.
    VmObject,       // One family of objects; never two families (vm/vm_object.h).
    Pmap,           // One address space's page tables.
    PmapPage,       // The mappings of one physical page (one of a set of locks).
    Device,         // Who is told of an interrupt.
    Interrupt,      // An interrupt line: its handler, whether it is masked, its notice.
    WaitQueue,      // Waits are asserted and ended under the lock of whatever is waited for.
    Thread,         // The scheduler's part of a thread.
    RunQueue,
    Timer,
    IoBitmap,
    Tokens,  // Of a task: a message takes them with its port locked.
    Ledger,
    StackPool,
    Zone,        // Elements are taken and given back under any object's lock; slabs are made outside of it.
    PageQueues,  // Free lists and paging queues of pages: everything above may need a page.
    Reaper,      // Anyone may leave an object to the reaper.
    Shootdown,   // One request to other processors to forget translations.
    Console,     // Innermost: anyone may print.
    Count,
};

inline constexpr LockRank last_sleep_rank = LockRank::VmMap;

#endif
