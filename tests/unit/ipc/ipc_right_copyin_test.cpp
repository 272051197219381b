// How rights leave a space, for each disposition and each documented error.
#include "ipc_fixture.h"

namespace {

class CopyinMoveSend : public IpcFixture {
protected:
    mach::Result<IpcRight> copyin(mach_port_name_t name, bool dead_ok = false)
    {
        return ipc_right_copyin(mine(), name, MACH_MSG_TYPE_MOVE_SEND, dead_ok);
    }
};

TEST_F(CopyinMoveSend, LastUserReferenceTakesTheNameWithIt)
{
    const mach_port_name_t name = insert_send_right(1);

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_FALSE(is_in_use(name));
    EXPECT_EQ(right->kind(), RightKind::Send);
    EXPECT_EQ(send_rights_of(right->port()), 1u);
}

TEST_F(CopyinMoveSend, OneOfSeveralUserReferencesLeavesTheName)
{
    const mach_port_name_t name = insert_send_right(3);

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_EQ(user_references(mine(), name), 2u);
    EXPECT_EQ(send_rights_of(right->port()), 2u);
}

TEST_F(CopyinMoveSend, LeavesTheReceiveRightUnderTheSameName)
{
    const mach_port_name_t name = allocate_port(mine());
    EXPECT_EQ(give_send(mine(), name, mine()), name);

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_RECEIVE);
    EXPECT_EQ(send_rights_of(right->port()), 1u);
}

TEST_F(CopyinMoveSend, DeadPortLeavesADeadName)
{
    const mach_port_name_t name = insert_send_right(1);
    kill_port(name);

    EXPECT_EQ(copyin(name).error(), KERN_INVALID_RIGHT);
    EXPECT_TRUE(is_dead_name(name));
}

TEST_F(CopyinMoveSend, DeadNameGivesADeadRightWhereThatWillDo)
{
    const mach_port_name_t name = insert_dead_name(2);

    mach::Result<IpcRight> right = copyin(name, /*dead_ok=*/true);

    ASSERT_TRUE(right);
    EXPECT_TRUE(right->is_dead());
    EXPECT_EQ(user_references(mine(), name), 1u);
}

TEST_F(CopyinMoveSend, ReceiveRightAloneIsNotEnough)
{
    EXPECT_EQ(copyin(allocate_port(mine())).error(), KERN_INVALID_RIGHT);
}

TEST_F(CopyinMoveSend, SendOnceRightIsNotASendRight)
{
    EXPECT_EQ(copyin(insert_send_once_right()).error(), KERN_INVALID_RIGHT);
}

TEST_F(CopyinMoveSend, UnknownNameIsAnInvalidName)
{
    EXPECT_EQ(copyin(0x1234500).error(), KERN_INVALID_NAME);
    EXPECT_EQ(copyin(MACH_PORT_NULL).error(), KERN_INVALID_NAME);
    EXPECT_EQ(copyin(MACH_PORT_DEAD).error(), KERN_INVALID_NAME);
}

TEST_F(CopyinMoveSend, StaleGenerationIsAnInvalidName)
{
    const mach_port_name_t old = insert_send_right(1);
    EXPECT_TRUE(ipc_right_dealloc(mine(), old));
    const mach_port_name_t young = insert_send_right(1);

    EXPECT_EQ(MACH_PORT_INDEX(young), MACH_PORT_INDEX(old));
    EXPECT_EQ(copyin(old).error(), KERN_INVALID_NAME);
}

class CopyinCopySend : public IpcFixture {
protected:
    mach::Result<IpcRight> copyin(mach_port_name_t name, bool dead_ok = false)
    {
        return ipc_right_copyin(mine(), name, MACH_MSG_TYPE_COPY_SEND, dead_ok);
    }
};

TEST_F(CopyinCopySend, LeavesTheEntryAsItWas)
{
    const mach_port_name_t name = insert_send_right(2);

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_EQ(user_references(mine(), name), 2u);
    EXPECT_EQ(send_rights_of(right->port()), 2u);
}

TEST_F(CopyinCopySend, OfADeadNameTakesNoReference)
{
    const mach_port_name_t name = insert_dead_name(1);

    EXPECT_TRUE(copyin(name, /*dead_ok=*/true)->is_dead());
    EXPECT_EQ(user_references(mine(), name), 1u);
    EXPECT_EQ(copyin(name).error(), KERN_INVALID_RIGHT);
}

class CopyinMakeSend : public IpcFixture {};

TEST_F(CopyinMakeSend, CountsInTheMakeSendCount)
{
    const mach_port_name_t name = allocate_port(mine());

    const SendRight first = make_send(mine(), name);
    const SendRight second = make_send(mine(), name);

    Guard guard{first.port().lock()};
    EXPECT_EQ(first.port().make_send_count(), 2u);
    EXPECT_EQ(first.port().send_rights(), 2u);
}

TEST_F(CopyinMakeSend, NeedsTheReceiveRight)
{
    EXPECT_EQ(ipc_right_copyin(mine(), insert_send_right(), MACH_MSG_TYPE_MAKE_SEND, false).error(),
              KERN_INVALID_RIGHT);
    EXPECT_EQ(ipc_right_copyin(mine(), insert_send_right(), MACH_MSG_TYPE_MAKE_SEND_ONCE, false).error(),
              KERN_INVALID_RIGHT);
}

class CopyinSendOnce : public IpcFixture {
protected:
    mach::Result<IpcRight> copyin(mach_port_name_t name, bool dead_ok = false)
    {
        return ipc_right_copyin(mine(), name, MACH_MSG_TYPE_MOVE_SEND_ONCE, dead_ok);
    }
};

TEST_F(CopyinSendOnce, TakesTheName)
{
    const mach_port_name_t name = insert_send_once_right();

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_FALSE(is_in_use(name));
    EXPECT_EQ(send_once_rights_of(right->port()), 1u);
}

TEST_F(CopyinSendOnce, SendRightIsNotASendOnceRight)
{
    EXPECT_EQ(copyin(insert_send_right()).error(), KERN_INVALID_RIGHT);
}

TEST_F(CopyinSendOnce, DeadPortGivesADeadRightWhereThatWillDo)
{
    const mach_port_name_t name = insert_send_once_right();
    kill_port(name);

    EXPECT_EQ(copyin(name).error(), KERN_INVALID_RIGHT);
    EXPECT_TRUE(copyin(name, /*dead_ok=*/true)->is_dead());
    EXPECT_FALSE(is_in_use(name));
}

class CopyinReceive : public IpcFixture {
protected:
    mach::Result<IpcRight> copyin(mach_port_name_t name)
    {
        return ipc_right_copyin(mine(), name, MACH_MSG_TYPE_MOVE_RECEIVE, true);
    }
};

TEST_F(CopyinReceive, LeavesThePortAliveInLimbo)
{
    const mach_port_name_t name = allocate_port(mine());

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_FALSE(is_in_use(name));
    Guard guard{right->port().lock()};
    EXPECT_TRUE(std::holds_alternative<IpcPort::InLimbo>(right->port().place()));
}

TEST_F(CopyinReceive, LeavesTheSendRightUnderTheSameName)
{
    const mach_port_name_t name = allocate_port(mine());
    give_send(mine(), name, mine());

    mach::Result<IpcRight> right = copyin(name);

    ASSERT_TRUE(right);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND);
    // And back: the two join under the one name.
    EXPECT_EQ(ipc_right_copyout(mine(), *right), name);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND_RECEIVE);
}

TEST_F(CopyinReceive, TakesThePortOutOfItsSets)
{
    const mach_port_name_t name = allocate_port(mine());
    const mach_port_name_t set_name = allocate_set(mine());
    RefPtr<IpcPset> set;
    {
        Guard guard{mine().lock()};
        set = RefPtr<IpcPset>{mine().lookup(set_name)->pset};
    }
    const RefPtr<IpcPort> port = port_of(mine(), name);
    ASSERT_TRUE(ipc_pset_add(*set, *port, name));

    mach::Result<IpcRight> right = copyin(name);

    EXPECT_EQ(ipc_pset_members(*set, {}), 0u);
}

TEST_F(CopyinReceive, NeedsTheReceiveRight)
{
    EXPECT_EQ(copyin(insert_send_right()).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(copyin(allocate_set(mine())).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(copyin(insert_dead_name()).error(), KERN_INVALID_RIGHT);
}

class Copyin : public IpcFixture {};

TEST_F(Copyin, UnknownDispositionIsAnInvalidValue)
{
    const mach_port_name_t name = insert_send_right();
    for (const mach_msg_type_name_t disposition : {0u, 15u, 22u, 31u, ~0u})
        EXPECT_EQ(ipc_right_copyin(mine(), name, disposition, true).error(), KERN_INVALID_VALUE);
    EXPECT_EQ(user_references(mine(), name), 1u);
}

}  // namespace
