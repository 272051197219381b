// kernel/vm/vm_fault_page.h
//
// The page that a fault is about: found in a chain of objects, made, or asked for.  Knows nothing of maps.
#ifndef PORTICO_VM_VM_FAULT_PAGE_H
#define PORTICO_VM_VM_FAULT_PAGE_H

#include <vm/memory_object.h>
#include <vm/vm_object.h>

// What a fault has come to.
struct FaultPage {
    enum class Kind : uint8_t {
        Found,    // `page` shows the contents.
        Busy,     // Somebody fills it: wait in `waiters`.
        Request,  // Send `request` to `pager`, without locks, and look again.
        Failed,   // `code`.
    };

    Kind kind = Kind::Failed;
    bool may_write = false;  // Found: the page may be mapped for writing.
    VmPage* page = nullptr;
    WaitQueue* waiters = nullptr;
    MemoryObject* pager = nullptr;  // Kept by its object, which the caller's entry or copy keeps.
    MemoryObject::Request request;
    kern_return_t code = KERN_SUCCESS;

    static FaultPage found(VmPage& page, bool may_write)
    {
        FaultPage result;
        result.kind = Kind::Found;
        result.may_write = may_write;
        result.page = &page;
        return result;
    }
    static FaultPage busy(WaitQueue& waiters)
    {
        FaultPage result;
        result.kind = Kind::Busy;
        result.waiters = &waiters;
        return result;
    }
    static FaultPage ask(MemoryObject& pager, const MemoryObject::Request& request)
    {
        FaultPage result;
        result.kind = Kind::Request;
        result.pager = &pager;
        result.request = request;
        return result;
    }
    static FaultPage failed(kern_return_t code)
    {
        FaultPage result;
        result.code = code;
        return result;
    }
};

struct FaultPageRequest {
    page_index_t index;
    page_index_t end;  // Nobody wants pages from here on: the limit of read-ahead.
    vm_prot_t access;
    bool has_waited;  // An error found now is the answer to what this fault asked for.
};

// `first` is where the map entry points.  If the access includes writing, it must not be frozen, and the page
// found is its own, with its copy served.
FaultPage vm_fault_page(VmObject& first, const FaultPageRequest& request) REQUIRES(first.lock());

#endif
