// tests/unit/ipc/message_fixture.h
//
// Tasks with memory and threads that send and receive by the real traps.
#ifndef PORTICO_TESTS_UNIT_IPC_MESSAGE_FIXTURE_H
#define PORTICO_TESTS_UNIT_IPC_MESSAGE_FIXTURE_H

#include <mach/mach_types.h>

#include "ipc_fixture.h"

#pragma pack(push, 4)
// A simple message of four words, with room for the largest trailer.
struct Words {
    static constexpr mach_msg_size_t size = sizeof(mach_msg_header_t) + 4 * sizeof(uint32_t);

    mach_msg_header_t header;
    uint32_t word[4];
    mach_msg_max_trailer_t trailer;
};
// One port descriptor and nothing else.
struct OnePort {
    static constexpr mach_msg_size_t size = sizeof(mach_msg_base_t) + sizeof(mach_msg_port_descriptor_t);

    mach_msg_base_t base;
    mach_msg_port_descriptor_t port;
    mach_msg_max_trailer_t trailer;
};
// One region or list out of line.
struct OneRegion {
    static constexpr mach_msg_size_t size = sizeof(mach_msg_base_t) + sizeof(mach_msg_ool_descriptor_t);

    mach_msg_base_t base;
    union {
        mach_msg_ool_descriptor_t memory;
        mach_msg_ool_ports_descriptor_t ports;
    };
    mach_msg_max_trailer_t trailer;
};
#pragma pack(pop)

class MessageFixture : public IpcFixture {
protected:
    // Where each task has memory; the pages are not resident before they are touched.
    static constexpr vm_size_t memory_size = 64 * 1024;

    struct UserTask {
        TaskRef task;
        user_address_t memory = 0;

        IpcSpace& space() const { return task->space(); }
        Task& operator*() const { return *task; }
    };
    UserTask make_user_task();
    user_address_t allocate_memory(Task& task, vm_size_t size);

    // ---- In user code.
    static uint64_t call(const char* trap_name, std::array<uint64_t, 6> arguments);
    static mach_msg_return_t mach_msg(user_address_t at, mach_msg_option_t options, mach_msg_size_t send_size,
                                      mach_msg_size_t receive_size, mach_port_name_t receive_name,
                                      mach_msg_timeout_t timeout = 0);
    template <class Message>
    static mach_msg_return_t send(user_address_t at, const Message& message, mach_msg_option_t options = 0,
                                  mach_msg_timeout_t timeout = 0)
    {
        machine::host::store(at, message);
        return mach_msg(at, MACH_SEND_MSG | options, Message::size, 0, MACH_PORT_NULL, timeout);
    }
    template <class Message>
    static mach_msg_return_t receive(user_address_t at, mach_port_name_t from, Message& message,
                                     mach_msg_option_t options = 0, mach_msg_timeout_t timeout = 0)
    {
        const mach_msg_return_t code =
            mach_msg(at, MACH_RCV_MSG | options, 0, sizeof(Message), from, timeout);
        machine::host::load(&message, at, sizeof message);
        return code;
    }

    static Words words(mach_port_name_t to, mach_msg_type_name_t disposition, uint32_t first = 0,
                       mach_port_name_t reply = MACH_PORT_NULL, mach_msg_type_name_t reply_disposition = 0);
    static OnePort one_port(mach_port_name_t to, mach_port_name_t name, mach_msg_type_name_t disposition);
    static OneRegion one_region(mach_port_name_t to, user_address_t address, mach_msg_size_t size,
                                bool deallocate);
    static OneRegion port_list(mach_port_name_t to, user_address_t address, mach_msg_size_t count,
                               mach_msg_type_name_t disposition);

    uint32_t queue_length(IpcSpace& space, mach_port_name_t name);
    void set_queue_limit(IpcSpace& space, mach_port_name_t name, uint32_t limit);
    void add_to_set(IpcSpace& space, mach_port_name_t set, mach_port_name_t port);
};

// A server with a port, and a client that holds a send right to it and has a port for answers.
class ClientAndServer : public MessageFixture {
protected:
    void SetUp() override;
    void TearDown() override;

    // Whether a message is handed over depends on who is ready: with several processors it may not be.  And the kernel may
    // have been told not to do it (kern/ablation.h).
    static bool hands_over();

    UserTask server;
    UserTask client;
    ThreadRef server_thread;  // Gone before their tasks are.
    ThreadRef client_thread;
    unsigned answers = 0;             // That the client has got.
    mach_port_name_t service = 0;     // The server's name of its port.
    mach_port_name_t to_service = 0;  // The client's.
    mach_port_name_t reply_port = 0;
};

#endif
