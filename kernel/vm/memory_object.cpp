// kernel/vm/memory_object.cpp: the beginning and the end of a pager's object, and what the kernel says to its
// pager.
#include <vm/memory_object.h>

#include <kern/zone.h>
#include <lib/assert.h>
#include <mach/notify.h>
#include <memory_object_kernel.h>  // Made by mig from <mach/memory_object.defs>.
#include <vm/vm_object_return.h>
#include <vm/vm_statistics.h>

using mach::failure;
using mach::Result;

namespace {

constinit Zone<MemoryObject> memory_object_zone{"memory objects"};

// Why somebody may map through a port: it is a pager's, not the kernel's.
bool may_be_pager(const SendRight& pager)
{
    return pager && ipc_kobject_type(pager.raw()) == IpcKobjectType::None;
}

struct ByPort {
    using type = const IpcPort*;
    const IpcPort* operator()(const MemoryObject& object) const { return object.pager_port(); }
};

}  // namespace

// Pager port -> MemoryObject.  Each object in it has a reference from here.
class MemoryObjectTable {
public:
    Mutex<LockRank::MemoryObjects>& lock() RETURN_CAPABILITY(lock_) { return lock_; }

    MemoryObject* find(const IpcPort* port) REQUIRES(lock_)
    {
        auto found = objects_.find(port);
        return found == objects_.end() ? nullptr : &*found;
    }
    void insert(MemoryObject& object) REQUIRES(lock_)
    {
        object.reference();
        objects_.insert(object);
        object.in_table_ = true;
    }
    // The caller gets the table's reference.
    RefPtr<MemoryObject> remove(MemoryObject& object) REQUIRES(lock_)
    {
        if (!object.in_table_)
            return nullptr;
        objects_.erase(objects_.iterator_to(object));
        object.in_table_ = false;
        return RefPtr<MemoryObject>::adopt(&object);
    }

private:
    Mutex<LockRank::MemoryObjects> lock_;
    boost::intrusive::set<MemoryObject,
                          boost::intrusive::member_hook<MemoryObject, decltype(MemoryObject::table_hook),
                                                        &MemoryObject::table_hook>,
                          boost::intrusive::key_of_value<ByPort>>
        objects_ GUARDED_BY(lock_);
};

namespace {
MemoryObjectTable table;
}

// ---- Beginning.

// The pair, not yet in the table; the pager has been told nothing.
Result<RefPtr<MemoryObject>> MemoryObject::create(SendRight pager)
{
    MemoryObject* made = memory_object_zone.create(std::move(pager));
    if (made == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<MemoryObject> object = RefPtr<MemoryObject>::adopt(made);
    object->control_port_ = TRY(ipc_kobject_create(IpcKobjectType::MemoryObjectControl, made));
    Result<RefPtr<VmObject>> pages = VmObject::create_for_pager(object);
    Result<void> watched = pages ? object->watch_pager() : Result<void>{failure(pages.error())};
    if (!watched) {
        ipc_kobject_destroy(*object->control_port_);
        return failure(watched.error());
    }
    object->object_ = std::move(*pages);
    return object;
}

// Asks to hear of the death of the pager's port: the notification is a call on our control port.
Result<void> MemoryObject::watch_pager()
{
    SendOnceRight notify;
    {
        Guard guard{control_port_->lock()};
        notify = control_port_->make_send_once();
    }
    IpcNotification notification = TRY(IpcNotification::reserve(notify));
    Guard guard{pager_.port().lock()};
    if (!pager_.port().active()) {
        guard.unlock();
        (void)std::move(notification).cancel();
        return failure(KERN_INVALID_OBJECT);
    }
    death_watch_.notification = std::move(notification);
    pager_.port().name_requests().push_back(death_watch_);
    return {};
}

Result<RefPtr<VmObject>> MemoryObject::object_of(SendRight pager)
{
    if (!may_be_pager(pager))
        return failure(KERN_INVALID_OBJECT);
    RefPtr<MemoryObject> made;
    RefPtr<VmObject> pages;
    Guard guard{table.lock()};
    if (MemoryObject* present = table.find(pager.raw())) {
        if (present->state_ == State::Terminating)
            present->state_ = State::Alive;  // The reaper sees that somebody came in time.
        return present->object_;
    }
    made = TRY(create(std::move(pager)));
    pages = made->object_;
    table.insert(*made);
    made->send_init();
    return pages;
}

Result<RefPtr<MemoryObject>> MemoryObject::establish(SendRight pager, const Attributes& attributes)
{
    if (!may_be_pager(pager))
        return failure(KERN_INVALID_OBJECT);
    Guard guard{table.lock()};
    if (table.find(pager.raw()) != nullptr)
        return failure(KERN_NAME_EXISTS);
    RefPtr<MemoryObject> made = TRY(create(std::move(pager)));
    made->attributes_ = attributes;
    made->ready_ = true;
    made->established_ = true;
    table.insert(*made);
    return made;
}

// ---- Messages to the pager (M3).

void MemoryObject::send_init()
{
    KernelMessage message;
    if (!memory_object_calls::encode_memory_object_init(message, ipc_kobject_make_send(*control_port_),
                                                        page_size))
        return;
    message.set_destination(pager_.copy());
    send_from_kernel(std::move(message));
}

void MemoryObject::send_terminate()
{
    KernelMessage message;
    if (!memory_object_calls::encode_memory_object_terminate(message))
        return;
    message.set_destination(pager_.copy());
    send_from_kernel(std::move(message));
}

void MemoryObject::send(const Request& request)
{
    using namespace memory_object_calls;
    KernelMessage message;
    const bool data = request.kind == Request::Kind::Data;
    const Result<void> encoded =
        data ? encode_memory_object_data_request(message, request.offset, request.size, request.access)
             : encode_memory_object_data_unlock(message, request.offset, request.size, request.access);
    if (!encoded)
        return data_error(request.offset, request.size, KERN_RESOURCE_SHORTAGE);
    message.set_destination(pager_.copy());
    send_from_kernel(std::move(message));
}

// ---- The end.

RefPtr<VmObject> MemoryObject::pages()
{
    Guard guard{table.lock()};
    return object_;
}

// Called whenever a reference to the VmObject was dropped: if only ours is left, the object is let go.
void MemoryObject::user_gone()
{
    RefPtr<VmObject> last;
    Guard guard{table.lock()};
    if (object_ == nullptr || object_->reference_count() != 1)
        return;
    if (state_ == State::Dead) {
        last = std::move(object_);
        return;
    }
    if (state_ != State::Alive || established_ || attributes_.may_cache)
        return;
    state_ = State::Terminating;
    if (!reaping_) {
        reaping_ = true;
        reference();  // The reap list's.
        reaper_enqueue(*this);
    }
}

// Hands pages back to the pager, some at a time, until there are none left to hand back; unless somebody maps
// the object again meanwhile.  Afterwards, with the last reference gone, frees the record itself.
Reapable::Step MemoryObject::reap()
{
    if (freeing_) {
        memory_object_zone.destroy(this);
        return Step::Done;
    }
    RefPtr<MemoryObject> self, from_table;
    RefPtr<VmObject> last;
    Guard guard{table.lock()};
    if (state_ == State::Terminating && object_->reference_count() == 1) {
        LockRequest everything;
        everything.size = trunc_page(~vm_size_t{0});
        everything.flush = true;
        everything.should_return =
            attributes_.temporary ? MEMORY_OBJECT_RETURN_NONE : MEMORY_OBJECT_RETURN_ALL;
        if (PageReturner{pager_, *object_, everything}.step())
            return Step::More;
        from_table = table.remove(*this);
        send_terminate();
        last = end(KERN_MEMORY_FAILURE, /*discard_pages=*/true);
    }
    reaping_ = false;
    self = RefPtr<MemoryObject>::adopt(this);
    return Step::Done;
}

// No more requests, no more control port: who waits for a page gets `reason`.  Returns the object if nobody
// uses it, to be dropped without the lock.
RefPtr<VmObject> MemoryObject::end(kern_return_t reason, bool discard_pages)
{
    {
        Guard guard{object_->lock()};
        state_ = State::Dead;
        death_reason_ = reason;
        for (page_index_t at = 0;;) {
            VmPage* page = object_->page_from(at, ~page_index_t{0});
            if (page == nullptr)
                break;
            at = page->index() + 1;
            if (discard_pages || page->absent)
                object_->discard(*page);
        }
    }
    thread_wakeup_all(ready_waiters_);
    IpcNotification unused;
    {
        Guard guard{pager_.port().lock()};
        if (pager_.port().active()) {
            unused = std::move(death_watch_.notification);
            pager_.port().name_requests().erase(IpcPort::NameRequests::s_iterator_to(death_watch_));
        }
    }
    ipc_kobject_destroy(*control_port_);
    (void)std::move(unused).cancel();
    return object_->reference_count() == 1 ? std::move(object_) : RefPtr<VmObject>{};
}

void MemoryObject::destroy(kern_return_t reason)
{
    RefPtr<MemoryObject> from_table;
    RefPtr<VmObject> last;
    Guard guard{table.lock()};
    if (state_ == State::Dead)
        return;
    from_table = table.remove(*this);
    last = end(reason == KERN_SUCCESS ? KERN_MEMORY_FAILURE : reason, /*discard_pages=*/true);
    send_terminate();
}

void MemoryObject::pager_died()
{
    RefPtr<MemoryObject> from_table;
    RefPtr<VmObject> last;
    Guard guard{table.lock()};
    if (state_ == State::Dead)
        return;
    from_table = table.remove(*this);
    last = end(KERN_MEMORY_FAILURE, /*discard_pages=*/false);
}

bool MemoryObject::notification(KernelCall& call)
{
    if (call.header().msgh_id != MACH_NOTIFY_DEAD_NAME)
        return false;
    if (MemoryObjectControlRef object = convert_port_to_memory_object_control(&call.target()))
        object->pager_died();
    return true;
}

void MemoryObject::destroy_last_reference(MemoryObject* object)
{
    object->freeing_ = true;
    reaper_enqueue(*object);
}

MemoryObjectControlRef convert_port_to_memory_object_control(IpcPort* port)
{
    return ipc_kobject_object<MemoryObject>(port, IpcKobjectType::MemoryObjectControl);
}
