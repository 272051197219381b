// tests/system/guest/bad_input/hostile_world.cpp
#include "hostile_world.h"

#include "guest_test.h"

#include <string_view>

#include <mach/mach.h>
#include <mach/vm_param.h>

namespace guest {
namespace {

using mig::description::Argument;
using mig::description::Format;
using mig::description::Routine;
using mig::fuzz::BadAddress;

constexpr vm_size_t page = 4096;
constexpr uint32_t areas = 8;
constexpr vm_size_t area_size = mig::fuzz::memory_limit;

}  // namespace

void drain(mach_port_t port)
{
    alignas(8) std::byte room[1024];
    auto* header = reinterpret_cast<mach_msg_header_t*>(room);
    for (;;) {
        const mach_msg_return_t code =
            mach_msg(header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof room, port, 0, MACH_PORT_NULL);
        if (code == MACH_MSG_SUCCESS)
            mach_msg_destroy(header);
        else if (code != MACH_RCV_TOO_LARGE)
            return;
    }
}

HostileWorld::HostileWorld(std::span<const mach_port_t> names) : names_{names}
{
    repair_port();
    CHECK_OK(vm_allocate(mach_task_self(), &arena_, areas * area_size, VM_FLAGS_ANYWHERE));
    CHECK_OK(vm_allocate(mach_task_self(), &bad_pages_, 3 * page, VM_FLAGS_ANYWHERE));
    lay_out_bad_pages();
}

HostileWorld::~HostileWorld()
{
    CHECK_OK(vm_deallocate(mach_task_self(), arena_, areas * area_size));
    CHECK_OK(vm_deallocate(mach_task_self(), bad_pages_, 3 * page));
    CHECK_OK(mach_port_destroy(mach_task_self(), port_));
}

// A message may be made to move what it was not to move.
void HostileWorld::repair_port()
{
    mach_port_type_t type = 0;
    (void)mach_port_type(mach_task_self(), port_, &type);
    if ((type & MACH_PORT_TYPE_RECEIVE) == 0) {
        (void)mach_port_destroy(mach_task_self(), port_);
        CHECK_OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port_));
    }
    if ((type & MACH_PORT_TYPE_SEND) == 0 || (type & MACH_PORT_TYPE_RECEIVE) == 0)
        CHECK_OK(mach_port_insert_right(mach_task_self(), port_, port_, MACH_MSG_TYPE_MAKE_SEND));
}

void HostileWorld::lay_out_bad_pages()
{
    vm_address_t address = bad_pages_;
    bad_pages_used_ = false;
    CHECK_OK(vm_allocate(mach_task_self(), &address, 3 * page, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE));
    CHECK_OK(vm_deallocate(mach_task_self(), bad_pages_ + page, page));
    CHECK_OK(vm_protect(mach_task_self(), bad_pages_ + 2 * page, page, 0, VM_PROT_READ));
}

uint64_t HostileWorld::address(BadAddress kind)
{
    bad_pages_used_ = true;
    switch (kind) {
    case BadAddress::Null:
        return 0;
    case BadAddress::Unmapped:
        return bad_pages_ + page;
    case BadAddress::Kernel:
        return 0xffffffff80100000;
    case BadAddress::NonCanonical:
        return 0x0000900000000000;
    case BadAddress::ReadOnly:
        return bad_pages_ + 2 * page;
    case BadAddress::LastByte:
        return bad_pages_ + page - 1;
    }
    return 0;
}

std::byte* HostileWorld::memory(uint32_t index, size_t size, bool leaves)
{
    if (size > area_size || index >= areas)
        return nullptr;
    if (!leaves)
        return reinterpret_cast<std::byte*>(arena_ + index * area_size);
    vm_address_t address = 0;
    if (vm_allocate(mach_task_self(), &address, area_size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
        return nullptr;
    leaving_.push_back({address, area_size});
    return reinterpret_cast<std::byte*>(address);
}

mach_port_name_t HostileWorld::right(const Routine&, const Argument&, uint32_t disposition)
{
    mach_port_name_t name = MACH_PORT_NULL;
    mach_msg_type_name_t kind = 0;
    switch (disposition) {
    case MACH_MSG_TYPE_COPY_SEND:
        return names_[random_.below(names_.size())];
    case MACH_MSG_TYPE_MOVE_SEND:
        if (mach_port_insert_right(mach_task_self(), port_, port_, MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS)
            made_.push_back({port_, MACH_PORT_RIGHT_SEND});
        return port_;
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
        if (mach_port_extract_right(mach_task_self(), port_, MACH_MSG_TYPE_MAKE_SEND_ONCE, &name, &kind) ==
            KERN_SUCCESS)
            made_.push_back({name, MACH_PORT_RIGHT_SEND_ONCE});
        return name;
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &name) == KERN_SUCCESS)
            made_.push_back({name, MACH_PORT_RIGHT_RECEIVE});
        return name;
    default:
        return port_;
    }
}

// Names and addresses of this task are ours to give, so that a call that writes there writes where it may.
std::optional<uint64_t> HostileWorld::value(const Routine& routine, const Argument& argument)
{
    if (std::string_view{routine.name} == "host_reboot")
        return 0x4;  // Not an option: those that are would end the machine.
    // A message is sent and one received, and neither waits.
    if (std::string_view{argument.type} == "mach_msg_option_t")
        return MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
    if (std::string_view{argument.type} == "mach_msg_timeout_t")
        return random_.below(2);
    if (argument.format == Format::PortName)
        return names_[random_.below(names_.size())];
    if (argument.format == Format::Address)
        return random_.below(4) == 0
                   ? address(static_cast<BadAddress>(random_.below(mig::fuzz::bad_addresses)))
                   : arena_ + random_.below(areas) * area_size + random_.below(2) * page;
    return std::nullopt;
}

void HostileWorld::clean_up()
{
    // What is gone already is refused, and that is as good.
    for (const Name& each : made_) {
        const bool is_extra = each.right == MACH_PORT_RIGHT_SEND;
        mach_port_urefs_t references = 0;
        if (is_extra &&
            (mach_port_get_refs(mach_task_self(), each.name, each.right, &references) != KERN_SUCCESS ||
             references <= 1))
            continue;
        (void)mach_port_mod_refs(mach_task_self(), each.name, each.right, -1);
    }
    made_.clear();
    for (const Region& region : leaving_)
        (void)vm_deallocate(mach_task_self(), region.address, region.size);
    leaving_.clear();
    if (bad_pages_used_)
        lay_out_bad_pages();
    repair_port();
    drain(port_);  // Notifications, exceptions and requests to a pager come here, too.
}

}  // namespace guest
