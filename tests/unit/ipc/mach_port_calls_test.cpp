// mach_port calls that have no file of their own: rename, sequence numbers, guards, and those that only look.
#include "ipc_fixture.h"

#include <mach_port_kernel.h>

#include <ipc/ipc_kobject.h>
#include <kern/task.h>

namespace {

using namespace mach_port_calls;

class MachPortCalls : public IpcFixture {
protected:
    IpcSpaceRef space() { return IpcSpaceRef{mine()}; }
    mach_port_status_t status_of(mach_port_name_t name)
    {
        std::array<integer_t, MACH_PORT_RECEIVE_STATUS_COUNT> words{};
        mig::OutArray<integer_t> out{words};
        EXPECT_TRUE(mach_port_get_attributes(space(), name, MACH_PORT_RECEIVE_STATUS, out));
        mach_port_status_t status{};
        std::memcpy(&status, words.data(), sizeof status);
        return status;
    }
};

class Rename : public MachPortCalls {
protected:
    static constexpr mach_port_name_t fresh = MACH_PORT_MAKE(300, 7);
};

TEST_F(Rename, MovesASendRightWithItsReferences)
{
    const mach_port_name_t name = insert_send_right(3);
    const RefPtr<IpcPort> port = port_of(mine(), name);
    EXPECT_TRUE(mach_port_rename(space(), name, fresh));
    EXPECT_FALSE(is_in_use(name));
    EXPECT_EQ(user_references(mine(), fresh), 3u);
    EXPECT_EQ(send_rights_of(*port), 1u);
}

TEST_F(Rename, OneMoreRightToThePortJoinsTheNewName)
{
    const mach_port_name_t name = insert_send_right(1);
    EXPECT_TRUE(mach_port_rename(space(), name, fresh));
    EXPECT_EQ(give_send(theirs(), receiver_of(name), mine()), fresh);
    EXPECT_EQ(user_references(mine(), fresh), 2u);
}

TEST_F(Rename, TheReceiverFindsItsPortByTheNewNameInMessagesAndSets)
{
    const mach_port_name_t name = allocate_port(mine());
    const mach_port_name_t set = allocate_set(mine());
    EXPECT_TRUE(mach_port_insert_member(space(), name, set));
    EXPECT_TRUE(mach_port_rename(space(), name, fresh));
    const RefPtr<IpcPort> port = port_of(mine(), fresh);
    {
        Guard guard{port->lock()};
        EXPECT_EQ(port->in_space()->name, fresh);
    }
    EXPECT_EQ(ipc_pset_members(
                  *[&] {
                      Guard guard{mine().lock()};
                      return mine().lookup(set)->pset;
                  }(),
                  {}),
              1u);
    EXPECT_TRUE(mach_port_extract_member(space(), fresh, set));
}

TEST_F(Rename, ASetKeepsItsMembers)
{
    const mach_port_name_t name = allocate_port(mine());
    const mach_port_name_t set = allocate_set(mine());
    EXPECT_TRUE(mach_port_insert_member(space(), name, set));
    EXPECT_TRUE(mach_port_rename(space(), set, fresh));
    EXPECT_EQ(mach_port_insert_member(space(), name, fresh).error(), KERN_ALREADY_IN_SET);
}

TEST_F(Rename, NotificationsSpeakOfTheNewName)
{
    const mach_port_name_t name = insert_send_right(1);
    const mach_port_name_t listener = allocate_port(mine());
    EXPECT_TRUE(ipc_right_request(mine(), name, MACH_NOTIFY_DEAD_NAME, 0, make_send_once(mine(), listener)));
    EXPECT_TRUE(mach_port_rename(space(), name, fresh));
    EXPECT_TRUE(ipc_right_destroy(theirs(), receiver_of(name)));
    KmsgPtr notification = take_message(mine(), listener);
    ASSERT_TRUE(notification);
    EXPECT_EQ(notification->id(), MACH_NOTIFY_DEAD_NAME);
    EXPECT_EQ(word_of(*notification), fresh);
    EXPECT_TRUE(is_dead_name(fresh));
}

TEST_F(Rename, OfADeadNameKeepsItsReferences)
{
    const mach_port_name_t name = insert_dead_name(2);
    EXPECT_TRUE(mach_port_rename(space(), name, fresh));
    EXPECT_TRUE(is_dead_name(fresh));
    EXPECT_EQ(user_references(mine(), fresh), 2u);
}

TEST_F(Rename, RefusesNamesThatCannotBe)
{
    const mach_port_name_t name = insert_send_right(1);
    const mach_port_name_t other = allocate_port(mine());
    EXPECT_EQ(mach_port_rename(space(), 0x77700, fresh).error(), KERN_INVALID_NAME);
    EXPECT_EQ(mach_port_rename(space(), name, other).error(), KERN_NAME_EXISTS);
    EXPECT_EQ(mach_port_rename(space(), name, name).error(), KERN_NAME_EXISTS);
    EXPECT_EQ(mach_port_rename(space(), name, MACH_PORT_NULL).error(), KERN_INVALID_VALUE);
    EXPECT_EQ(mach_port_rename(space(), name, MACH_PORT_DEAD).error(), KERN_INVALID_VALUE);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_SEND);
}

class AllocateFull : public MachPortCalls {};

TEST_F(AllocateFull, ChoosesANameOrTakesTheCallers)
{
    mach_port_qos_t qos{};
    const auto chosen = mach_port_allocate_full(space(), MACH_PORT_RIGHT_RECEIVE, {}, qos, 0x12300);
    ASSERT_TRUE(chosen);
    EXPECT_NE(chosen->name, 0x12300u);
    EXPECT_EQ(type_of(mine(), chosen->name), MACH_PORT_TYPE_RECEIVE);
    qos.name = 1;
    EXPECT_TRUE(mach_port_allocate_full(space(), MACH_PORT_RIGHT_PORT_SET, {}, qos, 0x12300));
    EXPECT_EQ(type_of(mine(), 0x12300), MACH_PORT_TYPE_PORT_SET);
    EXPECT_EQ(mach_port_allocate_full(space(), MACH_PORT_RIGHT_RECEIVE, {}, qos, 0x12300).error(),
              KERN_NAME_EXISTS);
    EXPECT_EQ(mach_port_allocate_full(space(), MACH_PORT_RIGHT_RECEIVE, {}, qos, MACH_PORT_NULL).error(),
              KERN_INVALID_VALUE);
}

TEST_F(AllocateFull, RefusesAReservedMessageAndAPrototype)
{
    mach_port_qos_t qos{};
    qos.prealloc = 1;
    EXPECT_EQ(mach_port_allocate_full(space(), MACH_PORT_RIGHT_RECEIVE, {}, qos, 0).error(),
              KERN_NOT_SUPPORTED);
    const mach_port_name_t name = allocate_port(mine());
    EXPECT_EQ(
        mach_port_allocate_full(space(), MACH_PORT_RIGHT_RECEIVE, make_send(mine(), name), {}, 0).error(),
        KERN_INVALID_VALUE);
}

TEST_F(MachPortCalls, SequenceNumberIsWhatWasSet)
{
    const mach_port_name_t name = allocate_port(mine());
    EXPECT_TRUE(mach_port_set_seqno(space(), name, 77));
    EXPECT_EQ(status_of(name).mps_seqno, 77u);
    EXPECT_EQ(mach_port_set_seqno(space(), insert_send_right(1), 1).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(mach_port_set_seqno(space(), 0x77700, 1).error(), KERN_INVALID_NAME);
}

TEST_F(MachPortCalls, SendRightsAreCountedWhereverTheyAre)
{
    const mach_port_name_t name = allocate_port(mine());
    EXPECT_EQ(*mach_port_get_srights(space(), name), 0u);
    give_send(mine(), name, theirs());
    const SendRight held = make_send(mine(), name);
    EXPECT_EQ(*mach_port_get_srights(space(), name), 2u);
}

TEST_F(MachPortCalls, RequestsAreCounted)
{
    const mach_port_name_t name = allocate_port(mine());
    const mach_port_name_t listener = allocate_port(mine());
    EXPECT_EQ(mach_port_dnrequest_info(space(), name)->dnr_used, 0u);
    EXPECT_TRUE(ipc_right_request(mine(), name, MACH_NOTIFY_DEAD_NAME, 0, make_send_once(mine(), listener)));
    EXPECT_EQ(mach_port_dnrequest_info(space(), name)->dnr_used, 1u);
    EXPECT_EQ(mach_port_dnrequest_info(space(), name)->dnr_total, 1u);
}

TEST_F(MachPortCalls, KernelObjectsTellTheirKindAndOthersNothing)
{
    TaskRef task = make_task();
    IpcRight right{ipc_kobject_port(*task)};
    const mach_port_name_t name = *ipc_right_copyout(mine(), right);
    EXPECT_EQ(mach_port_kobject(space(), name)->object_type, natural_t{IKOT_TASK});
    EXPECT_EQ(mach_port_kobject(space(), name)->object_addr, 0u);
    EXPECT_EQ(mach_port_kobject(space(), insert_send_right(1))->object_type, natural_t{IKOT_NONE});
    EXPECT_EQ(mach_port_kobject(space(), insert_send_once_right()).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(mach_port_kobject(space(), 0x77700).error(), KERN_INVALID_NAME);
    EXPECT_TRUE(task->terminate());
}

class Guards : public MachPortCalls {
protected:
    void SetUp() override
    {
        MachPortCalls::SetUp();
        name = allocate_port(mine());
    }
    void TearDown() override
    {
        static_cast<void>(mach_port_unguard(space(), name, 42));
        MachPortCalls::TearDown();
    }
    mach_port_name_t name = 0;
};

TEST_F(Guards, AGuardedRightIsNotGivenUp)
{
    EXPECT_TRUE(mach_port_guard(space(), name, 42, FALSE));
    EXPECT_EQ(mach_port_destroy(space(), name).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(mach_port_mod_refs(space(), name, MACH_PORT_RIGHT_RECEIVE, -1).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(type_of(mine(), name), MACH_PORT_TYPE_RECEIVE);
    EXPECT_EQ(status_of(name).mps_flags, natural_t{MACH_PORT_STATUS_FLAG_GUARDED});
    EXPECT_TRUE(mach_port_unguard(space(), name, 42));
    EXPECT_TRUE(mach_port_destroy(space(), name));
}

TEST_F(Guards, ALooseGuardLetsTheRightMove)
{
    EXPECT_TRUE(mach_port_guard(space(), name, 42, FALSE));
    const auto right = ipc_right_copyin(mine(), name, MACH_MSG_TYPE_MOVE_RECEIVE, false);
    ASSERT_TRUE(right);
    Guard guard{right->port().lock()};
    EXPECT_FALSE(right->port().guarded());
}

TEST_F(Guards, AStrictGuardKeepsTheRightAndItsSecret)
{
    EXPECT_TRUE(mach_port_guard(space(), name, 42, TRUE));
    EXPECT_EQ(ipc_right_copyin(mine(), name, MACH_MSG_TYPE_MOVE_RECEIVE, false).error(), KERN_INVALID_RIGHT);
    EXPECT_EQ(*mach_port_get_context(space(), name), 0u);
    EXPECT_EQ(mach_port_set_context(space(), name, 1).error(), KERN_INVALID_ARGUMENT);
    EXPECT_EQ(status_of(name).mps_flags,
              natural_t{MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_STRICT_GUARD});
}

TEST_F(Guards, OnlyTheSameGuardOpens)
{
    EXPECT_EQ(mach_port_unguard(space(), name, 0).error(), KERN_INVALID_ARGUMENT);
    EXPECT_TRUE(mach_port_guard(space(), name, 42, FALSE));
    EXPECT_EQ(mach_port_guard(space(), name, 42, FALSE).error(), KERN_INVALID_ARGUMENT);
    EXPECT_EQ(mach_port_unguard(space(), name, 41).error(), KERN_INVALID_ARGUMENT);
    EXPECT_TRUE(mach_port_unguard(space(), name, 42));
    EXPECT_EQ(*mach_port_get_context(space(), name), 0u);
}

TEST_F(Guards, AContextIsInTheWay)
{
    EXPECT_TRUE(mach_port_set_context(space(), name, 5));
    EXPECT_EQ(mach_port_guard(space(), name, 42, FALSE).error(), KERN_INVALID_ARGUMENT);
}

TEST_F(Guards, DoNotOutliveTheSpace)
{
    const RefPtr<IpcSpace> other = *IpcSpace::create({});
    const mach_port_name_t guarded = allocate_port(*other);
    const RefPtr<IpcPort> port = port_of(*other, guarded);
    EXPECT_TRUE(mach_port_guard(other, guarded, 42, TRUE));
    while (other->terminate() == Reapable::Step::More) {
    }
    EXPECT_FALSE(is_alive(*port));
}

TEST_F(MachPortCalls, SpaceInfoTellsEveryNameAndNothingOfTheKernel)
{
    const mach_port_name_t send = insert_send_right(3);
    const mach_port_name_t set = allocate_set(mine());
    std::array<ipc_info_name_t, 2> names{};
    in_kernel([&](Thread& self) {
        const auto info = mach_port_space_info(space());
        ASSERT_TRUE(info);
        EXPECT_EQ(info->space_info.iis_genno_mask, IpcSpace::generation_mask);
        EXPECT_TRUE(info->tree_info.empty());
        ASSERT_EQ(info->table_info.size(), sizeof names);
        EXPECT_TRUE(info->table_info.read_wait(self, 0, std::as_writable_bytes(std::span{names})));
    });
    std::map<mach_port_name_t, ipc_info_name_t> by_name;
    for (const ipc_info_name_t& entry : names)
        by_name[entry.iin_name] = entry;
    EXPECT_EQ(by_name[send].iin_type, MACH_PORT_TYPE_SEND);
    EXPECT_EQ(by_name[send].iin_urefs, 3u);
    EXPECT_EQ(by_name[set].iin_type, MACH_PORT_TYPE_PORT_SET);
    EXPECT_NE(by_name[send].iin_object, by_name[set].iin_object);
}

}  // namespace
