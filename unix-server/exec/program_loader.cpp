#include "program_loader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <file_interface.h>
#include <io_interface.h>
#include <limits.h>
#include <mach/mach.h>
#include <mach/mach_debug.h>
#include <mig/runtime.h>
#include <random>

#include "../support/connect.h"
#include "../support/page_size.h"
#include "../support/unix_error.h"

namespace portico {

namespace {

constexpr uint64_t default_load_base = 0x400000;
constexpr uint64_t stack_top = 0x00007ffffff00000;
constexpr uint64_t stack_size = uint64_t{8} << 20;

constexpr uint64_t round_down(uint64_t address) { return address & ~(page_size - 1); }
constexpr uint64_t round_up(uint64_t address) { return round_down(address + page_size - 1); }

mach::Result<void> memory_result(kern_return_t code)
{
    if (code == KERN_SUCCESS)
        return {};
    return unix_failure(code == KERN_NO_SPACE || code == KERN_INVALID_ADDRESS ? ENOEXEC : ENOMEM);
}

// An executable file, opened through fs as the process.
struct ProgramFile {
    Connection<io::Interface> io;
    Connection<file::Interface> file;
    unix_stat_t status;
    std::vector<char> head;
};

mach::Async<mach::Result<std::vector<char>>> read_piece(io::Interface& io, uint64_t offset, uint32_t amount)
{
    std::vector<char> bytes(amount);
    mig::OutArray<char> data{bytes.data(), amount};
    CO_TRY(co_await io.read(0, static_cast<int64_t>(offset), amount, data));
    bytes.resize(data.count());
    co_return bytes;
}

mach::Async<mach::Result<ProgramFile>> open_file(mach::EventLoop& loop, fs_admin::Interface& fs, int32_t pid,
                                                 const std::string& path)
{
    auto opened = CO_TRY(co_await fs.open_program(pid, path));
    mach::SendRight second = CO_TRY(opened.program.copy());
    ProgramFile program{Connection<io::Interface>::to<io::Remote>(loop, std::move(opened.program)),
                        Connection<file::Interface>::to<file::Remote>(loop, std::move(second)),
                        opened.status,
                        {}};
    program.head = CO_TRY(co_await read_piece(*program.io, 0, UNIX_IO_MAX));
    co_return program;
}

// A task under construction; dropped, it is terminated.
class NewTask {
public:
    explicit NewTask(mach::SendRight task) : task_{std::move(task)} {}
    NewTask(NewTask&&) = default;
    ~NewTask()
    {
        if (task_)
            task_terminate(task_.name());
    }

    static mach::Result<NewTask> create(mach_port_t parent)
    {
        mach_port_t name = MACH_PORT_NULL;
        TRY(memory_result(task_create(parent, nullptr, 0, FALSE, &name)));
        return NewTask{mach::SendRight{name}};
    }

    // For those who look at tasks (portstat); nothing depends on it.
    void set_name(std::string_view name)
    {
        const size_t length = std::min<size_t>(name.size(), TASK_NAME_MAX);
        static_cast<void>(
            task_set_name(task_.name(), name.data(), static_cast<mach_msg_type_number_t>(length)));
    }
    mach::Result<void> map_object(uint64_t address, uint64_t size, mach_port_t object, uint64_t offset,
                                  vm_prot_t protection)
    {
        vm_address_t at = address;
        return memory_result(vm_map(task_.name(), &at, size, 0, VM_FLAGS_FIXED, object, offset, TRUE,
                                    protection, VM_PROT_ALL, VM_INHERIT_COPY));
    }
    mach::Result<void> allocate(uint64_t address, uint64_t size)
    {
        vm_address_t at = address;
        return memory_result(vm_allocate(task_.name(), &at, size, VM_FLAGS_FIXED));
    }
    // Only into memory that allocate() made: it cannot fault on a pager.
    mach::Result<void> write(uint64_t address, std::span<const char> bytes)
    {
        mach::Memory copy = TRY(mach::Memory::allocate(bytes.size()));
        std::memcpy(copy.bytes().data(), bytes.data(), bytes.size());
        return memory_result(vm_write(task_.name(), address, reinterpret_cast<pointer_t>(copy.address()),
                                      static_cast<mach_msg_type_number_t>(bytes.size())));
    }
    mach::Result<void> protect(uint64_t address, uint64_t size, vm_prot_t protection)
    {
        return memory_result(vm_protect(task_.name(), address, size, FALSE, protection));
    }
    mach::Result<mach::SendRight> create_thread(uint64_t ip, uint64_t sp)
    {
        mach_port_t name = MACH_PORT_NULL;
        TRY(memory_result(thread_create(task_.name(), &name)));
        mach::SendRight thread{name};
        x86_thread_state64_t registers{};
        registers.rip = ip;
        registers.rsp = sp;
        registers.rflags = 0x202;
        TRY(memory_result(thread_set_state(name, x86_THREAD_STATE64,
                                           reinterpret_cast<thread_state_t>(&registers),
                                           x86_THREAD_STATE64_COUNT)));
        return thread;
    }
    mach::SendRight release() { return std::move(task_); }

private:
    mach::SendRight task_;
};

// One segment: whole pages of the file are mapped; the rest, where file bytes end and zeros begin, is anonymous memory with
// those bytes written into it, so that nobody but the program ever faults on the file.
mach::Async<mach::Result<void>> load_segment(NewTask& task, const ProgramFile& program, mach_port_t object,
                                             const ElfSegment& segment, uint64_t base)
{
    const uint64_t start = round_down(segment.address);
    const uint64_t file_end = segment.address + segment.file_size;
    const uint64_t memory_end = round_up(segment.address + segment.memory_size);
    const bool all_from_file = segment.memory_size == segment.file_size;
    const uint64_t mapped_end = all_from_file ? round_up(file_end) : std::max(start, round_down(file_end));
    if (mapped_end > start)
        CO_TRY(task.map_object(base + start, mapped_end - start, object, round_down(segment.offset),
                               segment.protection));
    if (memory_end <= mapped_end)
        co_return {};
    CO_TRY(task.allocate(base + mapped_end, memory_end - mapped_end));
    if (file_end > mapped_end && segment.file_size > 0) {
        const uint64_t from = std::max(mapped_end, segment.address);
        const uint64_t offset = segment.offset + (from - segment.address);
        const std::vector<char> bytes =
            CO_TRY(co_await read_piece(*program.io, offset, static_cast<uint32_t>(file_end - from)));
        if (bytes.size() < file_end - from)
            co_return unix_failure(ENOEXEC);
        CO_TRY(task.write(base + from, bytes));
    }
    co_return task.protect(base + mapped_end, memory_end - mapped_end, segment.protection);
}

std::array<char, 16> random_bytes()
{
    static std::mt19937_64 generator{mach::EventLoop::current().now()};
    std::array<char, 16> bytes;
    const uint64_t words[] = {generator(), generator()};
    std::memcpy(bytes.data(), words, sizeof words);
    return bytes;
}

// Replaces the request for a script by one for its interpreter.
mach::Async<mach::Result<ProgramFile>>
open_through_interpreter(mach::EventLoop& loop, fs_admin::Interface& fs, ProgramRequest& request)
{
    ProgramFile program = CO_TRY(co_await open_file(loop, fs, request.pid, request.path));
    std::string interpreter;
    std::string argument;
    if (!parse_interpreter_line(program.head, interpreter, argument))
        co_return std::move(program);

    std::vector<std::string> arguments{interpreter};
    if (!argument.empty())
        arguments.push_back(argument);
    arguments.push_back(request.path);
    if (!request.arguments.empty())
        arguments.insert(arguments.end(), request.arguments.begin() + 1, request.arguments.end());
    request.arguments = std::move(arguments);
    request.path = interpreter;
    ProgramFile found = CO_TRY(co_await open_file(loop, fs, request.pid, interpreter));
    if (parse_interpreter_line(found.head, interpreter, argument))
        co_return unix_failure(ENOEXEC);  // An interpreter is a program, not a script.
    co_return std::move(found);
}

}  // namespace

mach::Async<mach::Result<LoadedProgram>> load_program(mach::EventLoop& loop, fs_admin::Interface& fs,
                                                      ProgramRequest request)
{
    ProgramFile program = CO_TRY(co_await open_through_interpreter(loop, fs, request));
    const ElfImage image = CO_TRY(parse_elf(program.head, program.status.st_size));
    const uint64_t base = image.relocatable ? default_load_base - round_down(image.lowest()) : 0;
    const ProgramStrings strings{std::move(request.arguments), std::move(request.environment), request.path};
    const StackContents stack = build_stack(strings, image, base, stack_top, random_bytes());
    if (stack.bytes.size() > stack_size / 2)
        co_return unix_failure(E2BIG);

    const auto mapping = CO_TRY(co_await program.file->map(FALSE));
    NewTask task = CO_TRY(NewTask::create(request.parent_task));
    for (const ElfSegment& segment : image.segments)
        CO_TRY(co_await load_segment(task, program, mapping.entry.name(), segment, base));
    CO_TRY(task.allocate(stack_top - stack_size, stack_size));
    CO_TRY(task.write(stack.start, stack.bytes));
    task.set_name(std::string_view{request.path}.substr(request.path.rfind('/') + 1));
    mach::SendRight thread = CO_TRY(task.create_thread(image.entry + base, stack.stack_pointer));
    co_return LoadedProgram{task.release(), std::move(thread), program.status, request.path};
}

}  // namespace portico
