// ledger.defs: the tree of ledgers, as those who hold ports to it see it.
#include "kernel_fixture.h"

#include <ipc/ipc_kobject.h>
#include <kern/kernel_objects.h>
#include <kern/ledger.h>
#include <kern/task.h>
#include <mach/ledger_types.h>

#include <ledger_kernel.h>

namespace {

using namespace ledger_calls;

class LedgerCalls : public KernelFixture {
protected:
    void SetUp() override
    {
        KernelFixture::SetUp();
        root = kernel_ledger();
        port = *ledger_create(root);
        ledger = convert_port_to_ledger(port.raw());
        ASSERT_TRUE(ledger);
    }
    void TearDown() override
    {
        ledger.reset();
        root.reset();
        port.release();
        KernelFixture::TearDown();
    }
    bool has_port() { return static_cast<bool>(ledger->port()); }

    LedgerRef root, ledger;
    SendRight port;
};

TEST_F(LedgerCalls, ANewLedgerHasNoLimitsAndCountsAsAPortOfItsParent)
{
    const uint64_t before = root->balance(Resource::Ports);
    const SendRight child = *ledger_create(ledger);
    EXPECT_EQ(ledger_read(ledger, LEDGER_PORTS)->balance, 1u);
    EXPECT_EQ(ledger_read(ledger, LEDGER_PORTS)->limit, LEDGER_UNLIMITED);
    EXPECT_EQ(root->balance(Resource::Ports), before + 1);
}

TEST_F(LedgerCalls, TheParentsLimitStopsNewLedgers)
{
    EXPECT_TRUE(ledger_set_limit(root, ledger, LEDGER_PORTS, 1));
    const SendRight child = *ledger_create(ledger);
    EXPECT_EQ(ledger_create(ledger).error(), KERN_RESOURCE_SHORTAGE);
}

TEST_F(LedgerCalls, TheTreeHasAFloor)
{
    std::vector<SendRight> chain;
    LedgerRef lowest = ledger;
    for (int depth = 2; depth < LEDGER_DEPTH_MAX; ++depth) {
        chain.push_back(*ledger_create(lowest));
        lowest = convert_port_to_ledger(chain.back().raw());
    }
    EXPECT_EQ(ledger_create(lowest).error(), KERN_POLICY_LIMIT);
}

TEST_F(LedgerCalls, OnlyWhoHoldsALedgerAboveMayLimit)
{
    const SendRight child_port = *ledger_create(ledger);
    const LedgerRef child = convert_port_to_ledger(child_port.raw());
    EXPECT_TRUE(ledger_set_limit(root, child, LEDGER_TASKS, 7));
    EXPECT_TRUE(ledger_set_limit(ledger, child, LEDGER_TASKS, 5));
    EXPECT_EQ(ledger_read(child, LEDGER_TASKS)->limit, 5u);
    EXPECT_EQ(ledger_set_limit(child, child, LEDGER_TASKS, 9).error(), KERN_INVALID_ARGUMENT);
    EXPECT_EQ(ledger_set_limit(child, ledger, LEDGER_TASKS, 9).error(), KERN_INVALID_ARGUMENT);
}

TEST_F(LedgerCalls, RefusesResourcesThatDoNotExist)
{
    for (const int resource : {-1, LEDGER_RESOURCES, INT32_MAX, INT32_MIN}) {
        EXPECT_EQ(ledger_read(ledger, resource).error(), KERN_INVALID_ARGUMENT);
        EXPECT_EQ(ledger_set_limit(root, ledger, resource, 0).error(), KERN_INVALID_ARGUMENT);
    }
}

TEST_F(LedgerCalls, ATerminatedLedgerIsNobodysButKeepsItsCharges)
{
    LedgerCharge charge = *LedgerCharge::take(ledger, Resource::Names, 3);
    const uint64_t names = root->balance(Resource::Names);
    EXPECT_TRUE(ledger_terminate(ledger));
    EXPECT_FALSE(convert_port_to_ledger(port.raw()));
    EXPECT_FALSE(has_port());
    ledger.reset();
    run_until_idle();
    EXPECT_EQ(root->balance(Resource::Names), names);
    charge.release();
    EXPECT_EQ(root->balance(Resource::Names), names - 3);
}

TEST_F(LedgerCalls, ALedgerEndsWithTheLastRightToIt)
{
    const uint64_t ports = root->balance(Resource::Ports);
    port.release();
    EXPECT_FALSE(has_port());
    ledger.reset();
    run_until_idle();
    EXPECT_EQ(root->balance(Resource::Ports), ports - 1);
}

TEST_F(LedgerCalls, TheRootHasAPortThatNobodyCanEnd)
{
    {
        const SendRight held = *root->port();
    }
    EXPECT_EQ(ledger_terminate(root).error(), KERN_INVALID_LEDGER);
    EXPECT_TRUE(root->port());
}

TEST_F(LedgerCalls, ATaskIsChargedToTheLedgerThatItsCreatorNames)
{
    EXPECT_TRUE(ledger_set_limit(root, ledger, LEDGER_TASKS, 1));
    const RefPtr<Task> task = *Task::create(nullptr, false, ledger);
    EXPECT_EQ(ledger_read(ledger, LEDGER_TASKS)->balance, 1u);
    EXPECT_EQ(Task::create(nullptr, false, ledger).error(), KERN_RESOURCE_SHORTAGE);
    EXPECT_TRUE(task->terminate());
}

}  // namespace
