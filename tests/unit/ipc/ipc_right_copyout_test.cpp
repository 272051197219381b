// How rights enter a space.
#include "ipc_fixture.h"

namespace {

class Copyout : public IpcFixture {};

TEST_F(Copyout, SendRightsToOnePortShareOneName)
{
    const mach_port_name_t receiver = allocate_port(theirs());

    const mach_port_name_t first = give_send(theirs(), receiver, mine());
    const mach_port_name_t second = give_send(theirs(), receiver, mine());

    EXPECT_EQ(first, second);
    EXPECT_EQ(user_references(mine(), first), 2u);
    EXPECT_EQ(send_rights_of(*port_of(mine(), first)), 1u);
}

TEST_F(Copyout, SendOnceRightsToOnePortHaveNamesOfTheirOwn)
{
    const mach_port_name_t receiver = allocate_port(theirs());

    const mach_port_name_t first = give_send_once(theirs(), receiver, mine());
    const mach_port_name_t second = give_send_once(theirs(), receiver, mine());

    EXPECT_NE(first, second);
    EXPECT_EQ(send_once_rights_of(*port_of(mine(), first)), 2u);
}

TEST_F(Copyout, NullAndDeadRightsAreTheNamesForThat)
{
    IpcRight null;
    IpcRight dead = IpcRight::adopt(ipc_port_dead(), RightKind::Send);

    EXPECT_EQ(ipc_right_copyout(mine(), null), MACH_PORT_NULL);
    EXPECT_EQ(ipc_right_copyout(mine(), dead), MACH_PORT_DEAD);
}

TEST_F(Copyout, RightToAPortThatDiedOnTheWayIsMachPortDead)
{
    const mach_port_name_t receiver = allocate_port(theirs());
    IpcRight right{make_send(theirs(), receiver)};
    EXPECT_TRUE(ipc_right_destroy(theirs(), receiver));

    EXPECT_EQ(ipc_right_copyout(mine(), right), MACH_PORT_DEAD);
    EXPECT_EQ(names_in_use(mine()), 0u);
}

TEST_F(Copyout, UserReferencesAreePeggedAtTheirLimit)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(ipc_right_delta(mine(), name, MACH_PORT_RIGHT_SEND, MACH_PORT_UREFS_MAX - 1));

    EXPECT_EQ(give_send(theirs(), receiver_of(name), mine()), name);

    EXPECT_EQ(user_references(mine(), name), MACH_PORT_UREFS_MAX);
}

TEST_F(Copyout, IntoATerminatedSpaceFailsAndLeavesTheRightWhole)
{
    IpcRight right{make_send(theirs(), allocate_port(theirs()))};
    while (mine().terminate() != Reapable::Step::Done) {
    }

    EXPECT_EQ(ipc_right_copyout(mine(), right).error(), KERN_TERMINATED);
    EXPECT_TRUE(right);
}

TEST_F(Copyout, WithoutMemoryForANameFailsAndLeavesTheRightWhole)
{
    IpcRight right{make_send(theirs(), allocate_port(theirs()))};

    machine::host::fail_allocations_after(0);
    EXPECT_EQ(ipc_right_copyout(mine(), right).error(), KERN_RESOURCE_SHORTAGE);
    machine::host::fail_allocations_after(UINT64_MAX);

    EXPECT_TRUE(ipc_right_copyout(mine(), right));
}

class CopyoutName : public IpcFixture {
protected:
    static constexpr mach_port_name_t chosen = MACH_PORT_MAKE(70, 9);
};

TEST_F(CopyoutName, UsesTheChosenNameEvenBeyondTheTable)
{
    IpcRight right{make_send(theirs(), allocate_port(theirs()))};

    EXPECT_TRUE(ipc_right_copyout_name(mine(), chosen, right));

    EXPECT_EQ(type_of(mine(), chosen), MACH_PORT_TYPE_SEND);
}

TEST_F(CopyoutName, JoinsTheRightThatHasThisName)
{
    const mach_port_name_t name = insert_send_right(1);
    IpcRight right{make_send(theirs(), receiver_of(name))};

    EXPECT_TRUE(ipc_right_copyout_name(mine(), name, right));

    EXPECT_EQ(user_references(mine(), name), 2u);
}

TEST_F(CopyoutName, RefusesAnotherNameForAPortThatTheSpaceKnows)
{
    const mach_port_name_t name = insert_send_right(1);
    IpcRight right{make_send(theirs(), receiver_of(name))};

    EXPECT_EQ(ipc_right_copyout_name(mine(), chosen, right).error(), KERN_RIGHT_EXISTS);
}

TEST_F(CopyoutName, RefusesANameThatDenotesSomethingElse)
{
    const mach_port_name_t name = allocate_port(mine());
    IpcRight right{make_send(theirs(), allocate_port(theirs()))};

    EXPECT_EQ(ipc_right_copyout_name(mine(), name, right).error(), KERN_NAME_EXISTS);
    EXPECT_EQ(ipc_right_copyout_name(mine(), name ^ 1, right).error(), KERN_NAME_EXISTS)
        << "the slot is taken";
}

TEST_F(CopyoutName, RefusesNamesThatAreNone)
{
    IpcRight right{make_send(theirs(), allocate_port(theirs()))};
    for (const mach_port_name_t name : {MACH_PORT_NULL, MACH_PORT_DEAD, mach_port_name_t{5}, 0x80000000u})
        EXPECT_EQ(ipc_right_copyout_name(mine(), name, right).error(), KERN_INVALID_VALUE) << name;
}

TEST_F(CopyoutName, RefusesNullAndDeadRights)
{
    IpcRight null;
    IpcRight dead = IpcRight::adopt(ipc_port_dead(), RightKind::Send);

    EXPECT_EQ(ipc_right_copyout_name(mine(), chosen, null).error(), KERN_INVALID_CAPABILITY);
    EXPECT_EQ(ipc_right_copyout_name(mine(), chosen, dead).error(), KERN_INVALID_CAPABILITY);
}

TEST_F(CopyoutName, RefusesToOverflowUserReferences)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(ipc_right_delta(mine(), name, MACH_PORT_RIGHT_SEND, MACH_PORT_UREFS_MAX - 1));
    IpcRight right{make_send(theirs(), receiver_of(name))};

    EXPECT_EQ(ipc_right_copyout_name(mine(), name, right).error(), KERN_UREFS_OVERFLOW);
}

class SpaceTable : public IpcFixture {};

TEST_F(SpaceTable, GrowsWithoutMovingEntries)
{
    const mach_port_name_t first = allocate_port(mine());
    IpcEntry* entry = nullptr;
    {
        Guard guard{mine().lock()};
        entry = mine().lookup(first);
    }
    for (int i = 0; i < 2000; ++i)
        allocate_port(mine());

    Guard guard{mine().lock()};
    EXPECT_EQ(mine().lookup(first), entry);
    EXPECT_EQ(mine().in_use(), 2001u);
}

TEST_F(SpaceTable, EndsAtItsLimit)
{
    uint32_t count = 0;
    mach::Result<mach_port_name_t> name = ipc_dead_name_alloc(mine());
    for (; name; name = ipc_dead_name_alloc(mine()))
        ++count;

    EXPECT_EQ(count, IpcSpace::limit - 1);
    EXPECT_EQ(name.error(), KERN_NO_SPACE);
}

TEST_F(SpaceTable, GivesAFreedNameANewGeneration)
{
    const mach_port_name_t first = allocate_port(mine());
    EXPECT_TRUE(ipc_right_destroy(mine(), first));
    const mach_port_name_t second = allocate_port(mine());

    EXPECT_EQ(MACH_PORT_INDEX(first), MACH_PORT_INDEX(second));
    EXPECT_NE(first, second);
}

TEST_F(SpaceTable, ChargesItsLedgerForWhatItHoldsAndNoMore)
{
    const RefPtr<Ledger> ledger = *Ledger::create({});
    {
        RefPtr<IpcSpace> space = *IpcSpace::create(ledger);
        allocate_port(*space);
        EXPECT_EQ(ledger->balance(Resource::Ports), 1u);
        EXPECT_EQ(ledger->balance(Resource::Names), IpcSpace::chunk_entries);
        ledger->set_limit(Resource::Ports, 1);
        EXPECT_EQ(ipc_port_alloc(*space).error(), KERN_RESOURCE_SHORTAGE);
    }
    run_until_idle();
    EXPECT_EQ(ledger->balance(Resource::Ports), 0u);
    EXPECT_EQ(ledger->balance(Resource::Names), 0u);
}

}  // namespace
