// kernel/kern/task.h
//
// A task: an address space, a port space, and the threads that live in them.
//
// Owns        references to its map, space and ledger, and the rights that everyone may ask it for.
// Lifetime    RefPtr.  A task that has not been terminated refers to itself (K3); then its threads and calls under way
//             do.  A terminated task is an empty shell until the last of them goes.
// Lock        lock_, LockRank::Task: outermost of the kernel core's.
// Invariants  (K1) threads_ holds exactly the threads that have been created in it and have not ended.
//             (K2) Once terminating, it gets no new thread.  When its last thread has gone, its space and its map are
//                  emptied, from the reap list, never from inside the call that ended it (design D10).
//             (K3) Its ports die in terminate(), so while they find it, it has references.
#ifndef PORTICO_KERN_TASK_H
#define PORTICO_KERN_TASK_H

#include <array>
#include <atomic>
#include <cstdint>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <kern/exception.h>
#include <kern/ledger.h>
#include <kern/reaper.h>
#include <kern/sync.h>
#include <kern/thread.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/mach_debug_types.h>
#include <mach/message.h>
#include <mach/result.h>
#include <mach/special_ports.h>

class IpcSpace;
class VmMap;
namespace machine {
class IoBitmap;
}

class Task final : public RefCounted<Task>, public Reapable {
public:
    using ThreadsOfTask =
        boost::intrusive::list<Thread,
                               boost::intrusive::member_hook<Thread, TaskThreadHook, &Thread::task_hook>>;

    using Name = std::array<char, TASK_NAME_MAX>;  // Filled up with NULs.
    using ListHook =
        boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    // A task without threads.  `parent` may be null (bootstrap, tests): it gives the ledger, the tokens, the bootstrap,
    // registered and exception ports, and with inherit_memory copies of its memory, as the inheritance of each region says.
    // `ledger` null: the parent's.  KERN_TERMINATED: the ledger's tasks have been ended.
    [[nodiscard]] static mach::Result<RefPtr<Task>> create(Task* parent, bool inherit_memory,
                                                           RefPtr<Ledger> ledger);

    // What never changes while a thread or a call holds the task.
    VmMap& map() const { return *map_; }
    IpcSpace& space() const { return *space_; }
    const RefPtr<Ledger>& ledger() const { return ledger_; }

    SpinLock<LockRank::Task>& lock() const RETURN_CAPABILITY(lock_) { return lock_; }
    bool active() const { return active_.load(std::memory_order_acquire); }

    // Stops every thread at its next return to user mode; counted.
    mach::Result<void> suspend();
    mach::Result<void> resume();  // KERN_FAILURE if not suspended.
    // Ends every thread, and then the task.  Returns at once; ending oneself takes effect at the return to user mode.
    mach::Result<void> terminate();

    ThreadsOfTask& threads() REQUIRES(lock_) { return threads_; }
    uint32_t thread_count() const REQUIRES(lock_) { return thread_count_; }
    uint32_t suspend_count() const REQUIRES(lock_) { return suspend_count_; }

    ExceptionActions& exception_actions() REQUIRES(lock_) { return exception_actions_; }
    // TASK_HOST_PORT and TASK_BOOTSTRAP_PORT; TASK_KERNEL_PORT if something else has been put in its place.
    SendRight& special_port(int which) REQUIRES(lock_) { return special_ports_[static_cast<size_t>(which)]; }
    std::array<SendRight, TASK_PORT_REGISTER_MAX>& registered_ports() REQUIRES(lock_)
    {
        return registered_ports_;
    }

    // What trailers carry: read under any lock of ipc/.  Set by the process service (host_security.defs).
    security_token_t security_token() const;
    audit_token_t audit_token() const;
    void set_tokens(const security_token_t& security, const audit_token_t& audit);

    // The kernel's ports for this task: its own and its name port.  ipc/ipc_kobject.h makes and unmakes them.
    RefPtr<IpcPort> kernel_port;
    RefPtr<IpcPort> name_port;

    // Thread's own use.  False: the task is ending.
    [[nodiscard]] bool add_thread(Thread& thread);
    void remove_thread(Thread& thread);
    // The first thread whose id is not below `id`: for walks over the threads without the lock.  Null: there is none.
    [[nodiscard]] RefPtr<Thread> next_thread(uint64_t id);
    // Semaphore's own use: the list holds a reference.  False: the task is ending; it is not in the list.
    [[nodiscard]] bool add_semaphore(Semaphore& semaphore);
    bool remove_semaphore(Semaphore& semaphore);

    static mach::Result<void> create_kernel_task();  // Start-up.
    static size_t count();
    // The living task with the lowest id that is not below `id`.  Null: there is none.
    [[nodiscard]] static RefPtr<Task> next(uint64_t id);

    uint64_t id() const { return id_; }  // Never used again.
    Name name() const;
    void set_name(const Name& name);

    ListHook list_hook;  // The list of tasks' lock; in the list while active().

    // Which I/O ports its threads may use; null: none.  The machine layer's.
    std::atomic<machine::IoBitmap*> io_bitmap = nullptr;

    struct Events {  // TASK_EVENTS_INFO, and the times of threads that have ended.
        std::atomic<uint32_t> faults = 0, pageins = 0, cow_faults = 0, messages_sent = 0,
                              messages_received = 0, traps = 0, switches = 0;
        std::atomic<uint64_t> user_time_ns = 0, system_time_ns = 0;
    } events;

    // Looks at some tasks from the one with id `first` on, and ends those of the ledger, which is closed to new ones, and of
    // the ledgers below it.  The id to go on with, or 0.  A task that is being made meanwhile is seen here, or create() sees
    // that the ledger is closed: both have had the list's lock, one after the other.
    static uint64_t end_some_charged_to(const Ledger& ledger, uint64_t first);

    static void destroy_last_reference(Task* task);

private:
    template <class>
    friend class Zone;

    // What is left of the task when its last thread has gone: holds a reference to it until it is empty.
    struct Remains final : Reapable {
        explicit Remains(Task& t) : task{t} {}
        Step reap() override;
        Task& task;
    };

    Task(RefPtr<VmMap> map, RefPtr<IpcSpace> space, RefPtr<Ledger> ledger, LedgerCharge charge);
    ~Task();
    Step reap() override;

    mach::Result<void> create_ports();
    void inherit_ports(Task& parent);
    void terminate_threads();
    void finish();
    void enlist();
    void delist();
    void drop_rights();
    void end_semaphores();

    mutable SpinLock<LockRank::Task> lock_;
    const RefPtr<VmMap> map_;
    const RefPtr<IpcSpace> space_;
    const RefPtr<Ledger> ledger_;
    LedgerCharge charge_;
    uint64_t id_ = 0;  // Set once, by enlist().
    std::atomic<bool> active_ = true;
    Name name_ GUARDED_BY(lock_){};
    ThreadsOfTask threads_ GUARDED_BY(lock_);
    uint32_t thread_count_ GUARDED_BY(lock_) = 0;
    uint32_t suspend_count_ GUARDED_BY(lock_) = 0;
    ExceptionActions exception_actions_ GUARDED_BY(lock_);
    std::array<SendRight, TASK_BOOTSTRAP_PORT + 1> special_ports_ GUARDED_BY(lock_);
    std::array<SendRight, TASK_PORT_REGISTER_MAX> registered_ports_ GUARDED_BY(lock_);
    mutable SpinLock<LockRank::Tokens> tokens_lock_;
    security_token_t security_token_ GUARDED_BY(tokens_lock_) = KERNEL_SECURITY_TOKEN_VALUE;
    audit_token_t audit_token_ GUARDED_BY(tokens_lock_) = KERNEL_AUDIT_TOKEN_VALUE;
    SemaphoreList semaphores_ GUARDED_BY(lock_);
    Remains remains_{*this};
};

// The kernel's own task: kernel threads live in it.  Its map has no user memory.
Task& kernel_task();

#endif
