// portico/event_loop.h: how a server of this system works (design D17).
//
// One thread, one port set. Each message starts a coroutine; one that has to wait is suspended, and the loop
// goes on. The loop never blocks but in its own receive: it sends with a zero time-out, and what finds a full
// queue waits for the send-possible notification.
//
//     class Channel : public io::Interface, public mach::Object { ...
//         bool dispatch(mig::Request& request) override { return io::Server::dispatch(*this, request); } };
//     mach::EventLoop loop{{}};
//     auto channel = std::make_shared<Channel>(...);
//     mach::Result<mach::SendRight> right = channel->make_send();      // gives the object a port
//     loop.run();
//
// Owns        the port set, the reply ports of calls to other services, the notification port, timers, ready
//             coroutines.
// Lock        none: one thread. EventLoop::current() is the one loop of the task.
// Invariants  (E1) The context of a port in the set is the address of its PortEntry, which lives as long as
//             the port.
//             (E2) A reply port of the pool is free, or has exactly one request out whose reply or send-once
//                  notification has not come.
//             (E3) No coroutine is resumed from within another one's turn: what becomes ready waits for the
//                  loop.
#ifndef PORTICO_EVENT_LOOP_H
#define PORTICO_EVENT_LOOP_H

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include <mach/mig_errors.h>
#include <portico/async.h>
#include <portico/call.h>
#include <portico/message_buffer.h>
#include <portico/rights.h>

namespace mig {
class Request;
}

namespace mach {

class Object;

// Where a message in the loop's set goes: an object, a call that waits for its reply, or the loop itself.
struct PortEntry {
    enum class Kind : uint8_t { object, reply, notification };
    Kind kind;
    ReceiveRight right;
    std::shared_ptr<Object> object;     // Kind::object
    bool no_senders_requested = false;  // Kind::object
    class PendingCall* call = nullptr;  // Kind::reply; null: free
};

// Something that messages can be sent to: base class of all that serves an interface. Made by
// std::make_shared.
class Object : public std::enable_shared_from_this<Object> {
public:
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object();

    // Gives the request to the interfaces that the object implements; false if it is none of theirs:
    //     return io::Server::dispatch(*this, request) || file::Server::dispatch(*this, request);
    virtual bool dispatch(mig::Request& request) = 0;

    // The last send right has gone. Closes the port, unless it is overridden.
    virtual void no_senders() { close(); }

    // A new send right to the object's port, which is made if there is none.
    Result<SendRight> make_send();

    // The name of the receive right of the object's port, which is made if there is none: to make rights
    // from, in calls that take a name (a notification's send-once right). Such rights do not keep the object.
    Result<mach_port_t> receive_name();

    // Gives the object, which has no port, this one: a service's, that bootstrap kept. Senders come and go
    // unnoticed.
    Result<void> adopt_port(ReceiveRight right);

    // The port dies: clients see a dead name. Calls of its clients that wait end with KERN_TERMINATED. The
    // object itself lives until the last of them has ended.
    void close();

    // Ends the waiting of the call that has this number, if there is one: what cancel routines do.
    void cancel(uint32_t number);

    bool has_port() const { return port_ != nullptr; }

private:
    friend class CallContext;
    friend class EventLoop;
    Result<void> make_port();

    PortEntry* port_ = nullptr;
    CallContext* calls_ = nullptr;  // Those that came to the port and have not ended.
};

// While it lives, the death of the port behind a right is reported, once.
class DeathWatch {
public:
    DeathWatch() = default;
    DeathWatch(DeathWatch&& other) noexcept
        : name_{std::exchange(other.name_, MACH_PORT_NULL)}, key_{other.key_}
    {
    }
    DeathWatch& operator=(DeathWatch&& other) noexcept;
    ~DeathWatch() { reset(); }
    void reset();

    // Watching, or reported and not yet reset.
    explicit operator bool() const { return name_ != MACH_PORT_NULL; }

private:
    friend class EventLoop;
    DeathWatch(mach_port_t name, uint64_t key) : name_{name}, key_{key} {}
    mach_port_t name_ = MACH_PORT_NULL;
    uint64_t key_ = 0;
};

// A request to another service whose reply is awaited: `Result<MessageBuffer> reply = co_await
// loop.call(request)`. On failure the request's rights and memory have been given up. MIG_SERVER_DIED if the
// service let the reply right go; else what mach_msg() says.
class [[nodiscard]] PendingCall : private Waiter {
public:
    bool await_ready() const noexcept { return false; }
    template <typename P>
        requires std::is_base_of_v<detail::Promise, P>
    bool await_suspend(std::coroutine_handle<P> coroutine)
    {
        return start(coroutine, *coroutine.promise().call);
    }
    Result<MessageBuffer> await_resume();

private:
    friend class EventLoop;
    PendingCall(EventLoop& loop, MessageBuffer request) : loop_{loop}, message_{std::move(request)} {}
    bool start(std::coroutine_handle<> coroutine, CallContext& call);

    EventLoop& loop_;
    MessageBuffer message_;  // The request, then the reply.
    kern_return_t failure_ = KERN_SUCCESS;
};

class EventLoop {
public:
    struct Options {
        // Not 0: the switch of design D17. Awaits give way to other work, in an order that this seed decides.
        uint64_t suspension_seed = 0;

        // What a server's arguments say: "suspend-seed=N". Other words are not looked at.
        static Options from_arguments(int argc, char** argv);
    };

    explicit EventLoop(const Options& options);
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    // The task's loop.
    static EventLoop& current();

    // Serves until stop(). Aborts only if the loop's own set is gone.
    void run();
    void stop() { stopped_ = true; }

    // Runs what is ready, then handles at most one message that is there already. False: there was nothing to
    // do.
    bool run_once();

    // Starts work of the server's own, at the loop's next turn. KERN_RESOURCE_SHORTAGE.
    Result<void> spawn(Async<void> work);

    // ---- messages to others ----

    // The request's header needs remote port, its disposition, size, id and the complex bit; the reply port
    // is the loop's.
    PendingCall call(MessageBuffer request) { return PendingCall{*this, std::move(request)}; }

    // One way, without waiting. MACH_SEND_TIMED_OUT if the queue is full. On failure all that it carried is
    // given up.
    Result<void> send(MessageBuffer& message);

    // One way, as soon as the queue has room. Fails only if the port dies, or as mach_msg() says.
    Async<Result<void>> send_when_there_is_room(MessageBuffer message);

    // ---- time ----

    Time now() const;

    // KERN_SUCCESS when the time has come, else as WaitQueue.
    Async<Result<void>> sleep_until(Time deadline, uint32_t number = 0);

    // ---- deaths ----

    // `died` runs once, in the loop's turn, after the port behind the name has died. KERN_INVALID_RIGHT,
    // KERN_INVALID_ARGUMENT: it is dead already.
    Result<DeathWatch> watch_death(const SendRight& right, std::function<void()> died);

    // ---- for generated code, within Object::dispatch() and the coroutine that it starts ----

    // Starts the routine's coroutine for the request that is being dispatched. `number` is the argument of
    // type call_number_t, if the routine has one: the call can be cancelled by it from the first moment on,
    // even before the coroutine's first step.
    void start(Async<void> routine, uint32_t number = 0);

    // Sends the reply of the call that `self` is. The header needs size, id and the complex bit. If nobody is
    // left to get it, its contents are given up.
    void reply(CallContext& self, MessageBuffer message);

    // Answers the request that is being dispatched with only a code. The request's other contents are the
    // caller's.
    void reply_error(kern_return_t code);

private:
    friend class CallContext;
    friend class DeathWatch;
    friend class Object;
    friend class PendingCall;
    friend class Waiter;
    friend class WaitQueue;
    friend std::coroutine_handle<> detail::enter(std::coroutine_handle<> callee);

    struct Death {
        uint64_t key;
        std::function<void()> died;
    };

    // At rest. More are made while more calls are out.
    static constexpr size_t kept_reply_ports = 8;

    // Turns (event_loop.cpp).
    void make_ready(std::coroutine_handle<> coroutine) { ready_.push_back(coroutine); }
    std::coroutine_handle<> take_ready();
    bool put_off();  // Does the switch want this await to suspend?
    uint64_t random();
    mach_msg_timeout_t time_to_wait() const;
    void fire_timers();
    void add_timer(Waiter& waiter);
    void remove_timer(Waiter& waiter);

    // Ports and notifications (event_loop_ports.cpp).
    Result<PortEntry*> add_port(PortEntry::Kind kind);
    Result<PortEntry*> add_port(PortEntry::Kind kind, ReceiveRight right);
    void remove_port(PortEntry& entry);
    Result<PortEntry*> take_reply_port();
    Result<void> add_reply_ports();
    void give_back_reply_port(PortEntry& entry);
    kern_return_t request_notification(mach_port_t name, mach_msg_id_t id, mach_port_mscount_t sync);
    kern_return_t request_no_senders(PortEntry& entry);
    void handle_notification();
    void handle_dead_name(mach_port_t name);
    void forget_watched_reply(mach_port_t name, CallContext& call);
    void handle_no_senders(PortEntry& entry);

    // Messages (event_loop_messages.cpp).
    void receive_and_handle(bool wait);
    mach_msg_return_t receive(bool wait);
    mach_msg_return_t receive_large(mach_msg_return_t code);
    void handle_message();
    void handle_request(PortEntry& entry);
    void handle_reply(PortEntry& entry);
    kern_return_t send_call(PendingCall& call);
    Async<void> resend_call(PendingCall& call);
    void flush_reply();

    const uint64_t suspension_seed_;
    uint64_t random_state_;
    bool stopped_ = false;

    PortSet set_;
    std::unordered_map<PortEntry*, std::unique_ptr<PortEntry>> ports_;
    std::vector<PortEntry*> free_reply_ports_;
    size_t reply_ports_ = 0;  // Free or out (E2): none before the first call, at rest as many as are kept.
    PortEntry* notifications_ = nullptr;

    std::deque<std::coroutine_handle<>> ready_;
    std::multimap<Time, Waiter*> timers_;
    // (C2), by the reply right's name: requests that came with the same send right for their replies share one.
    std::unordered_multimap<mach_port_t, CallContext*> watched_replies_;
    std::unordered_multimap<mach_port_t, Death> deaths_;
    uint64_t next_death_key_ = 1;
    std::unordered_map<mach_port_t, WaitQueue> waiting_for_room_;

    MessageBuffer message_;        // What was received last, until somebody takes it.
    MessageBuffer pending_reply_;  // Goes out with the next receive, by a send-once right: it cannot block.
    std::shared_ptr<Object> arriving_object_;
    mach_msg_header_t arriving_header_{};  // With the reply right, until a call takes it.
};

}  // namespace mach

#endif
