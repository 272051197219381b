// tests/bench/guest/ipc.cpp
//
// Messages, rights, threads, tasks and exceptions: rows of the table "Kernels" in docs/benchmarks.md.
//
// boot: kernel + this task.  Servers live in a copy of this task unless the row is called "thread".  Each figure is a
// whole operation as a user pays for it: the stubs and what the server itself executes are in it.
#include <atomic>
#include <cstring>
#include <utility>

#include <mach/mach.h>
#include <mach/message_registers.h>

#include "bench.h"
#include "exc_server.h"
#include "ipc_messages.h"
#include "partner.h"

namespace bench {
namespace {

// ---- Servers

[[noreturn]] void serve_plain(mach_port_t port)
{
    serve<Plain32>(port, sizeof(Plain32), [](Plain32&) {});
}

// An instruction of the vector unit, as the user's own code would execute between its calls.
void use_vector_unit() { asm volatile("addps %%xmm1, %%xmm0" : : : "xmm0"); }

[[noreturn]] void serve_with_vectors(mach_port_t port)
{
    serve<Plain32>(port, sizeof(Plain32), [](Plain32&) { use_vector_unit(); });
}

// Its answers go out alone, and the client runs before the next receive: its request finds nobody waiting and is queued.
[[noreturn]] void serve_late(mach_port_t port)
{
    Buffer<Plain32> buffer;
    mach_msg_header_t& header = buffer.message.header;
    for (;;) {
        require(mach_msg(&header, MACH_RCV_MSG, 0, sizeof buffer, port, 0, MACH_PORT_NULL), "receive");
        make_reply(header, sizeof(Plain32));
        require(mach_msg(&header, MACH_SEND_MSG, sizeof(Plain32), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
                "reply");
        (void)swtch();
    }
}

// In registers, without the library: the request that arrives is the answer, but for its dispositions.
constexpr std::uint64_t request_info = MACH_MSG_REGISTERS_INFO(
    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), MACH_MSG_REGISTERS_BODY_MAX, 4242);
constexpr std::uint64_t answer_info = MACH_MSG_REGISTERS_INFO(MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
                                                              MACH_MSG_REGISTERS_BODY_MAX, 4342);

[[noreturn]] void serve_registers(mach_port_t port)
{
    long code = MACH_TRAP_MACH_MSG_REPLY_TRAP;
    asm volatile("syscall\n"
                 "1: testl %%eax, %%eax\n"
                 "jnz 2f\n"
                 "movq %[info], %%rsi\n"
                 "movl %[number], %%eax\n"
                 "syscall\n"
                 "jmp 1b\n"
                 "2:"
                 : "+a"(code)
                 : "D"(MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, port)),
                   "S"(0L), [info] "r"(answer_info), [number] "i"(MACH_TRAP_MACH_MSG_REPLY_TRAP)
                 : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
    give_up("reply and receive in registers", code);
}

[[noreturn]] void serve_4k(mach_port_t port)
{
    serve<Plain4K>(port, sizeof(mach_msg_header_t), [](Plain4K&) {});
}

[[noreturn]] void serve_right(mach_port_t port)
{
    mach_init_after_fork();
    serve<WithRight>(port, sizeof(mach_msg_header_t), [](WithRight& request) {
        require(mach_port_deallocate(mach_task_self(), request.right.name), "mach_port_deallocate");
    });
}

enum class Touch { Nothing, Read, Write };

template <Touch how>
[[noreturn]] void serve_memory(mach_port_t port)
{
    mach_init_after_fork();
    serve<WithMemory>(port, sizeof(mach_msg_header_t), [](WithMemory& request) {
        auto* const first = reinterpret_cast<volatile std::uint64_t*>(request.memory.address);
        const std::size_t words = request.memory.size / sizeof *first;
        constexpr std::size_t words_per_page = MACH_PAGE_SIZE / sizeof *first;
        for (std::size_t i = 0; how != Touch::Nothing && i < words; i += words_per_page) {
            if constexpr (how == Touch::Read)
                (void)first[i];
            else
                first[i] = i;
        }
        require(vm_deallocate(mach_task_self(), request.memory.address, request.memory.size),
                "vm_deallocate");
    });
}

[[noreturn]] void serve_exceptions(mach_port_t port)
{
    union Room {
        mach_msg_header_t header;
        char bytes[2048];
    };
    Room rooms[2];
    Room* request = &rooms[0];
    Room* reply = &rooms[1];
    require(mach_msg(&request->header, MACH_RCV_MSG, 0, sizeof *request, port, 0, MACH_PORT_NULL), "receive");
    for (;;) {
        if (!exc_server(&request->header, &reply->header))
            give_up("exc_server", request->header.msgh_id);
        std::swap(request, reply);
        require(mach_msg(&request->header, MACH_SEND_MSG | MACH_RCV_MSG, request->header.msgh_size,
                         sizeof *request, port, 0, MACH_PORT_NULL),
                "reply and receive");
    }
}

// ---- Rows

kern_return_t mach_port_type_of(mach_port_t name)
{
    mach_port_type_t type;
    return mach_port_type(mach_task_self(), name, &type);
}

void measure_traps()
{
    measure("ipc.trap.null",
            [] { return mach_msg_trap(nullptr, MACH_MSG_OPTION_NONE, 0, 0, MACH_PORT_NULL, 0); });
    const mach_port_t port = mach_reply_port();
    measure("ipc.rpc.kernel", [port] { return mach_port_type_of(port); });
    measure("ipc.port.allocate_destroy", [] {
        mach_port_t name;
        const kern_return_t code = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &name);
        return code | mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
    });
}

void measure_plain(const char* name, mach_port_t server)
{
    Client<Plain32> client{server};
    measure(name, [&] { return client.call(); });
}

void measure_registers(mach_port_t server)
{
    const mach_port_t reply_port = mach_reply_port();
    measure("ipc.rpc.register", [server, reply_port] {
        long code = MACH_TRAP_MACH_MSG_CALL_TRAP;
        std::uint64_t ports = MACH_MSG_REGISTERS_PORTS(server, reply_port);
        std::uint64_t info = request_info;
        asm volatile("syscall"
                     : "+a"(code), "+D"(ports), "+S"(info)
                     :
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
        return code;
    });
}

void measure_plain_rpc(Side other)
{
    measure_registers(other.serve(serve_registers));
    measure_plain("ipc.rpc.32", other.serve(serve_plain));
    measure_plain("ipc.rpc.32.thread", Side::here().serve(serve_plain));

    const mach_port_t member = other.make_port();
    (void)other.start(serve_plain, other.make_set(member));
    measure_plain("ipc.rpc.32.set", other.send_right(member));

    Client<Plain32> vectors{other.serve(serve_with_vectors)};
    measure("ipc.rpc.32.sse", [&] {
        use_vector_unit();
        return vectors.call();
    });
    measure_plain("ipc.rpc.queued", other.serve(serve_late));

    Client<Plain4K> large{other.serve(serve_4k)};
    measure("ipc.rpc.4k", [&] { return large.call(); });
}

void measure_right(Side other)
{
    Client<WithRight> client{other.serve(serve_right)};
    const mach_port_t carried = mach_reply_port();
    measure("ipc.rpc.right", [&] {
        client.message().body.msgh_descriptor_count = 1;
        client.message().right = {carried, 0, 0, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_PORT_DESCRIPTOR};
        return client.call(MACH_MSGH_BITS_COMPLEX);
    });
}

void measure_memory_row(const char* name, mach_port_t server, vm_address_t memory, mach_msg_size_t size)
{
    Client<WithMemory> client{server};
    measure<31>(name, [&] {
        client.message().body.msgh_descriptor_count = 1;
        client.message().memory = {memory, FALSE, MACH_MSG_VIRTUAL_COPY, 0, MACH_MSG_OOL_DESCRIPTOR, size};
        return client.call(MACH_MSGH_BITS_COMPLEX);
    });
}

void measure_memory(Side other)
{
    struct Size {
        mach_msg_size_t bytes;
        const char* untouched;
        const char* read;
        const char* written;
    };
    for (const Size& size :
         {Size{64 * 1024, "ipc.ool.64k.untouched", "ipc.ool.64k.read", "ipc.ool.64k.written"},
          Size{1024 * 1024, "ipc.ool.1m.untouched", "ipc.ool.1m.read", "ipc.ool.1m.written"}}) {
        vm_address_t memory = 0;
        require(vm_allocate(mach_task_self(), &memory, size.bytes, VM_FLAGS_ANYWHERE), "vm_allocate");
        std::memset(reinterpret_cast<void*>(memory), 1, size.bytes);
        measure_memory_row(size.untouched, other.serve(serve_memory<Touch::Nothing>), memory, size.bytes);
        measure_memory_row(size.read, other.serve(serve_memory<Touch::Read>), memory, size.bytes);
        measure_memory_row(size.written, other.serve(serve_memory<Touch::Write>), memory, size.bytes);
        require(vm_deallocate(mach_task_self(), memory, size.bytes), "vm_deallocate");
    }
}

// The handler keeps the rights to thread and task that each message brings: it has them already, so the names only
// gain references.
void measure_exceptions(Side other)
{
    const mach_port_t handler = other.serve(serve_exceptions);
    const auto row = [handler](const char* name, exception_behavior_t behavior,
                               thread_state_flavor_t flavor) {
        require(
            thread_set_exception_ports(mach_thread_self(), EXC_MASK_BREAKPOINT, handler, behavior, flavor),
            "thread_set_exception_ports");
        measure(name, [] {
            asm volatile("int3" : : : "memory");
            return 0;
        });
    };
    row("ipc.exception", EXCEPTION_DEFAULT, THREAD_STATE_NONE);
    row("ipc.exception.state", EXCEPTION_STATE, x86_THREAD_STATE64);
}

std::atomic<unsigned> threads_that_ran;

// The thread's first and last act.
[[noreturn]] void run_and_terminate(mach_port_t)
{
    threads_that_ran.fetch_add(1, std::memory_order_relaxed);
    (void)thread_terminate(mach_thread_self());
    __builtin_unreachable();
}

kern_return_t one_thread(const x86_thread_state64_t& state)
{
    x86_thread_state64_t registers = state;
    mach_port_t thread;
    const unsigned before = threads_that_ran.load(std::memory_order_relaxed);
    kern_return_t code = thread_create_running(mach_task_self(), x86_THREAD_STATE64,
                                               reinterpret_cast<thread_state_t>(&registers),
                                               x86_THREAD_STATE64_COUNT, &thread);
    while (code == KERN_SUCCESS && threads_that_ran.load(std::memory_order_relaxed) == before)
        (void)thread_switch(thread, SWITCH_OPTION_NONE, 0);
    return code | mach_port_deallocate(mach_task_self(), thread);
}

kern_return_t one_task()
{
    mach_port_t task;
    kern_return_t code = task_create(mach_task_self(), nullptr, 0, FALSE, &task);
    code |= task_terminate(task);
    return code | mach_port_deallocate(mach_task_self(), task);
}

// Several to a sample: what is destroyed later, by the reaper, is counted, too.
void measure_threads_and_tasks()
{
    constexpr std::uint64_t together = 8;
    static ThreadRoom room;
    const x86_thread_state64_t state = room.state_for(run_and_terminate, 0);
    measure("ipc.thread.create_run_terminate", [&state] { return one_thread(state); }, together);
    measure("ipc.task.create_terminate", one_task, together);
}

// What must not change the cost of a message: how many names a space holds, how many members a set has.
void measure_flatness(Side other)
{
    constexpr int members = 1000;
    constexpr int names = 100'000;
    const mach_port_t member = other.make_port();
    const mach_port_t set = other.make_set(member);
    for (int i = 1; i < members; i++)
        require(mach_port_insert_member(other.task(), other.make_port(), set), "mach_port_insert_member");
    (void)other.start(serve_plain, set);
    measure_plain("ipc.rpc.32.members.1000", other.send_right(member));

    const mach_port_t server = other.serve(serve_plain);
    for (int i = 0; i < names; i++) {
        if (mach_reply_port() == MACH_PORT_NULL)
            give_up("mach_reply_port", i);
    }
    measure_plain("ipc.rpc.32.names.100000", server);
}

void run()
{
    const Side other = Side::elsewhere();
    measure_traps();
    measure_plain_rpc(other);
    measure_right(other);
    measure_memory(other);
    measure_exceptions(other);
    measure_threads_and_tasks();
    measure_flatness(other);
}

}  // namespace
}  // namespace bench

// ---- What the handler does: nothing, the thread goes on behind its breakpoint.

extern "C" kern_return_t catch_exception_raise(mach_port_t, mach_port_t, mach_port_t, exception_type_t,
                                               exception_data_t, mach_msg_type_number_t)
{
    return KERN_SUCCESS;
}

extern "C" kern_return_t catch_exception_raise_state(mach_port_t, exception_type_t, exception_data_t,
                                                     mach_msg_type_number_t, int*, thread_state_t old_state,
                                                     mach_msg_type_number_t old_count,
                                                     thread_state_t new_state,
                                                     mach_msg_type_number_t* new_count)
{
    std::memcpy(new_state, old_state, old_count * sizeof(natural_t));
    *new_count = old_count;
    return KERN_SUCCESS;
}

extern "C" kern_return_t catch_exception_raise_state_identity(mach_port_t, mach_port_t, mach_port_t,
                                                              exception_type_t, exception_data_t,
                                                              mach_msg_type_number_t, int*, thread_state_t,
                                                              mach_msg_type_number_t, thread_state_t,
                                                              mach_msg_type_number_t*)
{
    return KERN_FAILURE;
}

int main(int argument_count, char** arguments)
{
    bench::start(argument_count, arguments);
    bench::run();
    bench::end();
}
