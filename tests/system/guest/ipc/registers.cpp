// tests/system/guest/ipc/registers.cpp
//
// Messages in registers by the library's calls: with the real registers, entries and exits.
//
// boot: kernel + this task, once for each thing that the kernel can do without (CMakeLists.txt)     machine: -smp 1
#include <array>

#include <mach/mach.h>
#include <mach/mach_msg_registers.h>
#include <mach/ndr.h>

#include "guest_test.h"
#include "guest_thread.h"

// Each boot is a program of its own, and says what its suite is called.
#define IPC_TEST_OF(suite, name) GUEST_TEST(suite, name)
#define IPC_TEST(name) IPC_TEST_OF(IPC_SUITE, name)

namespace {

using guest::JoiningThread;

constexpr mach_msg_bits_t request_bits =
    MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
constexpr mach_msg_bits_t copied_request_bits =
    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
constexpr mach_msg_bits_t answer_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
constexpr mach_msg_id_t id = 4711;

// A port, with a send right of the same name.
class Port {
public:
    Port()
    {
        CHECK_OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &name_));
        CHECK_OK(mach_port_insert_right(mach_task_self(), name_, name_, MACH_MSG_TYPE_MAKE_SEND));
    }
    ~Port() { CHECK_OK(mach_port_mod_refs(mach_task_self(), name_, MACH_PORT_RIGHT_RECEIVE, -1)); }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    mach_port_t name() const { return name_; }

private:
    mach_port_t name_ = MACH_PORT_NULL;
};

mach_msg_registers_t request(const Port& to, const Port& reply, uint64_t first)
{
    return {MACH_MSG_REGISTERS_PORTS(to.name(), reply.name()),
            MACH_MSG_REGISTERS_INFO(copied_request_bits, 32, id),
            {first, first + 1, first + 2, first + 3}};
}

// Answers `requests` requests with their words and a million; the last answer goes by mach_msg().
void serve(const Port& port, int requests)
{
    mach_msg_registers_t message = {MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, port.name()), 0, {}};
    CHECK_OK(mach_msg_reply(&message));
    for (; requests > 1; --requests) {
        CHECK_EQ(MACH_MSG_REGISTERS_LOCAL(message.ports), port.name());
        message.info = MACH_MSG_REGISTERS_INFO(answer_bits, 32, MACH_MSG_REGISTERS_ID(message.info) + 100);
        for (uint64_t& word : message.word)
            word += 1'000'000;
        CHECK_OK(mach_msg_reply(&message));
    }
    struct {
        mach_msg_header_t header;
        uint64_t word[4];
    } last{};
    last.header.msgh_bits = answer_bits;
    last.header.msgh_remote_port = MACH_MSG_REGISTERS_REMOTE(message.ports);
    last.header.msgh_id = MACH_MSG_REGISTERS_ID(message.info) + 100;
    for (int i = 0; i < 4; ++i)
        last.word[i] = message.word[i] + 1'000'000;
    CHECK_OK(mach_msg(&last.header, MACH_SEND_MSG, sizeof last, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL));
}

IPC_TEST(words_travel_in_registers_and_come_back)
{
    constexpr int requests = 1'000;
    Port service;
    Port reply;
    JoiningThread server{[&] { serve(service, requests); }};
    for (int i = 0; i < requests; ++i) {
        mach_msg_registers_t message = request(service, reply, 1ull << 40 | i);
        REQUIRE_OK(mach_msg_call(&message));
        CHECK_EQ(message.ports, MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, reply.name()));
        CHECK_EQ(MACH_MSG_REGISTERS_ID(message.info), id + 100);
        CHECK_EQ(MACH_MSG_REGISTERS_BODY(message.info), 32);
        for (int word = 0; word < 4; ++word)
            CHECK_EQ(message.word[word], (1ull << 40 | i) + word + 1'000'000);
    }
}

// What the library keeps in registers across the call must be there afterwards.
IPC_TEST(the_caller_keeps_its_other_registers)
{
    Port service;
    Port reply;
    JoiningThread server{[&] { serve(service, 3); }};
    for (int i = 0; i < 3; ++i) {
        uint64_t code = MACH_TRAP_MACH_MSG_CALL_TRAP;
        uint64_t ports = MACH_MSG_REGISTERS_PORTS(service.name(), reply.name());
        uint64_t info = MACH_MSG_REGISTERS_INFO(copied_request_bits, 32, id);
        uint64_t changed = 0;
        asm volatile("movl $0x1234567, %%r12d\n\t"
                     "movl $0x2345678, %%r13d\n\t"
                     "movl $0x3456789, %%r14d\n\t"
                     "movl $0x456789a, %%r15d\n\t"
                     "syscall\n\t"
                     "xorl $0x1234567, %%r12d\n\t"
                     "xorl $0x2345678, %%r13d\n\t"
                     "xorl $0x3456789, %%r14d\n\t"
                     "xorl $0x456789a, %%r15d\n\t"
                     "orq %%r12, %[changed]\n\t"
                     "orq %%r13, %[changed]\n\t"
                     "orq %%r14, %[changed]\n\t"
                     "orq %%r15, %[changed]"
                     : "+a"(code), "+D"(ports), "+S"(info), [changed] "+b"(changed)
                     :
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
        CHECK_EQ(code, MACH_MSG_SUCCESS);
        CHECK_EQ(changed, 0);
    }
}

// The kernel's own objects take such requests, too: mach_port_type() fits.
IPC_TEST(a_kernel_call_fits_into_registers)
{
    Port port;
    Port reply;
    uint64_t ndr;
    static_assert(sizeof ndr == sizeof NDR_record);
    __builtin_memcpy(&ndr, &NDR_record, sizeof ndr);
    mach_msg_registers_t message = {MACH_MSG_REGISTERS_PORTS(mach_task_self(), reply.name()),
                                    MACH_MSG_REGISTERS_INFO(copied_request_bits, 12, 3201),
                                    {ndr, port.name(), 0, 0}};
    REQUIRE_OK(mach_msg_call(&message));
    CHECK_EQ(MACH_MSG_REGISTERS_ID(message.info), 3301);
    CHECK_EQ(MACH_MSG_REGISTERS_BODY(message.info), 16);
    CHECK_EQ(static_cast<kern_return_t>(message.word[1]), KERN_SUCCESS);
    CHECK_EQ(message.word[1] >> 32, MACH_PORT_TYPE_SEND_RECEIVE);
}

IPC_TEST(what_is_too_large_for_registers_waits_for_mach_msg)
{
    Port service;
    Port reply;
    struct {
        mach_msg_header_t header;
        uint64_t word[5];
        mach_msg_trailer_t trailer;
    } large{};
    large.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
    large.header.msgh_remote_port = reply.name();
    constexpr mach_msg_size_t size = sizeof large - sizeof large.trailer;
    REQUIRE_OK(mach_msg(&large.header, MACH_SEND_MSG, size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL));
    mach_msg_registers_t message = request(service, reply, 0);
    CHECK_EQ(mach_msg_call(&message), MACH_RCV_TOO_LARGE);
    CHECK_EQ(MACH_MSG_REGISTERS_LOCAL(message.ports), reply.name());
    CHECK_EQ(message.word[0], size);
    CHECK_OK(mach_msg(&large.header, MACH_RCV_MSG, 0, sizeof large, reply.name(), 0, MACH_PORT_NULL));
    // The request itself has gone, and is received in memory.
    CHECK_OK(mach_msg(&large.header, MACH_RCV_MSG, 0, sizeof large, service.name(), 0, MACH_PORT_NULL));
    CHECK_EQ(large.header.msgh_size, MACH_MSG_REGISTERS_SIZE_MAX);
    CHECK_OK(mach_port_deallocate(mach_task_self(), large.header.msgh_remote_port));
    CHECK_OK(mach_msg(&large.header, MACH_RCV_MSG, 0, sizeof large, reply.name(), 0, MACH_PORT_NULL));
    CHECK_EQ(large.header.msgh_id, MACH_NOTIFY_SEND_ONCE);
}

IPC_TEST(errors_of_messages_in_registers_are_those_of_mach_msg)
{
    Port service;
    Port reply;
    const auto call = [&](uint64_t ports, uint64_t info) {
        mach_msg_registers_t message = {ports, info, {}};
        return mach_msg_call(&message);
    };
    const uint64_t ports = MACH_MSG_REGISTERS_PORTS(service.name(), reply.name());
    CHECK_EQ(call(ports, MACH_MSG_REGISTERS_INFO(copied_request_bits, 33, id)), MACH_SEND_TOO_LARGE);
    CHECK_EQ(call(ports, MACH_MSG_REGISTERS_INFO(0, 32, id)), MACH_SEND_INVALID_HEADER);
    CHECK_EQ(call(ports, MACH_MSG_REGISTERS_INFO(answer_bits, 32, id)), MACH_SEND_INVALID_DEST);
    CHECK_EQ(call(MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, reply.name()),
                  MACH_MSG_REGISTERS_INFO(copied_request_bits, 32, id)),
             MACH_SEND_INVALID_DEST);
    CHECK_EQ(call(MACH_MSG_REGISTERS_PORTS(service.name(), mach_task_self()),
                  MACH_MSG_REGISTERS_INFO(request_bits, 32, id)),
             MACH_SEND_INVALID_REPLY);
    mach_msg_registers_t message = {MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, mach_task_self()), 0, {}};
    CHECK_EQ(mach_msg_reply(&message), MACH_RCV_INVALID_NAME);
}

}  // namespace
