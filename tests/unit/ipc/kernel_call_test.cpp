// Messages to kernel objects, the hot traps, and the kernel's own messages.
#include "message_fixture.h"

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notice.h>
#include <ipc/kernel_call.h>
#include <kern/ablation.h>
#include <mach/mig_errors.h>

namespace {

// mach_port_type, as mig lays it out.
#pragma pack(push, 4)
struct TypeRequest {
    static constexpr mach_msg_size_t size =
        sizeof(mach_msg_header_t) + sizeof(NDR_record_t) + sizeof(uint32_t);
    mach_msg_header_t header;
    NDR_record_t ndr;
    mach_port_name_t name;
};
struct TypeReply {
    mach_msg_header_t header;
    NDR_record_t ndr;
    kern_return_t code;
    mach_port_type_t type;
    mach_msg_max_trailer_t trailer;
};
#pragma pack(pop)
constexpr mach_msg_id_t mach_port_type_id = 3201;
// Requests and replies of the same form, but for the answer's type.
constexpr mach_msg_id_t mach_port_destroy_id = 3205;
constexpr mach_msg_id_t mach_port_deallocate_id = 3206;

class KernelCalls : public MessageFixture {
protected:
    void SetUp() override
    {
        MessageFixture::SetUp();
        user = make_user_task();
        reply_port = allocate_port(user.space());
        IpcRight right{ipc_kobject_port(*user)};
        task_port = *ipc_right_copyout(user.space(), right);
    }
    void TearDown() override
    {
        user = {};
        MessageFixture::TearDown();
    }
    void run(std::function<void()> code)
    {
        bool ended = false;
        start_user(*user, [&] {
            code();
            ended = true;
        });
        run_until_idle();
        EXPECT_TRUE(ended);
    }
    TypeRequest request(mach_port_name_t name,
                        mach_msg_type_name_t reply_disposition = MACH_MSG_TYPE_MAKE_SEND_ONCE)
    {
        TypeRequest made{};
        made.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, reply_disposition);
        made.header.msgh_remote_port = task_port;
        made.header.msgh_local_port = reply_disposition == 0 ? MACH_PORT_NULL : reply_port;
        made.header.msgh_id = mach_port_type_id;
        made.ndr = NDR_record;
        made.name = name;
        return made;
    }
    mach_msg_return_t rpc(const TypeRequest& made, mach_port_name_t from, TypeReply& reply)
    {
        machine::host::store(user.memory, made);
        const mach_msg_return_t code =
            mach_msg(user.memory, MACH_SEND_MSG | MACH_RCV_MSG, TypeRequest::size, sizeof(TypeReply), from);
        machine::host::load(&reply, user.memory, sizeof reply);
        return code;
    }

    UserTask user;
    mach_port_name_t reply_port = 0;
    mach_port_name_t task_port = 0;
};

TEST_F(KernelCalls, CallAnswersAtOnce)
{
    run([&] {
        for (uint32_t i = 0; i < 3; ++i) {
            TypeReply reply;
            EXPECT_EQ(rpc(request(reply_port), reply_port, reply), MACH_MSG_SUCCESS);
            EXPECT_EQ(reply.header.msgh_id, mach_port_type_id + 100);
            EXPECT_EQ(reply.header.msgh_size, sizeof(TypeReply) - sizeof(mach_msg_max_trailer_t));
            EXPECT_EQ(reply.header.msgh_local_port, reply_port);
            EXPECT_EQ(reply.header.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
            EXPECT_EQ(reply.code, KERN_SUCCESS);
            EXPECT_EQ(reply.type, MACH_PORT_TYPE_RECEIVE);
        }
    });
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

TEST_F(KernelCalls, ReplyWaitsInTheQueueForWhoReceivesLater)
{
    run([&] {
        EXPECT_EQ(send(user.memory, request(reply_port)), MACH_MSG_SUCCESS);
        EXPECT_EQ(queue_length(user.space(), reply_port), 1u);
        Words got;
        EXPECT_EQ(receive(user.memory, reply_port, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.header.msgh_id, mach_port_type_id + 100);
    });
}

TEST_F(KernelCalls, ReplyTakesItsTurnBehindWhatIsInTheQueue)
{
    run([&] {
        EXPECT_EQ(send(user.memory, words(reply_port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 5)), MACH_MSG_SUCCESS);
        TypeReply reply;
        EXPECT_EQ(rpc(request(reply_port), reply_port, reply), MACH_MSG_SUCCESS);
        EXPECT_EQ(reply.header.msgh_id, 1000);
    });
    EXPECT_EQ(queue_length(user.space(), reply_port), 1u);
}

TEST_F(KernelCalls, ReplyGoesThroughASet)
{
    const mach_port_name_t set = allocate_set(user.space());
    add_to_set(user.space(), set, reply_port);
    run([&] {
        TypeReply reply;
        EXPECT_EQ(rpc(request(set), set, reply), MACH_MSG_SUCCESS);
        EXPECT_EQ(reply.type, MACH_PORT_TYPE_PORT_SET);
    });
}

TEST_F(KernelCalls, CallWithoutAReplyPortIsMadeAllTheSame)
{
    run([&] { EXPECT_EQ(send(user.memory, request(reply_port, 0)), MACH_MSG_SUCCESS); });
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

TEST_F(KernelCalls, UnknownIdAndBadFormAreAnswered)
{
    run([&] {
        TypeReply reply;
        for (const mach_msg_id_t id : {0, 3299, -1, INT32_MIN, INT32_MAX}) {
            TypeRequest bad = request(reply_port);
            bad.header.msgh_id = id;
            EXPECT_EQ(rpc(bad, reply_port, reply), MACH_MSG_SUCCESS);
            EXPECT_EQ(reply.code, MIG_BAD_ID) << id;
        }
        TypeRequest bad = request(reply_port);
        bad.ndr.int_rep = 0;
        EXPECT_EQ(rpc(bad, reply_port, reply), MACH_MSG_SUCCESS);
        EXPECT_EQ(reply.code, MIG_TYPE_ERROR);
    });
}

TEST_F(KernelCalls, ErrorIsAnsweredWithItsCode)
{
    run([&] {
        TypeReply reply;
        EXPECT_EQ(rpc(request(0x99900), reply_port, reply), MACH_MSG_SUCCESS);
        EXPECT_EQ(reply.code, KERN_INVALID_NAME);
    });
}

// ---- By the shortest way (kernel_call_fast.cpp).

TEST_F(KernelCalls, CallAndAnswerCountAsMessagesAndLeaveNoRight)
{
    const uint32_t rights_to_task = send_rights_of(*user.task->kernel_port);
    const ThreadRef caller = start_user(*user, [&] {
        TypeReply reply;
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(rpc(request(reply_port), reply_port, reply), MACH_MSG_SUCCESS);
        machine::host::store(user.memory, request(reply_port));
        EXPECT_EQ(mach_msg(user.memory,
                           MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX),
                           TypeRequest::size, sizeof(TypeReply), reply_port),
                  MACH_MSG_SUCCESS);
        machine::host::load(&reply, user.memory, sizeof reply);
        EXPECT_EQ(reply.trailer.msgh_seqno, 3u);
        EXPECT_EQ(reply.trailer.msgh_trailer_size, sizeof(mach_msg_max_trailer_t));
    });
    run_until_idle();
    EXPECT_EQ(send_rights_of(*user.task->kernel_port), rights_to_task);
    EXPECT_EQ(send_once_rights_of(*port_of(user.space(), reply_port)), 0u);
    if (ablation().hand_off && ablation().continuations) {
        EXPECT_EQ(caller->fast_sent, 4u);
        EXPECT_EQ(caller->fast_received, 3u) << "the trailer is more than the shortest way has";
    }
}

TEST_F(KernelCalls, AnswerWithoutRoomIsLost)
{
    run([&] {
        machine::host::store(user.memory, request(reply_port));
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG | MACH_RCV_MSG, TypeRequest::size,
                           sizeof(mach_msg_header_t), reply_port),
                  MACH_RCV_TOO_LARGE);
    });
    EXPECT_EQ(send_once_rights_of(*port_of(user.space(), reply_port)), 0u);
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

TEST_F(KernelCalls, CallMayGiveUpTheLastRightToItsTarget)
{
    const uint32_t rights = send_rights_of(*user.task->kernel_port);
    run([&] {
        TypeRequest deallocate = request(task_port);
        deallocate.header.msgh_id = mach_port_deallocate_id;
        TypeReply reply;
        EXPECT_EQ(rpc(deallocate, reply_port, reply), MACH_MSG_SUCCESS);
        EXPECT_EQ(reply.code, KERN_SUCCESS);
        EXPECT_EQ(type_of(user.space(), task_port), MACH_PORT_TYPE_NONE);
    });
    EXPECT_EQ(send_rights_of(*user.task->kernel_port), rights - 1);
}

TEST_F(KernelCalls, AnswerDiesWithTheReplyPortThatTheCallTakesAway)
{
    run([&] {
        TypeRequest destroy = request(reply_port);
        destroy.header.msgh_id = mach_port_destroy_id;
        TypeReply reply;
        EXPECT_EQ(rpc(destroy, reply_port, reply), MACH_RCV_INVALID_NAME);
        EXPECT_EQ(type_of(user.space(), reply_port), MACH_PORT_TYPE_NONE);
    });
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

TEST_F(KernelCalls, PortOfATerminatedTaskIsDead)
{
    UserTask other = make_user_task();
    IpcRight right{ipc_kobject_port(*other)};
    const mach_port_name_t name = *ipc_right_copyout(user.space(), right);
    EXPECT_TRUE(other.task->terminate());
    run_until_idle();
    EXPECT_EQ(type_of(user.space(), name), MACH_PORT_TYPE_DEAD_NAME);
    EXPECT_FALSE(convert_port_to_task(other.task->kernel_port.get()));
}

TEST_F(KernelCalls, HotTrapsDoWhatTheMessagesDo)
{
    run([&] {
        const uint64_t self = call("task_self_trap", {});
        EXPECT_EQ(self, task_port);
        EXPECT_EQ(call("mach_port_allocate_trap", {self, MACH_PORT_RIGHT_RECEIVE, user.memory}),
                  uint64_t{KERN_SUCCESS});
        const auto made = machine::host::load<mach_port_name_t>(user.memory);
        EXPECT_EQ(type_of(user.space(), made), MACH_PORT_TYPE_RECEIVE);
        EXPECT_EQ(call("mach_port_insert_right_trap", {self, made, made, MACH_MSG_TYPE_MAKE_SEND}),
                  uint64_t{KERN_SUCCESS});
        EXPECT_EQ(type_of(user.space(), made), MACH_PORT_TYPE_SEND_RECEIVE);
        EXPECT_EQ(call("mach_port_deallocate_trap", {self, made}), uint64_t{KERN_SUCCESS});
        EXPECT_EQ(call("mach_port_mod_refs_trap", {self, made, MACH_PORT_RIGHT_RECEIVE, UINT64_MAX}),
                  uint64_t{KERN_SUCCESS});
        EXPECT_EQ(type_of(user.space(), made), MACH_PORT_TYPE_NONE);
        EXPECT_EQ(type_of(user.space(), static_cast<mach_port_name_t>(call("mach_reply_port", {}))),
                  MACH_PORT_TYPE_RECEIVE);
    });
}

TEST_F(KernelCalls, HotTrapOnAProxySaysToSendTheMessage)
{
    const mach_port_name_t proxy = give_send(mine(), allocate_port(mine()), user.space());
    const uint32_t before = names_in_use(user.space());
    run([&] {
        for (const mach_port_name_t target : {proxy, reply_port, MACH_PORT_NULL, MACH_PORT_DEAD, 0x12300u})
            EXPECT_EQ(call("mach_port_allocate_trap", {target, MACH_PORT_RIGHT_RECEIVE, user.memory}),
                      uint64_t{MACH_SEND_INVALID_DEST});
        EXPECT_EQ(static_cast<kern_return_t>(
                      call("mach_port_allocate_trap", {task_port, MACH_PORT_RIGHT_RECEIVE, 8})),
                  KERN_INVALID_ADDRESS);
    });
    EXPECT_EQ(names_in_use(user.space()), before);
}

// ---- The kernel as a client.

class KernelClient : public MessageFixture {
protected:
    void SetUp() override
    {
        MessageFixture::SetUp();
        server = make_user_task();
        service = allocate_port(server.space());
    }
    void TearDown() override
    {
        server = {};
        MessageFixture::TearDown();
    }
    KernelMessage message(mach_msg_id_t id)
    {
        KernelMessage made;
        EXPECT_NE(made.create(id, Words::size), nullptr);
        made.set_destination(make_send(server.space(), service));
        return made;
    }

    UserTask server;
    mach_port_name_t service = 0;
};

TEST_F(KernelClient, MessageFromTheKernelPassesAFullQueue)
{
    set_queue_limit(server.space(), service, 0);
    send_from_kernel(message(1));
    send_from_kernel(message(2));
    EXPECT_EQ(queue_length(server.space(), service), 2u);
}

TEST_F(KernelClient, MessageToADeadPortVanishes)
{
    KernelMessage late = message(1);
    EXPECT_TRUE(ipc_right_destroy(server.space(), service));
    send_from_kernel(std::move(late));
    EXPECT_EQ(ipc_kmsg_count(), 0u);
}

// A thread that calls a server from inside the kernel.  Continuations have no other place for what they are
// about.
struct Rpc {
    KernelMessage request;
    Deadline deadline = Deadline::never();
    bool done = false;
    kern_return_t code = -1;
    mach_msg_id_t id = 0;
};
Rpc* rpc_of_test;

void note_outcome(Thread& self)
{
    mach::Result<KernelMessage> reply = kernel_rpc_reply(self);
    rpc_of_test->done = true;
    rpc_of_test->code = mach::code_of(reply);
    rpc_of_test->id = reply ? reply->header().msgh_id : 0;
}

[[noreturn]] void rpc_done(Thread& self)
{
    note_outcome(self);
    kernel_thread_end(self);
}

void prepare(Thread& self) { EXPECT_TRUE(kernel_rpc_prepare(self, std::move(rpc_of_test->request))); }

[[noreturn]] void rpc_body(Thread& self)
{
    prepare(self);
    kernel_rpc(self, rpc_of_test->deadline, rpc_done);
}

class KernelRpc : public KernelClient {
protected:
    void SetUp() override
    {
        KernelClient::SetUp();
        rpc_of_test = &rpc;
        rpc.request = message(77);
    }
    Thread& start()
    {
        Thread* thread = kernel_thread_create("rpc", priority_default, rpc_body);
        kernel_thread_start(*thread);
        return *thread;
    }
    Rpc rpc;
};

TEST_F(KernelRpc, WaitsForItsReply)
{
    start_user(*server, [&] {
        Words request;
        EXPECT_EQ(receive(server.memory, service, request), MACH_MSG_SUCCESS);
        EXPECT_EQ(request.header.msgh_id, 77);
        Words reply = words(request.header.msgh_remote_port, MACH_MSGH_BITS_REMOTE(request.header.msgh_bits));
        reply.header.msgh_id = 177;
        EXPECT_EQ(send(server.memory, reply), MACH_MSG_SUCCESS);
    });
    run_until_idle();
    start();
    run_until_idle();
    EXPECT_TRUE(rpc.done);
    EXPECT_EQ(rpc.code, KERN_SUCCESS);
    EXPECT_EQ(rpc.id, 177);
}

TEST_F(KernelRpc, HearsOfAServerThatDies)
{
    start();
    run_until_idle();
    EXPECT_FALSE(rpc.done);
    EXPECT_TRUE(server.task->terminate());
    run_until_idle();
    EXPECT_EQ(rpc.code, MIG_SERVER_DIED);
}

TEST_F(KernelRpc, GivesUpAtItsDeadlineAndALateReplyFindsNobody)
{
    rpc.deadline = Deadline::after_milliseconds(10);
    start();
    run_until_idle();
    EXPECT_EQ(rpc.code, KERN_OPERATION_TIMED_OUT);
    start_user(*server, [&] {
        Words request;
        EXPECT_EQ(receive(server.memory, service, request), MACH_MSG_SUCCESS);
        EXPECT_EQ(request.header.msgh_remote_port, MACH_PORT_DEAD);
    });
    run_until_idle();
}

// ---- Notices.

class Notices : public KernelClient {
protected:
    mach::Result<RefPtr<IpcNotice>> make()
    {
        const std::array<uint32_t, 3> body{1, 2, 3};
        return IpcNotice::create(make_send(server.space(), service), 2870, std::as_bytes(std::span{body}));
    }
    unsigned receive_all()
    {
        unsigned count = 0;
        start_user(*server, [&] {
            Words got;
            while (receive(server.memory, service, got, MACH_RCV_TIMEOUT, 0) == MACH_MSG_SUCCESS) {
                EXPECT_EQ(got.header.msgh_id, 2870);
                EXPECT_EQ(got.word[2], 3u);
                ++count;
            }
        });
        run_until_idle();
        return count;
    }
};

TEST_F(Notices, PostsBeforeTheReceiptBecomeOneMoreMessageAtMost)
{
    RefPtr<IpcNotice> notice = *make();
    notice->post();
    EXPECT_EQ(receive_all(), 1u);
    notice->post();
    notice->post();
    notice->post();
    EXPECT_EQ(receive_all(), 2u) << "the first, and one for all that came while it was on its way";
    EXPECT_EQ(receive_all(), 0u);
}

TEST_F(Notices, PostingTakesNoMemory)
{
    RefPtr<IpcNotice> notice = *make();
    machine::host::fail_allocations_after(0);
    notice->post();
    machine::host::fail_allocations_after(UINT64_MAX);
    EXPECT_EQ(receive_all(), 1u);
}

TEST_F(Notices, PostToADeadPortIsHarmless)
{
    RefPtr<IpcNotice> notice = *make();
    EXPECT_FALSE(notice->receiver_died());
    notice->post();
    EXPECT_TRUE(ipc_right_destroy(server.space(), service));
    run_until_idle();
    notice->post();
    EXPECT_TRUE(notice->receiver_died());
}

TEST_F(Notices, NoticeThatIsDroppedInFlightLivesUntilItArrives)
{
    RefPtr<IpcNotice> notice = *make();
    notice->post();
    notice.reset();
    EXPECT_EQ(receive_all(), 1u);
}

}  // namespace
