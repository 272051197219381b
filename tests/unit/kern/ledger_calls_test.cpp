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

class EndTasks : public LedgerCalls {
protected:
    static RefPtr<Task> make_task(const LedgerRef& ledger) { return *Task::create(nullptr, false, ledger); }

    // As who calls until it is done; how many calls it took.
    int end_tasks(const LedgerRef& of)
    {
        uint64_t position = 0;
        int calls = 0;
        do {
            position = *ledger_end_tasks(root, of, position);
            ++calls;
        } while (position != 0);
        run_until_idle();
        return calls;
    }
};

TEST_F(EndTasks, EndsTheTasksOfALedgerAndOfThoseBelowItAndNoOthers)
{
    const SendRight child_port = *ledger_create(ledger), other_port = *ledger_create(root);
    const LedgerRef child = convert_port_to_ledger(child_port.raw());
    const LedgerRef other = convert_port_to_ledger(other_port.raw());
    const RefPtr<Task> one = make_task(ledger), below = make_task(child), beside = make_task(other);
    const RefPtr<Task> made_by_one = *Task::create(one.get(), false, {});
    end_tasks(ledger);
    EXPECT_FALSE(one->active());
    EXPECT_FALSE(below->active());
    EXPECT_FALSE(made_by_one->active());
    EXPECT_TRUE(beside->active());
    EXPECT_TRUE(kernel_task().active());
    EXPECT_TRUE(beside->terminate());
}

TEST_F(EndTasks, LetsNoMoreBeMade)
{
    const SendRight child_port = *ledger_create(ledger);
    const LedgerRef child = convert_port_to_ledger(child_port.raw());
    const RefPtr<Task> parent = make_task(ledger);
    const size_t tasks = Task::count();
    end_tasks(ledger);
    EXPECT_EQ(Task::create(nullptr, false, ledger).error(), KERN_TERMINATED);
    EXPECT_EQ(Task::create(nullptr, false, child).error(), KERN_TERMINATED);
    EXPECT_EQ(Task::create(parent.get(), true, {}).error(), KERN_TERMINATED);
    run_until_idle();
    EXPECT_EQ(Task::count(), tasks);  // `parent` is an empty shell, and nothing has come of the others.
    EXPECT_EQ(ledger->balance(Resource::Tasks), 1u);
}

TEST_F(EndTasks, GoesOnInSteps)
{
    std::vector<RefPtr<Task>> tasks;
    for (int i = 0; i < 100; ++i)
        tasks.push_back(make_task(ledger));
    EXPECT_GT(end_tasks(ledger), 3);
    for (const RefPtr<Task>& task : tasks)
        EXPECT_FALSE(task->active());
}

TEST_F(EndTasks, OnlyWhoHoldsALedgerAboveMay)
{
    const RefPtr<Task> task = make_task(ledger);
    EXPECT_EQ(ledger_end_tasks(ledger, ledger, 0).error(), KERN_INVALID_ARGUMENT);
    EXPECT_EQ(ledger_end_tasks(ledger, root, 0).error(), KERN_INVALID_ARGUMENT);
    EXPECT_EQ(ledger_end_tasks(root, root, 0).error(), KERN_INVALID_ARGUMENT);
    EXPECT_TRUE(task->active());
    EXPECT_TRUE(task->terminate());
}

}  // namespace
