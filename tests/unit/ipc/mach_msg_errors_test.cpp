// Every way in which a send or a receive is refused, and what is left of the message's rights then.
#include "message_fixture.h"

#include <vm/vm_map.h>

namespace {

class MachMsgErrors : public MessageFixture {
protected:
    void SetUp() override
    {
        MessageFixture::SetUp();
        user = make_user_task();
        port = allocate_port(user.space());
        to_port = port;
        give_send(user.space(), port, user.space());
    }
    void TearDown() override
    {
        user = {};
        MessageFixture::TearDown();
    }
    // In a user thread; the test goes on when it has ended.
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
    Words plain() const { return words(to_port, MACH_MSG_TYPE_COPY_SEND); }

    UserTask user;
    mach_port_name_t port = 0;
    mach_port_name_t to_port = 0;
};

TEST_F(MachMsgErrors, NeitherSendingNorReceivingSucceeds)
{
    run([&] { EXPECT_EQ(mach_msg(0, 0, 0, 0, 0), MACH_MSG_SUCCESS); });
}

TEST_F(MachMsgErrors, SizesOutOfBounds)
{
    run([&] {
        machine::host::store(user.memory, plain());
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG, sizeof(mach_msg_header_t) - 1, 0, 0),
                  MACH_SEND_MSG_TOO_SMALL);
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG, MACH_MSG_SIZE_MAX + 1, 0, 0), MACH_SEND_TOO_LARGE);
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG, UINT32_MAX, 0, 0), MACH_SEND_TOO_LARGE);
    });
}

TEST_F(MachMsgErrors, MessageThatIsNotThere)
{
    run([&] {
        for (const user_address_t at :
             {user_address_t{0}, user_address_t{VM_MAX_ADDRESS - 8}, user_address_t{0xffffffff80000000},
              user_address_t{0x8000000000000000}, user.memory + memory_size - 8})
            EXPECT_EQ(mach_msg(at, MACH_SEND_MSG, Words::size, 0, 0), MACH_SEND_INVALID_DATA)
                << std::hex << at;
    });
}

TEST_F(MachMsgErrors, HeaderBitsWithoutMeaning)
{
    run([&] {
        for (const mach_msg_bits_t bits :
             {0x40000000u | MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND | 0x20u, 0u,
              mach_msg_bits_t{MACH_MSG_TYPE_MOVE_RECEIVE}, 15u, 31u,
              MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_RECEIVE)}) {
            Words message = plain();
            message.header.msgh_bits = bits;
            EXPECT_EQ(send(user.memory, message), MACH_SEND_INVALID_HEADER) << std::hex << bits;
        }
        Words message = plain();
        message.header.msgh_local_port = port;
        EXPECT_EQ(send(user.memory, message), MACH_SEND_INVALID_HEADER)
            << "a reply port without a disposition";
        message = plain();
        message.header.msgh_voucher_port = port;
        EXPECT_EQ(send(user.memory, message), MACH_SEND_INVALID_VOUCHER);
    });
}

TEST_F(MachMsgErrors, DestinationsThatAreNone)
{
    const mach_port_name_t set = allocate_set(user.space());
    const mach_port_name_t dead = *ipc_dead_name_alloc(user.space());
    const mach_port_name_t receive_only = allocate_port(user.space());
    run([&] {
        for (const mach_port_name_t to :
             {MACH_PORT_NULL, MACH_PORT_DEAD, mach_port_name_t{0x12300}, set, dead, receive_only})
            EXPECT_EQ(send(user.memory, words(to, MACH_MSG_TYPE_COPY_SEND)), MACH_SEND_INVALID_DEST) << to;
        EXPECT_EQ(send(user.memory, words(to_port, MACH_MSG_TYPE_MOVE_SEND_ONCE)), MACH_SEND_INVALID_DEST);
    });
    EXPECT_EQ(user_references(user.space(), to_port), 1u);
}

TEST_F(MachMsgErrors, ReplyPortsThatAreNoneLeaveTheDestinationAlone)
{
    const mach_port_name_t set = allocate_set(user.space());
    run([&] {
        for (const mach_port_name_t reply : {mach_port_name_t{0x12300}, set})
            EXPECT_EQ(send(user.memory,
                           words(to_port, MACH_MSG_TYPE_MOVE_SEND, 0, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)),
                      MACH_SEND_INVALID_REPLY);
    });
    EXPECT_EQ(user_references(user.space(), to_port), 1u);
}

TEST_F(MachMsgErrors, OneSendRightCannotBeBothMovedAway)
{
    const Words both = words(to_port, MACH_MSG_TYPE_MOVE_SEND, 0, to_port, MACH_MSG_TYPE_MOVE_SEND);
    run([&] { EXPECT_EQ(send(user.memory, both), MACH_SEND_INVALID_REPLY); });
    EXPECT_EQ(user_references(user.space(), to_port), 1u);

    give_send(user.space(), port, user.space());
    run([&] { EXPECT_EQ(send(user.memory, both), MACH_MSG_SUCCESS); });
    EXPECT_EQ(type_of(user.space(), port), MACH_PORT_TYPE_RECEIVE);
}

TEST_F(MachMsgErrors, OneSendRightMovesAwayAfterItWasCopied)
{
    run([&] {
        EXPECT_EQ(
            send(user.memory, words(to_port, MACH_MSG_TYPE_MOVE_SEND, 0, to_port, MACH_MSG_TYPE_COPY_SEND)),
            MACH_MSG_SUCCESS);
    });
    EXPECT_EQ(send_rights_of(*port_of(user.space(), port)), 2u) << "both are in the message";
    EXPECT_EQ(type_of(user.space(), port), MACH_PORT_TYPE_RECEIVE);
}

TEST_F(MachMsgErrors, DeadReplyPortTravelsAsDead)
{
    const mach_port_name_t dead = *ipc_dead_name_alloc(user.space());
    run([&] {
        EXPECT_EQ(
            send(user.memory, words(to_port, MACH_MSG_TYPE_COPY_SEND, 0, dead, MACH_MSG_TYPE_COPY_SEND)),
            MACH_MSG_SUCCESS);
        Words got;
        EXPECT_EQ(receive(user.memory, port, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.header.msgh_remote_port, MACH_PORT_DEAD);
    });
}

TEST_F(MachMsgErrors, DescriptorsThatDoNotFitTheMessage)
{
    run([&] {
        OnePort message = one_port(to_port, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
        message.base.body.msgh_descriptor_count = 2;
        EXPECT_EQ(send(user.memory, message), MACH_SEND_MSG_TOO_SMALL);
        message.base.body.msgh_descriptor_count = UINT32_MAX;
        EXPECT_EQ(send(user.memory, message), MACH_SEND_TOO_LARGE);
        machine::host::store(user.memory, message);
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG, sizeof(mach_msg_header_t), 0, 0),
                  MACH_SEND_MSG_TOO_SMALL);
    });
}

TEST_F(MachMsgErrors, DescriptorsWithoutMeaning)
{
    run([&] {
        OnePort message = one_port(to_port, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
        message.port.type = 3;
        EXPECT_EQ(send(user.memory, message), MACH_SEND_INVALID_TYPE);
        message = one_port(to_port, MACH_PORT_NULL, 15);
        EXPECT_EQ(send(user.memory, message), MACH_SEND_INVALID_TYPE);
        OneRegion region = one_region(to_port, user.memory, 16, false);
        region.memory.copy = MACH_MSG_ALLOCATE;
        EXPECT_EQ(send(user.memory, region), MACH_SEND_INVALID_TYPE);
        EXPECT_EQ(send(user.memory, port_list(to_port, user.memory, 1, 0)), MACH_SEND_INVALID_TYPE);
        EXPECT_EQ(send(user.memory,
                       port_list(to_port, user.memory, MACH_MSG_OOL_PORTS_MAX + 1, MACH_MSG_TYPE_COPY_SEND)),
                  MACH_SEND_TOO_LARGE);
        EXPECT_EQ(send(user.memory, one_region(to_port, user.memory, MACH_MSG_OOL_SIZE_MAX + 1, false)),
                  MACH_SEND_NO_BUFFER);
    });
}

TEST_F(MachMsgErrors, RightInTheBodyThatIsNotThereDestroysTheMessage)
{
    const mach_port_name_t carried = allocate_port(user.space());
    const RefPtr<IpcPort> record = port_of(user.space(), carried);
    run([&] {
        machine::host::store(user.memory + 4096, std::array<mach_port_name_t, 2>{carried, 0x77700});
        EXPECT_EQ(send(user.memory, port_list(to_port, user.memory + 4096, 2, MACH_MSG_TYPE_MOVE_RECEIVE)),
                  MACH_SEND_INVALID_RIGHT);
    });
    EXPECT_EQ(type_of(user.space(), carried), 0u) << "it had been taken";
    EXPECT_FALSE(is_alive(*record));
    EXPECT_EQ(queue_length(user.space(), port), 0u);
}

TEST_F(MachMsgErrors, MemoryInTheBodyThatIsNotThere)
{
    run([&] {
        EXPECT_EQ(send(user.memory, one_region(to_port, 0x1000, 4096, false)), MACH_SEND_INVALID_MEMORY);
        EXPECT_EQ(send(user.memory, one_region(to_port, UINT64_MAX - 100, 4096, false)),
                  MACH_SEND_INVALID_MEMORY);
        EXPECT_EQ(send(user.memory, port_list(to_port, 0x1000, 4, MACH_MSG_TYPE_COPY_SEND)),
                  MACH_SEND_INVALID_MEMORY);
    });
}

TEST_F(MachMsgErrors, ReceiveFromNamesThatCannotReceive)
{
    const mach_port_name_t dead = *ipc_dead_name_alloc(user.space());
    const mach_port_name_t send_only = give_send(mine(), allocate_port(mine()), user.space());
    run([&] {
        for (const mach_port_name_t from :
             {MACH_PORT_NULL, MACH_PORT_DEAD, mach_port_name_t{0x44400}, dead, send_only})
            EXPECT_EQ(mach_msg(user.memory, MACH_RCV_MSG, 0, 4096, from), MACH_RCV_INVALID_NAME) << from;
    });
}

TEST_F(MachMsgErrors, ReplyNameThatCannotReceiveDoesNotTakeTheSendBack)
{
    run([&] {
        machine::host::store(user.memory, plain());
        EXPECT_EQ(mach_msg(user.memory, MACH_SEND_MSG | MACH_RCV_MSG, Words::size, sizeof(Words), 0x44400),
                  MACH_RCV_INVALID_NAME);
    });
    EXPECT_EQ(queue_length(user.space(), port), 1u);
}

TEST_F(MachMsgErrors, BufferThatIsNotWritableDestroysTheMessage)
{
    run([&] {
        EXPECT_EQ(
            send(user.memory, words(to_port, MACH_MSG_TYPE_COPY_SEND, 0, port, MACH_MSG_TYPE_MAKE_SEND_ONCE)),
            MACH_MSG_SUCCESS);
        EXPECT_EQ(mach_msg(0x2000, MACH_RCV_MSG, 0, sizeof(Words), port), MACH_RCV_INVALID_DATA);
        Words got;
        EXPECT_EQ(receive(user.memory, port, got), MACH_MSG_SUCCESS);
        EXPECT_EQ(got.header.msgh_id, MACH_NOTIFY_SEND_ONCE) << "its reply right died with it";
    });
}

TEST_F(MachMsgErrors, ReceiverWithoutRoomForNamesIsToldSo)
{
    while (ipc_dead_name_alloc(user.space())) {
    }
    run([&] {
        Words got;
        EXPECT_EQ(
            send(user.memory, words(to_port, MACH_MSG_TYPE_COPY_SEND, 0, port, MACH_MSG_TYPE_MAKE_SEND_ONCE)),
            MACH_MSG_SUCCESS);
        EXPECT_EQ(receive(user.memory, port, got), MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_SPACE);
        EXPECT_EQ(got.header.msgh_local_port, port);
        EXPECT_EQ(got.header.msgh_remote_port, MACH_PORT_NULL);
    });
}

TEST_F(MachMsgErrors, RightsOfABodyThatDoesNotFitAreLostAndSaidToBe)
{
    UserTask other = make_user_task();
    const mach_port_name_t foreign = allocate_port(other.space());
    const mach_port_name_t to_user = give_send(user.space(), port, other.space());
    start_user(*other, [&] {
        EXPECT_EQ(send(other.memory, one_port(to_user, foreign, MACH_MSG_TYPE_MAKE_SEND)), MACH_MSG_SUCCESS);
    });
    run_until_idle();
    while (ipc_dead_name_alloc(user.space())) {
    }
    run([&] {
        OnePort got;
        EXPECT_EQ(receive(user.memory, port, got), MACH_RCV_BODY_ERROR | MACH_MSG_IPC_SPACE);
        EXPECT_EQ(got.port.name, MACH_PORT_NULL);
    });
    EXPECT_EQ(send_rights_of(*port_of(other.space(), foreign)), 0u);
}

TEST_F(MachMsgErrors, KernelWithoutMemorySaysNoBuffer)
{
    run([&] {
        machine::host::store(user.memory, plain());
        machine::host::fail_allocations_after(0);
        const mach_msg_return_t code = mach_msg(user.memory, MACH_SEND_MSG, Words::size, 0, 0);
        machine::host::fail_allocations_after(UINT64_MAX);
        EXPECT_EQ(code, MACH_SEND_NO_BUFFER);
    });
}

TEST_F(MachMsgErrors, OverwriteIsSaidToBeMissing)
{
    run([&] {
        EXPECT_EQ(mach_msg(user.memory, MACH_RCV_MSG | MACH_RCV_OVERWRITE, 0, 4096, port),
                  KERN_NOT_SUPPORTED);
    });
}

}  // namespace
