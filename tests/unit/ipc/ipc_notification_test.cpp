// What the kernel tells of its own accord.
#include "ipc_fixture.h"

#include <ipc/ipc_notify.h>

namespace {

class Notification : public IpcFixture {
protected:
    void SetUp() override
    {
        IpcFixture::SetUp();
        notify = allocate_port(mine());
    }
    mach::Result<SendOnceRight> request(mach_port_name_t name, mach_msg_id_t event,
                                        mach_port_mscount_t sync = 0)
    {
        return ipc_right_request(mine(), name, event, sync, make_send_once(mine(), notify));
    }
    // The id of the next notification; 0: none has come.
    mach_msg_id_t next(uint32_t* word = nullptr)
    {
        KmsgPtr message = take_message(mine(), notify);
        if (!message)
            return 0;
        if (word != nullptr)
            *word = word_of(*message);
        ipc_right_consume_send_once(std::move(message->destination));
        return message->id();
    }
    uint32_t send_once_notices()
    {
        const RefPtr<IpcPort> port = port_of(mine(), notify);
        Guard guard{port->lock()};
        return port->queue().send_once_notices;
    }

    mach_port_name_t notify = 0;
};

TEST_F(Notification, DeadNameComesWithTheNameAndOneMoreReference)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME)->is_null());
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST);

    kill_port(name);

    uint32_t told = 0;
    EXPECT_EQ(next(&told), MACH_NOTIFY_DEAD_NAME);
    EXPECT_EQ(told, name);
    EXPECT_EQ(user_references(mine(), name), 2u);
    EXPECT_TRUE(is_dead_name(name));
}

TEST_F(Notification, DeadNameOfASendOnceRight)
{
    const mach_port_name_t name = insert_send_once_right();
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME));
    kill_port(name);
    EXPECT_EQ(next(), MACH_NOTIFY_DEAD_NAME);
}

TEST_F(Notification, NewRequestGivesTheOldOneBack)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME));
    mach::Result<SendOnceRight> previous = request(name, MACH_NOTIFY_DEAD_NAME);
    ASSERT_TRUE(previous);
    EXPECT_EQ(&previous->port(), port_of(mine(), notify).get());
    previous->release();
    EXPECT_EQ(send_once_notices(), 1u);

    mach::Result<SendOnceRight> cancelled = ipc_right_request(mine(), name, MACH_NOTIFY_DEAD_NAME, 0, {});
    EXPECT_TRUE(cancelled && *cancelled);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND);
    kill_port(name);
    EXPECT_EQ(next(), 0);
}

TEST_F(Notification, DeadNameOfADeadNameIsToldAtOnceOnlyIfAskedFor)
{
    const mach_port_name_t name = insert_dead_name(1);
    EXPECT_EQ(request(name, MACH_NOTIFY_DEAD_NAME, 0).error(), KERN_INVALID_ARGUMENT);
    EXPECT_EQ(send_once_notices(), 1u) << "the refused right died";
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME, 1));
    EXPECT_EQ(next(), MACH_NOTIFY_DEAD_NAME);
    EXPECT_EQ(user_references(mine(), name), 2u);
}

TEST_F(Notification, NameThatIsGivenUpIsToldAsDeleted)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME));
    EXPECT_TRUE(ipc_right_dealloc(mine(), name));
    uint32_t told = 0;
    EXPECT_EQ(next(&told), MACH_NOTIFY_PORT_DELETED);
    EXPECT_EQ(told, name);
}

TEST_F(Notification, NameWhoseRightIsMovedAwayIsToldAsDeleted)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME));
    const mach::Result<IpcRight> moved = ipc_right_copyin(mine(), name, MACH_MSG_TYPE_MOVE_SEND, false);
    EXPECT_EQ(next(), MACH_NOTIFY_PORT_DELETED);
}

TEST_F(Notification, NoSendersComesWithTheMakeSendCount)
{
    const mach_port_name_t port = allocate_port(mine());
    SendRight first = make_send(mine(), port);
    SendRight second = make_send(mine(), port);
    EXPECT_TRUE(request(port, MACH_NOTIFY_NO_SENDERS, 1));
    first.release();
    EXPECT_EQ(next(), 0);
    second.release();
    uint32_t count = 0;
    EXPECT_EQ(next(&count), MACH_NOTIFY_NO_SENDERS);
    EXPECT_EQ(count, 2u);
    make_send(mine(), port).release();
    EXPECT_EQ(next(), 0) << "one request, one notification";
}

TEST_F(Notification, NoSendersIsToldAtOnceIfTheCountIsReached)
{
    const mach_port_name_t port = allocate_port(mine());
    EXPECT_TRUE(request(port, MACH_NOTIFY_NO_SENDERS, 1));
    EXPECT_EQ(next(), 0) << "no right has been made yet";
    make_send(mine(), port).release();
    EXPECT_EQ(next(), MACH_NOTIFY_NO_SENDERS);
    EXPECT_TRUE(request(port, MACH_NOTIFY_NO_SENDERS, 1));
    EXPECT_EQ(next(), MACH_NOTIFY_NO_SENDERS) << "one has been, and there is none";
}

TEST_F(Notification, PortDestroyedSavesThePort)
{
    const mach_port_name_t port = allocate_port(mine());
    const RefPtr<IpcPort> record = port_of(mine(), port);
    EXPECT_EQ(request(port, MACH_NOTIFY_PORT_DESTROYED, 1).error(), KERN_INVALID_VALUE);
    EXPECT_TRUE(request(port, MACH_NOTIFY_PORT_DESTROYED));

    in_kernel([&](Thread&) { EXPECT_TRUE(ipc_right_destroy(mine(), port)); });

    EXPECT_TRUE(is_alive(*record));
    KmsgPtr message = take_message(mine(), notify);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id(), MACH_NOTIFY_PORT_DESTROYED);
    EXPECT_EQ(std::get<IpcRight>(message->descriptors()[0]).kind(), RightKind::Receive);
    message.reset();
    run_until_idle();
    EXPECT_FALSE(is_alive(*record));
}

TEST_F(Notification, PortDestroyedToThePortItselfLetsItDie)
{
    const mach_port_name_t port = allocate_port(mine());
    const RefPtr<IpcPort> record = port_of(mine(), port);
    EXPECT_TRUE(ipc_right_request(mine(), port, MACH_NOTIFY_PORT_DESTROYED, 0, make_send_once(mine(), port)));
    in_kernel([&](Thread&) { EXPECT_TRUE(ipc_right_destroy(mine(), port)); });
    run_until_idle();
    EXPECT_FALSE(is_alive(*record));
}

TEST_F(Notification, SendPossibleIsToldAtOnceIfThereIsRoom)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_SEND_POSSIBLE, 1));
    uint32_t told = 0;
    EXPECT_EQ(next(&told), MACH_NOTIFY_SEND_POSSIBLE);
    EXPECT_EQ(told, name);
}

TEST_F(Notification, SendPossibleWaitsUntilItIsArmed)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_SEND_POSSIBLE, 0));
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SPREQUEST_DELAYED);
    EXPECT_EQ(next(), 0);
    ipc_right_arm_send_possible(mine(), name);
    EXPECT_EQ(next(), MACH_NOTIFY_SEND_POSSIBLE) << "there was room again by then";
}

TEST_F(Notification, RequestsOfTheWrongKindAreRefused)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_EQ(request(name, MACH_NOTIFY_NO_SENDERS).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(request(name, MACH_NOTIFY_PORT_DESTROYED).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(request(name, MACH_NOTIFY_SEND_ONCE).error(), KERN_INVALID_VALUE);
    EXPECT_EQ(request(name, 0).error(), KERN_INVALID_VALUE);
    EXPECT_EQ(request(0x66600, MACH_NOTIFY_DEAD_NAME).error(), KERN_INVALID_NAME);
    EXPECT_EQ(request(0x66600, MACH_NOTIFY_NO_SENDERS).error(), KERN_INVALID_NAME);
    EXPECT_EQ(request(allocate_set(mine()), MACH_NOTIFY_DEAD_NAME).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(request(insert_send_once_right(), MACH_NOTIFY_SEND_POSSIBLE).error(), KERN_INVALID_RIGHT);
    SendOnceRight dead{PortRight<RightKind::SendOnce>::adopt(ipc_port_dead())};
    EXPECT_EQ(ipc_right_request(mine(), name, MACH_NOTIFY_DEAD_NAME, 0, std::move(dead)).error(),
              KERN_INVALID_CAPABILITY);
}

TEST_F(Notification, WithoutMemoryNothingIsRegistered)
{
    const mach_port_name_t name = insert_send_right(1);
    SendOnceRight right = make_send_once(mine(), notify);
    machine::host::fail_allocations_after(0);
    EXPECT_EQ(ipc_right_request(mine(), name, MACH_NOTIFY_DEAD_NAME, 0, std::move(right)).error(),
              KERN_RESOURCE_SHORTAGE);
    machine::host::fail_allocations_after(UINT64_MAX);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND);
}

TEST_F(Notification, TerminatedSpaceTellsEveryoneWhoAsked)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(request(name, MACH_NOTIFY_DEAD_NAME));
    while (theirs().terminate() != Reapable::Step::Done) {
    }
    EXPECT_EQ(next(), MACH_NOTIFY_DEAD_NAME);
}

}  // namespace
