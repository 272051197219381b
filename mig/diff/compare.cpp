// mig/diff/compare.cpp
//
// Messages are compared as they are laid out, not as they are written: another spelling of the same bytes is no finding.
#include "diff/compare.h"

#include "ir/meaning.h"

#include <algorithm>
#include <map>

namespace migc {

namespace {

using ir::Argument;
using ir::Type;

// One stretch of a message, or one register of a trap.
struct Item {
    std::string form;          // Two items are read alike if these are equal.
    const Argument* argument;  // Null if it is no argument's.
    bool is_whole;             // It is the argument itself, not a count or description that comes with it.
};
using Items = std::vector<Item>;

std::string bytes(uint32_t size) { return std::to_string(size) + (size == 1 ? " byte" : " bytes"); }

std::string described(const ir::TypedForm& typed)
{
    return std::string{typed.is_long ? "a long" : "a"} + " description (" + std::to_string(typed.sent_name) +
           " | " + std::to_string(typed.received_name) + ", " + std::to_string(typed.units) + " of " +
           std::to_string(typed.bits) + " bits)";
}

std::string form_of(const ir::Slot& slot)
{
    using ir::Slot;
    switch (slot.kind) {
    case Slot::Ndr:
        return "the NDR record";
    case Slot::RetCode:
        return "the return code";
    case Slot::Value:
        return slot.argument->type->kind == Type::String ? "a string of " + bytes(slot.size)
                                                         : bytes(slot.size);
    case Slot::Count:
        return "a count";
    case Slot::StringOffset:
        return "the offset of a varying string";
    case Slot::StringCount:
        return "the length of a varying string";
    case Slot::Capacity:
        return "the room for an array";
    case Slot::Data:
        return "any number of " + bytes(slot.argument->type->element_size);
    case Slot::Description:
        return slot.argument == nullptr ? "an integer's description" : described(slot.argument->type->typed);
    case Slot::Address:
        return "the address of memory out of line";
    }
    return {};
}

std::string form_of(const ir::Descriptor& descriptor)
{
    const Type& type = *descriptor.argument->type;
    switch (type.kind) {
    case Type::Port:
    case Type::Rights:
        return "a right";
    case Type::Memory:
        return "memory out of line, in units of " + bytes(type.element_size);
    default:
        return "rights out of line";
    }
}

Items items_of(const ir::Message& message)
{
    using ir::Slot;
    Items items;
    for (const ir::Descriptor& each : message.descriptors)
        items.push_back({form_of(each), each.argument, true});
    for (const Slot& slot : message.slots) {
        const bool is_whole =
            slot.kind == Slot::Value || slot.kind == Slot::Data || slot.kind == Slot::Address;
        items.push_back({form_of(slot), slot.argument, is_whole});
    }
    return items;
}

Items items_of(const ir::Routine& trap)
{
    Items items;
    for (const auto& argument : trap.arguments) {
        const Type& type = *argument->type;
        std::string form = bytes(type.size);
        if (type.kind == Type::UserPointer) {
            const std::string extent = type.extent.empty() ? std::to_string(type.count) : type.extent;
            form = std::string{"the address of "} + word(argument->direction) + " data, " + extent +
                   " times " + bytes(type.element_size);
        }
        items.push_back({form, argument.get(), true});
    }
    const uint32_t result = trap.result ? trap.result->size : 0;
    items.push_back({"a result of " + bytes(result), nullptr, false});
    return items;
}

bool mean_the_same(const Type& one, const Type& other)
{
    if (ir::format_of(one) != ir::format_of(other) || one.members.size() != other.members.size())
        return false;
    return std::equal(one.members.begin(), one.members.end(), other.members.begin(),
                      [](const ir::Member& a, const ir::Member& b) {
                          return a.offset == b.offset && a.type->size == b.type->size &&
                                 mean_the_same(*a.type, *b.type);
                      });
}

std::string limit_of(const Type& type)
{
    return type.count == 0 ? std::string{"none"} : std::to_string(type.count);
}

bool holds(const Items& items, const std::string& name)
{
    return std::any_of(items.begin(), items.end(), [&name](const Item& item) {
        return item.argument != nullptr && item.argument->name == name;
    });
}

class Comparison {
public:
    Comparison(const ir::Interface& older, const ir::Interface& newer, Reporter& reporter)
        : older_{older}, newer_{newer}, reporter_{reporter}
    {
        for (const auto& routine : older.routines) {
            if (routine)
                older_by_name_[routine->name] = routine.get();
        }
        for (const auto& routine : newer.routines) {
            if (routine)
                newer_by_name_[routine->name] = routine.get();
        }
    }

    void run()
    {
        if (older_.dialect != newer_.dialect || older_.is_traps != newer_.is_traps) {
            reporter_.report(start(), err_diff_kind, kind_of(older_), kind_of(newer_));
            return;
        }
        for (const auto& routine : older_.routines) {
            if (routine)
                find(*routine);
        }
        for (const auto& routine : newer_.routines) {
            if (routine)
                check_reuse(*routine);
        }
    }

private:
    static const char* kind_of(const ir::Interface& interface)
    {
        return interface.is_traps                      ? "traps"
               : interface.dialect == ir::Dialect::Gnu ? "messages in GNU's format"
                                                       : "messages in OSF's format";
    }

    Position start() const
    {
        for (const auto& routine : newer_.routines) {
            if (routine)
                return routine->position;
        }
        return {std::make_shared<const std::string>(newer_.file), 1, 1, nullptr};
    }

    static const ir::Routine* at(const ir::Interface& interface, uint32_t id)
    {
        const uint32_t place = id - interface.base;
        return id >= interface.base && place < interface.routines.size() ? interface.routines[place].get()
                                                                         : nullptr;
    }

    // A routine is the same if it has the name; without one, what took its id over is it.
    void find(const ir::Routine& older)
    {
        if (const auto found = newer_by_name_.find(older.name); found != newer_by_name_.end()) {
            const ir::Routine& newer = *found->second;
            if (newer.id != older.id)
                reporter_.report(newer.position, err_diff_moved, newer.name, older.id, newer.id);
            compare_routine(older, newer);
            return;
        }
        const ir::Routine* newer = at(newer_, older.id);
        if (newer == nullptr || older_by_name_.contains(newer->name)) {
            reporter_.report(older.position, err_diff_removed, older.name, older.id);
            return;
        }
        reporter_.report(newer->position, warn_diff_renamed, older.id, older.name, newer->name);
        compare_routine(older, *newer);
    }

    void check_reuse(const ir::Routine& newer)
    {
        const bool was_numbered = newer.id >= older_.base && newer.id - older_.base < older_.routines.size();
        if (was_numbered && at(older_, newer.id) == nullptr && !older_by_name_.contains(newer.name))
            reporter_.report(newer.position, warn_diff_reused, newer.id, newer.name);
    }

    void compare_routine(const ir::Routine& older, const ir::Routine& newer)
    {
        if (newer_.is_traps) {
            compare_items(items_of(older), items_of(newer), newer, "call");
            return;
        }
        compare_items(items_of(older.request), items_of(newer.request), newer, "request");
        if (older.simple != newer.simple)
            reporter_.report(newer.position, err_diff_reply, newer.name, older.simple ? "no" : "a",
                             newer.simple ? "none" : "one");
        else if (!newer.simple)
            compare_items(items_of(older.reply), items_of(newer.reply), newer, "reply");
    }

    // After the first difference of form nothing stands where it stood, and more findings would say the same again.
    void compare_items(const Items& older, const Items& newer, const ir::Routine& routine, const char* which)
    {
        for (size_t i = 0; i < std::max(older.size(), newer.size()); ++i) {
            const std::string was = i < older.size() ? older[i].form : "nothing more";
            const std::string is = i < newer.size() ? newer[i].form : "nothing more";
            const Argument* argument = i < newer.size() ? newer[i].argument : nullptr;
            if (was != is) {
                reporter_.report(argument != nullptr ? argument->position : routine.position, err_diff_form,
                                 which, routine.name, is, was);
                return;
            }
            if (argument == nullptr || older[i].argument == nullptr || !newer[i].is_whole)
                continue;
            compare_arguments(*older[i].argument, *argument, routine, which);
            compare_names(older, newer, i, routine, which);
        }
    }

    void compare_arguments(const Argument& older, const Argument& newer, const ir::Routine& routine,
                           const char* which)
    {
        const Type& was = *older.type;
        const Type& is = *newer.type;
        if (was.received != is.received)
            reporter_.report(newer.position, err_diff_right, newer.name, which, routine.name,
                             ir::word(was.received), ir::word(is.received));
        const bool has_limit = is.is_varying() || is.kind == Type::Memory || is.kind == Type::Ports;
        if (has_limit && was.count != is.count)
            reporter_.report(newer.position, err_diff_limit, newer.name, which, routine.name, limit_of(was),
                             limit_of(is));
        if (!mean_the_same(was, is))
            reporter_.report(newer.position, warn_diff_meaning, newer.name, which, routine.name,
                             was.user_type, is.user_type);
    }

    // Two names that changed places are two arguments that did; one that is new is a better name, or another thing.
    void compare_names(const Items& older, const Items& newer, size_t i, const ir::Routine& routine,
                       const char* which)
    {
        const std::string& was = older[i].argument->name;
        const std::string& is = newer[i].argument->name;
        if (was == is)
            return;
        const Position& position = newer[i].argument->position;
        if (holds(older, is) && holds(newer, was))
            reporter_.report(position, err_diff_order, is, which, routine.name, was);
        else
            reporter_.report(position, warn_diff_argument, is, which, routine.name, was);
    }

    const ir::Interface& older_;
    const ir::Interface& newer_;
    Reporter& reporter_;
    std::map<std::string, const ir::Routine*> older_by_name_, newer_by_name_;
};

}  // namespace

void compare(const ir::Interface& older, const ir::Interface& newer, Reporter& reporter)
{
    Comparison{older, newer, reporter}.run();
}

}  // namespace migc
