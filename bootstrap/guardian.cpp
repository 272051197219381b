// bootstrap/guardian.cpp
#include "guardian.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <mach/mach.h>

#include "elf_image.h"
#include "task_loader.h"

namespace boot {

using mach::failure;
using mach::Result;
using mach::SendRight;

namespace {

constexpr mach::Time second = 1'000'000'000;
constexpr mach::Time quick = 10 * second;  // Who lives longer than this has started well.
constexpr mach::Time longest_delay = 5 * second;

// The first death is mended at once; who dies again soon after waits twice as long each time.
mach::Time delay_after(unsigned quick_deaths)
{
    if (quick_deaths <= 1)
        return 0;
    const mach::Time delay = second / 64 << std::min(quick_deaths, 16u);
    return std::min(delay, longest_delay);
}

}  // namespace

Guardian::Guardian(const Configuration& configuration, std::string wiring,
                   std::vector<std::string> common_arguments, const Archive& archive, const Host& host)
    : configuration_{configuration},
      wiring_{std::move(wiring)},
      common_arguments_{std::move(common_arguments)},
      archive_{archive},
      host_{host}
{
}

Result<void> Guardian::start_all()
{
    for (const TaskDescription& task : configuration_.tasks) {
        if (!task.starts_in(wiring_))
            continue;
        for (const Named& service : task.serves)
            TRY(services_.add(service.name, Services::Kind::checked_in));
        for (const Named& service : task.registers)
            TRY(services_.add(service.name, Services::Kind::registered));
        records_.emplace_back(&task);
    }
    for (Record& record : records_)
        start(record);
    return {};
}

void Guardian::start(Record& record)
{
    const Result<void> started = try_to_start(record);
    if (started.has_value())
        return;
    if (record.client != nullptr)
        record.client->close();
    record.client.reset();
    std::printf("task %s: cannot be started, error %#x\n", record.description->name.c_str(),
                static_cast<unsigned>(started.error()));
}

Result<void> Guardian::try_to_start(Record& record)
{
    const TaskDescription& task = *record.description;
    const auto file = archive_.find(task.program);
    if (!file) {
        std::printf("task %s: no %s in the boot archive\n", task.name.c_str(), task.program.c_str());
        return failure(KERN_INVALID_NAME);
    }
    const auto image = ElfImage::parse(*file);
    if (!image) {
        std::printf("%s: %.*s\n", task.program.c_str(), static_cast<int>(image.error().size()),
                    image.error().data());
        return failure(KERN_INVALID_ARGUMENT);
    }

    std::vector<std::string> arguments{task.name};
    arguments.insert(arguments.end(), task.arguments.begin(), task.arguments.end());
    arguments.insert(arguments.end(), common_arguments_.begin(), common_arguments_.end());

    record.client = std::make_shared<Client>(task, services_, host_);
    const mach::SendRight port = TRY(record.client->make_send());
    record.task = TRY(start_task(*image, arguments, port, TRY(ledger_of(task))));
    record.started = mach::EventLoop::current().now();
    record.watch =
        TRY(mach::EventLoop::current().watch_death(record.task, [this, &record] { died(record); }));
    return {};
}

void Guardian::died(Record& record)
{
    const TaskDescription& task = *record.description;
    std::printf("task %s has ended\n", task.name.c_str());
    record.watch.reset();
    record.task.reset();
    record.client->close();
    record.client.reset();

    const bool was_ended_with_its_group = std::exchange(record.is_being_ended, false);
    if (task.restart == Restart::group && !was_ended_with_its_group)
        end_group(record);
    if (group_is_ending(record))
        return;
    for (Record& other : records_) {
        const bool starts_with_it = !task.group.empty() && other.description->group == task.group;
        if ((&other == &record || starts_with_it) && !other.task &&
            other.description->restart != Restart::never)
            start_again(other);
    }
}

mach::Async<void> Guardian::end_later(std::string name, mach::Time after)
{
    (void)co_await mach::EventLoop::current().sleep_until(mach::EventLoop::current().now() + after);
    for (Record& record : records_) {
        if (record.description->name == name && record.task)
            (void)task_terminate(record.task.name());
    }
}

// Null: it belongs to no group, and is charged to what bootstrap itself is charged to.
Result<mach_port_t> Guardian::ledger_of(const TaskDescription& task)
{
    if (task.group.empty())
        return MACH_PORT_NULL;
    if (const auto found = ledgers_.find(task.group); found != ledgers_.end())
        return found->second.name();
    SendRight ledger = TRY(host_.make_ledger());
    return ledgers_.emplace(task.group, std::move(ledger)).first->second.name();
}

void Guardian::end_group(const Record& first)
{
    for (Record& other : records_) {
        if (&other == &first || other.description->group != first.description->group || !other.task)
            continue;
        other.is_being_ended = true;
    }
    const auto ledger = ledgers_.extract(first.description->group);
    if (ledger.empty())
        return;
    if (const Result<void> ended = host_.end_tasks(ledger.mapped()); !ended)
        std::printf("group %s: not ended, error %#x\n", ledger.key().c_str(),
                    static_cast<unsigned>(ended.error()));
}

bool Guardian::group_is_ending(const Record& member) const
{
    return !member.description->group.empty() && std::ranges::any_of(records_, [&](const Record& other) {
        return other.is_being_ended && other.description->group == member.description->group;
    });
}

void Guardian::start_again(Record& record)
{
    if (record.start_is_due)
        return;
    mach::EventLoop& loop = mach::EventLoop::current();
    record.quick_deaths = loop.now() - record.started < quick ? record.quick_deaths + 1 : 1;
    record.start_is_due = true;
    const Result<void> spawned =
        loop.spawn(start_later(record, loop.now() + delay_after(record.quick_deaths)));
    if (!spawned.has_value()) {
        record.start_is_due = false;
        std::printf("task %s: no memory to start it again\n", record.description->name.c_str());
    }
}

mach::Async<void> Guardian::start_later(Record& record, mach::Time when)
{
    (void)co_await mach::EventLoop::current().sleep_until(when);
    record.start_is_due = false;
    start(record);
}

}  // namespace boot
