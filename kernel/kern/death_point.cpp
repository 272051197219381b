// kernel/kern/death_point.cpp: see death_point.h.
#include <kern/death_point.h>

#include <atomic>

#include <kern/processor.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <mach/mach_debug_types.h>
#include <machine/processor.h>

namespace {

enum class Stage : uint8_t {
    Armed,  // (D1)
    Counting,
    Due,  // The point has been met: the task ends with this call.
};

struct DeathPlan {
    std::atomic<uint64_t> thread = 0;  // Its id; 0: there is no plan, and a point costs one test.
    Stage stage = Stage::Armed;
    uint32_t kinds = 0;
    uint64_t left = 0;    // Points until death; 0: none planned, only counted.
    uint64_t passed = 0;  // Points met.
};
constinit DeathPlan plan;

uint32_t bit_of(DeathPoint kind)
{
    switch (kind) {
    case DeathPoint::Message:
        return MACH_DEATH_AT_MESSAGE;
    case DeathPoint::Copy:
        return MACH_DEATH_AT_COPY;
    case DeathPoint::Lock:
        return MACH_DEATH_AT_LOCK;
    case DeathPoint::Block:
    case DeathPoint::HandOver:
        return MACH_DEATH_AT_BLOCK;
    }
    __builtin_unreachable();
}

bool is_planned_for(const Thread& thread)
{
    return plan.thread.load(std::memory_order_acquire) == thread.id();
}

// The next point is of `kind`: is it the last?
bool is_due(DeathPoint kind)
{
    if (plan.stage == Stage::Counting && (plan.kinds & bit_of(kind)) != 0) {
        ++plan.passed;
        if (plan.left != 0 && --plan.left == 0)
            plan.stage = Stage::Due;
    }
    return plan.stage == Stage::Due;
}

void meet(Thread& self, DeathPoint kind)
{
    if (!is_due(kind))
        return;
    self.set_pending(Thread::PendingTerminate);
    // A wait may have been asserted before the request was there, which nobody has ended then.  No lock is held here.
    if (kind == DeathPoint::Block)
        self.terminate();
}

}  // namespace

void death_point_met(DeathPoint kind)
{
    // Start-up code has no thread yet, and gets no further.
    if (plan.thread.load(std::memory_order_relaxed) == 0) [[likely]]
        return;
    Thread* const self = machine::current_processor().sched.current.load(std::memory_order_relaxed);
    if (self != nullptr && is_planned_for(*self))
        meet(*self, kind);
}

void death_plan_begin(const Thread& self)
{
    if (is_planned_for(self) && plan.stage == Stage::Armed && plan.kinds != 0)
        plan.stage = Stage::Counting;
}

void death_plan_end(const Thread& self)
{
    if (!is_planned_for(self) || plan.stage != Stage::Due)
        return;
    plan.thread.store(0, std::memory_order_relaxed);
    static_cast<void>(self.task().terminate());
}

mach::Result<uint64_t> death_plan_arm(const Thread& thread, uint32_t kinds, uint64_t n)
{
    if (!has_death_points)
        return mach::failure(KERN_NOT_SUPPORTED);
    if ((kinds & ~MACH_DEATH_AT_ANYTHING) != 0)
        return mach::failure(KERN_INVALID_ARGUMENT);
    const uint64_t passed = plan.passed;
    plan.thread.store(0, std::memory_order_relaxed);
    plan.stage = Stage::Armed;
    plan.kinds = kinds;
    plan.left = n;
    plan.passed = 0;
    plan.thread.store(kinds != 0 ? thread.id() : 0, std::memory_order_release);
    return passed;
}
