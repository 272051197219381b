// bootstrap/task_loader.cpp
#include "task_loader.h"

#include <algorithm>
#include <cstring>

#include <mach/mach.h>
#include <mach/mach_debug.h>
#include <portico/memory.h>

#include "initial_stack.h"

namespace boot {

namespace {

using mach::failure;
using mach::Memory;
using mach::Result;
using mach::result_of;
using mach::SendRight;

constexpr vm_address_t load_address = 0x1000'0000;
constexpr vm_size_t stack_size = 256 * 1024;

// The auxiliary vector's types (System V ABI).
constexpr uint64_t at_phdr = 3;
constexpr uint64_t at_phent = 4;
constexpr uint64_t at_phnum = 5;
constexpr uint64_t at_pagesz = 6;
constexpr uint64_t at_base = 7;
constexpr uint64_t at_entry = 9;

// A task that is terminated unless somebody takes it.
class NewTask {
public:
    explicit NewTask(SendRight task) : task_{std::move(task)} {}
    NewTask(const NewTask&) = delete;
    NewTask& operator=(const NewTask&) = delete;
    ~NewTask()
    {
        if (task_)
            (void)task_terminate(task_.name());
    }
    mach_port_t name() const { return task_.name(); }
    SendRight take() { return std::move(task_); }

private:
    SendRight task_;
};

// Puts `data` into the task, `offset` bytes behind the start of `page`; what surrounds it in its pages
// becomes zero.
Result<void> write_pages(mach_port_t task, vm_address_t page, size_t offset, std::span<const std::byte> data)
{
    Memory pages = TRY(Memory::allocate(mach_round_page(offset + data.size())));
    std::memcpy(pages.bytes().data() + offset, data.data(), data.size());
    return result_of(
        vm_write(task, page, pages.address(), static_cast<mach_msg_type_number_t>(pages.size())));
}

Result<void> load_segment(mach_port_t task, const Segment& segment)
{
    const vm_address_t address = load_address + segment.address;
    vm_address_t page = mach_trunc_page(address);
    const vm_size_t size = mach_round_page(address + segment.memory_size) - page;

    TRY(result_of(vm_allocate(task, &page, size, VM_FLAGS_FIXED)));
    if (!segment.data.empty())
        TRY(write_pages(task, page, address - page, segment.data));
    return result_of(vm_protect(task, page, size, FALSE, segment.protection));
}

Result<vm_address_t> make_stack(mach_port_t task, const ElfImage& image,
                                const std::vector<std::string>& arguments)
{
    vm_address_t bottom = 0;
    TRY(result_of(vm_allocate(task, &bottom, stack_size, VM_FLAGS_ANYWHERE)));
    // The lowest page stays empty: a stack that grows too far faults instead of running into what lies below.
    TRY(result_of(vm_protect(task, bottom, MACH_PAGE_SIZE, FALSE, VM_PROT_NONE)));

    const vm_address_t top = bottom + stack_size;
    const std::vector<std::byte> contents =
        make_initial_stack(top, arguments,
                           {{at_phdr, load_address + image.header_table()},
                            {at_phent, image.header_size()},
                            {at_phnum, image.header_count()},
                            {at_pagesz, MACH_PAGE_SIZE},
                            {at_base, load_address},
                            {at_entry, load_address + image.entry()}});
    if (contents.size() > stack_size / 2)
        return failure(KERN_INVALID_ARGUMENT);
    const vm_address_t stack_pointer = top - contents.size();
    const vm_address_t page = mach_trunc_page(stack_pointer);
    TRY(write_pages(task, page, stack_pointer - page, contents));
    return stack_pointer;
}

Result<void> start_thread(mach_port_t task, uint64_t entry, uint64_t stack_pointer)
{
    x86_thread_state64_t state = {};
    state.rip = entry;
    state.rsp = stack_pointer;
    mach_port_t thread = MACH_PORT_NULL;
    TRY(result_of(thread_create_running(task, x86_THREAD_STATE64, reinterpret_cast<thread_state_t>(&state),
                                        x86_THREAD_STATE64_COUNT, &thread)));
    (void)mach_port_deallocate(mach_task_self(), thread);
    return {};
}

mach_msg_type_number_t text_length(const std::string& name)
{
    return static_cast<mach_msg_type_number_t>(std::min<size_t>(name.size(), TASK_NAME_MAX));
}

}  // namespace

Result<SendRight> start_task(const ElfImage& image, const std::vector<std::string>& arguments,
                             const SendRight& bootstrap_port, mach_port_t ledger)
{
    mach_port_t name = MACH_PORT_NULL;
    const mach_msg_type_number_t ledgers = ledger == MACH_PORT_NULL ? 0 : 1;
    TRY(result_of(task_create(mach_task_self(), &ledger, ledgers, FALSE, &name)));
    NewTask task{SendRight{name}};

    TRY(result_of(task_set_name(task.name(), arguments.front().data(), text_length(arguments.front()))));
    TRY(result_of(task_set_special_port(task.name(), TASK_BOOTSTRAP_PORT, bootstrap_port.name())));
    for (const Segment& segment : image.segments())
        TRY(load_segment(task.name(), segment));
    const vm_address_t stack_pointer = TRY(make_stack(task.name(), image, arguments));
    TRY(start_thread(task.name(), load_address + image.entry(), stack_pointer));
    return task.take();
}

}  // namespace boot
