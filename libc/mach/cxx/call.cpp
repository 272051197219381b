// libc/mach/cxx/call.cpp: calls, and waiting in them. call.h has the rules.
#include <portico/call.h>

#include <cstdlib>

#include <mach/mach.h>
#include <portico/event_loop.h>

namespace mach {

// ---- Waiter ----

void Waiter::suspend(std::coroutine_handle<> coroutine, CallContext& call, Time deadline)
{
    coroutine_ = coroutine;
    call_ = &call;
    call.waiter_ = this;
    deadline_ = deadline;
    if (deadline != never)
        EventLoop::current().add_timer(*this);
}

void Waiter::finish(kern_return_t result)
{
    result_ = result;
    if (queue_ != nullptr)
        queue_->remove(*this);
    if (deadline_ != never)
        EventLoop::current().remove_timer(*this);
    call_->waiter_ = nullptr;
    EventLoop::current().make_ready(coroutine_);
}

// ---- WaitQueue ----

WaitQueue::~WaitQueue() { wake_all(); }

WaitQueue::Wait WaitQueue::wait(uint32_t number, Time deadline)
{
    return Wait{*this, number, deadline, true};
}

WaitQueue::Wait WaitQueue::wait_to_the_end() { return Wait{*this, 0, never, false}; }

void WaitQueue::wake_one()
{
    if (first_ != nullptr)
        first_->finish(KERN_SUCCESS);
}

void WaitQueue::wake_all()
{
    while (first_ != nullptr)
        wake_one();
}

void WaitQueue::append(Waiter& waiter)
{
    waiter.queue_ = this;
    waiter.next_ = nullptr;
    waiter.previous_ = last_;
    (last_ != nullptr ? last_->next_ : first_) = &waiter;
    last_ = &waiter;
}

void WaitQueue::remove(Waiter& waiter)
{
    (waiter.previous_ != nullptr ? waiter.previous_->next_ : first_) = waiter.next_;
    (waiter.next_ != nullptr ? waiter.next_->previous_ : last_) = waiter.previous_;
    waiter.queue_ = nullptr;
}

WaitQueue::Wait::Wait(WaitQueue& queue, uint32_t number, Time deadline, bool can_be_cancelled)
    : wait_queue_{queue}, number_{number}, wait_deadline_{deadline}
{
    if (!can_be_cancelled)
        refuse_cancellation();
}

bool WaitQueue::Wait::enter(std::coroutine_handle<> coroutine, CallContext& call)
{
    if (can_be_cancelled_) {
        call.set_number(number_);
        call.watch_reply_right();
        if (call.state() != KERN_SUCCESS) {
            result_ = call.state();
            return false;
        }
    }
    suspend(coroutine, call, wait_deadline_);
    wait_queue_.append(*this);
    return true;
}

// ---- CallContext ----

CallContext::CallContext() = default;

CallContext::CallContext(std::shared_ptr<Object> object, mach_msg_header_t& request)
    : object_{std::move(object)},
      reply_name_{std::exchange(request.msgh_remote_port, MACH_PORT_NULL)},
      reply_disposition_{MACH_MSGH_BITS_REMOTE(request.msgh_bits)}
{
    if (!MACH_PORT_VALID(reply_name_))
        reply_name_ = MACH_PORT_NULL;
    next_on_object_ = object_->calls_;
    if (next_on_object_ != nullptr)
        next_on_object_->previous_on_object_ = this;
    object_->calls_ = this;
}

CallContext::~CallContext()
{
    if (object_ != nullptr) {
        (previous_on_object_ != nullptr ? previous_on_object_->next_on_object_ : object_->calls_) =
            next_on_object_;
        if (next_on_object_ != nullptr)
            next_on_object_->previous_on_object_ = previous_on_object_;
    }
    if (reply_watched_)
        EventLoop::current().forget_watched_reply(reply_name_, *this);
    SendOnceRight{reply_name_}.reset();  // A send right is given up by the same call.
}

void CallContext::set_number(uint32_t number)
{
    if (number_ == 0)
        number_ = number;
}

void CallContext::cancel(kern_return_t reason)
{
    if (state_ != KERN_SUCCESS)
        return;
    state_ = reason;
    for (CancelHandler* handler = cancel_handler_; handler != nullptr; handler = handler->outer_)
        handler->action_();
    if (waiter_ != nullptr && waiter_->can_be_cancelled_)
        waiter_->finish(reason);
}

void CallContext::watch_reply_right()
{
    if (reply_watched_ || reply_name_ == MACH_PORT_NULL)
        return;
    EventLoop& loop = EventLoop::current();
    const kern_return_t code = loop.request_notification(reply_name_, MACH_NOTIFY_DEAD_NAME, 0);
    if (code == KERN_SUCCESS) {
        reply_watched_ = true;
        loop.watched_replies_.emplace(reply_name_, this);
    } else if (code == KERN_INVALID_ARGUMENT) {
        cancel(KERN_ABORTED);  // Dead already.
    }
    // Else the kernel is short of room: the call waits unwatched, and its reply will find nobody.
}

// ---- CancelHandler ----

CancelHandler::CancelHandler(CallContext& call, uint32_t number, std::function<void()> action)
    : call_{call}, outer_{call.cancel_handler_}, action_{std::move(action)}
{
    call.set_number(number);
    call.watch_reply_right();
    call.cancel_handler_ = this;
}

CancelHandler::~CancelHandler() { call_.cancel_handler_ = outer_; }

// ---- AsyncMutex ----

Async<AsyncMutexBase::Guard> AsyncMutexBase::lock()
{
    CallContext& call = co_await this_call();
    if (call.lock_rank_ >= rank_)
        std::abort();  // Against the order of ranks.

    // release() hands the lock on without letting go of it.
    if (held_)
        (void)co_await waiters_.wait_to_the_end();
    held_ = true;
    co_return Guard{*this, call, std::exchange(call.lock_rank_, rank_)};
}

void AsyncMutexBase::release(CallContext& call, uint32_t outer_rank)
{
    call.lock_rank_ = outer_rank;
    if (waiters_.empty())
        held_ = false;
    else
        waiters_.wake_one();
}

}  // namespace mach
