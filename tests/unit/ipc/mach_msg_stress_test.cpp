// Many threads at once.  Worth most with PORTICO_HOST_PROCESSORS, PORTICO_HOST_SEED and PORTICO_HOST_EVERY
// set: the outcome must be the same under every interleaving, and nothing may be left of anybody.
#include "message_fixture.h"

#include <ipc/ipc_kobject.h>

namespace {

class Stress : public MessageFixture {
protected:
    static constexpr unsigned servers = 3;
    static constexpr unsigned clients = 5;
    static constexpr unsigned calls = 40;

    void SetUp() override
    {
        MessageFixture::SetUp();
        server = make_user_task();
        set = allocate_set(server.space());
        for (mach_port_name_t& port : ports) {
            port = allocate_port(server.space());
            add_to_set(server.space(), set, port);
            set_queue_limit(server.space(), port, 1);
        }
    }
    void TearDown() override
    {
        server = {};
        MessageFixture::TearDown();
    }

    // Serves until its task ends.  Every fourth request gets no reply but loses its reply right.
    void serve(user_address_t at)
    {
        Words request;
        mach_msg_return_t code = receive(at, set, request);
        while (code == MACH_MSG_SUCCESS) {
            const mach_port_name_t reply = request.header.msgh_remote_port;
            if (request.word[0] % 4 == 3) {
                (void)ipc_right_dealloc(server.space(), reply);
                code = receive(at, set, request);
                continue;
            }
            machine::host::store(
                at, words(reply, MACH_MSGH_BITS_REMOTE(request.header.msgh_bits), request.word[0]));
            code = mach_msg(at, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), set);
            machine::host::load(&request, at, sizeof request);
        }
    }
    void start_servers()
    {
        for (unsigned i = 0; i < servers; ++i)
            start_user(*server, [this, i] { serve(server.memory + i * 8192); });
    }
    // Makes `calls` calls, by turns on both ports; counts the right answers.
    void start_client(const UserTask& client, unsigned& answers)
    {
        const mach_port_name_t reply = allocate_port(client.space());
        std::array<mach_port_name_t, 2> to;
        for (size_t i = 0; i < to.size(); ++i)
            to[i] = give_send(server.space(), ports[i], client.space());
        const user_address_t at = client.memory;
        start_user(*client, [=, &answers] {
            for (uint32_t i = 0; i < calls; ++i) {
                machine::host::store(
                    at, words(to[i % 2], MACH_MSG_TYPE_COPY_SEND, i, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE));
                if (mach_msg(at, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), reply) !=
                    MACH_MSG_SUCCESS)
                    return;
                const auto answer = machine::host::load<Words>(at);
                const bool lost = i % 4 == 3;
                answers += lost ? answer.header.msgh_id == MACH_NOTIFY_SEND_ONCE : answer.word[0] == i;
            }
        });
    }

    UserTask server;
    mach_port_name_t set = 0;
    std::array<mach_port_name_t, 2> ports{};
};

TEST_F(Stress, EveryCallOfManyClientsIsAnsweredOnce)
{
    start_servers();
    std::array<unsigned, clients> answers{};
    std::vector<UserTask> tasks;
    for (unsigned& count : answers) {
        tasks.push_back(make_user_task());
        start_client(tasks.back(), count);
    }
    run_until_idle();
    for (const unsigned count : answers)
        EXPECT_EQ(count, calls);
}

TEST_F(Stress, ClientsThatAreKilledInTheMiddleLeaveNothing)
{
    start_servers();
    std::array<unsigned, clients> answers{};
    std::vector<UserTask> tasks;
    for (unsigned& count : answers) {
        tasks.push_back(make_user_task());
        start_client(tasks.back(), count);
    }
    start_kernel([&](Thread& self) {
        for (size_t i = 0; i < tasks.size(); i += 2) {
            for (unsigned pause = machine::host::random() % 40; pause > 0; --pause)
                thread_yield(self);
            EXPECT_TRUE(tasks[i].task->terminate());
        }
    });
    run_until_idle();
    for (size_t i = 1; i < tasks.size(); i += 2)
        EXPECT_EQ(answers[i], calls);
}

TEST_F(Stress, ServerThatIsKilledInTheMiddleIsHeardOfByAll)
{
    start_servers();
    std::array<unsigned, clients> answers{};
    std::vector<UserTask> tasks;
    for (unsigned& count : answers) {
        tasks.push_back(make_user_task());
        start_client(tasks.back(), count);
    }
    start_kernel([&](Thread& self) {
        for (unsigned pause = machine::host::random() % 60; pause > 0; --pause)
            thread_yield(self);
        EXPECT_TRUE(server.task->terminate());
    });
    run_until_idle();
    for (const UserTask& client : tasks) {
        Guard guard{client.task->lock()};
        EXPECT_EQ(client.task->thread_count(), 0u) << "nobody waits for ever";
    }
}

}  // namespace
