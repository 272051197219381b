// kernel/vm/memory_object.h
//
// The kernel's side of an external pager's memory object: the ports, the protocol's state, and what the pager said
// about itself.  The pages are in the VmObject.
//
// Owns        a send right to the pager's port, the receive right of the control port, and, while the object is
//             persistent (established, or cached by may_cache), a reference to the VmObject.
// Lifetime    RefPtr.  Made with its VmObject at the first vm_map() or memory_object_establish(); found again by the
//             pager's port.  Ends by memory_object_terminate, by memory_object_destroy, or by the death of the port.
// Lock        The state: the VmObject's lock.  The table of ports: a Mutex, taken before every map and object.
// Invariants  (M1) At most one living MemoryObject for each pager port.
//             (M2) memory_object_init is the first message that a pager gets of an object, memory_object_terminate the
//                  last, and the receive right of the control port goes with it.
//             (M3) A message to a pager is sent with no VM lock held, and never blocks (design D12).
//             (M4) Dead  =>  no page is absent: everyone who waited has been woken, and gets KERN_MEMORY_FAILURE.
// What a pager may do wrong, and what comes of it: docs/vm.md, "Pagers that lie, stall or die".
#ifndef PORTICO_VM_MEMORY_OBJECT_H
#define PORTICO_VM_MEMORY_OBJECT_H

#include <ipc/ipc_right.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/memory_object_types.h>
#include <vm/vm_object.h>
#include <vm/vm_map_copy.h>

class MemoryObject final : public RefCounted<MemoryObject> {
public:
    enum class State : uint8_t { Alive, Terminating, Dead };

    struct Attributes {
        memory_object_copy_strategy_t copy_strategy = MEMORY_OBJECT_COPY_DELAY;
        vm_size_t cluster_size = page_size;
        bool may_cache = false;
        bool temporary = false;
    };

    // A request that a fault has to make, decided under the object's lock and sent after it is released (M3).
    struct Request {
        enum class Kind : uint8_t { Data, Unlock } kind = Kind::Data;
        vm_offset_t offset = 0;
        vm_size_t size = 0;
        vm_prot_t access = VM_PROT_NONE;
    };
    void send(const Request& request);

private:
};

#endif
