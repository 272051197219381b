// tests/system/unix/bad_input.cpp
//
// Files that are no programs, and programs that do what no program may: an error or a signal for them, and nothing for
// anybody else.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <mach/mach.h>
#include <mach/special_ports.h>
#include <mach/thread_status.h>
#include <mach_traps.h>

namespace {

constexpr const char* file_path = "/tmp/bad-program";

void write_file(const char* path, const char* bytes, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, bytes, size), static_cast<ssize_t>(size));
    close(fd);
}

void write_file(const char* path, const std::string& text) { write_file(path, text.data(), text.size()); }

// The errno with which exec refuses the file, or -1 if it does not.
int refusal_of(const char* path)
{
    const int status = guest::status_of([&] {
        execl(path, path, static_cast<char*>(nullptr));
        return errno;
    });
    return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string read_all(const char* path)
{
    std::string all;
    const int fd = open(path, O_RDONLY);
    char piece[4096];
    for (ssize_t got; fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0;)
        all.append(piece, static_cast<size_t>(got));
    close(fd);
    return all;
}

// A child that does something forbidden is ended by a signal.
template <typename Deed>
void check_signalled(const char* what, int signal, Deed deed)
{
    const std::string got = guest::describe_status(guest::status_of([&] {
        deed();
        return 0;
    }));
    const std::string wanted = "signal " + std::to_string(signal);
    if (got != wanted)
        guest::fail(__FILE__, __LINE__, what, got, wanted);
}

void check_system_lives() { CHECK_EQ(guest::describe_status(guest::status_of_script("exit 5")), "exit 5"); }

}  // namespace

GUEST_TEST(bad_input, a_file_that_is_no_elf_is_refused)
{
    const std::string texts[] = {"",
                                 "\n",
                                 "echo hello\n",
                                 "\177ELF",
                                 std::string(64, '\0'),
                                 "\177ELF" + std::string(200, '\377'),
                                 "MZ" + std::string(5000, 'x')};
    for (const std::string& text : texts) {
        write_file(file_path, text);
        CHECK_EQ(refusal_of(file_path), ENOEXEC);
    }
    unlink(file_path);
    check_system_lives();
}

// Headers in which one field at a time lies: refused, or a program that ends by itself or by a signal.
GUEST_TEST(bad_input, an_elf_whose_headers_lie_harms_nobody_else)
{
    std::string whole = read_all("/test/victim");
    REQUIRE(whole.size() > 1024);
    constexpr size_t headers = 64 + 56 * 8;
    const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    unsigned long index = 0;
    for (size_t at = 4; at < headers; ++at) {
        for (const unsigned char value : values) {
            if (!guest::in_slice(index++))
                continue;
            std::string changed = whole;
            changed[at] = static_cast<char>(value);
            write_file(file_path, changed);
            const int status = guest::status_of_program(file_path, "nothing");
            if (status == -1)
                guest::fail(__FILE__, __LINE__, ("byte " + std::to_string(at)).c_str(), "not ended", "ended");
        }
    }
    unlink(file_path);
    check_system_lives();
}

GUEST_TEST(bad_input, every_prefix_of_a_program_is_refused_or_ends)
{
    const std::string whole = read_all("/test/victim");
    REQUIRE(whole.size() > 1024);
    for (size_t length = 0; length < whole.size(); ++length) {
        if (!guest::in_slice(length))
            continue;
        write_file(file_path, whole.data(), length);
        const int status = guest::status_of_program(file_path, "nothing");
        if (status == -1)
            guest::fail(__FILE__, __LINE__, ("prefix " + std::to_string(length)).c_str(), "not ended",
                        "ended");
        if (length < 64)
            CHECK_EQ(guest::describe_status(status), "exit 126");
    }
    unlink(file_path);
    check_system_lives();
}

GUEST_TEST(bad_input, a_script_without_its_interpreter_is_refused)
{
    write_file(file_path, "#!/no/such/interpreter -x\n");
    CHECK_EQ(refusal_of(file_path), ENOENT);
    write_file(file_path, "#!/tmp\n");
    CHECK_EQ(refusal_of(file_path), EACCES);
    write_file(file_path, "#!\n");
    CHECK_EQ(refusal_of(file_path), ENOEXEC);
    write_file(file_path, "#!" + std::string(9000, 'a') + "\n");
    CHECK(refusal_of(file_path) > 0);
    write_file(file_path, std::string{"#!"} + file_path + "\n");
    CHECK(refusal_of(file_path) > 0);
    unlink(file_path);
    check_system_lives();
}

GUEST_TEST(bad_input, wild_jumps_give_sigsegv)
{
    for (const uint64_t target :
         {uint64_t{0}, uint64_t{1}, uint64_t{0x7fff'ffff'ffff}, uint64_t{0x8000'0000'0000},
          uint64_t{0x8000'0000'0000'0000}, ~uint64_t{0}, uint64_t{0xffff'ffff'8000'0000}}) {
        check_signalled("call", SIGSEGV, [=] { reinterpret_cast<void (*)()>(target)(); });
        check_signalled("ret", SIGSEGV, [=] { asm volatile("pushq %0; ret" : : "r"(target) : "memory"); });
        check_signalled("jump without a stack", SIGSEGV, [=] {
            asm volatile("xorl %%esp, %%esp; jmp *%0" : : "r"(target) : "memory");
        });
    }
    check_system_lives();
}

namespace {

// A gigabyte deep: no stack is that large.
[[gnu::noinline]] int grow_stack(volatile char* above, int depth = 1 << 18)
{
    volatile char here[4096];
    here[0] = above != nullptr ? above[0] : '\0';
    return depth == 0 ? 0 : grow_stack(here, depth - 1) + here[0];
}

}  // namespace

GUEST_TEST(bad_input, an_overflowing_stack_gives_sigsegv)
{
    check_signalled("recursion", SIGSEGV, [] { grow_stack(nullptr); });
    check_system_lives();
}

GUEST_TEST(bad_input, a_wild_stack_pointer_gives_sigsegv)
{
    for (const uint64_t sp :
         {uint64_t{0}, uint64_t{8}, uint64_t{0x7fff'ffff'fffd}, uint64_t{0x8000'0000'0000'0000},
          uint64_t{0xffff'ffff'8010'0000}, ~uint64_t{0} - 6}) {
        check_signalled("push", SIGSEGV, [=] {
            asm volatile("movq %0, %%rsp; pushq %%rax; hlt" : : "r"(sp) : "memory");
        });
        // The kernel does not touch a caller's stack: the trap works, and what comes after it faults.
        check_signalled("trap", SIGSEGV, [=] {
            asm volatile("movq %0, %%rsp; movl %1, %%eax; syscall; pushq %%rax; hlt"
                         :
                         : "r"(sp), "i"(MACH_TRAP_TASK_SELF_TRAP)
                         : "memory", "rax", "rcx", "r11");
        });
    }
    check_system_lives();
}

GUEST_TEST(bad_input, privileged_instructions_give_signals)
{
    check_signalled("hlt", SIGSEGV, [] { asm volatile("hlt"); });
    check_signalled("cli", SIGSEGV, [] { asm volatile("cli"); });
    check_signalled("in", SIGSEGV, [] { asm volatile("inb $0x60, %%al" : : : "rax"); });
    check_signalled("out", SIGSEGV, [] { asm volatile("outb %%al, $0x80" : : "a"(0)); });
    check_signalled("mov cr3", SIGSEGV, [] { asm volatile("movq %0, %%cr3" : : "r"(0ull)); });
    check_signalled("rdmsr", SIGSEGV, [] { asm volatile("rdmsr" : : "c"(0xc0000080) : "rax", "rdx"); });
    check_signalled("wrmsr", SIGSEGV, [] { asm volatile("wrmsr" : : "c"(0xc0000082), "a"(0), "d"(0)); });
    check_signalled("swapgs", SIGSEGV, [] { asm volatile("swapgs"); });
    check_signalled("sysretq", SIGSEGV, [] { asm volatile("sysretq"); });
    check_signalled("iretq to the kernel", SIGSEGV, [] {
        asm volatile(
            "pushq $0x10; pushq %%rsp; pushfq; pushq $0x08; leaq 1f(%%rip), %%rax; pushq %%rax; iretq; 1: hlt"
            :
            :
            : "rax", "memory");
    });
    check_signalled("int 0x80", SIGSEGV, [] { asm volatile("int $0x80"); });
    check_signalled("int 14", SIGSEGV, [] { asm volatile("int $14"); });
    check_signalled("int 2", SIGSEGV, [] { asm volatile("int $2"); });
    check_signalled("int 8", SIGSEGV, [] { asm volatile("int $8"); });
    check_signalled("ud2", SIGILL, [] { asm volatile("ud2"); });
    check_signalled("int3", SIGTRAP, [] { asm volatile("int3"); });
    check_signalled("division by zero", SIGFPE, [] {
        asm volatile("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx" : : : "rax", "rdx", "rcx");
    });
    check_signalled("a selector of the kernel", SIGSEGV, [] {
        asm volatile("movw %w0, %%ds" : : "r"(0x10));
    });
    check_system_lives();
}

// Flags that a program can set and that must not reach the kernel: direction, single step, alignment check, nested task.
GUEST_TEST(bad_input, odd_flags_do_not_follow_a_trap_into_the_kernel)
{
    for (const uint64_t flags :
         {uint64_t{1} << 10, uint64_t{1} << 18, uint64_t{1} << 14, uint64_t{1} << 21}) {
        const int status = guest::status_of([=] {
            for (int i = 0; i < 100; ++i)
                asm volatile("pushfq; orq %0, (%%rsp); popfq; movl %1, %%eax; syscall; cld; pushfq; andl "
                             "$~0x44000, (%%rsp); popfq"
                             :
                             : "r"(flags), "i"(MACH_TRAP_TASK_SELF_TRAP)
                             : "memory", "cc", "rax", "rcx", "r11");
            return 0;
        });
        CHECK_EQ(guest::describe_status(status), "exit 0");
    }
    check_signalled("single step", SIGTRAP, [] {
        asm volatile("pushfq; orq $0x100, (%%rsp); popfq; movl %0, %%eax; syscall; nop; nop"
                     :
                     : "i"(MACH_TRAP_TASK_SELF_TRAP)
                     : "memory", "cc", "rax", "rcx", "r11");
    });
    check_system_lives();
}

GUEST_TEST(bad_input, trap_numbers_beyond_the_table_give_sigsys)
{
    const auto trap = [](uint64_t number) {
        uint64_t result = number;
        asm volatile("syscall"
                     : "+a"(result)
                     : "D"(0), "S"(0), "d"(0)
                     : "rcx", "r11", "r10", "r8", "r9", "memory");
    };
    constexpr uint64_t end = MACH_TRAP_COUNT;
    for (const uint64_t number : {end, end + 1, end + 64, uint64_t{1} << 31, uint64_t{1} << 32,
                                  (uint64_t{1} << 32) + 2, uint64_t{1} << 63, ~uint64_t{0}, ~uint64_t{0} - 1})
        check_signalled("trap", SIGSYS, [=] { trap(number); });
    check_system_lives();
}

// SYSRET with an address that is not canonical faults in the kernel on some processors: a trap as the last instruction of
// user space would return there.
GUEST_TEST(bad_input, a_trap_at_the_end_of_user_space_harms_nobody)
{
    const int status = guest::status_of([] {
        constexpr uintptr_t last_page = 0x7fff'ffff'f000;
        void* page = mmap(reinterpret_cast<void*>(last_page), 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
        if (page == MAP_FAILED)
            return 0;  // The page cannot be had: that is one way to be safe.
        auto* code = reinterpret_cast<unsigned char*>(last_page + 4094);
        code[0] = 0x0f;
        code[1] = 0x05;
        asm volatile("movl %0, %%eax; jmp *%1"
                     :
                     : "i"(MACH_TRAP_TASK_SELF_TRAP), "r"(code)
                     : "memory", "rax", "rcx", "r11");
        return 0;
    });
    CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
    check_system_lives();
}

// Registers that are set from outside: refused, or the thread and its task end.
GUEST_TEST(bad_input, wild_registers_of_a_new_thread_harm_nobody)
{
    const uint64_t wild[] = {0, 0x8000'0000'0000, 0x8000'0000'0000'0000, 0xffff'ffff'8010'0000, ~uint64_t{0}};
    for (unsigned field = 0; field < 4; ++field) {
        for (const uint64_t value : wild) {
            const int status = guest::status_of([=] {
                mach_port_t thread = MACH_PORT_NULL;
                if (thread_create(mach_task_self(), &thread) != KERN_SUCCESS)
                    return 1;
                x86_thread_state64_t state{};
                state.rip = field == 0 ? value : 0x1000;
                state.rsp = field == 1 ? value : 0x2000;
                state.fs_base = field == 2 ? value : 0;
                state.gs_base = field == 3 ? value : 0;
                state.rflags = ~uint64_t{0};
                state.cs = 8;
                if (thread_set_state(thread, x86_THREAD_STATE64, reinterpret_cast<thread_state_t>(&state),
                                     x86_THREAD_STATE64_COUNT) != KERN_SUCCESS)
                    return 0;
                thread_resume(thread);
                pause();
                return 2;
            });
            CHECK(status == 0 || (status != -1 && WIFSIGNALED(status)));
        }
    }
    check_system_lives();
}

GUEST_TEST(bad_input, alarms_without_end_leave_others_their_time)
{
    const pid_t child = guest::start_child([] {
        signal(SIGALRM, SIG_IGN);
        constexpr itimerval as_often_as_can_be{{0, 1}, {0, 1}};
        (void)setitimer(ITIMER_REAL, &as_often_as_can_be, nullptr);
        for (;;)
            pause();
        return 0;
    });
    for (int i = 0; i < 20; ++i)
        CHECK_EQ(guest::describe_status(guest::status_of_script("exit 3")), "exit 3");
    kill(child, SIGKILL);
    CHECK_EQ(guest::describe_status(guest::wait_status(child)), "signal 9");
}

GUEST_TEST(bad_input, an_executed_program_has_the_hosts_own_port)
{
    // A port of ours instead of the host's: were it handed on, the program's question would wait for our answer.
    const pid_t child = guest::start_child([] {
        mach_port_t port = MACH_PORT_NULL;
        (void)mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
        (void)mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND);
        if (task_set_special_port(mach_task_self(), TASK_HOST_PORT, port) != KERN_SUCCESS)
            return 125;
        execl("/bin/sh", "sh", "-c", "portstat >/dev/null", static_cast<char*>(nullptr));
        return 126;
    });
    CHECK_EQ(guest::describe_status(guest::wait_status(child)), "exit 0");
}

GUEST_TEST(bad_input, all_this_leaves_nothing_behind)
{
    guest::check_rounds_leave_nothing("bad programs", [] {
        write_file(file_path, "\177ELF");
        CHECK_EQ(refusal_of(file_path), ENOEXEC);
        unlink(file_path);
        check_signalled("hlt", SIGSEGV, [] { asm volatile("hlt"); });
        check_signalled("jump to 0", SIGSEGV, [] {
            asm volatile("xorl %%eax, %%eax; jmp *%%rax" : : : "rax", "memory");
        });
        check_signalled("recursion", SIGSEGV, [] { grow_stack(nullptr); });
    });
}
