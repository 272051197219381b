// kernel/vm/vm_object_return.h
//
// Carries out a lock request on a range of an object's pages: returns them to the pager, flushes them,
// changes their lock.
//
// Works in steps of at most one message to the pager, so that a large object holds up nobody; the pages of
// one message are neighbours.  Lock: none between steps.
#ifndef PORTICO_VM_VM_OBJECT_RETURN_H
#define PORTICO_VM_VM_OBJECT_RETURN_H

#include <array>

#include <ipc/ipc_right.h>
#include <vm/memory_object.h>
#include <vm/vm_object.h>

class PageReturner {
public:
    static constexpr unsigned pages_per_message = 16;

    PageReturner(const SendRight& pager, VmObject& object, const MemoryObject::LockRequest& request)
        : pager_{pager},
          object_{object},
          request_{request},
          at_{page_index_of(request.offset)},
          end_{page_index_of(request.offset + request.size)}
    {
    }

    // True: there is more to do.
    bool step();

private:
    // Pages that go to the pager together: out of the object already, or copies of what stays.
    struct Run {
        std::array<VmPage*, pages_per_message> pages{};
        unsigned count = 0;
        page_index_t first = 0;
        bool dirty = false;
        bool kernel_keeps = false;
    };

    void gather(Run& run) REQUIRES(object_.lock());
    bool wanted(const VmPage& page, bool dirty) const;
    void change_lock(VmPage& page) REQUIRES(object_.lock());
    bool take(VmPage& page, Run& run) REQUIRES(object_.lock());
    void send(Run& run, RefPtr<VmObject> batch);

    const SendRight& pager_;
    VmObject& object_;
    const MemoryObject::LockRequest request_;
    page_index_t at_;
    const page_index_t end_;
};

#endif
