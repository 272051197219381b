// tests/unit/kernel_fixture.cpp

#include "kernel_fixture.h"

#include <kern/reaper.h>
#include <kern/stack.h>
#include <kern/startup.h>
#include <kern/zone.h>
#include <vm/vm_page.h>

namespace {

// Environment: PORTICO_HOST_PROCESSORS (default: what the first test asks for), PORTICO_HOST_SEED and PORTICO_HOST_EVERY (an interleaving point in so
// many lock operations; default none), PORTICO_HOST_WORDS (the kernel's command line).
uint64_t number_from_environment(const char* name, uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

void boot_once(uint32_t processors)
{
    static const bool booted = [processors] {
        machine::host::power_on(
            static_cast<uint32_t>(number_from_environment("PORTICO_HOST_PROCESSORS", processors)));
        if (const char* words = std::getenv("PORTICO_HOST_WORDS"))
            std::string_view{words}.copy(machine::host::boot_record().command_line.data(),
                                         machine::BootInfo::max_command_line - 1);
        kernel_core_init(machine::host::boot_record());
        machine::host::run_until_idle();
        return true;
    }();
    (void)booted;
}

struct KernelCode {
    std::function<void(Thread&)> code;
    bool* finished;
};

// A kernel thread has no place for an argument: the code to run waits under the thread's address.
std::map<const Thread*, KernelCode> kernel_code;

void run_kernel_code(Thread& self)
{
    const auto found = kernel_code.find(&self);
    KernelCode taken = std::move(found->second);
    kernel_code.erase(found);
    taken.code(self);
    if (taken.finished != nullptr)
        *taken.finished = true;
}

[[noreturn]] void kernel_code_thread(Thread& self)
{
    run_kernel_code(self);  // In a function of its own: nothing of it is alive when the stack is given up.
    kernel_thread_end(self);
}

void launch(std::function<void(Thread&)> code, Priority priority, bool* finished)
{
    Thread* thread = kernel_thread_create("test", priority, kernel_code_thread);
    ASSERT_NE(thread, nullptr);
    kernel_code[thread] = {std::move(code), finished};
    kernel_thread_start(*thread);
}

}  // namespace

KernelFixture::KernelFixture(uint32_t processors) { boot_once(processors); }
KernelFixture::~KernelFixture() = default;

void KernelFixture::SetUp()
{
    machine::host::seed(number_from_environment("PORTICO_HOST_SEED", 1),
                        static_cast<uint32_t>(number_from_environment("PORTICO_HOST_EVERY", 0)));
    machine::host::fail_allocations_after(UINT64_MAX);
    machine::host::take_console();
    run_until_idle();
    stack_collect();
    before_ = counts();
}

void KernelFixture::TearDown()
{
    machine::host::fail_allocations_after(UINT64_MAX);
    for (TaskRef& task : tasks_)
        (void)task->terminate();
    tasks_.clear();
    run_until_idle();
    stack_collect();
    kernel_code.clear();
    if (!leaks_expected_)
        expect_equal(counts());
}

void KernelFixture::expect_equal(const Counts& after)
{
    Counts all = before_;
    all.insert(after.begin(), after.end());
    const auto in = [](const Counts& counts, const std::string& name) {
        const auto found = counts.find(name);
        return found != counts.end() ? found->second : 0;
    };
    for (const auto& [name, ignored] : all)
        EXPECT_EQ(in(after, name), in(before_, name)) << name << ": the test left something behind";
}

KernelFixture::TaskRef KernelFixture::make_task()
{
    mach::Result<TaskRef> task = Task::create(nullptr, /*inherit_memory=*/false, {});
    EXPECT_TRUE(task.has_value());
    if (!task)
        std::abort();
    tasks_.push_back(*task);
    return std::move(*task);
}

KernelFixture::ThreadRef KernelFixture::make_user(Task& task, std::function<void()> code)
{
    mach::Result<ThreadRef> thread = Thread::create(task);
    EXPECT_TRUE(thread.has_value());
    if (!thread)
        std::abort();
    (*thread)->user.code = std::move(code);
    return std::move(*thread);
}

KernelFixture::ThreadRef KernelFixture::start_user(Task& task, std::function<void()> code)
{
    ThreadRef thread = make_user(task, std::move(code));
    EXPECT_TRUE(thread->resume());
    return thread;
}

void KernelFixture::start_kernel(std::function<void(Thread&)> code, Priority priority)
{
    launch(std::move(code), priority, nullptr);
}

void KernelFixture::in_kernel(std::function<void(Thread&)> code)
{
    bool finished = false;
    launch(std::move(code), priority_default, &finished);
    run_until_idle();
    EXPECT_TRUE(finished) << "kernel code still waits when nobody can go on";
}

void KernelFixture::run_until_idle()
{
    do {
        reaper_kick();  // What the test's body has left to it: no thread passes a place that would.
        machine::host::run_until_idle();
    } while (!reaper_idle());
}

KernelFixture::Counts KernelFixture::counts()
{
    Counts counts;
    zone_visit(
        [](const ZoneBase& zone, void* context) {
            if (zone.live() != 0)
                (*static_cast<Counts*>(context))[zone.name()] += zone.live();
        },
        &counts);
    counts["free pages"] = vm_page_free_count();
    counts["kernel stacks"] = stack_count();
    return counts;
}
