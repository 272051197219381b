// Who waits to read from a pipe or a terminal and dies takes nothing with it: unix-server/{pipe/pipe,tty/terminal}.h, on an
// event loop that lets other work go first at every suspension point, as its seed says (0: never).
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <termios.h>

#include <mach/mach.h>
#include <mig/runtime.h>
#include <pipe/pipe.h>
#include <portico/event_loop.h>
#include <tty/terminal.h>

#include "fake_kernel.h"

extern "C" kern_return_t io_ready(mach_port_t, call_number_t, uint32_t)
{
    return KERN_SUCCESS;
}  // Nobody polls here.

namespace {

using namespace portico;
using mach::Async;
using mach::Result;

constexpr size_t most_text = 64;

struct Answer {
    mach_msg_header_t header;
    kern_return_t code;
    uint32_t count;
    char text[most_text];
};

using Source = std::function<Async<Result<void>>(mig::OutArray<char>&)>;

// A client's channel: any message is a request to read, answered as a stub of mig's would.
class Channel final : public mach::Object {
public:
    explicit Channel(Source source) : source_{std::move(source)} {}

    bool dispatch(mig::Request& request) override
    {
        request.start(read());
        return true;
    }

private:
    Async<void> read()
    {
        Answer answer{};
        mig::OutArray<char> data{answer.text, most_text};
        answer.code = mach::code_of(co_await source_(data));
        answer.count = data.count();
        answer.header.msgh_size = sizeof answer;
        mach::MessageBuffer message = *mach::MessageBuffer::allocate();
        std::memcpy(message.data(), &answer, sizeof answer);
        mach::CallContext& self = co_await mach::this_call();
        mach::EventLoop::current().reply(self, std::move(message));
    }

    Source source_;
};

// A process that reads once.
class Reader {
public:
    explicit Reader(Source source) : channel_{std::make_shared<Channel>(std::move(source))}
    {
        const mach::SendRight port = *channel_->make_send();
        EXPECT_EQ(mach_port_allocate(1, MACH_PORT_RIGHT_RECEIVE, &reply_port_), KERN_SUCCESS);
        mach::MessageBuffer message = *mach::MessageBuffer::allocate();
        mach_msg_header_t& header = message.header();
        header = {};
        header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        header.msgh_size = sizeof header;
        header.msgh_remote_port = port.name();
        header.msgh_local_port = reply_port_;
        EXPECT_EQ(mach_msg(&header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof header, 0, 0, 0, 0),
                  KERN_SUCCESS);
        // Another descriptor keeps the channel, which then goes only by close().
        (void)channel_->receive_name();
        keep_ = *channel_->make_send();
    }

    void die() { fake::kill(reply_port_); }
    void lose_channel() { channel_->close(); }

    // What it was given; nothing: it waits, or got an error.
    std::string text()
    {
        struct {
            Answer answer;
            mach_msg_trailer_t trailer;
        } received{};
        const kern_return_t code = mach_msg(&received.answer.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
                                            sizeof received, reply_port_, 0, 0);
        answered_ = code == MACH_MSG_SUCCESS;
        return answered_ && received.answer.code == KERN_SUCCESS
                   ? std::string(received.answer.text, received.answer.count)
                   : std::string{};
    }
    bool answered() const { return answered_; }

private:
    std::shared_ptr<Channel> channel_;
    mach::SendRight keep_;
    mach_port_t reply_port_ = MACH_PORT_NULL;
    bool answered_ = false;
};

class WaitingReaders : public testing::TestWithParam<uint64_t> {
protected:
    void SetUp() override
    {
        fake::reset();
        mach::EventLoop::Options options;
        options.suspension_seed = GetParam();
        loop = std::make_unique<mach::EventLoop>(options);
    }
    void TearDown() override
    {
        loop.reset();
        fake::reset();
    }

    void settle()
    {
        while (loop->run_once()) {
        }
    }
    void spawn(Async<void> work) { ASSERT_TRUE(loop->spawn(std::move(work))); }

    std::unique_ptr<mach::EventLoop> loop;
};

// ---- Pipes.

class PipeReaders : public WaitingReaders {
protected:
    void SetUp() override
    {
        WaitingReaders::SetUp();
        pipe = std::make_shared<Pipe>();
        pipe->add_reader();
        pipe->add_writer();
    }

    Reader reader(uint32_t amount = most_text)
    {
        return Reader{
            [pipe = pipe, amount](mig::OutArray<char>& data) { return pipe->read(1, data, amount, true); }};
    }
    static Async<void> write_text(std::shared_ptr<Pipe> pipe, std::string text, std::function<void()> then)
    {
        EXPECT_TRUE(co_await pipe->write(1, text, true));
        then();
    }
    void write(std::string text, std::function<void()> then = [] {})
    {
        spawn(write_text(pipe, std::move(text), std::move(then)));
    }

    std::shared_ptr<Pipe> pipe;
};

TEST_P(PipeReaders, OneThatDiedWhileItWaitedIsGivenNothing)
{
    Reader dead = reader(), living = reader();
    settle();
    dead.die();
    settle();
    write("whole");
    settle();
    EXPECT_EQ(living.text(), "whole");
    EXPECT_EQ(pipe->size(), 0u);
}

TEST_P(PipeReaders, OneThatDiesAfterItWasWokenLeavesAllToTheNext)
{
    Reader dead = reader(), living = reader();
    settle();
    write("whole", [&] { dead.die(); });
    settle();
    EXPECT_EQ(living.text(), "whole");
}

TEST_P(PipeReaders, OneWhoseChannelClosesAfterItWasWokenLeavesAllToTheNext)
{
    Reader closed = reader(), living = reader();
    settle();
    write("whole", [&] { closed.lose_channel(); });
    settle();
    const std::string first = closed.text();
    EXPECT_TRUE(closed.answered());
    EXPECT_EQ(first + living.text(), "whole");
    if (GetParam() == 0)
        EXPECT_EQ(first, "");
}

TEST_P(PipeReaders, BytesStayForTheOneWhoComesLater)
{
    Reader dead = reader();
    settle();
    write("whole", [&] { dead.die(); });
    settle();
    EXPECT_EQ(pipe->size(), 5u);
    Reader later = reader();
    settle();
    EXPECT_EQ(later.text(), "whole");
}

TEST_P(PipeReaders, NoByteIsGivenTwice)
{
    Reader first = reader(3), second = reader(3), third = reader(3);
    settle();
    write("abcdefgh");
    settle();
    EXPECT_EQ(first.text() + second.text() + third.text(), "abcdefgh");
    EXPECT_EQ(pipe->size(), 0u);
}

TEST_P(PipeReaders, AWriterThatWaitsForRoomHearsOfBytesThatArrivedOnly)
{
    bool written = false;
    write(std::string(Pipe::capacity, 'a'));
    settle();
    write("b", [&] { written = true; });
    settle();
    EXPECT_FALSE(written);

    Reader dead = reader();
    dead.die();
    settle();
    EXPECT_FALSE(written);
    EXPECT_EQ(pipe->size(), Pipe::capacity);

    Reader living = reader();
    settle();
    EXPECT_TRUE(written);
    EXPECT_EQ(living.text(), std::string(most_text, 'a'));
}

INSTANTIATE_TEST_SUITE_P(Seeds, PipeReaders, testing::Range<uint64_t>(0, 12));

// ---- The terminal.

// What is typed, by the test.
class Keyboard final : public SerialLine {
public:
    void type(std::string text)
    {
        typed_.push_back(std::move(text));
        arrived_.wake_all();
    }
    Async<Result<std::string>> read() override
    {
        while (typed_.empty())
            static_cast<void>(co_await arrived_.wait_to_the_end());
        std::string text = std::move(typed_.front());
        typed_.pop_front();
        co_return text;
    }
    Async<Result<size_t>> write(std::span<const char> bytes) override { co_return bytes.size(); }
    Async<Result<void>> drain() override { co_return {}; }

private:
    std::deque<std::string> typed_;
    mach::WaitQueue arrived_;
};

class NoNotices final : public process_notices::Interface {
public:
    void signal_group(int32_t, integer_t) override {}
    void hang_up(int32_t) override {}
};

class TerminalReaders : public WaitingReaders {
protected:
    void SetUp() override
    {
        WaitingReaders::SetUp();
        auto line = std::make_unique<Keyboard>();
        keyboard = line.get();
        terminals().push_back(std::make_unique<Terminal>(*loop, "console", 0, std::move(line), notices));
        terminal = terminals().back().get();
        settle();
    }
    // A terminal lives as long as its service, and so do the coroutines that serve its line.
    static std::vector<std::unique_ptr<Terminal>>& terminals()
    {
        static auto* all = new std::vector<std::unique_ptr<Terminal>>;
        return *all;
    }

    Reader reader()
    {
        return Reader{[this](mig::OutArray<char>& data) {
            return terminal->read(TtyProcess{2, 2, 2}, 1, data, most_text, true);
        }};
    }
    void make_raw()
    {
        unix_termios_t attributes = default_terminal_attributes();
        attributes.c_lflag = 0;
        static const TtyProcess setter{2, 2, 2};
        spawn([](Terminal& of, unix_termios_t wanted) -> Async<void> {
            EXPECT_TRUE(co_await of.set_attributes(setter, 1, TCSANOW, true, wanted));
        }(*terminal, attributes));
        settle();
    }

    NoNotices notices;
    Keyboard* keyboard = nullptr;
    Terminal* terminal = nullptr;
};

TEST_P(TerminalReaders, OneThatDiesWhileItWaitsLeavesTheNextTheWholeLine)
{
    Reader dead = reader();
    settle();
    keyboard->type("who");
    settle();
    dead.die();
    settle();
    keyboard->type("le\n");
    settle();
    Reader next = reader();
    settle();
    EXPECT_EQ(next.text(), "whole\n");
}

TEST_P(TerminalReaders, OneThatIsDeadWhenTheLineComesLeavesItWhole)
{
    Reader dead = reader(), living = reader();
    settle();
    keyboard->type("whole\n");
    dead.die();  // Its notice comes after the line.
    settle();
    EXPECT_EQ(living.text(), "whole\n");
    EXPECT_EQ(terminal->readable(), 0u);
}

TEST_P(TerminalReaders, AnEndOfFileThatReachesNobodyIsTheNextOnes)
{
    Reader dead = reader();
    settle();
    keyboard->type("\x04");
    dead.die();
    settle();
    Reader next = reader();
    settle();
    EXPECT_EQ(next.text(), "");
    EXPECT_TRUE(next.answered());

    Reader after = reader();
    settle();
    (void)after.text();
    EXPECT_FALSE(after.answered()) << "one ^D is one end of file";
}

TEST_P(TerminalReaders, InRawModeEachByteIsGivenToOneThatLives)
{
    make_raw();
    Reader dead = reader(), living = reader();
    settle();
    keyboard->type("xy");
    dead.die();
    settle();
    EXPECT_EQ(living.text(), "xy");
    EXPECT_EQ(terminal->readable(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TerminalReaders, testing::Range<uint64_t>(0, 12));

}  // namespace
