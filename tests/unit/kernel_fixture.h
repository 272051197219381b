// tests/unit/kernel_fixture.h
//
// The kernel core in this process, on the simulated machine of kernel/arch/host.  It is booted once; each test makes its
// own tasks and threads, and afterwards nothing may be left of them.
//
//     class CopyinMoveSend : public KernelFixture {};
//
//     TEST_F(CopyinMoveSend, ...)
//     {
//         TaskRef task = make_task();
//         in_kernel([&](Thread& self) { ... });             // Kernel code that may block, in a kernel thread.
//         start_user(*task, [&] { trap(...); });            // User code: traps, loads, stores (arch/host/user.h).
//         run_until_idle();                                 // Until nobody can go on; the clock leaps.
//     }
//
// The body of a test is neither: it may call kernel functions that do not block, with no thread of its own.
// In lambdas use EXPECT_*; an ASSERT_* leaves the lambda only.
#ifndef PORTICO_TESTS_UNIT_KERNEL_FIXTURE_H
#define PORTICO_TESTS_UNIT_KERNEL_FIXTURE_H

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <arch/host/host.h>
#include <arch/host/user.h>
#include <arch/host/zone_host.h>
#include <kern/task.h>
#include <kern/thread.h>

class KernelFixture : public testing::Test {
protected:
    using TaskRef = RefPtr<Task>;
    using ThreadRef = RefPtr<Thread>;

    // The machine has so many processors if this test is the first of its process and the environment does not say.
    explicit KernelFixture(uint32_t processors = 1);
    ~KernelFixture() override;
    void SetUp() override;
    void TearDown() override;

    // An empty task, terminated at the end of the test if it has not been before.
    TaskRef make_task();
    // A thread of `task` that runs `code` in user mode, and ends after it.
    ThreadRef start_user(Task& task, std::function<void()> code);
    // The same, not started: thread->resume() does that.
    ThreadRef make_user(Task& task, std::function<void()> code);
    // Kernel code in a kernel thread; start_kernel() comes back at once, in_kernel() runs until idle and fails the test if
    // the code has not come to its end then.
    void start_kernel(std::function<void(Thread& self)> code, Priority priority = priority_default);
    void in_kernel(std::function<void(Thread& self)> code);

    void run_until_idle();

    // ---- Leaks: what exists now, by name (zones, kernel stacks, pages).
    using Counts = std::map<std::string, uint64_t>;
    static Counts counts();
    // A test that leaves something on purpose says so.
    void expect_leaks() { leaks_expected_ = true; }

private:
    void expect_equal(const Counts& after);

    std::vector<TaskRef> tasks_;
    Counts before_;
    bool leaks_expected_ = false;
};

#endif
