// libc/mach/cxx/rights.cpp: how rights are made, copied and given up.
#include <portico/rights.h>

#include <mach/mach.h>

namespace mach {

namespace {

// Giving up a right that we hold cannot fail but by a fault of ours, which there is nobody to tell of.
void deallocate(mach_port_t name) { (void)mach_port_deallocate(mach_task_self(), name); }

void drop(mach_port_t name, mach_port_right_t right)
{
    (void)mach_port_mod_refs(mach_task_self(), name, right, -1);
}

Result<mach_port_t> allocate_right(mach_port_right_t right)
{
    mach_port_t name = MACH_PORT_NULL;
    TRY(result_of(mach_port_allocate(mach_task_self(), right, &name)));
    return name;
}

}  // namespace

void SendRight::give_up(mach_port_t name) { deallocate(name); }

Result<SendRight> SendRight::copy_of(mach_port_t name)
{
    if (!MACH_PORT_VALID(name))
        return failure(KERN_INVALID_NAME);
    TRY(result_of(mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND, 1)));
    return SendRight{name};
}

Result<SendRight> SendRight::copy() const { return copy_of(name()); }

void SendOnceRight::give_up(mach_port_t name) { deallocate(name); }

Result<ReceiveRight> ReceiveRight::allocate()
{
    return ReceiveRight{TRY(allocate_right(MACH_PORT_RIGHT_RECEIVE))};
}

Result<SendRight> ReceiveRight::make_send() const
{
    TRY(result_of(mach_port_insert_right(mach_task_self(), name(), name(), MACH_MSG_TYPE_MAKE_SEND)));
    return SendRight{name()};
}

Result<void> ReceiveRight::set_queue_limit(mach_port_msgcount_t messages)
{
    mach_port_limits_t limits = {messages};
    return result_of(mach_port_set_attributes(mach_task_self(), name(), MACH_PORT_LIMITS_INFO,
                                              reinterpret_cast<mach_port_info_t>(&limits),
                                              MACH_PORT_LIMITS_INFO_COUNT));
}

Result<void> ReceiveRight::set_context(mach_port_context_t context)
{
    return result_of(mach_port_set_context(mach_task_self(), name(), context));
}

Result<void> ReceiveRight::copy_memory_at_send()
{
    mach_port_ool_policy_t policy = {MACH_PORT_OOL_COPY_AT_SEND};
    return result_of(mach_port_set_attributes(mach_task_self(), name(), MACH_PORT_OOL_POLICY,
                                              reinterpret_cast<mach_port_info_t>(&policy),
                                              MACH_PORT_OOL_POLICY_COUNT));
}

void ReceiveRight::give_up(mach_port_t name) { drop(name, MACH_PORT_RIGHT_RECEIVE); }

Result<PortSet> PortSet::allocate() { return PortSet{TRY(allocate_right(MACH_PORT_RIGHT_PORT_SET))}; }

Result<void> PortSet::insert(const ReceiveRight& member)
{
    return result_of(mach_port_insert_member(mach_task_self(), member.name(), name()));
}

void PortSet::give_up(mach_port_t name) { drop(name, MACH_PORT_RIGHT_PORT_SET); }

}  // namespace mach
