// tests/unit/libc_mach/fake_kernel.cpp
#include "fake_kernel.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <mach/mach.h>
#include <mach/notify.h>
#include <portico/message_buffer.h>

mach_port_t mach_task_self_ = 1;

namespace {

[[noreturn]] void broken(const char* what)
{
    std::fprintf(stderr, "fake kernel: %s\n", what);
    std::abort();
}

struct Port;
using PortRef = std::shared_ptr<Port>;

struct Message {
    std::vector<std::byte> bytes;  // As received, names still to be filled in.
    PortRef reply;
    mach_msg_type_name_t reply_type = 0;
    std::vector<std::pair<PortRef, mach_msg_type_name_t>> rights;  // One per port descriptor.
};

struct Port {
    bool alive = true;
    bool is_set = false;
    mach_port_t receive_name = MACH_PORT_NULL;
    std::deque<Message> queue;
    unsigned limit = MACH_PORT_QLIMIT_DEFAULT;
    mach_port_context_t context = 0;
    unsigned send_rights = 0, send_once_rights = 0, mscount = 0;
    PortRef no_senders;             // A send-once right that is registered.
    std::set<mach_port_t> members;  // Of a set.
};

struct Entry {
    PortRef port;
    bool receive = false, set = false, send_once = false, dead = false;
    unsigned send = 0;  // References; of a dead name, too.
    PortRef dead_name, send_possible;
    bool armed = false;
};

std::map<mach_port_t, Entry> space;
std::set<void*> memory;
mach_port_t next_name = 0x103;
uint64_t time_now = 0;
size_t send_count = 0;

void post(const PortRef& to, Message message);
void drop_send_once(PortRef port);

mach_port_t new_name() { return next_name += 0x100; }

Message notification(mach_msg_id_t id, uint32_t word, bool has_word)
{
    Message message;
    message.bytes.resize(has_word ? sizeof(mach_msg_header_t) + sizeof(NDR_record_t) + 4
                                  : sizeof(mach_msg_header_t));
    mach_msg_header_t header = {};
    header.msgh_size = static_cast<uint32_t>(message.bytes.size());
    header.msgh_id = id;
    std::memcpy(message.bytes.data(), &header, sizeof header);
    if (has_word)
        std::memcpy(message.bytes.data() + sizeof header + sizeof(NDR_record_t), &word, sizeof word);
    return message;
}

// Uses up a send-once right.
void notify(PortRef& right, Message message)
{
    PortRef port = std::move(right);
    right = nullptr;
    if (!port)
        return;
    --port->send_once_rights;
    if (port->alive)
        post(port, std::move(message));
}

void post(const PortRef& to, Message message) { to->queue.push_back(std::move(message)); }

void drop_send(const PortRef& port)
{
    if (--port->send_rights == 0 && port->alive)
        notify(port->no_senders, notification(MACH_NOTIFY_NO_SENDERS, port->mscount, true));
}

void drop_send_once(PortRef port) { notify(port, notification(MACH_NOTIFY_SEND_ONCE, 0, false)); }

void drop(const PortRef& port, mach_msg_type_name_t type)
{
    if (!port)
        return;
    if (type == MACH_MSG_TYPE_PORT_SEND)
        drop_send(port);
    else if (type == MACH_MSG_TYPE_PORT_SEND_ONCE)
        drop_send_once(port);
}

void erase_name(mach_port_t name)
{
    Entry entry = std::move(space.at(name));
    space.erase(name);
    for (auto& [other, candidate] : space) {
        if (candidate.set)
            candidate.port->members.erase(name);
    }
    if (entry.dead_name && !entry.dead)
        notify(entry.dead_name, notification(MACH_NOTIFY_PORT_DELETED, name, true));
    if (entry.send_possible)
        notify(entry.send_possible, notification(MACH_NOTIFY_PORT_DELETED, name, true));
}

void die(const PortRef& port)
{
    port->alive = false;
    PortRef no_senders = std::move(port->no_senders);
    if (no_senders)
        drop_send_once(no_senders);
    std::deque<Message> queue = std::move(port->queue);
    for (Message& message : queue) {
        drop(message.reply, message.reply_type);
        for (auto& [right, type] : message.rights)
            drop(right, type);
    }
    for (auto& [name, entry] : space) {
        if (entry.port != port || entry.set)
            continue;
        entry.receive = false;
        if (entry.send_once) {
            entry.send_once = false;
            entry.send = 1;
        }
        entry.dead = true;
        if (entry.dead_name) {
            ++entry.send;
            notify(entry.dead_name, notification(MACH_NOTIFY_DEAD_NAME, name, true));
        }
    }
    std::erase_if(space, [&](const auto& item) { return item.second.dead && item.second.send == 0; });
}

Entry* find(mach_port_t name)
{
    const auto entry = space.find(name);
    return entry == space.end() ? nullptr : &entry->second;
}

// A right that a message names. Null, and a code, if it cannot be taken.
struct Taken {
    PortRef port;
    mach_msg_type_name_t type = 0;
    bool ok = true;
};
const Taken refused = {nullptr, 0, false};

Taken copyin(mach_port_t name, mach_msg_type_name_t disposition)
{
    if (disposition == 0 || !MACH_PORT_VALID(name))
        return {};
    Entry* entry = find(name);
    if (entry == nullptr || entry->dead)
        return refused;
    PortRef port = entry->port;
    switch (disposition) {
    case MACH_MSG_TYPE_MAKE_SEND:
        if (!entry->receive)
            return refused;
        ++port->send_rights;
        ++port->mscount;
        return {port, MACH_MSG_TYPE_PORT_SEND};
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        if (!entry->receive)
            return refused;
        ++port->send_once_rights;
        return {port, MACH_MSG_TYPE_PORT_SEND_ONCE};
    case MACH_MSG_TYPE_COPY_SEND:
        if (entry->send == 0)
            return refused;
        ++port->send_rights;
        return {port, MACH_MSG_TYPE_PORT_SEND};
    case MACH_MSG_TYPE_MOVE_SEND:
        if (entry->send == 0)
            return refused;
        if (--entry->send > 0)
            ++port->send_rights;
        else if (!entry->receive)
            erase_name(name);
        return {port, MACH_MSG_TYPE_PORT_SEND};
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
        if (!entry->send_once)
            return refused;
        erase_name(name);
        return {port, MACH_MSG_TYPE_PORT_SEND_ONCE};
    default:
        broken("a disposition that is not made here");
    }
}

mach_port_t copyout(const PortRef& port, mach_msg_type_name_t type)
{
    if (!port)
        return MACH_PORT_NULL;
    if (!port->alive) {
        drop(port, type);
        return MACH_PORT_DEAD;
    }
    if (type == MACH_MSG_TYPE_PORT_SEND) {
        for (auto& [name, entry] : space) {
            if (entry.port == port && !entry.send_once && !entry.dead) {
                if (entry.send++ > 0)
                    --port->send_rights;  // One right, several references.
                return name;
            }
        }
    }
    const mach_port_t name = new_name();
    Entry& entry = space[name];
    entry.port = port;
    if (type == MACH_MSG_TYPE_PORT_SEND)
        entry.send = 1;
    else
        entry.send_once = true;
    return name;
}

void for_each_descriptor(std::byte* bytes, auto&& visit)
{
    mach_msg_base_t base;
    std::memcpy(&base, bytes, sizeof base.header);
    if (!MACH_MSGH_BITS_IS_COMPLEX(base.header.msgh_bits))
        return;
    std::memcpy(&base, bytes, sizeof base);
    std::byte* at = bytes + sizeof base;
    for (uint32_t i = 0; i < base.body.msgh_descriptor_count; ++i) {
        mach_msg_type_descriptor_t kind;
        std::memcpy(&kind, at, sizeof kind);
        visit(at, kind.type);
        at += kind.type == MACH_MSG_PORT_DESCRIPTOR ? sizeof(mach_msg_port_descriptor_t)
                                                    : sizeof(mach_msg_ool_descriptor_t);
    }
}

bool copyin_body(Message& message)
{
    bool ok = true;
    for_each_descriptor(message.bytes.data(), [&](std::byte* at, unsigned kind) {
        if (kind == MACH_MSG_PORT_DESCRIPTOR) {
            mach_msg_port_descriptor_t port;
            std::memcpy(&port, at, sizeof port);
            Taken taken = copyin(port.name, port.disposition);
            ok = ok && taken.ok;
            message.rights.emplace_back(taken.port, taken.type);
            port.disposition = taken.type & 0xff;
            std::memcpy(at, &port, sizeof port);
        } else if (kind == MACH_MSG_OOL_DESCRIPTOR) {
            mach_msg_ool_descriptor_t data;
            std::memcpy(&data, at, sizeof data);
            void* copy = std::malloc(data.size + 1);
            std::memcpy(copy, reinterpret_cast<void*>(data.address), data.size);
            memory.insert(copy);
            if (data.deallocate)
                (void)vm_deallocate(1, data.address, data.size);
            data.address = reinterpret_cast<uint64_t>(copy);
            data.deallocate = 1;
            std::memcpy(at, &data, sizeof data);
        } else {
            broken("out-of-line ports are not made here");
        }
    });
    return ok;
}

void copyout_body(Message& message)
{
    size_t index = 0;
    for_each_descriptor(message.bytes.data(), [&](std::byte* at, unsigned kind) {
        if (kind != MACH_MSG_PORT_DESCRIPTOR)
            return;
        mach_msg_port_descriptor_t port;
        std::memcpy(&port, at, sizeof port);
        const auto& [right, type] = message.rights[index++];
        port.name = copyout(right, type);
        std::memcpy(at, &port, sizeof port);
    });
}

mach_msg_return_t send(mach_msg_header_t* header, mach_msg_option_t option, mach_msg_size_t size)
{
    ++send_count;
    const mach_port_t destination_name = header->msgh_remote_port;
    Taken destination = copyin(destination_name, MACH_MSGH_BITS_REMOTE(header->msgh_bits));
    if (!destination.ok || !destination.port)
        return MACH_SEND_INVALID_DEST;
    const bool once = destination.type == MACH_MSG_TYPE_PORT_SEND_ONCE;

    Message message;
    message.bytes.assign(reinterpret_cast<std::byte*>(header), reinterpret_cast<std::byte*>(header) + size);
    Taken reply = copyin(header->msgh_local_port, MACH_MSGH_BITS_LOCAL(header->msgh_bits));
    if (!reply.ok)
        return MACH_SEND_INVALID_REPLY;
    message.reply = reply.port;
    message.reply_type = reply.type;
    if (!copyin_body(message))
        return MACH_SEND_INVALID_RIGHT;

    if (!once && destination.port->queue.size() >= destination.port->limit) {
        if (!(option & MACH_SEND_TIMEOUT))
            broken("a send would wait");
        copyout_body(message);
        std::memcpy(header, message.bytes.data(), size);
        header->msgh_remote_port = copyout(destination.port, destination.type);
        header->msgh_local_port = copyout(reply.port, reply.type);
        header->msgh_bits =
            MACH_MSGH_BITS(destination.type, reply.type) | (header->msgh_bits & MACH_MSGH_BITS_COMPLEX);
        if (Entry* entry = find(destination_name);
            (option & MACH_SEND_NOTIFY) && entry && entry->send_possible)
            entry->armed = true;
        return MACH_SEND_TIMED_OUT;
    }
    post(destination.port, std::move(message));
    if (once)
        --destination.port->send_once_rights;
    else
        drop_send(destination.port);
    return MACH_MSG_SUCCESS;
}

void announce_room(const PortRef& port)
{
    for (auto& [name, entry] : space) {
        if (entry.port == port && entry.armed) {
            entry.armed = false;
            notify(entry.send_possible, notification(MACH_NOTIFY_SEND_POSSIBLE, name, true));
            return;
        }
    }
}

mach_msg_return_t deliver(const PortRef& port, mach_msg_header_t* to, mach_msg_option_t option,
                          mach_msg_size_t room)
{
    const mach_msg_size_t trailer_size = REQUESTED_TRAILER_SIZE(option);
    if (round_msg(port->queue.front().bytes.size()) + trailer_size > room) {
        to->msgh_size = static_cast<mach_msg_size_t>(port->queue.front().bytes.size());
        if (!(option & MACH_RCV_LARGE))
            port->queue.pop_front();
        return MACH_RCV_TOO_LARGE;
    }
    Message message = std::move(port->queue.front());
    port->queue.pop_front();
    copyout_body(message);

    std::memcpy(to, message.bytes.data(), message.bytes.size());
    to->msgh_size = static_cast<mach_msg_size_t>(message.bytes.size());
    to->msgh_remote_port = copyout(message.reply, message.reply_type);
    to->msgh_local_port = port->receive_name;
    to->msgh_bits = MACH_MSGH_BITS(message.reply_type, MACH_MSG_TYPE_PORT_SEND) |
                    (to->msgh_bits & MACH_MSGH_BITS_COMPLEX);

    mach_msg_context_trailer_t trailer = {};
    trailer.msgh_trailer_size = trailer_size;
    trailer.msgh_context = port->context;
    std::memcpy(reinterpret_cast<std::byte*>(to) + round_msg(to->msgh_size), &trailer, trailer_size);
    announce_room(port);
    return MACH_MSG_SUCCESS;
}

mach_msg_return_t receive(mach_msg_header_t* to, mach_msg_option_t option, mach_msg_size_t room,
                          mach_port_t name, mach_msg_timeout_t timeout)
{
    Entry* entry = find(name);
    if (entry == nullptr || !(entry->receive || entry->set))
        return MACH_RCV_INVALID_NAME;
    if (entry->receive && !entry->port->queue.empty())
        return deliver(entry->port, to, option, room);
    for (const mach_port_t member : entry->port->members) {
        const PortRef port = space.at(member).port;
        if (!port->queue.empty())
            return deliver(port, to, option, room);
    }
    if (!(option & MACH_RCV_TIMEOUT))
        broken("a receive would wait for ever");
    time_now += uint64_t{timeout} * 1000000;
    return MACH_RCV_TIMED_OUT;
}

}  // namespace

namespace fake {

void reset()
{
    space.clear();
    mach::MessageBuffer::empty_pool();
    for (void* block : memory)
        std::free(block);
    memory.clear();
    time_now = 0;
    send_count = 0;
}

size_t names() { return space.size(); }
size_t memory_blocks() { return memory.size(); }
uint64_t now() { return time_now; }
void advance(uint64_t nanoseconds) { time_now += nanoseconds; }
size_t sends() { return send_count; }

unsigned references(mach_port_t name)
{
    const Entry* entry = find(name);
    return entry == nullptr ? 0 : entry->send;
}

bool is_dead_name(mach_port_t name)
{
    const Entry* entry = find(name);
    return entry != nullptr && entry->dead;
}

void kill(mach_port_t receive_right)
{
    (void)mach_port_mod_refs(mach_task_self_, receive_right, MACH_PORT_RIGHT_RECEIVE, -1);
}

}  // namespace fake

namespace mach {
uint64_t system_time();
uint64_t system_time() { return time_now; }
}  // namespace mach

extern "C" {

mach_port_t __portico_find_task_self(void) { return mach_task_self_; }

mach_msg_return_t mach_msg(mach_msg_header_t* message, mach_msg_option_t option, mach_msg_size_t send_size,
                           mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout,
                           mach_port_name_t)
{
    if (option & MACH_SEND_MSG) {
        const mach_msg_return_t code = send(message, option, send_size);
        if (code != MACH_MSG_SUCCESS)
            return code;
    }
    if (option & MACH_RCV_MSG)
        return receive(message, option, receive_size, name, timeout);
    return MACH_MSG_SUCCESS;
}

kern_return_t mach_port_allocate(mach_port_t, mach_port_right_t right, mach_port_name_t* name)
{
    *name = new_name();
    Entry& entry = space[*name];
    entry.port = std::make_shared<Port>();
    entry.port->receive_name = *name;
    (right == MACH_PORT_RIGHT_PORT_SET ? entry.set : entry.receive) = true;
    return KERN_SUCCESS;
}

kern_return_t mach_port_deallocate(mach_port_t, mach_port_name_t name)
{
    Entry* entry = find(name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    if (entry->send_once) {
        PortRef port = entry->port;
        erase_name(name);
        drop_send_once(port);
        return KERN_SUCCESS;
    }
    if (entry->send == 0)
        return KERN_INVALID_RIGHT;
    const PortRef port = entry->port;
    const bool dead = entry->dead;
    if (--entry->send == 0) {
        if (!entry->receive)
            erase_name(name);
        if (!dead)
            drop_send(port);
    }
    return KERN_SUCCESS;
}

kern_return_t mach_port_mod_refs(mach_port_t, mach_port_name_t name, mach_port_right_t right,
                                 mach_port_delta_t delta)
{
    Entry* entry = find(name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    const PortRef port = entry->port;
    if (right == MACH_PORT_RIGHT_SEND) {
        if (entry->send == 0 || entry->dead)
            return KERN_INVALID_RIGHT;
        entry->send = static_cast<unsigned>(static_cast<int>(entry->send) + delta);
        return KERN_SUCCESS;
    }
    if (right == MACH_PORT_RIGHT_PORT_SET) {
        erase_name(name);
        return KERN_SUCCESS;
    }
    if (!entry->receive)
        return KERN_INVALID_RIGHT;
    for (auto& [other, candidate] : space) {
        if (candidate.set)
            candidate.port->members.erase(name);
    }
    die(port);
    return KERN_SUCCESS;
}

kern_return_t mach_port_insert_right(mach_port_t, mach_port_name_t name, mach_port_t, mach_msg_type_name_t)
{
    Entry* entry = find(name);
    if (entry == nullptr || !entry->receive)
        return KERN_INVALID_RIGHT;
    ++entry->port->mscount;
    if (entry->send++ == 0)
        ++entry->port->send_rights;
    return KERN_SUCCESS;
}

kern_return_t mach_port_insert_member(mach_port_t, mach_port_name_t name, mach_port_name_t set)
{
    space.at(set).port->members.insert(name);
    return KERN_SUCCESS;
}

kern_return_t mach_port_set_context(mach_port_t, mach_port_name_t name, mach_port_context_t context)
{
    space.at(name).port->context = context;
    return KERN_SUCCESS;
}

kern_return_t mach_port_set_attributes(mach_port_t, mach_port_name_t name, mach_port_flavor_t flavor,
                                       const integer_t* info, mach_msg_type_number_t)
{
    if (flavor == MACH_PORT_LIMITS_INFO)
        space.at(name).port->limit = static_cast<unsigned>(info[0]);
    return KERN_SUCCESS;
}

kern_return_t mach_port_get_attributes(mach_port_t, mach_port_name_t name, mach_port_flavor_t,
                                       integer_t* info, mach_msg_type_number_t*)
{
    const Port& port = *space.at(name).port;
    mach_port_status_t status = {};
    status.mps_mscount = port.mscount;
    status.mps_srights = port.send_rights > 0;
    status.mps_nsrequest = port.no_senders != nullptr;
    std::memcpy(info, &status, sizeof status);
    return KERN_SUCCESS;
}

kern_return_t mach_port_request_notification(mach_port_t, mach_port_name_t name, mach_msg_id_t id,
                                             mach_port_mscount_t sync, mach_port_t to,
                                             mach_msg_type_name_t type, mach_port_t* previous)
{
    Entry* entry = find(name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    if (entry->dead)
        return KERN_INVALID_ARGUMENT;
    const Taken right = copyin(to, type);
    PortRef* place = id == MACH_NOTIFY_NO_SENDERS      ? &entry->port->no_senders
                     : id == MACH_NOTIFY_SEND_POSSIBLE ? &entry->send_possible
                                                       : &entry->dead_name;
    PortRef old = std::exchange(*place, right.port);
    *previous = copyout(old, MACH_MSG_TYPE_PORT_SEND_ONCE);
    if (id == MACH_NOTIFY_NO_SENDERS && entry->port->send_rights == 0 && entry->port->mscount >= sync)
        notify(entry->port->no_senders, notification(MACH_NOTIFY_NO_SENDERS, entry->port->mscount, true));
    return KERN_SUCCESS;
}

kern_return_t vm_allocate(mach_port_t, vm_address_t* address, vm_size_t size, int)
{
    void* block = std::calloc(1, size);
    memory.insert(block);
    *address = reinterpret_cast<vm_address_t>(block);
    return KERN_SUCCESS;
}

kern_return_t vm_deallocate(mach_port_t, vm_address_t address, vm_size_t)
{
    void* block = reinterpret_cast<void*>(address);
    if (memory.erase(block) == 0)
        return KERN_INVALID_ADDRESS;
    std::free(block);
    return KERN_SUCCESS;
}

}  // extern "C"
