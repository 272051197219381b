// tests/unit/libc_mach/event_loop_test.cpp: the run-time of servers on a kernel that is played
// (fake_kernel.h).
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include <mach/mach.h>
#include <mig/runtime.h>
#include <portico/event_loop.h>

#include "fake_kernel.h"

namespace {

using mach::Async;
using mach::CallContext;
using mach::EventLoop;
using mach::MessageBuffer;
using mach::Result;
using mach::SendRight;

// A message with one number in it.
struct Note {
    mach_msg_header_t header;
    uint32_t value;
};
struct ReceivedNote {
    Note note;
    mach_msg_trailer_t trailer;
};

constexpr mach_msg_id_t id_echo = 100;     // Answers the value.
constexpr mach_msg_id_t id_wait = 101;     // Answers what waiting ended with; the value is the call's number.
constexpr mach_msg_id_t id_cancel = 102;   // One way.
constexpr mach_msg_id_t id_forward = 103;  // Asks another object to echo, and answers what it said.
constexpr mach_msg_id_t id_take = 104;     // Waits, then consumes one if the reply was delivered.
constexpr mach_msg_id_t id_crash = 105;    // Lets the reply right go.
constexpr mach_msg_id_t id_forward_wait = 106;  // As id_forward, to wait.

MessageBuffer note(mach_msg_id_t id, uint32_t value)
{
    MessageBuffer message = *MessageBuffer::allocate();
    Note contents = {};
    contents.header.msgh_size = sizeof contents;
    contents.header.msgh_id = id;
    contents.value = value;
    std::memcpy(message.data(), &contents, sizeof contents);
    return message;
}

uint32_t value_of(const MessageBuffer& message)
{
    Note contents;
    std::memcpy(&contents, message.data(), sizeof contents);
    return contents.value;
}

class Server : public mach::Object {
public:
    bool dispatch(mig::Request& request) override
    {
        const mach_msg_id_t id = request.id();
        Note contents;
        std::memcpy(&contents, request.bytes().data(), sizeof contents);
        switch (id) {
        case id_echo:
            request.start(echo(contents.value));
            return true;
        case id_wait:
            request.start(wait(contents.value), contents.value);
            return true;
        case id_cancel:
            cancel(contents.value);
            return true;
        case id_forward:
            request.start(forward(id_echo, contents.value));
            return true;
        case id_forward_wait:
            request.start(forward(id_wait, contents.value));
            return true;
        case id_take:
            request.start(take());
            return true;
        case id_crash:
            request.start(crash());
            return true;
        default:
            return false;
        }
    }

    mach::WaitQueue queue;
    mach::Time deadline = mach::never;
    SendRight other;
    unsigned stock = 1;
    unsigned no_senders_seen = 0;

private:
    void no_senders() override
    {
        ++no_senders_seen;
        close();
    }

    static Async<void> answer(uint32_t value)
    {
        CallContext& self = co_await mach::this_call();
        EventLoop::current().reply(self, note(0, value));
    }
    Async<void> echo(uint32_t value) { co_await answer(value); }
    Async<void> wait(uint32_t number)
    {
        const Result<void> end = co_await queue.wait(number, deadline);
        co_await answer(static_cast<uint32_t>(mach::code_of(end)));
    }
    Async<void> forward(mach_msg_id_t id, uint32_t value)
    {
        MessageBuffer request = note(id, value);
        request.header().msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
        request.header().msgh_remote_port = other.name();
        Result<MessageBuffer> reply = co_await EventLoop::current().call(std::move(request));
        co_await answer(reply.has_value() ? value_of(*reply) : static_cast<uint32_t>(reply.error()));
    }
    Async<void> take()
    {
        (void)co_await queue.wait();
        CallContext& self = co_await mach::this_call();
        self.on_reply([this](bool delivered) { stock -= delivered ? 1 : 0; });
        co_await answer(stock);
    }
    Async<void> crash() { co_return; }
};

class EventLoopTest : public ::testing::TestWithParam<uint64_t> {
protected:
    void SetUp() override
    {
        fake::reset();
        EventLoop::Options options;
        options.suspension_seed = GetParam();
        loop = std::make_unique<EventLoop>(options);
        server = std::make_shared<Server>();
        port = *server->make_send();
        reply_port = allocate_port();
    }
    void TearDown() override
    {
        if (server)
            server->close();
        settle();
        server.reset();
        loop.reset();
        fake::reset();
    }

    static mach_port_t allocate_port()
    {
        mach_port_t name = MACH_PORT_NULL;
        EXPECT_EQ(mach_port_allocate(1, MACH_PORT_RIGHT_RECEIVE, &name), KERN_SUCCESS);
        return name;
    }

    void settle()
    {
        while (loop->run_once()) {
        }
    }

    kern_return_t send(mach_msg_id_t id, uint32_t value, mach_port_t reply_to,
                       mach_msg_type_name_t reply_disposition = MACH_MSG_TYPE_MAKE_SEND_ONCE)
    {
        MessageBuffer message = note(id, value);
        message.header().msgh_remote_port = port.name();
        message.header().msgh_local_port = reply_to;
        message.header().msgh_bits =
            MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, reply_to == MACH_PORT_NULL ? 0 : reply_disposition);
        return mach_msg(&message.header(), MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(Note), 0, 0, 0, 0);
    }

    // The message that is in the port's queue. An empty optional: none.
    static std::optional<Note> receive(mach_port_t from)
    {
        ReceivedNote received = {};
        const kern_return_t code =
            mach_msg(&received.note.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof received, from, 0, 0);
        return code == MACH_MSG_SUCCESS ? std::optional{received.note} : std::nullopt;
    }

    std::optional<uint32_t> answer()
    {
        settle();
        const auto reply = receive(reply_port);
        return reply ? std::optional{reply->value} : std::nullopt;
    }

    std::unique_ptr<EventLoop> loop;
    std::shared_ptr<Server> server;
    SendRight port;
    mach_port_t reply_port = MACH_PORT_NULL;
};

TEST_P(EventLoopTest, ARequestIsAnsweredOnItsReplyRight)
{
    ASSERT_EQ(send(id_echo, 42, reply_port), KERN_SUCCESS);
    EXPECT_EQ(answer(), 42u);
}

TEST_P(EventLoopTest, AnUnknownIdIsAnsweredWithBadId)
{
    ASSERT_EQ(send(999, 0, reply_port), KERN_SUCCESS);
    settle();

    struct {
        mig_reply_error_t error;
        mach_msg_trailer_t trailer;
    } reply = {};
    ASSERT_EQ(mach_msg(&reply.error.Head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof reply, reply_port, 0, 0),
              KERN_SUCCESS);
    EXPECT_EQ(reply.error.RetCode, MIG_BAD_ID);
    EXPECT_EQ(reply.error.Head.msgh_id, 1099);
}

TEST_P(EventLoopTest, ACallThatWaitsIsWokenInOrder)
{
    ASSERT_EQ(send(id_wait, 1, reply_port), KERN_SUCCESS);
    EXPECT_EQ(answer(), std::nullopt);

    server->queue.wake_one();
    EXPECT_EQ(answer(), static_cast<uint32_t>(KERN_SUCCESS));
}

TEST_P(EventLoopTest, CancelEndsTheCallWithThatNumberAndNoOther)
{
    const mach_port_t second = allocate_port();
    ASSERT_EQ(send(id_wait, 1, reply_port), KERN_SUCCESS);
    ASSERT_EQ(send(id_wait, 2, second), KERN_SUCCESS);
    ASSERT_EQ(send(id_cancel, 1, MACH_PORT_NULL), KERN_SUCCESS);

    EXPECT_EQ(answer(), static_cast<uint32_t>(KERN_ABORTED));
    EXPECT_FALSE(receive(second));
    server->queue.wake_all();
    settle();
    EXPECT_TRUE(receive(second));
}

TEST_P(EventLoopTest, TheDeathOfTheClientEndsItsCall)
{
    ASSERT_EQ(send(id_wait, 1, reply_port), KERN_SUCCESS);
    settle();
    const size_t names = fake::names();

    fake::kill(reply_port);
    settle();

    EXPECT_TRUE(server->queue.empty());
    EXPECT_EQ(fake::names(), names - 2);  // The client's receive right and our dead name.
}

TEST_P(EventLoopTest, TheDeathOfAClientEndsAllCallsThatShareAReplyRight)
{
    ASSERT_EQ(send(id_wait, 1, reply_port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    ASSERT_EQ(send(id_wait, 2, reply_port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    ASSERT_EQ(send(id_wait, 3, reply_port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    ASSERT_EQ(send(id_cancel, 2, MACH_PORT_NULL), KERN_SUCCESS);
    ASSERT_EQ(answer(), static_cast<uint32_t>(KERN_ABORTED));
    const size_t names = fake::names();

    fake::kill(reply_port);
    settle();

    EXPECT_TRUE(server->queue.empty());
    EXPECT_EQ(fake::names(), names - 1);  // The receive right and the send rights had one name.
}

TEST_P(EventLoopTest, ClosingAnObjectEndsItsCallsAndKillsItsPort)
{
    ASSERT_EQ(send(id_wait, 1, reply_port), KERN_SUCCESS);
    settle();

    server->close();

    EXPECT_EQ(answer(), static_cast<uint32_t>(KERN_TERMINATED));
    EXPECT_TRUE(fake::is_dead_name(port.name()));
    server.reset();
}

TEST_P(EventLoopTest, ATimeLimitEndsAWait)
{
    server->deadline = 5'000'000;
    ASSERT_EQ(send(id_wait, 1, reply_port), KERN_SUCCESS);
    EXPECT_EQ(answer(), std::nullopt);

    fake::advance(5'000'000);
    EXPECT_EQ(answer(), static_cast<uint32_t>(KERN_OPERATION_TIMED_OUT));
}

TEST_P(EventLoopTest, WithoutSendersAnObjectHearsOfItOnce)
{
    port.reset();
    settle();
    EXPECT_EQ(server->no_senders_seen, 1u);
    EXPECT_FALSE(server->has_port());
}

TEST_P(EventLoopTest, AForgedNoSendersMessageChangesNothing)
{
    ASSERT_EQ(send(MACH_NOTIFY_NO_SENDERS, 0, MACH_PORT_NULL), KERN_SUCCESS);
    settle();
    EXPECT_EQ(server->no_senders_seen, 0u);
}

TEST_P(EventLoopTest, WhatIsConsumedByALostReplyIsKept)
{
    ASSERT_EQ(send(id_take, 0, reply_port), KERN_SUCCESS);
    settle();
    server->queue.wake_one();
    fake::kill(reply_port);
    settle();
    EXPECT_EQ(server->stock, 1u);

    const mach_port_t second = allocate_port();
    ASSERT_EQ(send(id_take, 0, second), KERN_SUCCESS);
    settle();
    server->queue.wake_one();
    settle();
    EXPECT_TRUE(receive(second));
    EXPECT_EQ(server->stock, 0u);
}

TEST_P(EventLoopTest, AReplyRightThatIsDroppedTellsTheClient)
{
    ASSERT_EQ(send(id_crash, 0, reply_port), KERN_SUCCESS);
    settle();
    const auto reply = receive(reply_port);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->header.msgh_id, MACH_NOTIFY_SEND_ONCE);
}

class EventLoopCallTest : public EventLoopTest {
protected:
    void SetUp() override
    {
        EventLoopTest::SetUp();
        second = std::make_shared<Server>();
        server->other = *second->make_send();
    }
    void TearDown() override
    {
        second->close();
        EventLoopTest::TearDown();
    }
    std::shared_ptr<Server> second;
};

TEST_P(EventLoopCallTest, ACallToAnotherServiceIsAwaited)
{
    ASSERT_EQ(send(id_forward, 7, reply_port), KERN_SUCCESS);
    EXPECT_EQ(answer(), 7u);
}

TEST_P(EventLoopCallTest, ReplyPortsAreUsedAgain)
{
    ASSERT_EQ(send(id_forward, 1, reply_port), KERN_SUCCESS);
    ASSERT_EQ(answer(), 1u);
    const size_t names = fake::names();
    for (uint32_t i = 2; i < 50; ++i) {
        ASSERT_EQ(send(id_forward, i, reply_port), KERN_SUCCESS);
        ASSERT_EQ(answer(), i);
    }
    EXPECT_EQ(fake::names(), names);
}

TEST_P(EventLoopCallTest, ManyCallsAtOnceLeaveNoMoreReplyPortsThanOne)
{
    ASSERT_EQ(send(id_forward, 1, reply_port), KERN_SUCCESS);
    ASSERT_EQ(answer(), 1u);
    const size_t names = fake::names();
    std::vector<mach_port_t> reply_ports;
    for (uint32_t i = 0; i < 20; ++i) {
        reply_ports.push_back(allocate_port());
        ASSERT_EQ(send(id_forward_wait, i + 1, reply_ports.back()), KERN_SUCCESS);
        settle();
    }
    second->queue.wake_all();
    settle();
    for (const mach_port_t each : reply_ports) {
        EXPECT_TRUE(receive(each));
        fake::kill(each);
    }
    EXPECT_EQ(fake::names(), names);
}

TEST_P(EventLoopCallTest, ADeadServiceIsAnError)
{
    second->close();
    ASSERT_EQ(send(id_forward, 7, reply_port), KERN_SUCCESS);
    EXPECT_EQ(answer(), static_cast<uint32_t>(MACH_SEND_INVALID_DEST));
}

TEST_P(EventLoopCallTest, AFullQueueDelaysTheCallAndNobodyElse)
{
    // A port that nobody reads.
    const mach_port_t full = allocate_port();
    mach_port_limits_t limits = {1};
    ASSERT_EQ(
        mach_port_set_attributes(1, full, MACH_PORT_LIMITS_INFO, reinterpret_cast<integer_t*>(&limits), 1),
        0);
    ASSERT_EQ(mach_port_insert_right(1, full, full, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    server->other = SendRight{full};
    ASSERT_EQ(send(id_forward, 1, reply_port), KERN_SUCCESS);
    settle();

    const mach_port_t delayed = allocate_port();
    ASSERT_EQ(send(id_forward, 2, delayed), KERN_SUCCESS);
    settle();
    const mach_port_t third = allocate_port();
    ASSERT_EQ(send(id_echo, 3, third), KERN_SUCCESS);
    settle();
    EXPECT_TRUE(receive(third));

    // The first one is read and answered; then the second one has room.
    for (const uint32_t expected : {1u, 2u}) {
        const auto request = receive(full);
        ASSERT_TRUE(request);
        EXPECT_EQ(request->value, expected);
        MessageBuffer reply = note(0, request->value + 10);
        reply.header().msgh_remote_port = request->header.msgh_remote_port;
        reply.header().msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
        ASSERT_EQ(mach_msg(&reply.header(), MACH_SEND_MSG, sizeof(Note), 0, 0, 0, 0), KERN_SUCCESS);
        settle();
    }
    EXPECT_EQ(receive(reply_port)->value, 11u);
    EXPECT_EQ(receive(delayed)->value, 12u);
}

TEST_P(EventLoopTest, ADeathWatchRunsOnceAndLeavesNoName)
{
    const mach_port_t watched = allocate_port();
    ASSERT_EQ(mach_port_insert_right(1, watched, watched, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
    unsigned deaths = 0;
    {
        SendRight right{watched};
        Result<mach::DeathWatch> watch = loop->watch_death(right, [&] { ++deaths; });
        ASSERT_TRUE(watch.has_value());
        fake::kill(watched);
        settle();
    }
    EXPECT_EQ(deaths, 1u);
    EXPECT_EQ(fake::references(watched), 0u);
}

INSTANTIATE_TEST_SUITE_P(WithoutSwitch, EventLoopTest, ::testing::Values(0));
INSTANTIATE_TEST_SUITE_P(Suspending, EventLoopTest, ::testing::Range<uint64_t>(1, 20));
INSTANTIATE_TEST_SUITE_P(WithoutSwitch, EventLoopCallTest, ::testing::Values(0));
INSTANTIATE_TEST_SUITE_P(Suspending, EventLoopCallTest, ::testing::Range<uint64_t>(1, 20));

// ---- coroutines that need no message ----

class AsyncTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        fake::reset();
        loop = std::make_unique<EventLoop>(EventLoop::Options{});
    }
    void TearDown() override { loop.reset(); }
    void settle()
    {
        while (loop->run_once()) {
        }
    }
    std::unique_ptr<EventLoop> loop;
};

Async<uint32_t> depth(uint32_t levels)
{
    if (levels == 0)
        co_return 0;
    co_return 1 + co_await depth(levels - 1);
}

Async<void> measure(uint32_t levels, uint32_t& result) { result = co_await depth(levels); }

TEST_F(AsyncTest, DeepChainsDoNotGrowTheStack)
{
    uint32_t result = 0;
    ASSERT_TRUE(loop->spawn(measure(100000, result)).has_value());
    settle();
    EXPECT_EQ(result, 100000u);
}

Async<void> hold(mach::AsyncMutex<1>& mutex, mach::WaitQueue& until, std::string& trace, char name)
{
    auto guard = co_await mutex.lock();
    trace += name;
    (void)co_await until.wait();
    trace += name;
}

TEST_F(AsyncTest, AMutexIsHandedOnInOrder)
{
    mach::AsyncMutex<1> mutex;
    mach::WaitQueue until;
    std::string trace;
    for (const char name : {'a', 'b', 'c'})
        ASSERT_TRUE(loop->spawn(hold(mutex, until, trace, name)).has_value());
    for (int i = 0; i < 3; ++i) {
        settle();
        until.wake_one();
    }
    settle();
    EXPECT_EQ(trace, "aabbcc");
    EXPECT_FALSE(mutex.held());
}

Async<void> take_both(mach::AsyncMutexBase& first, mach::AsyncMutexBase& second)
{
    auto outer = co_await first.lock();
    auto inner = co_await second.lock();
}

TEST_F(AsyncTest, LocksAreTakenInOrderOfRank)
{
    mach::AsyncMutex<1> low;
    mach::AsyncMutex<2> high;
    ASSERT_TRUE(loop->spawn(take_both(low, high)).has_value());
    settle();
    const auto against_the_order = [&] {
        (void)loop->spawn(take_both(high, low));
        settle();
    };
    EXPECT_DEATH(against_the_order(), "");
}

TEST_F(AsyncTest, SleepEndsAtItsTime)
{
    bool woke = false;
    const auto sleeper = [](EventLoop& l, bool& done) -> Async<void> {
        (void)co_await l.sleep_until(1000);
        done = true;
    };
    ASSERT_TRUE(loop->spawn(sleeper(*loop, woke)).has_value());
    settle();
    EXPECT_FALSE(woke);
    fake::advance(1000);
    settle();
    EXPECT_TRUE(woke);
}

}  // namespace
