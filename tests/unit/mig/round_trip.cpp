// tests/unit/mig/round_trip.cpp
#include "round_trip.h"

#include "played_mach_msg.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mig::round_trip {

namespace {

constexpr uint32_t elements_without_limit = 3000;

uint32_t arriving(uint32_t disposition) { return played::arriving(disposition); }

// What the trailers of request and reply tell of this; null if it is nothing of theirs.
const std::byte* part_of_trailer(Role role)
{
    const void* part = role == Role::MsgSeqno        ? static_cast<const void*>(&played::trailer.msgh_seqno)
                       : role == Role::AuditToken    ? static_cast<const void*>(&played::trailer.msgh_audit)
                       : role == Role::SecurityToken ? static_cast<const void*>(&played::trailer.msgh_sender)
                       : role == Role::ContextToken  ? static_cast<const void*>(&played::trailer.msgh_context)
                                                     : nullptr;
    return static_cast<const std::byte*>(part);
}

}  // namespace

Call* Call::current_ = nullptr;

Call::Call(const Interface& interface, const Routine& routine, std::mt19937_64& random, const Plan& plan)
    : interface_{interface},
      routine_{routine},
      random_{random},
      code_{plan.code},
      values_(routine.items.size())
{
    current_ = this;
    for (size_t at = 0; at < values_.size(); ++at) {
        values_[at].item = &routine.items[at];
        choose(at, plan);
    }
    choose_trailer();
}

// ---- The values

size_t Call::bytes_of(const Item& item, uint32_t count) const
{
    switch (item.kind) {
    case Kind::VaryingArray:
        return size_t{count} * item.element_size;
    case Kind::Memory:
    case Kind::Ports:
        if (item.overwrite)
            return size_t{count} * item.element_size;
        return 1;  // It stays where it is, and nobody looks into it.
    case Kind::Rights:
        return size_t{count} * sizeof(mach_port_t);
    default:
        return item.size;
    }
}

uint32_t Call::choose_count(const Item& item)
{
    const uint32_t limit = item.limit == 0 ? elements_without_limit : item.limit;
    switch (below(6)) {
    case 0:
        return 0;
    case 1:
        return limit;
    case 2:
        return std::min(limit, 1u);
    default:
        return static_cast<uint32_t>(below(uint64_t{limit} + 1));
    }
}

Room Call::random_bytes(size_t size)
{
    Room room{size};
    for (size_t at = 0; at < size; ++at)
        room.data()[at] = static_cast<std::byte>(random_());
    return room;
}

// Of `length` characters, or of any length that fits.
Room Call::random_string(const Item& item, int64_t length)
{
    const size_t size = length < 0 ? below(item.limit) : static_cast<size_t>(length);
    Room room{size + 1};
    for (size_t at = 0; at < size; ++at)
        room.data()[at] = static_cast<std::byte>(1 + below(255));
    return room;
}

// One that is allowed to arrive.
uint32_t Call::choose_disposition(const Item& item)
{
    constexpr uint32_t any[] = {MACH_MSG_TYPE_MOVE_RECEIVE,   MACH_MSG_TYPE_MOVE_SEND,
                                MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
                                MACH_MSG_TYPE_MAKE_SEND,      MACH_MSG_TYPE_MAKE_SEND_ONCE};
    uint32_t disposition = item.sent;
    while (disposition == polymorphic || (item.sent == polymorphic && item.received != polymorphic &&
                                          arriving(disposition) != item.received))
        disposition = any[below(std::size(any))];
    return disposition;
}

void Call::choose_counts(size_t at, const Plan& plan)
{
    Value& value = values_[at];
    const Item& item = *value.item;
    if (item.counter < 0) {
        value.sent_count = value.answer_count = item.limit;
        return;
    }
    if (static_cast<size_t>(item.counter) != at) {
        const Value& counter = values_[static_cast<size_t>(item.counter)];
        value.sent_count = counter.sent_count;
        value.answer_count = counter.answer_count;
        return;
    }
    value.sent_count = choose_count(item);
    value.answer_count = choose_count(item);
    // What comes back takes the place of what was sent.
    if (item.direction == Direction::Inout && !item.is_out_of_line())
        value.answer_count = std::min(value.answer_count, value.sent_count);
    if (plan.item == at && plan.sent_count >= 0)
        value.sent_count = static_cast<uint32_t>(plan.sent_count);
    if (plan.item == at && plan.answer_count >= 0)
        value.answer_count = static_cast<uint32_t>(plan.answer_count);
}

void Call::choose(size_t at, const Plan& plan)
{
    Value& value = values_[at];
    const Item& item = *value.item;
    choose_counts(at, plan);
    const bool is_planned = plan.item == at;
    if (item.kind == Kind::String) {
        value.sent = random_string(item, is_planned ? plan.sent_count : -1);
        value.answer = random_string(item, is_planned ? plan.answer_count : -1);
    } else {
        value.sent = random_bytes(bytes_of(item, value.sent_count));
        value.answer = random_bytes(bytes_of(item, value.answer_count));
    }
    value.sent_disposition = choose_disposition(item);
    value.answer_disposition = choose_disposition(item);
    value.user.disposition = value.sent_disposition;
    value.user.dealloc = static_cast<boolean_t>(below(2));
    choose_room(value, plan, is_planned);
}

// The memory whose address the stub is given.
void Call::choose_room(Value& value, const Plan& plan, bool is_planned)
{
    const Item& item = *value.item;
    size_t size = bytes_of(item, value.sent_count);
    value.user.count = value.sent_count;
    if (item.kind == Kind::String) {
        size = item.out() ? std::max<size_t>(item.size, value.sent.size()) : value.sent.size();
    } else if (item.is_out_of_line()) {
        size = sizeof(uint64_t);
    } else if (item.direction == Direction::Out && item.counter >= 0) {
        const Value& counter = values_[static_cast<size_t>(item.counter)];
        const uint32_t most = std::max(value.answer_count, item.limit);
        if (&counter == &value)
            value.user.count =
                value.answer_count + static_cast<uint32_t>(below(most - value.answer_count + 1));
        else  // The count of what comes out of line says nothing of the caller's room.
            value.user.count = counter.item->is_out_of_line() ? item.limit : counter.user.count;
        if (is_planned && plan.room >= 0)
            value.user.count = static_cast<uint32_t>(plan.room);
        size = bytes_of(item, value.user.count);
    }
    value.user.room = Room{size};
    if (item.overwrite) {
        value.user.count = item.limit;
        if (is_planned && plan.room >= 0)
            value.user.count = static_cast<uint32_t>(plan.room);
        value.sent = Room{bytes_of(item, value.user.count)};
    }
    if (item.is_out_of_line()) {
        const std::byte* address = value.sent.data();
        std::memcpy(value.user.room.data(), &address, sizeof address);
    } else if (item.in()) {
        std::memcpy(value.user.room.data(), value.sent.data(), std::min(size, value.sent.size()));
    }
}

void Call::choose_trailer()
{
    const Room random = random_bytes(sizeof played::trailer);
    std::memcpy(&played::trailer, random.data(), sizeof played::trailer);
    played::trailer.msgh_trailer_type = 0;
    played::trailer.msgh_trailer_size = sizeof played::trailer;
}

// ---- The user's side

void Call::run(kern_return_t code)
{
    SCOPED_TRACE(routine_.name);
    played::server = {interface_.serve, interface_.largest_reply};
    played::destroyed = 0;
    played::deallocated.clear();
    EXPECT_EQ(routine_.call(*this), code);
    EXPECT_EQ(played::reply_ports, 0);
    if (code != KERN_SUCCESS)
        return;
    EXPECT_TRUE(is_served_);
    EXPECT_EQ(played::destroyed, 0u);
    for (const Value& value : values_) {
        check(value);
        if (value.item->automatic && value.sent_count != 0)
            EXPECT_TRUE(played::has_been_deallocated(value.sent.data())) << value.item->name;
    }
}

void Call::check(const Value& value)
{
    const Item& item = *value.item;
    if (const std::byte* told = part_of_trailer(item.role);
        told != nullptr && item.user_side && item.role != Role::Data)
        EXPECT_EQ(std::memcmp(value.user.room.data(), told, item.size), 0) << item.name;
    if (item.role == Role::Data && item.in())
        EXPECT_TRUE(value.has_arrived) << item.name;
    if (item.role != Role::Data || !item.out() || routine_.simple)
        return;
    SCOPED_TRACE(item.name);
    const std::byte* data = value.user.room.data();
    if (item.counter >= 0 && routine_.items[static_cast<size_t>(item.counter)].name == item.name)
        EXPECT_EQ(value.user.count, value.answer_count);
    if (item.sent == polymorphic)
        EXPECT_EQ(value.user.disposition, arriving(value.answer_disposition));
    if (item.is_out_of_line()) {
        check_out_of_line(value);
    } else if (item.kind == Kind::String) {
        EXPECT_STREQ(reinterpret_cast<const char*>(data), reinterpret_cast<const char*>(value.answer.data()));
    } else {
        EXPECT_EQ(std::memcmp(data, value.answer.data(), value.answer.size()), 0);
    }
}

// It is where it was sent from, or has been put where the caller wants it.
void Call::check_out_of_line(const Value& value)
{
    const std::byte* address = nullptr;
    std::memcpy(&address, value.user.room.data(), sizeof address);
    if (!value.item->overwrite) {
        EXPECT_EQ(address, value.answer.data());
        return;
    }
    EXPECT_EQ(address, value.sent.data());
    EXPECT_EQ(std::memcmp(address, value.answer.data(), value.answer.size()), 0);
    EXPECT_EQ(played::has_been_deallocated(value.answer.data()), value.answer_count != 0);
}

// ---- The routine's side

void Call::serve_count(size_t at, mach_msg_type_number_t* count)
{
    Value& value = values_[at];
    const Item& item = *value.item;
    SCOPED_TRACE(item.name);
    if (item.in())
        EXPECT_EQ(*count, value.sent_count);
    else if (!item.is_out_of_line())
        EXPECT_EQ(*count, item.count_in_out ? std::min(value.user.count, item.limit) : item.limit);
    if (item.out())
        *count = value.answer_count;
}

void Call::serve_disposition(size_t at, mach_msg_type_name_t* disposition)
{
    Value& value = values_[at];
    if (!value.item->out())
        EXPECT_EQ(*disposition, arriving(value.sent_disposition)) << value.item->name;
    else
        *disposition = value.answer_disposition;
}

void Call::serve_dealloc(size_t at, boolean_t* dealloc)
{
    if (values_[at].item->out())
        *dealloc = values_[at].user.dealloc;
}

void Call::serve_data(size_t at, const void* data)
{
    Value& value = values_[at];
    const Item& item = *value.item;
    SCOPED_TRACE(item.name);
    switch (item.role) {
    case Role::Data:
        if (item.in())
            compare(value, data);
        if (item.out())
            answer(value, const_cast<void*>(data));
        break;
    case Role::RequestPort:
        EXPECT_EQ(std::memcmp(data, value.sent.data(), value.sent.size()), 0);
        break;
    case Role::MsgSeqno:
    case Role::AuditToken:
    case Role::SecurityToken:
    case Role::ContextToken:
        EXPECT_EQ(std::memcmp(data, part_of_trailer(item.role), item.size), 0);
        break;
    default:
        break;
    }
}

void Call::compare(Value& value, const void* data)
{
    const Item& item = *value.item;
    value.has_arrived = true;
    if (item.is_out_of_line()) {
        const std::byte* address = nullptr;
        std::memcpy(&address, data, sizeof address);
        EXPECT_EQ(address, value.sent.data());
    } else if (item.kind == Kind::String) {
        // What does not fit is cut off.
        std::string sent{reinterpret_cast<const char*>(value.sent.data())};
        sent.resize(std::min<size_t>(sent.size(), item.limit - 1));
        EXPECT_EQ(static_cast<const char*>(data), sent);
    } else {
        EXPECT_EQ(std::memcmp(data, value.sent.data(), value.sent.size()), 0);
    }
}

void Call::answer(Value& value, void* data)
{
    const Item& item = *value.item;
    const std::byte* address = value.answer.data();
    if (item.is_out_of_line())
        std::memcpy(data, &address, sizeof address);
    else
        std::memcpy(data, address, std::min<size_t>(value.answer.size(), bytes_of(item, item.limit)));
}

kern_return_t Call::finish()
{
    is_served_ = true;
    return code_;
}

}  // namespace mig::round_trip

// The error function of procedures and functions.
extern "C" void MsgError(kern_return_t error) { mig::round_trip::Call::current().tell_error(error); }
