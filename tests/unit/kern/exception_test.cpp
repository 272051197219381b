// tests/unit/kern/exception_test.cpp: exceptions as messages (kern/exception.h).

#include "user_threads.h"

#include <ipc/ipc_right.h>
#include <kern/host.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>

namespace {

// A task that catches exceptions: a thread of its own receives them and answers as the test says.
class Exceptions : public UserThreads {
protected:
    void SetUp() override
    {
        UserThreads::SetUp();
        catcher = make_task();
        buffer = *catcher->map().allocate(0, page_size, VM_FLAGS_ANYWHERE);
    }
    void TearDown() override
    {
        catcher.reset();
        UserThreads::TearDown();
    }

    // Starts a catcher that answers each exception with the next of `answers`; a send right to its port.
    SendRight start_catcher(std::vector<kern_return_t> answers)
    {
        mach_port_name_t port = MACH_PORT_NULL;
        start_user(*catcher, [this, answers = std::move(answers), &port] {
            port = static_cast<mach_port_name_t>(call("mach_reply_port"));
            const mach_port_name_t name = port;  // The test's variable goes.
            for (kern_return_t answer : answers)
                catch_one(name, answer);
        });
        run_until_idle();
        mach::Result<IpcRight> right =
            ipc_right_copyin(catcher->space(), port, MACH_MSG_TYPE_MAKE_SEND, /*dead_ok=*/false);
        EXPECT_TRUE(right);
        return right->take_send();
    }

    void catch_one(mach_port_name_t port, kern_return_t answer)
    {
        using namespace machine::host;
        EXPECT_EQ(call("mach_msg_trap", buffer, MACH_RCV_MSG, 0, 1024, port, 0), MACH_MSG_SUCCESS);
        const auto header = load<mach_msg_header_t>(buffer);
        caught.push_back(header.msgh_id);
        if (before_answer)
            before_answer();
        mig_reply_error_t reply{};
        reply.Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
        reply.Head.msgh_size = sizeof reply;
        reply.Head.msgh_remote_port = header.msgh_remote_port;
        reply.Head.msgh_id = header.msgh_id + 100;
        reply.NDR = NDR_record;
        reply.RetCode = answer;
        store(buffer, reply);
        EXPECT_EQ(call("mach_msg_trap", buffer, MACH_SEND_MSG, sizeof reply, 0, MACH_PORT_NULL, 0),
                  MACH_MSG_SUCCESS);
    }

    static void set(ExceptionActions& actions, const SendRight& port)
    {
        ExceptionActions wanted =
            exception_actions_for(EXC_MASK_ALL, port, EXCEPTION_DEFAULT, THREAD_STATE_NONE);
        exception_actions_replace(actions, EXC_MASK_ALL, wanted);
    }
    void watch_task(const SendRight& port)
    {
        Guard guard{task->lock()};
        set(task->exception_actions(), port);
    }

    ThreadRef start_faulting()
    {
        return start_user(*task, [this] {
            machine::host::raise(EXC_BREAKPOINT, EXC_I386_BPT, 0x1234);
            went_on = true;
        });
    }

    TaskRef catcher;
    user_address_t buffer = 0;
    std::vector<mach_msg_id_t> caught;
    std::function<void()> before_answer;
    bool went_on = false;
};

TEST_F(Exceptions, AnsweredWithSuccessTheThreadGoesOn)
{
    watch_task(start_catcher({KERN_SUCCESS}));
    before_answer = [this] { EXPECT_FALSE(went_on); };
    start_faulting();
    run_until_idle();
    EXPECT_TRUE(went_on);
    EXPECT_EQ(caught, (std::vector<mach_msg_id_t>{2401}));
}

TEST_F(Exceptions, RefusedByEverybodyTheTaskEnds)
{
    watch_task(start_catcher({KERN_FAILURE}));
    start_faulting();
    run_until_idle();
    EXPECT_FALSE(went_on);
    EXPECT_FALSE(task->active());
    EXPECT_EQ(caught.size(), 1u);
}

TEST_F(Exceptions, TheThreadsPortIsAskedFirstAndThenTheTasks)
{
    SendRight port = start_catcher({KERN_FAILURE, KERN_SUCCESS});
    watch_task(port);
    ThreadRef thread = make_user(*task, [this] {
        machine::host::raise(EXC_BREAKPOINT, EXC_I386_BPT, 0);
        went_on = true;
    });
    {
        Guard guard{thread->rights_lock()};
        set(thread->exception_actions(), port);
    }
    EXPECT_TRUE(thread->resume());
    run_until_idle();
    EXPECT_EQ(caught.size(), 2u);
    EXPECT_TRUE(went_on);
}

TEST_F(Exceptions, TheHostIsAskedLast)
{
    SendRight port = start_catcher({KERN_SUCCESS});
    {
        Guard guard{host_lock};
        set(host_exception_actions(), port);
    }
    start_faulting();
    run_until_idle();
    EXPECT_TRUE(went_on);
    ExceptionActions none;
    Guard guard{host_lock};
    exception_actions_replace(host_exception_actions(), EXC_MASK_ALL, none);
}

TEST_F(Exceptions, ACatcherThatDiesHasRefused)
{
    before_answer = [this] {
        (void)catcher->terminate();
        call("swtch");  // Does not return.
    };
    watch_task(start_catcher({KERN_SUCCESS}));
    start_faulting();
    run_until_idle();
    EXPECT_FALSE(went_on);
    EXPECT_FALSE(task->active());
}

TEST_F(Exceptions, AThreadThatWaitsForItsCatcherCanBeTerminated)
{
    SendRight port = start_catcher({});
    watch_task(port);
    ThreadRef thread = start_faulting();
    run_until_idle();
    EXPECT_TRUE(thread->active());
    thread->terminate();
    run_until_idle();
    EXPECT_FALSE(thread->active());
    EXPECT_FALSE(went_on);
}

TEST_F(Exceptions, ABadAddressIsOneToo)
{
    watch_task(start_catcher({KERN_FAILURE}));
    start_user(*task, [this] {
        (void)machine::host::load<int>(0x1000);
        went_on = true;
    });
    run_until_idle();
    EXPECT_EQ(caught.size(), 1u);
    EXPECT_FALSE(went_on);
}

}  // namespace
