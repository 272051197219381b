#include "ipc_fixture.h"

#include <ipc/ipc_audit.h>
#include <ipc/ipc_init.h>
#include <kern/reaper.h>

void IpcFixture::SetUp()
{
    ipc_init();
    KernelFixture::SetUp();
    mine_ = *IpcSpace::create({});
    theirs_ = *IpcSpace::create({});
    audit(mine());
    audit(theirs());
}

void IpcFixture::run_until_idle()
{
    reaper_kick();
    KernelFixture::run_until_idle();
}

void IpcFixture::TearDown()
{
    run_until_idle();
    expect_rights_add_up();
    mine_.reset();  // The reaper empties and frees them.
    theirs_.reset();
    run_until_idle();
    KernelFixture::TearDown();
}

void IpcFixture::expect_rights_add_up()
{
    std::vector<IpcAuditPort> table(4096);
    IpcAudit auditor{table};
    for (IpcSpace* space : audited_)
        auditor.add_space(*space);
    EXPECT_FALSE(auditor.overflowed());
    if (const IpcAuditPort* wrong = auditor.first_difference()) {
        ADD_FAILURE() << "port " << wrong->port << ": found " << wrong->send << " send, " << wrong->send_once
                      << " send-once, " << wrong->receive << " receive rights; it says "
                      << send_rights_of(*wrong->port) << " and " << send_once_rights_of(*wrong->port);
    }
}

mach_port_name_t IpcFixture::allocate_port(IpcSpace& space)
{
    const mach::Result<mach_port_name_t> name = ipc_port_alloc(space);
    EXPECT_TRUE(name);
    return name.value_or(MACH_PORT_NULL);
}

mach_port_name_t IpcFixture::allocate_set(IpcSpace& space)
{
    const mach::Result<mach_port_name_t> name = ipc_pset_alloc(space);
    EXPECT_TRUE(name);
    return name.value_or(MACH_PORT_NULL);
}

namespace {

mach_port_name_t give(IpcSpace& from, mach_port_name_t name, mach_msg_type_name_t disposition, IpcSpace& to)
{
    mach::Result<IpcRight> right = ipc_right_copyin(from, name, disposition, false);
    EXPECT_TRUE(right);
    if (!right)
        return MACH_PORT_NULL;
    const mach::Result<mach_port_name_t> given = ipc_right_copyout(to, *right);
    EXPECT_TRUE(given);
    return given.value_or(MACH_PORT_NULL);
}

}  // namespace

mach_port_name_t IpcFixture::give_send(IpcSpace& from, mach_port_name_t receive_name, IpcSpace& to)
{
    return give(from, receive_name, MACH_MSG_TYPE_MAKE_SEND, to);
}

mach_port_name_t IpcFixture::give_send_once(IpcSpace& from, mach_port_name_t receive_name, IpcSpace& to)
{
    return give(from, receive_name, MACH_MSG_TYPE_MAKE_SEND_ONCE, to);
}

mach_port_name_t IpcFixture::insert_send_right(unsigned references)
{
    const mach_port_name_t receiver = allocate_port(theirs());
    mach_port_name_t name = MACH_PORT_NULL;
    for (unsigned i = 0; i < references; ++i)
        name = give_send(theirs(), receiver, mine());
    receivers_[name] = receiver;
    return name;
}

mach_port_name_t IpcFixture::insert_send_once_right()
{
    const mach_port_name_t receiver = allocate_port(theirs());
    const mach_port_name_t name = give_send_once(theirs(), receiver, mine());
    receivers_[name] = receiver;
    return name;
}

mach_port_name_t IpcFixture::insert_dead_name(unsigned references)
{
    const mach_port_name_t name = insert_send_right(references);
    kill_port(name);
    EXPECT_TRUE(is_dead_name(name));
    return name;
}

void IpcFixture::kill_port(mach_port_name_t name)
{
    EXPECT_TRUE(ipc_right_destroy(theirs(), receiver_of(name)));
}

SendOnceRight IpcFixture::make_send_once(IpcSpace& space, mach_port_name_t receive_name)
{
    mach::Result<IpcRight> right = ipc_right_copyin(space, receive_name, MACH_MSG_TYPE_MAKE_SEND_ONCE, false);
    EXPECT_TRUE(right);
    return right ? right->take_send_once() : SendOnceRight{};
}

SendRight IpcFixture::make_send(IpcSpace& space, mach_port_name_t receive_name)
{
    mach::Result<IpcRight> right = ipc_right_copyin(space, receive_name, MACH_MSG_TYPE_MAKE_SEND, false);
    EXPECT_TRUE(right);
    return right ? right->take_send() : SendRight{};
}

mach_port_type_t IpcFixture::type_of(IpcSpace& space, mach_port_name_t name)
{
    const mach::Result<IpcRightInfo> info = ipc_right_info(space, name);
    return info ? info->type : MACH_PORT_TYPE_NONE;
}

mach_port_urefs_t IpcFixture::user_references(IpcSpace& space, mach_port_name_t name)
{
    const mach::Result<IpcRightInfo> info = ipc_right_info(space, name);
    return info ? info->user_references : 0;
}

uint32_t IpcFixture::names_in_use(IpcSpace& space)
{
    Guard guard{space.lock()};
    return space.in_use();
}

RefPtr<IpcPort> IpcFixture::port_of(IpcSpace& space, mach_port_name_t name)
{
    Guard guard{space.lock()};
    const IpcEntry* entry = space.lookup(name);
    return entry != nullptr && entry->has_port() ? RefPtr<IpcPort>{entry->port} : RefPtr<IpcPort>{};
}

uint32_t IpcFixture::send_rights_of(IpcPort& port)
{
    Guard guard{port.lock()};
    return port.send_rights();
}

uint32_t IpcFixture::send_once_rights_of(IpcPort& port)
{
    Guard guard{port.lock()};
    return port.send_once_rights();
}

bool IpcFixture::is_alive(IpcPort& port)
{
    Guard guard{port.lock()};
    return port.active();
}

KmsgPtr IpcFixture::take_message(IpcSpace& space, mach_port_name_t receive_name)
{
    const RefPtr<IpcPort> port = port_of(space, receive_name);
    EXPECT_TRUE(port) << "not a receive right";
    Guard guard{port->lock()};
    IpcMqueue& queue = port->queue();
    if (queue.messages.empty())
        return {};
    KmsgPtr message{&queue.messages.front()};
    queue.messages.pop_front();
    --queue.count;
    return message;
}

uint32_t IpcFixture::word_of(IpcKmsg& notification)
{
    uint32_t word = 0;
    std::memcpy(&word, notification.bytes().data() + sizeof(mach_msg_header_t) + sizeof(NDR_record_t),
                sizeof word);
    return word;
}
