// kernel/vm/memory_object.h
//
// The kernel's side of an external pager's memory object: the ports, the protocol's state, and what the pager
// said about itself.  The pages are in the VmObject, and each keeps the other while the object lives.
//
// Owns        a send right to the pager's port, the control port, and a reference to the VmObject.
// Lifetime    RefPtr.  Made with its VmObject at the first vm_map() or memory_object_establish(); found again
//             by the pager's port.  When nobody else refers to the VmObject any more, and it is not
//             persistent (established, or may_cache), the reaper returns its pages to the pager and lets it
//             go; so do memory_object_destroy() and the death of the pager's port.
// Lock        The table of ports and every beginning and end: a Mutex, LockRank::MemoryObjects, before every
//             map.  The state that faults read: the VmObject's lock.
// Invariants  (M1) At most one MemoryObject in the table for each pager port.
//             (M2) memory_object_init is the first message that a pager gets of an object,
//                  memory_object_terminate the last.
//             (M3) A message to a pager is sent with no lock held but the table's, and never blocks.
//             (M4) Dead  =>  no page is absent: everyone who waited has been woken, and gets the reason.
// What a pager may do wrong, and what comes of it: docs/vm.md, "Pagers that lie, stall or die".
#ifndef PORTICO_VM_MEMORY_OBJECT_H
#define PORTICO_VM_MEMORY_OBJECT_H

#include <boost/intrusive/set.hpp>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <kern/mutex.h>
#include <kern/reaper.h>
#include <kern/wait_queue.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/memory_object_types.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>

class KernelCall;

class MemoryObject final : public RefCounted<MemoryObject>, public Reapable {
public:
    enum class State : uint8_t { Alive, Terminating, Dead };
    static constexpr uint64_t max_cluster_pages = 64;

    struct Attributes {
        memory_object_copy_strategy_t copy_strategy = MEMORY_OBJECT_COPY_DELAY;
        vm_size_t cluster_size = page_size;
        bool may_cache = false;
        bool temporary = false;

        // KERN_INVALID_ARGUMENT: a value without a meaning.
        [[nodiscard]] static mach::Result<Attributes> from_info(memory_object_flavor_t flavor,
                                                                std::span<const int> info);
    };

    // A request that a fault has to make: decided under the object's lock, sent after it is released (M3).
    struct Request {
        enum class Kind : uint8_t { Data, Unlock } kind = Kind::Data;
        vm_offset_t offset = 0;
        vm_size_t size = 0;
        vm_prot_t access = VM_PROT_NONE;
    };

    // The object of a pager's port; made, and the pager told, if this is the first time.
    // KERN_INVALID_OBJECT: a null or dead right, or a kernel object's.  KERN_RESOURCE_SHORTAGE.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> object_of(SendRight pager);
    // memory_object_establish(): KERN_NAME_EXISTS.  The result's control port is what the caller gets a right
    // to.
    [[nodiscard]] static mach::Result<RefPtr<MemoryObject>> establish(SendRight pager,
                                                                      const Attributes& attributes);

    // Its pages; null once the last user of a dead object has gone.
    RefPtr<VmObject> pages();
    IpcPort& control_port() const { return *control_port_; }

    // ---- What faults look at: under the object's lock.
    State state() const { return state_; }
    bool ready() const { return ready_; }
    WaitQueue& ready_waiters() { return ready_waiters_; }
    uint64_t cluster_pages() const { return page_index_of(attributes_.cluster_size); }
    kern_return_t death_reason() const { return death_reason_; }

    // ---- From the fault's side.
    void send(const Request& request);
    // A map, copy or shadow has dropped its reference to the object.
    void user_gone();

    // ---- What the pager says; see memory_object_control.defs.  Offsets and sizes are whole pages.
    Attributes attributes();
    void change_attributes(const Attributes& attributes);
    void data_supply(Thread& self, vm_offset_t offset, VmMapCopy data, vm_prot_t lock_value, bool precious);
    void data_unavailable(vm_offset_t offset, vm_size_t size);
    void data_error(vm_offset_t offset, vm_size_t size, kern_return_t reason);
    struct LockRequest {
        vm_offset_t offset = 0;
        vm_size_t size = 0;
        memory_object_return_t should_return = MEMORY_OBJECT_RETURN_NONE;
        bool flush = false;
        vm_prot_t lock_value = VM_PROT_NO_CHANGE;
    };
    void lock_request(const LockRequest& request);
    void destroy(kern_return_t reason);
    // The pager's port has died: what is resident stays, what is not is lost.
    void pager_died();

    struct CacheResult {
        vm_size_t done = 0;
        vm_offset_t absent = MEMORY_OBJECT_NO_PAGE;
    };
    CacheResult cache_read(vm_offset_t offset, std::span<char> into);
    mach::Result<CacheResult> cache_write(vm_offset_t offset, std::span<const char> from);

    // The kernel's own call on a control port: the dead-name notification of the pager's port.
    static bool notification(KernelCall& call);

    static void destroy_last_reference(MemoryObject* object);

private:
    friend class MemoryObjectTable;
    template <class>
    friend class Zone;

    explicit MemoryObject(SendRight pager) : pager_{std::move(pager)} {}
    ~MemoryObject() = default;
    Step reap() override;

    static mach::Result<RefPtr<MemoryObject>> create(SendRight pager);
    mach::Result<void> watch_pager();
    void send_init();
    void send_terminate();
    RefPtr<VmObject> end(kern_return_t reason, bool discard_pages);

    const SendRight pager_;
    RefPtr<IpcPort> control_port_;
    RefPtr<VmObject> object_;
    IpcNameRequest death_watch_;

    Attributes attributes_;
    State state_ = State::Alive;
    bool ready_ = false;
    bool established_ = false;
    bool in_table_ = false;
    bool reaping_ = false;  // On the reap list, with a reference, to end or not.
    bool freeing_ = false;  // On the reap list without references.
    kern_return_t death_reason_ = KERN_MEMORY_FAILURE;
    WaitQueue ready_waiters_;

public:
    boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> table_hook;
    const IpcPort* pager_port() const { return pager_.raw(); }
};

using MemoryObjectControlRef = RefPtr<MemoryObject>;
[[nodiscard]] MemoryObjectControlRef convert_port_to_memory_object_control(IpcPort* port);

#endif
