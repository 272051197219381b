// portico/call.h: the call that a chain of coroutines works for, and waiting in it.
//
// At the root of every chain is a CallContext: a client's request, or a task of the server's own
// (EventLoop::spawn). The coroutines of the chain share it, also across local calls from service to service,
// so whoever waits deepest can be found and ended: by cancel(number), by the death of the client's reply
// right, or by the death of the port that the request came to (design D17, D18).
//
// Lock        none: all of it belongs to one event loop.
// Invariants  (C1) A call waits in at most one place: waiter_ is that place, or null.
//             (C2) A call with a reply right that waits in a WaitQueue, or under a CancelHandler, watches
//                  that right.
//             (C3) A call is answered once at most: with its reply the right is gone.
#ifndef PORTICO_CALL_H
#define PORTICO_CALL_H

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>

#include <portico/async.h>
#include <portico/rights.h>

namespace mach {

class CallContext;
class EventLoop;
class Object;
class WaitQueue;

// Nanoseconds of SYSTEM_CLOCK; never: no time limit.
using Time = uint64_t;
inline constexpr Time never = ~Time{0};

// A coroutine that is suspended until somebody calls finish(). It lives in the coroutine's frame.
class Waiter {
public:
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // Takes it off whatever it waits for; it goes on, with `result`, at the loop's next turn.
    void finish(kern_return_t result);

protected:
    Waiter() = default;
    ~Waiter() = default;
    void suspend(std::coroutine_handle<> coroutine, CallContext& call, Time deadline);
    void refuse_cancellation() { can_be_cancelled_ = false; }
    kern_return_t result() const { return result_; }

private:
    friend class WaitQueue;
    friend class EventLoop;
    friend class CallContext;

    std::coroutine_handle<> coroutine_;
    CallContext* call_ = nullptr;
    WaitQueue* queue_ = nullptr;  // The list that next_ and previous_ belong to, if any.
    Waiter* next_ = nullptr;
    Waiter* previous_ = nullptr;
    Time deadline_ = never;  // Else it is among the loop's timers.
    bool can_be_cancelled_ = true;
    kern_return_t result_ = KERN_SUCCESS;
};

// Coroutines that wait for something to happen, first come first served. Waiting answers
//   KERN_SUCCESS              woken; look again, another may have been faster
//   KERN_OPERATION_TIMED_OUT  the deadline passed
//   KERN_ABORTED              the call was cancelled, or its client is gone
//   KERN_TERMINATED           the port that the call came to was closed
// After the last two every further wait of the call answers the same at once, unless it is wait_to_the_end().
class WaitQueue {
public:
    WaitQueue() = default;
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;
    ~WaitQueue();  // Wakes all.

    class Wait;

    // `number` is the client's number for its call, if it gave one: what Object::cancel() finds it by.
    [[nodiscard]] Wait wait(uint32_t number = 0, Time deadline = never);

    // For what has to be finished whatever the client does.
    [[nodiscard]] Wait wait_to_the_end();

    void wake_one();
    void wake_all();
    bool empty() const { return first_ == nullptr; }

private:
    friend class Waiter;
    void append(Waiter& waiter);
    void remove(Waiter& waiter);

    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
};

class CallContext {
public:
    CallContext();  // A task of the server's own.
    CallContext(std::shared_ptr<Object> object,
                mach_msg_header_t& request);  // Takes the reply right out of it.
    CallContext(const CallContext&) = delete;
    CallContext& operator=(const CallContext&) = delete;
    ~CallContext();  // Gives up a reply right that was not used: the client gets MIG_SERVER_DIED.

    // The client's number for the call, by which Object::cancel() finds it. Only the first number counts: a
    // call that is forwarded keeps the number under which its client knows it.
    void set_number(uint32_t number);
    uint32_t number() const { return number_; }

    // KERN_SUCCESS, KERN_ABORTED or KERN_TERMINATED, as WaitQueue says it.
    kern_return_t state() const { return state_; }

    // Ends the call's waiting, if it waits and can be cancelled, and remembers `reason`.
    void cancel(kern_return_t reason);

    // `told` runs as soon as the reply has been sent, and hears whether it reached the client's port. What is
    // consumed by a reply is consumed there (design D17).
    void on_reply(std::function<void(bool delivered)> told) { on_reply_ = std::move(told); }

    // Is there somebody to answer to? One-way calls and tasks of the server have nobody.
    bool has_reply_right() const { return reply_name_ != MACH_PORT_NULL; }

private:
    friend class AsyncMutexBase;
    friend class CancelHandler;
    friend class EventLoop;
    friend class Object;
    friend class Waiter;
    friend class WaitQueue;

    void watch_reply_right();

    std::shared_ptr<Object>
        object_;  // Kept alive while it serves the call. Null: a task of the server's own.
    CallContext* next_on_object_ = nullptr;
    CallContext* previous_on_object_ = nullptr;
    mach_port_t reply_name_ = MACH_PORT_NULL;
    mach_msg_type_name_t reply_disposition_ = 0;
    bool reply_watched_ = false;
    uint32_t number_ = 0;
    kern_return_t state_ = KERN_SUCCESS;
    Waiter* waiter_ = nullptr;
    class CancelHandler* cancel_handler_ = nullptr;  // The innermost.
    uint32_t lock_rank_ = 0;                         // Of the highest AsyncMutex that the call holds.
    std::function<void(bool)> on_reply_;
};

// `CallContext& self = co_await this_call();`
struct ThisCall {
    CallContext* call = nullptr;

    bool await_ready() const noexcept { return false; }
    template <typename P>
        requires std::is_base_of_v<detail::Promise, P>
    bool await_suspend(std::coroutine_handle<P> coroutine) noexcept
    {
        call = coroutine.promise().call;
        return false;
    }
    CallContext& await_resume() const noexcept { return *call; }
};
inline ThisCall this_call() { return {}; }

// While it lives, the call's cancellation also runs `action`: how cancel follows a request to another
// service.
//     CallContext& self = co_await this_call();
//     CancelHandler forward{self, call, [&] { pipe.cancel(call); }};
//     ... co_await pipe.open(call, ...)
class CancelHandler {
public:
    CancelHandler(CallContext& call, uint32_t number, std::function<void()> action);
    CancelHandler(const CancelHandler&) = delete;
    CancelHandler& operator=(const CancelHandler&) = delete;
    ~CancelHandler();

private:
    friend class CallContext;
    CallContext& call_;
    CancelHandler* outer_;
    std::function<void()> action_;
};

class [[nodiscard]] WaitQueue::Wait : private Waiter {
public:
    bool await_ready() const noexcept { return false; }
    template <typename P>
        requires std::is_base_of_v<detail::Promise, P>
    bool await_suspend(std::coroutine_handle<P> coroutine)
    {
        return enter(coroutine, *coroutine.promise().call);
    }
    Result<void> await_resume() const { return result_of(result()); }

private:
    friend class WaitQueue;
    Wait(WaitQueue& queue, uint32_t number, Time deadline, bool can_be_cancelled);
    bool enter(std::coroutine_handle<> coroutine, CallContext& call);  // False: go on at once.

    WaitQueue& wait_queue_;
    uint32_t number_;
    Time wait_deadline_;
};

// A lock that may be held across awaits. A call takes locks in order of rising rank only (aborts otherwise),
// so calls cannot wait for each other in a circle. Waiters are served in order, and cancellation does not end
// the wait: it is short, since a holder never waits for a client.
//     auto guard = co_await mutex.lock();
class AsyncMutexBase {
public:
    class Guard {
    public:
        Guard(Guard&& other) noexcept
            : mutex_{std::exchange(other.mutex_, nullptr)}, call_{other.call_}, outer_rank_{other.outer_rank_}
        {
        }
        Guard& operator=(Guard&&) = delete;
        ~Guard()
        {
            if (mutex_ != nullptr)
                mutex_->release(*call_, outer_rank_);
        }

    private:
        friend class AsyncMutexBase;
        Guard(AsyncMutexBase& mutex, CallContext& call, uint32_t outer_rank)
            : mutex_{&mutex}, call_{&call}, outer_rank_{outer_rank}
        {
        }
        AsyncMutexBase* mutex_;
        CallContext* call_;
        uint32_t outer_rank_;
    };

    [[nodiscard]] Async<Guard> lock();
    bool held() const { return held_; }

protected:
    explicit AsyncMutexBase(uint32_t rank) : rank_{rank} {}

private:
    void release(CallContext& call, uint32_t outer_rank);

    const uint32_t rank_;
    bool held_ = false;
    WaitQueue waiters_;
};

template <uint32_t Rank>
class AsyncMutex : public AsyncMutexBase {
public:
    static_assert(Rank > 0);
    AsyncMutex() : AsyncMutexBase{Rank} {}
};

}  // namespace mach

#endif
