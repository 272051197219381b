// portico/async.h: Async<T>, the coroutine that a server's routine is, and the call that it works for.
//
// An Async starts when it is awaited (or given to EventLoop::spawn), runs in its awaiter's place without
// growing the stack, and resumes it with its value. It is awaited at most once and lives in its awaiter's
// frame. Whether its frame could be allocated shows when it is awaited: an Async<Result<...>> then answers
// KERN_RESOURCE_SHORTAGE, an Async<void> ends the task, so routines have a Result.
//
// Every co_await is a suspension point (design D17): when the event loop's switch for it is on, awaiting an
// Async lets other work go first, in a seeded order.
#ifndef PORTICO_ASYNC_H
#define PORTICO_ASYNC_H

#include <coroutine>
#include <cstdlib>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <mach/result.h>

namespace mach {

class CallContext;

namespace detail {

// Either `callee`, or nothing if it was put off (event_loop.cpp).
std::coroutine_handle<> enter(std::coroutine_handle<> callee);

// What a coroutine of this run-time carries: who waits for it, and the call at the root of that chain.
struct Promise {
    std::coroutine_handle<> awaiter = std::noop_coroutine();
    CallContext* call = nullptr;

    struct FinalAwaiter {
        bool await_ready() noexcept { return false; }
        template <typename Derived>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Derived> ended) noexcept
        {
            return ended.promise().awaiter;
        }
        void await_resume() noexcept {}
    };

    std::suspend_always initial_suspend() noexcept { return {}; }
    FinalAwaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { std::abort(); }
};

template <typename T>
struct ValuePromise : Promise {
    std::optional<T> value;

    template <typename U = T>
        requires std::is_constructible_v<T, U&&>
    void return_value(U&& result)
    {
        value.emplace(std::forward<U>(result));
    }
    T take() { return std::move(*value); }
};

template <>
struct ValuePromise<void> : Promise {
    void return_void() {}
    void take() {}
};

// What awaiting an Async whose frame could not be allocated gives.
template <typename T>
T no_frame()
{
    if constexpr (std::is_constructible_v<T, std::unexpected<kern_return_t>>)
        return T{failure(KERN_RESOURCE_SHORTAGE)};
    else
        std::abort();
}

}  // namespace detail

template <typename T>
class [[nodiscard]] Async {
public:
    struct promise_type : detail::ValuePromise<T> {
        Async get_return_object() { return Async{Handle::from_promise(*this)}; }
        static Async get_return_object_on_allocation_failure() { return Async{Handle{}}; }
    };
    using Handle = std::coroutine_handle<promise_type>;

    Async(Async&& other) noexcept : handle_{std::exchange(other.handle_, {})} {}
    Async& operator=(Async&&) = delete;
    ~Async()
    {
        if (handle_)
            handle_.destroy();
    }

    class Awaiter {
    public:
        explicit Awaiter(Handle callee) : callee_{callee} {}
        bool await_ready() const noexcept { return !callee_; }
        template <typename P>
            requires std::is_base_of_v<detail::Promise, P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> awaiter) const
        {
            callee_.promise().awaiter = awaiter;
            callee_.promise().call = awaiter.promise().call;
            return detail::enter(callee_);
        }
        T await_resume() const
        {
            if (!callee_) [[unlikely]]
                return detail::no_frame<T>();
            return callee_.promise().take();
        }

    private:
        Handle callee_;
    };

    Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

private:
    explicit Async(Handle handle) : handle_{handle} {}
    Handle handle_;
};

}  // namespace mach

#endif
