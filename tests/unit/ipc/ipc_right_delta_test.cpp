// Counting and giving up: mach_port_type, get_refs, deallocate, destroy, mod_refs.
#include "ipc_fixture.h"

namespace {

class Deallocate : public IpcFixture {};

TEST_F(Deallocate, TakesOneUserReference)
{
    const mach_port_name_t name = insert_send_right(2);
    EXPECT_TRUE(ipc_right_dealloc(mine(), name));
    EXPECT_EQ(user_references(mine(), name), 1u);
    EXPECT_TRUE(ipc_right_dealloc(mine(), name));
    EXPECT_FALSE(is_in_use(name));
}

TEST_F(Deallocate, OfADeadNameTakesOneUserReference)
{
    const mach_port_name_t name = insert_dead_name(2);
    EXPECT_TRUE(ipc_right_dealloc(mine(), name));
    EXPECT_EQ(user_references(mine(), name), 1u);
}

TEST_F(Deallocate, OfASendOnceRightTellsItsReceiver)
{
    const mach_port_name_t name = insert_send_once_right();
    const RefPtr<IpcPort> port = port_of(mine(), name);

    EXPECT_TRUE(ipc_right_dealloc(mine(), name));

    Guard guard{port->lock()};
    EXPECT_EQ(port->queue().send_once_notices, 1u);
}

TEST_F(Deallocate, RefusesReceiveRightsAndSets)
{
    EXPECT_EQ(ipc_right_dealloc(mine(), allocate_port(mine())).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(ipc_right_dealloc(mine(), allocate_set(mine())).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(ipc_right_dealloc(mine(), 0x77700).error(), KERN_INVALID_NAME);
}

class Destroy : public IpcFixture {};

TEST_F(Destroy, GivesUpAllReferencesAtOnce)
{
    const mach_port_name_t name = insert_send_right(5);
    const RefPtr<IpcPort> port = port_of(mine(), name);
    EXPECT_TRUE(ipc_right_destroy(mine(), name));
    EXPECT_FALSE(is_in_use(name));
    EXPECT_EQ(send_rights_of(*port), 0u);
}

TEST_F(Destroy, OfAReceiveRightKillsThePort)
{
    const mach_port_name_t name = insert_send_right(1);
    const RefPtr<IpcPort> port = port_of(mine(), name);
    kill_port(name);
    EXPECT_FALSE(is_alive(*port));
    EXPECT_TRUE(is_dead_name(name));
}

TEST_F(Destroy, OfSendAndReceiveRightsUnderOneNameFreesIt)
{
    const mach_port_name_t name = allocate_port(mine());
    give_send(mine(), name, mine());
    EXPECT_TRUE(ipc_right_destroy(mine(), name));
    EXPECT_FALSE(is_in_use(name));
}

TEST_F(Destroy, OfASetLeavesItsMembersAlive)
{
    const mach_port_name_t name = allocate_port(mine());
    const mach_port_name_t set = allocate_set(mine());
    const RefPtr<IpcPort> port = port_of(mine(), name);
    {
        RefPtr<IpcPset> pset;
        {
            Guard guard{mine().lock()};
            pset = RefPtr<IpcPset>{mine().lookup(set)->pset};
        }
        EXPECT_TRUE(ipc_pset_add(*pset, *port, name));
    }
    EXPECT_TRUE(ipc_right_destroy(mine(), set));
    EXPECT_TRUE(is_alive(*port));
    Guard guard{port->lock()};
    EXPECT_TRUE(port->links().empty());
}

TEST_F(Destroy, OfAnUnknownNameIsAnError)
{
    EXPECT_EQ(ipc_right_destroy(mine(), 0x900).error(), KERN_INVALID_NAME);
}

class ModRefs : public IpcFixture {
protected:
    kern_return_t change(mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta)
    {
        return mach::code_of(ipc_right_delta(mine(), name, right, delta));
    }
};

TEST_F(ModRefs, AddsAndTakesSendReferences)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, 4), KERN_SUCCESS);
    EXPECT_EQ(user_references(mine(), name), 5u);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, -5), KERN_SUCCESS);
    EXPECT_FALSE(is_in_use(name));
}

TEST_F(ModRefs, RefusesToGoBelowNone)
{
    const mach_port_name_t name = insert_send_right(2);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, -3), KERN_INVALID_VALUE);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, INT32_MIN), KERN_INVALID_VALUE);
    EXPECT_EQ(user_references(mine(), name), 2u);
}

TEST_F(ModRefs, RefusesToOverflow)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, MACH_PORT_UREFS_MAX), KERN_UREFS_OVERFLOW);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, INT32_MAX), KERN_UREFS_OVERFLOW);
    EXPECT_EQ(user_references(mine(), name), 1u);
}

TEST_F(ModRefs, SingleRightsOnlyStayOrGo)
{
    const mach_port_name_t port = allocate_port(mine());
    const mach_port_name_t set = allocate_set(mine());
    const mach_port_name_t once = insert_send_once_right();
    EXPECT_EQ(change(port, MACH_PORT_RIGHT_RECEIVE, 1), KERN_INVALID_VALUE);
    EXPECT_EQ(change(set, MACH_PORT_RIGHT_PORT_SET, -2), KERN_INVALID_VALUE);
    EXPECT_EQ(change(once, MACH_PORT_RIGHT_SEND_ONCE, 1), KERN_INVALID_VALUE);
    EXPECT_EQ(change(port, MACH_PORT_RIGHT_RECEIVE, 0), KERN_SUCCESS);
    EXPECT_TRUE(is_in_use(port));
    for (const auto& [name, right] : {std::pair{port, MACH_PORT_RIGHT_RECEIVE},
                                      {set, MACH_PORT_RIGHT_PORT_SET},
                                      {once, MACH_PORT_RIGHT_SEND_ONCE}}) {
        EXPECT_EQ(change(name, right, -1), KERN_SUCCESS);
        EXPECT_FALSE(is_in_use(name));
    }
}

TEST_F(ModRefs, ReceiveRightThatGoesLeavesTheSendRightADeadName)
{
    const mach_port_name_t name = allocate_port(mine());
    give_send(mine(), name, mine());
    give_send(mine(), name, mine());
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
    EXPECT_TRUE(is_dead_name(name));
    EXPECT_EQ(user_references(mine(), name), 2u);
}

TEST_F(ModRefs, SendRightThatGoesLeavesTheReceiveRight)
{
    const mach_port_name_t name = allocate_port(mine());
    give_send(mine(), name, mine());
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, -1), KERN_SUCCESS);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_RECEIVE);
}

TEST_F(ModRefs, OfAnotherKindOfRightIsAnInvalidRight)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_RECEIVE, -1), KERN_INVALID_RIGHT);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_DEAD_NAME, -1), KERN_INVALID_RIGHT);
    kill_port(name);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_SEND, -1), KERN_INVALID_RIGHT);
    EXPECT_EQ(change(name, MACH_PORT_RIGHT_DEAD_NAME, -1), KERN_SUCCESS);
}

TEST_F(ModRefs, OfNoKindIsAnInvalidValue)
{
    EXPECT_EQ(change(insert_send_right(1), MACH_PORT_RIGHT_NUMBER, 1), KERN_INVALID_VALUE);
    EXPECT_EQ(change(insert_send_right(1), ~0u, 1), KERN_INVALID_VALUE);
}

class GetRefs : public IpcFixture {
protected:
    mach::Result<mach_port_urefs_t> references(mach_port_name_t name, mach_port_right_t right)
    {
        return ipc_right_references(mine(), name, right);
    }
};

TEST_F(GetRefs, TellsEachKindApart)
{
    const mach_port_name_t name = allocate_port(mine());
    give_send(mine(), name, mine());
    give_send(mine(), name, mine());
    EXPECT_EQ(references(name, MACH_PORT_RIGHT_SEND), 2u);
    EXPECT_EQ(references(name, MACH_PORT_RIGHT_RECEIVE), 1u);
    EXPECT_EQ(references(name, MACH_PORT_RIGHT_SEND_ONCE), 0u);
    EXPECT_EQ(references(insert_dead_name(3), MACH_PORT_RIGHT_DEAD_NAME), 3u);
    EXPECT_EQ(references(name, 5).error(), KERN_INVALID_VALUE);
    EXPECT_EQ(references(0x500, MACH_PORT_RIGHT_SEND).error(), KERN_INVALID_NAME);
}

}  // namespace
