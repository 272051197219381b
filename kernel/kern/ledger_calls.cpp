// kernel/kern/ledger_calls.cpp: ledger.defs.
#include <kern/kernel_objects.h>
#include <kern/ledger.h>
#include <kern/task.h>
#include <mach/ledger_types.h>

#include <ledger_kernel.h>  // Made by mig.

using mach::failure;
using mach::Result;

namespace {

static_assert(LEDGER_RESOURCES == resource_count && LEDGER_UNLIMITED == Ledger::unlimited &&
              LEDGER_DEPTH_MAX == Ledger::max_depth);
static_assert(LEDGER_PORTS == static_cast<int>(Resource::Ports) &&
              LEDGER_OUT_OF_LINE_PAGES == static_cast<int>(Resource::OutOfLinePages) &&
              LEDGER_KERNEL_STACKS == static_cast<int>(Resource::KernelStacks));

Result<Resource> resource_of(int number)
{
    if (number < 0 || number >= LEDGER_RESOURCES)
        return failure(KERN_INVALID_ARGUMENT);
    return static_cast<Resource>(number);
}

}  // namespace

namespace ledger_calls {

Result<SendRight> ledger_create(LedgerRef parent) { return Ledger::create_with_port(*parent); }

Result<void> ledger_terminate(LedgerRef ledger)
{
    if (ledger == kernel_ledger())
        return failure(KERN_INVALID_LEDGER);  // It has no end.
    ledger->end();
    return {};
}

Result<LedgerReadReply> ledger_read(LedgerRef ledger, int resource)
{
    const Resource wanted = TRY(resource_of(resource));
    return LedgerReadReply{ledger->balance(wanted), ledger->limit(wanted)};
}

Result<void> ledger_set_limit(LedgerRef parent, LedgerRef child, int resource, uint64_t limit)
{
    const Resource wanted = TRY(resource_of(resource));
    if (!child->is_below(*parent))
        return failure(KERN_INVALID_ARGUMENT);
    child->set_limit(wanted, limit);
    return {};
}

Result<uint64_t> ledger_end_tasks(LedgerRef parent, LedgerRef child, uint64_t position)
{
    if (!child->is_below(*parent))
        return failure(KERN_INVALID_ARGUMENT);
    child->close_to_tasks();
    return Task::end_some_charged_to(*child, position);
}

}  // namespace ledger_calls
