// libc/mach/cxx/event_loop.cpp: whose turn it is: ready coroutines, timers, the switch that makes awaits
// suspend.
#include <portico/event_loop.h>

#include <cstdlib>
#include <string_view>

#include "system_time.h"

namespace mach {

namespace {

EventLoop* the_loop = nullptr;

// The root of a chain of coroutines: holds its call, and goes when the work is done.
struct Root {
    struct promise_type : detail::Promise {
        CallContext context;

        promise_type(Async<void>&, std::shared_ptr<Object>& object, mach_msg_header_t& header,
                     uint32_t number)
            : context{std::move(object), header}
        {
            context.set_number(number);
            call = &context;
        }
        explicit promise_type(Async<void>&) { call = &context; }

        Root get_return_object() { return Root{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        static Root get_return_object_on_allocation_failure() { return Root{}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
    };
    std::coroutine_handle<> coroutine;
};

Root serve_request(Async<void> work, std::shared_ptr<Object>, mach_msg_header_t&, uint32_t)
{
    co_await std::move(work);
}

Root run_own_work(Async<void> work) { co_await std::move(work); }

}  // namespace

std::coroutine_handle<> detail::enter(std::coroutine_handle<> callee)
{
    EventLoop& loop = EventLoop::current();
    if (!loop.put_off())
        return callee;
    loop.make_ready(callee);
    return std::noop_coroutine();
}

EventLoop::Options EventLoop::Options::from_arguments(int argc, char** argv)
{
    constexpr std::string_view seed_option = "suspend-seed=";
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with(seed_option))
            options.suspension_seed = std::strtoull(argv[i] + seed_option.size(), nullptr, 0);
    }
    return options;
}

EventLoop& EventLoop::current() { return *the_loop; }

EventLoop::EventLoop(const Options& options)
    : suspension_seed_{options.suspension_seed}, random_state_{options.suspension_seed}
{
    if (the_loop != nullptr)
        std::abort();
    the_loop = this;

    Result<PortSet> set = PortSet::allocate();
    if (!set.has_value())
        std::abort();  // A server that cannot receive has nobody to tell.
    set_ = std::move(*set);

    Result<PortEntry*> entry = add_port(PortEntry::Kind::notification);
    if (!entry.has_value())
        std::abort();
    notifications_ = *entry;
}

EventLoop::~EventLoop()
{
    for (auto& [address, entry] : ports_) {
        if (entry->object != nullptr)
            entry->object->port_ = nullptr;
    }
    ports_.clear();
    the_loop = nullptr;
}

Result<void> EventLoop::spawn(Async<void> work)
{
    Root root = run_own_work(std::move(work));
    if (!root.coroutine)
        return failure(KERN_RESOURCE_SHORTAGE);
    make_ready(root.coroutine);
    return {};
}

void EventLoop::start(Async<void> routine, uint32_t number)
{
    Root root = serve_request(std::move(routine), arriving_object_, arriving_header_, number);
    if (root.coroutine)
        root.coroutine.resume();
    else
        reply_error(KERN_RESOURCE_SHORTAGE);
}

void EventLoop::run()
{
    while (!stopped_) {
        // With the switch on, messages overtake coroutines that are ready.
        const bool look_for_messages = ready_.empty() || (suspension_seed_ != 0 && random() % 4 == 0);
        if (look_for_messages) {
            fire_timers();
            receive_and_handle(ready_.empty());
        } else {
            take_ready().resume();
        }
    }
}

bool EventLoop::run_once()
{
    fire_timers();
    if (!ready_.empty()) {
        take_ready().resume();
        return true;
    }
    if (receive(false) != MACH_MSG_SUCCESS)
        return false;
    handle_message();
    return true;
}

std::coroutine_handle<> EventLoop::take_ready()
{
    const size_t index = suspension_seed_ != 0 ? random() % ready_.size() : 0;
    const std::coroutine_handle<> coroutine = ready_[index];
    ready_.erase(ready_.begin() + static_cast<ptrdiff_t>(index));
    return coroutine;
}

bool EventLoop::put_off() { return suspension_seed_ != 0 && random() % 2 == 0; }

// Steele, Lea and Flood's splitmix64: any seed will do.
uint64_t EventLoop::random()
{
    uint64_t z = (random_state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// ---- time ----

Time EventLoop::now() const { return system_time(); }

mach_msg_timeout_t EventLoop::time_to_wait() const
{
    constexpr Time per_millisecond = 1'000'000;
    constexpr Time longest = 1'000'000;  // A quarter of an hour; then the loop just looks again.
    const Time deadline = timers_.begin()->first;
    const Time time = now();
    if (deadline <= time)
        return 0;
    const Time milliseconds = (deadline - time + per_millisecond - 1) / per_millisecond;
    return static_cast<mach_msg_timeout_t>(milliseconds < longest ? milliseconds : longest);
}

void EventLoop::fire_timers()
{
    if (timers_.empty())
        return;
    const Time time = now();
    while (!timers_.empty() && timers_.begin()->first <= time)
        timers_.begin()->second->finish(KERN_OPERATION_TIMED_OUT);
}

void EventLoop::add_timer(Waiter& waiter) { timers_.emplace(waiter.deadline_, &waiter); }

void EventLoop::remove_timer(Waiter& waiter)
{
    auto [first, last] = timers_.equal_range(waiter.deadline_);
    for (auto timer = first; timer != last; ++timer) {
        if (timer->second == &waiter) {
            timers_.erase(timer);
            return;
        }
    }
}

Async<Result<void>> EventLoop::sleep_until(Time deadline, uint32_t number)
{
    WaitQueue nobody;
    const Result<void> woken = co_await nobody.wait(number, deadline);
    if (woken.has_value() || woken.error() == KERN_OPERATION_TIMED_OUT)
        co_return {};
    co_return failure(woken.error());
}

}  // namespace mach
