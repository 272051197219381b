// kernel/kern/startup.cpp
//
// From the machine layer's hand-over to the first instruction of the first task (mach/boot_info.h has the contract with
// that task).

#include <kern/startup.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include <device/device.h>
#include <kern/elf_loader.h>
#include <kern/host.h>
#include <kern/sched.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <lib/print.h>
#include <machine/memory.h>
#include <machine/processor.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>
#include <vm/vm_user.h>

using mach::failure;
using mach::Result;

namespace {

constexpr vm_address_t image_base = 0x400000;
constexpr vm_size_t stack_size = 1 << 20;
constexpr vm_address_t stack_top = VM_MAX_ADDRESS - page_size;

// ---- The first task's stack: arguments and auxiliary vector.

enum Auxiliary : uint64_t {
    AuxNull = 0,
    AuxPhdr = 3,
    AuxPhent = 4,
    AuxPhnum = 5,
    AuxPagesz = 6,
    AuxBase = 7,
    AuxEntry = 9
};

// Made from the top downwards in a block of the kernel's, then copied.  Strings lie above the words that point to them.
class StackImage {
public:
    void add_argument(std::string_view text)
    {
        if (argument_count_ == arguments_.size() || text.size() + 1 > strings_.size() - used_)
            return;
        arguments_[argument_count_++] = used_;
        std::memcpy(strings_.data() + used_, text.data(), text.size());
        used_ += text.size() + 1;  // The bytes are zero to begin with.
    }

    // Writes it below `top`; the stack pointer that the program starts with.
    Result<user_address_t> write(Thread& self, VmMap& map, user_address_t top, const LoadedImage& image)
    {
        const user_address_t strings = (top - used_) & ~user_address_t{15};
        push(argument_count_);
        for (size_t i = 0; i < argument_count_; ++i)
            push(strings + arguments_[i]);
        push(0);  // End of the arguments,
        push(0);  // and of the empty environment.
        push_pair(AuxPhdr, image.program_headers);
        push_pair(AuxPhent, image.program_header_size);
        push_pair(AuxPhnum, image.program_header_count);
        push_pair(AuxPagesz, page_size);
        push_pair(AuxEntry, image.entry);
        push_pair(AuxBase, 0);
        push_pair(AuxNull, 0);
        const user_address_t words = (strings - word_count_ * sizeof(uint64_t)) & ~user_address_t{15};
        TRY(vm_map_write_wait(self, map, strings, std::as_bytes(std::span{strings_}.first(used_))));
        TRY(vm_map_write_wait(self, map, words, std::as_bytes(std::span{words_}.first(word_count_))));
        return words;
    }

private:
    void push(uint64_t word) { words_[word_count_++] = word; }
    void push_pair(uint64_t key, uint64_t value)
    {
        push(key);
        push(value);
    }

    static constexpr size_t max_arguments = 64;
    std::array<char, machine::BootInfo::max_command_line + 256> strings_{};
    size_t used_ = 0;
    std::array<size_t, max_arguments> arguments_{};
    size_t argument_count_ = 0;
    std::array<uint64_t, max_arguments + 32> words_{};
    size_t word_count_ = 0;
};

// The words of the command line behind "--".
void add_command_line(StackImage& stack, std::string_view line)
{
    bool ours = false;
    while (!line.empty()) {
        const size_t end = std::min(line.find(' '), line.size());
        const std::string_view word = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
        if (ours && !word.empty())
            stack.add_argument(word);
        ours = ours || word == "--";
    }
}

std::string_view text_of(const char* text, size_t room)
{
    return {text, static_cast<size_t>(std::find(text, text + room, '\0') - text)};
}

// ---- The first task.

void give_ports(Task& task)
{
    std::array<SendRight, TASK_PORT_REGISTER_MAX> registered;
    registered[BOOT_PORT_HOST_PRIV] = the_host_priv().port();
    registered[BOOT_PORT_DEVICE_MASTER] = DeviceMaster::port();
    SendRight host = the_host().port();
    Guard guard{task.lock()};
    std::swap(task.registered_ports(), registered);
    std::swap(task.special_port(TASK_HOST_PORT), host);
}

// Too big for a kernel stack.
StackImage first_stack;

Result<void> start_first_task(Thread& self)
{
    const machine::BootInfo& boot = machine::boot_info();
    if (boot.modules().empty())
        return failure(KERN_INVALID_ARGUMENT);
    const machine::BootModule& module = boot.modules()[BOOT_MODULE_FIRST_TASK];
    const auto* file = static_cast<const std::byte*>(machine::phys_to_virt(module.address));

    const RefPtr<Task> task = TRY(Task::create(nullptr, /*inherit_memory=*/false, {}));
    task->set_name({"bootstrap"});
    give_ports(*task);
    VmMap& map = task->map();
    const LoadedImage image = TRY(elf_load(self, map, {file, module.size}, image_base));
    TRY(map.allocate(stack_top - stack_size, stack_size, VM_FLAGS_FIXED));
    first_stack.add_argument(text_of(module.name, sizeof module.name));
    add_command_line(first_stack, text_of(boot.command_line.data(), boot.command_line.size()));
    const user_address_t stack = TRY(first_stack.write(self, map, stack_top, image));

    const RefPtr<Thread> thread = TRY(Thread::create(*task));
    thread->user.init_for_thread(image.entry, stack);
    return thread->resume();
}

void start_or_panic(Thread& self)
{
    const Result<void> started = start_first_task(self);
    if (!started)
        panic("the first task cannot be started: error %d", started.error());
}

[[noreturn]] void startup_thread(Thread& self)
{
    start_or_panic(self);  // In a function of its own, so that nothing of it is alive when the stack goes.
    kernel_thread_end(self);
}

}  // namespace

void kernel_main(const machine::BootInfo& boot)
{
    kernel_core_init(boot);
    kprint("kernel: %lu MiB of memory, %zu boot modules\n", vm_page_total() >> (20 - page_shift),
           boot.modules().size());
    Thread* startup = kernel_thread_create("startup", priority_kernel, startup_thread);
    KVERIFY(startup != nullptr, "there is memory for the start-up thread");
    kernel_thread_start(*startup);
    machine::start_processors();
    sched_start_processor();
}
