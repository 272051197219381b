#include "rights_model.h"

#include <algorithm>

namespace rights_model {

namespace {

constexpr mach_port_type_t counted =
    MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME;

mach_port_type_t type_of(mach_port_right_t right)
{
    return right < MACH_PORT_RIGHT_NUMBER ? MACH_PORT_TYPE(right) : MACH_PORT_TYPE_NONE;
}

Kind kind_of(mach_msg_type_name_t disposition)
{
    switch (disposition) {
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        return Kind::Receive;
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        return Kind::SendOnce;
    default:
        return Kind::Send;
    }
}

// Portico: a space has at most 65,536 names, and a name's index says which.
bool too_large(Name name) { return MACH_PORT_INDEX(name) >= 1u << 16; }

bool moves(mach_msg_type_name_t disposition)
{
    return disposition == MACH_MSG_TYPE_MOVE_SEND || disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE;
}

}  // namespace

// ---- Finding.

Entry* Model::find(unsigned space, Name name)
{
    const auto found = spaces_[space].find(name);
    return found != spaces_[space].end() ? &found->second : nullptr;
}

const Entry* Model::find(unsigned space, Name name) const
{
    const auto found = spaces_[space].find(name);
    return found != spaces_[space].end() ? &found->second : nullptr;
}

Port* Model::alive(PortId id)
{
    const auto found = ports_.find(id);
    return found != ports_.end() ? &found->second : nullptr;
}

void Model::fail(std::string what)
{
    if (fault_.empty())
        fault_ = std::move(what);
}

// Portico: two names of one index are not in use together.
bool Model::is_free(unsigned space, Name name) const
{
    const auto first = spaces_[space].lower_bound(MACH_PORT_MAKE(MACH_PORT_INDEX(name), 0u));
    return first == spaces_[space].end() || MACH_PORT_INDEX(first->first) != MACH_PORT_INDEX(name);
}

Name Model::next_given()
{
    if (given_.empty()) {
        fail("the kernel has reported no name for a right that arrives");
        return MACH_PORT_NULL;
    }
    const Name name = given_.front();
    given_.pop_front();
    return name;
}

kern_return_t Model::receive_right(unsigned space, Name name, Entry*& entry)
{
    entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    return entry->has(MACH_PORT_TYPE_RECEIVE) ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

kern_return_t Model::set_right(unsigned space, Name name, Entry*& entry)
{
    entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    return entry->has(MACH_PORT_TYPE_PORT_SET) ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

unsigned Model::sets_of(unsigned space, PortId port) const
{
    return static_cast<unsigned>(std::ranges::count_if(
        spaces_[space], [&](const auto& e) { return e.second.members.contains(port); }));
}

// ---- Rights that leave spaces.

kern_return_t Model::may_take(const Entry* entry, mach_msg_type_name_t disposition, bool dead_will_do) const
{
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    mach_port_type_t needed = MACH_PORT_TYPE_NONE;
    switch (disposition) {
    case MACH_MSG_TYPE_MOVE_RECEIVE:
    case MACH_MSG_TYPE_MAKE_SEND:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        needed = MACH_PORT_TYPE_RECEIVE;
        break;
    case MACH_MSG_TYPE_MOVE_SEND:
    case MACH_MSG_TYPE_COPY_SEND:
        needed = MACH_PORT_TYPE_SEND;
        break;
    default:
        needed = MACH_PORT_TYPE_SEND_ONCE;
        break;
    }
    if (dead_will_do && needed != MACH_PORT_TYPE_RECEIVE)
        needed |= MACH_PORT_TYPE_DEAD_NAME;
    return entry->has(needed) ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

Right Model::take(unsigned space, Name name, mach_msg_type_name_t disposition)
{
    Entry& entry = *find(space, name);
    const Right right{kind_of(disposition), entry.has(MACH_PORT_TYPE_DEAD_NAME) ? dead_port : entry.port};
    switch (disposition) {
    case MACH_MSG_TYPE_MAKE_SEND:
        ++ports_.at(entry.port).make_sends;
        ++ports_.at(entry.port).sends;
        break;
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        ++ports_.at(entry.port).send_onces;
        break;
    case MACH_MSG_TYPE_COPY_SEND:
        if (right.real())
            ++ports_.at(entry.port).sends;
        break;
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        leave_space(space, entry.port);
        entry.type &= ~MACH_PORT_TYPE_RECEIVE;
        if (entry.type == MACH_PORT_TYPE_NONE)
            forget(space, name);
        break;
    default:  // One reference less; the last one is the right itself.
        if (--entry.references != 0) {
            if (right.real())
                ++ports_.at(entry.port).sends;
            break;
        }
        entry.type &= ~counted;
        if (entry.type == MACH_PORT_TYPE_NONE)
            forget(space, name);
        break;
    }
    return right;
}

// A receive right that goes takes its port out of all sets, and the counts of its receiver are forgotten.
void Model::leave_space(unsigned space, PortId id)
{
    for (auto& [name, entry] : spaces_[space])
        entry.members.erase(id);
    Port& port = ports_.at(id);
    port.name = MACH_PORT_NULL;
    port.make_sends = 0;
    port.sequence = 0;
}

void Model::forget(unsigned space, Name name)
{
    const PortId hears = find(space, name)->dead_name;
    spaces_[space].erase(name);
    if (hears != no_port)
        notify(hears, MACH_NOTIFY_PORT_DELETED, name);
}

// ---- Rights that enter spaces.

// The name that the space must use: it has one for its send and receive rights to a port, together.
Name Model::known_name(unsigned space, const Right& right) const
{
    if (right.kind != Kind::SendOnce)
        for (const auto& [name, entry] : spaces_[space])
            if (entry.port == right.port && entry.has(MACH_PORT_TYPE_SEND_RECEIVE))
                return name;
    return MACH_PORT_NULL;
}

void Model::enter(unsigned space, Name name, const Right& right)
{
    Entry& entry = spaces_[space][name];
    entry.port = right.port;
    switch (right.kind) {
    case Kind::Receive:
        entry.type |= MACH_PORT_TYPE_RECEIVE;
        ports_.at(right.port).space = space;
        ports_.at(right.port).name = name;
        ports_.at(right.port).queued_in = no_port;
        break;
    case Kind::SendOnce:
        entry.type = MACH_PORT_TYPE_SEND_ONCE;
        entry.references = 1;
        break;
    case Kind::Send:
        if (entry.references < MACH_PORT_UREFS_MAX)
            ++entry.references;
        if (entry.has(MACH_PORT_TYPE_SEND))
            lose_send(right.port);  // The name's right counts once, however many references it has.
        entry.type |= MACH_PORT_TYPE_SEND;
        break;
    }
}

// By a message.
void Model::bring(unsigned space, const Right& right)
{
    const Name name = next_given();
    if (!right.real() || alive(right.port) == nullptr) {
        const Name expected = right.port == no_port ? MACH_PORT_NULL : MACH_PORT_DEAD;
        if (name != expected)
            fail("a null or dead right has arrived under a name");
        return;
    }
    const Name known = known_name(space, right);
    if (known != MACH_PORT_NULL ? name != known : !MACH_PORT_VALID(name) || !is_free(space, name))
        fail("a right has arrived under a name that it must not have: " + std::to_string(name));
    else
        enter(space, name, right);
}

// ---- Rights that end.

void Model::lose_send(PortId id)
{
    Port& port = ports_.at(id);
    if (--port.sends != 0 || port.no_senders == no_port)
        return;
    fired_[id] = {port.no_senders, port.make_sends};
    notify(std::exchange(port.no_senders, no_port), MACH_NOTIFY_NO_SENDERS, port.make_sends);
}

void Model::lose_send_of_buried(PortId id)
{
    const auto found = buried_.find(id);
    if (found != buried_.end() && --found->second.sends == 0)
        open_.push_back({found->second.no_senders, found->second.make_sends});
}

void Model::drop(const Right& right)
{
    if (!right.real())
        return;
    if (alive(right.port) == nullptr)
        return right.kind == Kind::Send ? lose_send_of_buried(right.port) : void();
    switch (right.kind) {
    case Kind::Send:
        return lose_send(right.port);
    case Kind::SendOnce:
        return notify_unused_send_once(right.port);
    case Kind::Receive:
        return kill(right.port);
    }
}

void Model::consume(const Right& right)
{
    if (right.kind == Kind::Send)
        lose_send(right.port);
    else
        --ports_.at(right.port).send_onces;
}

// The notification is a use of the right: it counts until it is received.
void Model::notify_unused_send_once(PortId target)
{
    if (Port* port = alive(target))
        ++port->send_once_notices;
}

void Model::kill(PortId id)
{
    Port& port = ports_.at(id);
    if (port.port_destroyed == no_port)
        return die(id);
    notify(std::exchange(port.port_destroyed, no_port), MACH_NOTIFY_PORT_DESTROYED, 0, {{Kind::Receive, id}});
}

void Model::die(PortId id)
{
    Port port = std::move(ports_.at(id));
    ports_.erase(id);
    for (unsigned space = 0; space < spaces_.size(); ++space)
        for (auto& [name, entry] : spaces_[space]) {
            if (entry.port != id)
                continue;
            entry.port = no_port;
            entry.type = MACH_PORT_TYPE_DEAD_NAME;
            if (entry.dead_name == no_port)
                continue;
            if (entry.references < MACH_PORT_UREFS_MAX)
                ++entry.references;
            notify(std::exchange(entry.dead_name, no_port), MACH_NOTIFY_DEAD_NAME, name);
        }
    if (const auto fired = fired_.find(id); fired != fired_.end())
        open_.push_back(fired->second);
    if (port.no_senders != no_port) {
        buried_[id] = {port.no_senders, port.sends, port.make_sends};
        notify_unused_send_once(port.no_senders);
    }
    for (const Message& message : port.queue)
        destroy(message);
}

void Model::notify(PortId target, int id, uint32_t word, std::vector<Right> body)
{
    Message message{id, word, {Kind::SendOnce, target}, {}, std::move(body)};
    if (alive(target) != nullptr && place_in_transit(message))
        enqueue(std::move(message));
    else
        destroy(message);
}

void Model::enqueue(Message message)
{
    ports_.at(message.destination.port).queue.push_back(std::move(message));
}

void Model::destroy(const Message& message)
{
    drop(message.destination);
    drop(message.reply);
    for (const Right& right : message.body)
        drop(right);
}

// Is `port` where `from` is received, however indirectly?
bool Model::reaches(PortId from, PortId port) const
{
    for (PortId at = from; ports_.contains(at); at = ports_.at(at).queued_in)
        if (at == port)
            return true;
    return false;
}

// False: a port would get into its own queue, and the message is destroyed instead.
bool Model::place_in_transit(Message& message)
{
    bool good = true;
    for (const Right& right : message.body) {
        if (right.kind != Kind::Receive || !right.real())
            continue;
        if (reaches(message.destination.port, right.port))
            good = false;
        else
            ports_.at(right.port).queued_in = message.destination.port;
    }
    return good;
}

std::vector<Model::Seen> Model::queue_of(PortId id) const
{
    std::vector<Seen> all;
    for (const Message& message : port(id).queue)
        all.push_back({message.id, message.word});
    return all;
}

// The kernel has chosen.
void Model::decide_open(PortId id, const std::vector<Seen>& seen)
{
    Port& port = ports_.at(id);
    for (const Either& either : open_) {
        if (either.target != id)
            continue;
        const Seen told{MACH_NOTIFY_NO_SENDERS, either.count};
        const auto is_it = [&](const Message& m) { return Seen{m.id, m.word} == told; };
        const auto kernel = std::ranges::count(seen, told);
        const auto model = std::ranges::count_if(port.queue, is_it);
        if (model > kernel) {
            const auto last = std::find_if(port.queue.rbegin(), port.queue.rend(), is_it);
            port.queue.erase(std::next(last).base());
            ++port.send_once_notices;
        } else if (model < kernel && port.send_once_notices != 0) {
            port.queue.push_back({MACH_NOTIFY_NO_SENDERS, either.count, {Kind::SendOnce, id}, {}, {}});
            --port.send_once_notices;
        }
    }
    std::erase_if(
        open_, [&](const Either& either) { return either.target == id || !ports_.contains(either.target); });
}

bool Model::settle_queue(PortId id, const std::vector<Seen>& seen)
{
    decide_open(id, seen);
    Port& port = ports_.at(id);
    if (seen.size() != port.queue.size())
        return false;
    for (size_t i = 0; i < seen.size(); ++i) {
        const auto is_it = [&](const Message& m) { return Seen{m.id, m.word} == seen[i]; };
        const auto from = port.queue.begin() + static_cast<ptrdiff_t>(i);
        const auto to = i < port.settled ? from + 1 : port.queue.end();
        const auto found = std::find_if(from, to, is_it);
        if (found == to)
            return false;
        std::rotate(from, found, found + 1);
    }
    port.settled = seen.size();
    return true;
}

// ---- mach_port calls.

kern_return_t Model::allocate(unsigned space, mach_port_right_t right, Name wanted)
{
    if (right != MACH_PORT_RIGHT_RECEIVE && right != MACH_PORT_RIGHT_PORT_SET &&
        right != MACH_PORT_RIGHT_DEAD_NAME)
        return KERN_INVALID_VALUE;
    if (too_large(wanted))
        return KERN_INVALID_VALUE;
    if (wanted != MACH_PORT_NULL && !is_free(space, wanted))
        return KERN_NAME_EXISTS;
    const Name name = wanted != MACH_PORT_NULL ? wanted : next_given();
    if (!MACH_PORT_VALID(name) || !is_free(space, name)) {
        fail("a new right was given a name that is in use: " + std::to_string(name));
        return KERN_SUCCESS;
    }
    if (right == MACH_PORT_RIGHT_RECEIVE) {
        const PortId id = next_port_++;
        ports_[id];
        enter(space, name, {Kind::Receive, id});
        return KERN_SUCCESS;
    }
    Entry& entry = spaces_[space][name];
    entry.type = type_of(right);
    entry.references = right == MACH_PORT_RIGHT_DEAD_NAME ? 1 : 0;
    return KERN_SUCCESS;
}

kern_return_t Model::rename(unsigned space, Name from, Name to)
{
    if (find(space, from) == nullptr)
        return KERN_INVALID_NAME;
    if (!MACH_PORT_VALID(to) || too_large(to))
        return KERN_INVALID_VALUE;
    if (!is_free(space, to))
        return KERN_NAME_EXISTS;
    auto node = spaces_[space].extract(from);
    node.key() = to;
    const Entry& entry = spaces_[space].insert(std::move(node)).position->second;
    if (entry.has(MACH_PORT_TYPE_RECEIVE))
        ports_.at(entry.port).name = to;
    return KERN_SUCCESS;
}

kern_return_t Model::destroy(unsigned space, Name name)
{
    Entry* entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    const Entry gone = *entry;
    if (gone.has(MACH_PORT_TYPE_RECEIVE))
        leave_space(space, gone.port);
    forget(space, name);
    if (gone.has(MACH_PORT_TYPE_SEND))
        drop({Kind::Send, gone.port});
    if (gone.has(MACH_PORT_TYPE_SEND_ONCE))
        drop({Kind::SendOnce, gone.port});
    if (gone.has(MACH_PORT_TYPE_RECEIVE))
        drop({Kind::Receive, gone.port});
    return KERN_SUCCESS;
}

kern_return_t Model::deallocate(unsigned space, Name name)
{
    const Entry* entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    for (const mach_port_right_t right :
         {MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE, MACH_PORT_RIGHT_DEAD_NAME})
        if (entry->has(type_of(right)))
            return mod_refs(space, name, right, -1);
    return KERN_INVALID_RIGHT;
}

kern_return_t Model::get_refs(unsigned space, Name name, mach_port_right_t right, uint32_t& references) const
{
    if (type_of(right) == MACH_PORT_TYPE_NONE)
        return KERN_INVALID_VALUE;
    const Entry* entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    const bool has_it = entry->has(type_of(right));
    references = !has_it ? 0 : entry->has(counted) && (type_of(right) & counted) != 0 ? entry->references : 1;
    return KERN_SUCCESS;
}

kern_return_t Model::mod_refs(unsigned space, Name name, mach_port_right_t right, mach_port_delta_t delta)
{
    const mach_port_type_t type = type_of(right);
    if (type == MACH_PORT_TYPE_NONE)
        return KERN_INVALID_VALUE;
    Entry* entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    if (!entry->has(type))
        return KERN_INVALID_RIGHT;
    const bool single = right != MACH_PORT_RIGHT_SEND && right != MACH_PORT_RIGHT_DEAD_NAME;
    const int64_t left = (single ? 1 : int64_t{entry->references}) + delta;
    if (left < 0 || (single && left > 1))
        return KERN_INVALID_VALUE;
    if (left > MACH_PORT_UREFS_MAX)
        return KERN_UREFS_OVERFLOW;
    if (left != 0) {
        if (!single)
            entry->references = static_cast<uint32_t>(left);
        return KERN_SUCCESS;
    }
    if (entry->type == type)
        return destroy(space, name);
    // Of receive and send together, one goes.
    const PortId port = entry->port;
    if (right == MACH_PORT_RIGHT_RECEIVE)
        leave_space(space, port);
    else
        entry->references = 0;
    entry->type &= ~type;
    drop({right == MACH_PORT_RIGHT_RECEIVE ? Kind::Receive : Kind::Send, port});
    return KERN_SUCCESS;
}

kern_return_t Model::set_make_send_count(unsigned space, Name name, uint32_t count)
{
    Entry* entry = nullptr;
    const kern_return_t code = receive_right(space, name, entry);
    if (code == KERN_SUCCESS)
        ports_.at(entry->port).make_sends = count;
    return code;
}

kern_return_t Model::set_limit(unsigned space, Name name, uint32_t limit)
{
    Entry* entry = nullptr;
    if (const kern_return_t code = receive_right(space, name, entry); code != KERN_SUCCESS)
        return code;
    if (limit > MACH_PORT_QLIMIT_MAX)
        return KERN_INVALID_VALUE;
    ports_.at(entry->port).limit = limit;
    return KERN_SUCCESS;
}

kern_return_t Model::move_member(unsigned space, Name member, Name after)
{
    Entry* port = nullptr;
    Entry* set = nullptr;
    if (const kern_return_t code = receive_right(space, member, port); code != KERN_SUCCESS)
        return code;
    if (after != MACH_PORT_NULL)
        if (const kern_return_t code = set_right(space, after, set); code != KERN_SUCCESS)
            return code;
    const bool was_in_one = sets_of(space, port->port) != 0;
    for (auto& [name, entry] : spaces_[space])
        entry.members.erase(port->port);
    if (set != nullptr)
        set->members.insert(port->port);
    return set == nullptr && !was_in_one ? KERN_NOT_IN_SET : KERN_SUCCESS;
}

kern_return_t Model::insert_member(unsigned space, Name member, Name set_name)
{
    Entry* port = nullptr;
    Entry* set = nullptr;
    if (const kern_return_t code = receive_right(space, member, port); code != KERN_SUCCESS)
        return code;
    if (const kern_return_t code = set_right(space, set_name, set); code != KERN_SUCCESS)
        return code;
    return set->members.insert(port->port).second ? KERN_SUCCESS : KERN_ALREADY_IN_SET;
}

kern_return_t Model::extract_member(unsigned space, Name member, Name set_name)
{
    Entry* port = nullptr;
    Entry* set = nullptr;
    if (const kern_return_t code = receive_right(space, member, port); code != KERN_SUCCESS)
        return code;
    if (const kern_return_t code = set_right(space, set_name, set); code != KERN_SUCCESS)
        return code;
    return set->members.erase(port->port) != 0 ? KERN_SUCCESS : KERN_NOT_IN_SET;
}

kern_return_t Model::insert_right(unsigned from, NamedRight named, unsigned to, Name name)
{
    if (const kern_return_t code = may_take(find(from, named.name), named.disposition, true);
        code != KERN_SUCCESS)
        return code;
    const Right right = take(from, named.name, named.disposition);
    kern_return_t code = KERN_SUCCESS;
    if (!MACH_PORT_VALID(name))
        code = KERN_INVALID_VALUE;
    else if (!right.real())
        code = KERN_INVALID_CAPABILITY;
    else if (const Name known = known_name(to, right); known != MACH_PORT_NULL && known != name)
        code = KERN_RIGHT_EXISTS;
    else if (known == MACH_PORT_NULL && too_large(name))
        code = KERN_INVALID_VALUE;
    else if (known == MACH_PORT_NULL && !is_free(to, name))
        code = KERN_NAME_EXISTS;
    else if (known != MACH_PORT_NULL && right.kind == Kind::Send &&
             find(to, name)->references >= MACH_PORT_UREFS_MAX)
        code = KERN_UREFS_OVERFLOW;
    if (code == KERN_SUCCESS)
        enter(to, name, right);
    else
        drop(right);
    return code;
}

kern_return_t Model::extract_right(unsigned from, NamedRight named, unsigned to)
{
    const kern_return_t code = may_take(find(from, named.name), named.disposition, true);
    if (code == KERN_SUCCESS)
        bring(to, take(from, named.name, named.disposition));
    return code;
}

// ---- Notifications.

kern_return_t Model::register_dead_name(unsigned space, Name name, uint32_t sync, PortId hears, PortId& old)
{
    Entry* entry = find(space, name);
    if (entry == nullptr)
        return KERN_INVALID_NAME;
    if (entry->has(MACH_PORT_TYPE_DEAD_NAME)) {
        if (hears == no_port || sync == 0)
            return KERN_INVALID_ARGUMENT;
        if (entry->references >= MACH_PORT_UREFS_MAX)
            return KERN_UREFS_OVERFLOW;
        ++entry->references;
        notify(hears, MACH_NOTIFY_DEAD_NAME, name);
        return KERN_SUCCESS;
    }
    if (!entry->has(MACH_PORT_TYPE_PORT_RIGHTS))
        return KERN_INVALID_RIGHT;
    old = std::exchange(entry->dead_name, hears);
    return KERN_SUCCESS;
}

kern_return_t Model::register_in_port(unsigned space, Name name, int id, uint32_t sync, PortId hears,
                                      PortId& old)
{
    Entry* entry = nullptr;
    if (const kern_return_t code = receive_right(space, name, entry); code != KERN_SUCCESS)
        return code;
    Port& port = ports_.at(entry->port);
    if (id == MACH_NOTIFY_PORT_DESTROYED) {
        old = std::exchange(port.port_destroyed, hears);
        return KERN_SUCCESS;
    }
    old = std::exchange(port.no_senders, no_port);
    if (hears != no_port && port.sends == 0 && sync <= port.make_sends)
        notify(hears, MACH_NOTIFY_NO_SENDERS, port.make_sends);
    else
        port.no_senders = hears;
    return KERN_SUCCESS;
}

kern_return_t Model::request_notification(unsigned space, Name name, int id, uint32_t sync, Name notify_name)
{
    PortId hears = no_port;
    if (notify_name != MACH_PORT_NULL)
        hears = take(space, notify_name, MACH_MSG_TYPE_MAKE_SEND_ONCE).port;
    PortId old = no_port;
    kern_return_t code = KERN_INVALID_VALUE;
    if (id == MACH_NOTIFY_DEAD_NAME)
        code = register_dead_name(space, name, sync, hears, old);
    else if (id == MACH_NOTIFY_NO_SENDERS || (id == MACH_NOTIFY_PORT_DESTROYED && sync == 0))
        code = register_in_port(space, name, id, sync, hears, old);
    if (code == KERN_SUCCESS)
        bring(space, {Kind::SendOnce, old});
    else if (hears != no_port)
        notify_unused_send_once(hears);
    return code;
}

// ---- Messages.

mach_msg_return_t Model::check_header(unsigned space, NamedRight remote, NamedRight local) const
{
    const Entry* destination = find(space, remote.name);
    if (may_take(destination, remote.disposition, false) != KERN_SUCCESS)
        return MACH_SEND_INVALID_DEST;
    if (!MACH_PORT_VALID(local.name))
        return MACH_MSG_SUCCESS;
    if (may_take(find(space, local.name), local.disposition, true) != KERN_SUCCESS)
        return MACH_SEND_INVALID_REPLY;
    const bool both_move = moves(remote.disposition) && moves(local.disposition);
    if (remote.name == local.name && both_move && destination->references < 2)
        return MACH_SEND_INVALID_REPLY;
    return MACH_MSG_SUCCESS;
}

// The send did not happen: everything comes back to the sender.
void Model::give_back(unsigned space, const Message& message)
{
    bring(space, message.destination);
    bring(space, message.reply);
    for (const Right& right : message.body)
        bring(space, right);
}

mach_msg_return_t Model::send(unsigned space, int id, NamedRight remote, NamedRight local,
                              const std::vector<NamedRight>& body)
{
    if (const mach_msg_return_t code = check_header(space, remote, local); code != MACH_MSG_SUCCESS)
        return code;
    const auto named = [&](NamedRight right) {
        if (MACH_PORT_VALID(right.name))
            return take(space, right.name, right.disposition);
        return Right{kind_of(right.disposition), right.name == MACH_PORT_DEAD ? dead_port : no_port};
    };
    Message message;
    message.id = id;
    // Both may come from one name: what leaves the name as it is goes first.
    if (moves(remote.disposition)) {
        message.reply = named(local);
        message.destination = named(remote);
    } else {
        message.destination = named(remote);
        message.reply = named(local);
    }
    for (const NamedRight& right : body) {
        if (MACH_PORT_VALID(right.name) &&
            may_take(find(space, right.name), right.disposition, true) != KERN_SUCCESS) {
            destroy(message);
            return MACH_SEND_INVALID_RIGHT;
        }
        message.body.push_back(named(right));
    }
    const bool possible = place_in_transit(message);
    const Port& port = ports_.at(message.destination.port);
    if (!possible)
        destroy(message);
    else if (message.destination.kind == Kind::Send && port.queue.size() >= port.limit)
        return give_back(space, message), MACH_SEND_TIMED_OUT;
    else
        enqueue(std::move(message));
    return MACH_MSG_SUCCESS;
}

mach_msg_return_t Model::receive(unsigned space, Name name, const Arrived& arrived)
{
    const Entry* entry = find(space, name);
    if (entry == nullptr || !entry->has(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET))
        return MACH_RCV_INVALID_NAME;
    const std::set<PortId> from =
        entry->has(MACH_PORT_TYPE_RECEIVE) ? std::set<PortId>{entry->port} : entry->members;
    const bool something = std::ranges::any_of(
        from, [&](PortId id) { return !port(id).queue.empty() || port(id).send_once_notices != 0; });
    if (!something)
        return MACH_RCV_TIMED_OUT;
    if (arrived.code != MACH_MSG_SUCCESS)
        return MACH_MSG_SUCCESS;  // The caller sees the difference.
    const Entry* came_on = find(space, arrived.port);
    if (came_on == nullptr || !came_on->has(MACH_PORT_TYPE_RECEIVE) || !from.contains(came_on->port)) {
        fail("a message came on a port that was not received from");
        return MACH_MSG_SUCCESS;
    }
    Port& port = ports_.at(came_on->port);
    ++port.sequence;
    if (arrived.id == MACH_NOTIFY_SEND_ONCE) {
        if (port.send_once_notices == 0)
            fail("a send-once notification came that nobody has set off");
        --port.send_once_notices;
        --port.send_onces;
        bring(space, {});
        return MACH_MSG_SUCCESS;
    }
    if (port.queue.empty() ||
        Seen{port.queue.front().id, port.queue.front().word} != Seen{arrived.id, arrived.word}) {
        fail("another message came than the first of the queue");
        return MACH_MSG_SUCCESS;
    }
    const Message message = std::move(port.queue.front());
    port.queue.pop_front();
    port.settled -= port.settled != 0;
    bring(space, message.reply);
    for (const Right& right : message.body)
        bring(space, right);
    consume(message.destination);
    return MACH_MSG_SUCCESS;
}

}  // namespace rights_model
