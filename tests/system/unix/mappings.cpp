// tests/system/unix/mappings.cpp
//
// Memory that a server must not wait for: a mapping of the very file that is written, and memory whose pager never answers.
// A silent pager is a port from which nobody receives.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mach/mach.h>
#include <portico/file.h>
#include <portico/fs.h>
#include <portico/process.h>
#include <portico/unix_types.h>

namespace {

constexpr size_t page = 4096;

// Of a pager that has not answered and never will; null if it cannot be mapped.
char* silent_memory(size_t size)
{
    mach_port_t pager = MACH_PORT_NULL;
    vm_address_t address = 0;
    if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &pager) != KERN_SUCCESS ||
        mach_port_insert_right(mach_task_self(), pager, pager, MACH_MSG_TYPE_MAKE_SEND) != KERN_SUCCESS ||
        vm_map(mach_task_self(), &address, size, 0, VM_FLAGS_ANYWHERE, pager, 0, FALSE,
               VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE, VM_INHERIT_NONE) != KERN_SUCCESS)
        return nullptr;
    return reinterpret_cast<char*>(address);
}

// Of this process: [0] process, [1] fs.
mach_port_t service_port(size_t which)
{
    mach_port_array_t ports = nullptr;
    mach_msg_type_number_t count = 0;
    if (mach_ports_lookup(mach_task_self(), &ports, &count) != KERN_SUCCESS || count <= which)
        return MACH_PORT_NULL;
    return ports[which];
}

mach_port_t process_port() { return service_port(0); }

mach_port_t channel_of(int fd)
{
    mach_port_t channel = MACH_PORT_NULL;
    uint32_t kind = 0;
    CHECK_OK(fs_channel(service_port(1), fd, &channel, &kind));
    return channel;
}

// Every service answers, each within a time that no waiting for the victim would leave it.
void check_services_answer()
{
    CHECK_EQ(guest::describe_status(
                 guest::status_of_script("for i in 1 2 3 4 5 6 7 8 9 10; do echo $i >/tmp/beside; [ $(cat "
                                         "/tmp/beside | wc -l) = 1 ] || exit 1; done; "
                                         "rm /tmp/beside")),
             "exit 0");
}

// A child does `deed`, which touches silent memory; meanwhile everybody else is served, and the child can be killed.
template <typename Deed>
void check_nobody_waits_for(const char* what, Deed deed)
{
    int ready[2];
    REQUIRE_OK(pipe(ready));
    const pid_t child = guest::start_child([&] {
        char* memory = silent_memory(16 * page);
        if (memory == nullptr)
            return 9;
        (void)!write(ready[1], "r", 1);
        deed(memory);
        return 0;
    });
    char byte = 0;
    CHECK_EQ(read(ready[0], &byte, 1), 1);
    check_services_answer();
    kill(child, SIGKILL);
    const int status = guest::wait_status(child);
    const bool ended = status == 0 || (status != -1 && WIFSIGNALED(status));
    if (!ended)
        guest::fail(__FILE__, __LINE__, what, guest::describe_status(status),
                    "killed, or done with an error");
    check_services_answer();
    close(ready[0]);
    close(ready[1]);
}

}  // namespace

GUEST_TEST(mappings, a_file_is_written_from_a_mapping_of_itself)
{
    constexpr size_t size = 16 * page;
    const int fd = open("/tmp/self", O_RDWR | O_CREAT | O_TRUNC, 0600);
    REQUIRE(fd >= 0);
    for (size_t at = 0; at < size; at += 8) {
        char word[9];
        std::snprintf(word, sizeof word, "%08zu", at);
        (void)!write(fd, word, 8);
    }
    auto* shared = static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    REQUIRE(shared != MAP_FAILED);
    const std::string before(shared, size);

    CHECK_EQ(pwrite(fd, shared, size, 0), static_cast<ssize_t>(size));  // Onto itself.
    CHECK(std::memcmp(shared, before.data(), size) == 0);
    CHECK_EQ(pwrite(fd, shared, page, static_cast<off_t>(size)),
             static_cast<ssize_t>(page));                                          // Behind itself.
    CHECK_EQ(pwrite(fd, shared + 5 * page, page, 7), static_cast<ssize_t>(page));  // Across pages.
    CHECK(std::memcmp(shared + 7, before.data() + 5 * page, page) == 0);
    CHECK_EQ(pread(fd, shared + 2 * page, page, static_cast<off_t>(size)),
             static_cast<ssize_t>(page));  // Into itself.
    CHECK(std::memcmp(shared + 2 * page, before.data(), page) == 0);

    munmap(shared, size);
    close(fd);
    unlink("/tmp/self");
}

GUEST_TEST(mappings, a_fresh_mapping_of_the_file_serves_as_source)
{
    // Nothing of the file is resident in the writer: the copy of each message faults, and fs serves the fault.
    CHECK_EQ(guest::describe_status(guest::status_of([] {
                 const int from = open("/bin/busybox", O_RDONLY);
                 const int to = open("/tmp/copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
                 if (from < 0 || to < 0)
                     return 1;
                 const off_t size = lseek(from, 0, SEEK_END);
                 void* memory = mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_SHARED, from, 0);
                 return memory != MAP_FAILED && write(to, memory, static_cast<size_t>(size)) == size ? 0 : 1;
             })),
             "exit 0");
    CHECK_EQ(guest::describe_status(guest::status_of_script("cmp /bin/busybox /tmp/copy && rm /tmp/copy")),
             "exit 0");
}

// By the kernel's own calls, not by mmap(), which asks for no more than it should.
GUEST_TEST(mappings, a_file_open_for_reading_cannot_be_mapped_for_writing)
{
    const int fd = open("/etc/passwd", O_RDONLY);
    const mach_port_t channel = channel_of(fd);
    mach_port_t entry = MACH_PORT_NULL;
    uint64_t size = 0;
    CHECK_EQ(file_map(channel, TRUE, &entry, &size), UNIX_ERROR(EACCES));
    REQUIRE_OK(file_map(channel, FALSE, &entry, &size));

    vm_address_t memory = 0;
    CHECK_EQ(vm_map(mach_task_self(), &memory, page, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE,
                    VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL, VM_INHERIT_NONE),
             KERN_PROTECTION_FAILURE);
    REQUIRE_OK(vm_map(mach_task_self(), &memory, page, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE, VM_PROT_READ,
                      VM_PROT_ALL, VM_INHERIT_NONE));
    CHECK_EQ(vm_protect(mach_task_self(), memory, page, FALSE, VM_PROT_READ | VM_PROT_WRITE),
             KERN_PROTECTION_FAILURE);
    CHECK_OK(vm_deallocate(mach_task_self(), memory, page));
    CHECK_OK(mach_port_deallocate(mach_task_self(), entry));
    close(fd);
}

GUEST_TEST(mappings, a_write_from_memory_whose_pager_is_silent_delays_nobody)
{
    check_nobody_waits_for("write", [](char* memory) {
        const int fd = open("/tmp/silent", O_RDWR | O_CREAT | O_TRUNC, 0600);
        (void)!write(fd, memory, 4 * page);
    });
    unlink("/tmp/silent");
    check_nobody_waits_for("write to a pipe", [](char* memory) {
        int ends[2];
        if (pipe(ends) == 0)
            (void)!write(ends[1], memory, 100);
    });
}

GUEST_TEST(mappings, a_read_into_memory_whose_pager_is_silent_delays_nobody)
{
    check_nobody_waits_for("read", [](char* memory) {
        const int fd = open("/bin/busybox", O_RDONLY);
        (void)!read(fd, memory, 4 * page);
    });
}

GUEST_TEST(mappings, a_path_in_memory_whose_pager_is_silent_delays_nobody)
{
    check_nobody_waits_for("open", [](char* memory) { (void)open(memory, O_RDONLY); });
}

GUEST_TEST(mappings, arguments_in_memory_whose_pager_is_silent_delay_nobody)
{
    check_nobody_waits_for("exec", [](char* memory) {
        char path[] = "/bin/true";
        (void)process_exec(process_port(), path, reinterpret_cast<pointer_t>(memory), page,
                           reinterpret_cast<pointer_t>(memory), page);
    });
}

GUEST_TEST(mappings, a_fork_with_memory_whose_pager_is_silent_delays_nobody)
{
    check_nobody_waits_for("fork", [](char* memory) {
        vm_inherit(mach_task_self(), reinterpret_cast<vm_address_t>(memory), 16 * page, VM_INHERIT_COPY);
        const pid_t child = guest::start_child([&] { return memory[0]; });
        kill(child, SIGKILL);
        (void)waitpid(child, nullptr, 0);
    });
}

GUEST_TEST(mappings, silent_pagers_leave_nothing_behind)
{
    guest::check_rounds_leave_nothing("silent pagers", [] {
        check_nobody_waits_for("write", [](char* memory) {
            const int fd = open("/tmp/silent", O_RDWR | O_CREAT | O_TRUNC, 0600);
            (void)!write(fd, memory, 4 * page);
        });
        unlink("/tmp/silent");
    });
}
