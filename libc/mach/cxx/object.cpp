// libc/mach/cxx/object.cpp: objects and their ports.
#include <mach/mach.h>
#include <portico/event_loop.h>

namespace mach {

Object::~Object()
{
    // Who destroys an object that still has a port has bypassed shared_ptr: the loop's entry keeps one.
    if (port_ != nullptr)
        std::abort();
}

Result<void> Object::make_port()
{
    if (port_ != nullptr)
        return {};
    return adopt_port(TRY(ReceiveRight::allocate()));
}

Result<void> Object::adopt_port(ReceiveRight right)
{
    // A kernel that cannot do this copies lazily; then only the age of what arrives differs.
    (void)right.copy_memory_at_send();
    port_ = TRY(EventLoop::current().add_port(PortEntry::Kind::object, std::move(right)));
    port_->object = shared_from_this();
    return {};
}

Result<mach_port_t> Object::receive_name()
{
    TRY(make_port());
    return port_->right.name();
}

Result<SendRight> Object::make_send()
{
    TRY(make_port());
    SendRight right = TRY(port_->right.make_send());
    if (!port_->no_senders_requested) {
        TRY(result_of(EventLoop::current().request_no_senders(*port_)));
        port_->no_senders_requested = true;
    }
    return right;
}

void Object::close()
{
    const std::shared_ptr<Object> keep_alive = shared_from_this();
    if (PortEntry* port = std::exchange(port_, nullptr))
        EventLoop::current().remove_port(*port);
    for (CallContext* call = calls_; call != nullptr; call = call->next_on_object_)
        call->cancel(KERN_TERMINATED);
}

void Object::cancel(uint32_t number)
{
    if (number == 0)
        return;
    for (CallContext* call = calls_; call != nullptr; call = call->next_on_object_) {
        if (call->number() == number) {
            call->cancel(KERN_ABORTED);
            return;
        }
    }
}

}  // namespace mach
