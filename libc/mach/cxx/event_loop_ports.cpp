// libc/mach/cxx/event_loop_ports.cpp: the loop's ports, and what the kernel tells about others.
#include <portico/event_loop.h>

#include <algorithm>

#include <mach/mach.h>
#include <mach/notify.h>

namespace mach {

Result<PortEntry*> EventLoop::add_port(PortEntry::Kind kind)
{
    return add_port(kind, TRY(ReceiveRight::allocate()));
}

Result<PortEntry*> EventLoop::add_port(PortEntry::Kind kind, ReceiveRight right)
{
    auto entry = std::make_unique<PortEntry>();
    entry->kind = kind;
    entry->right = std::move(right);
    TRY(entry->right.set_context(reinterpret_cast<mach_port_context_t>(entry.get())));
    TRY(set_.insert(entry->right));
    PortEntry* address = entry.get();
    ports_.emplace(address, std::move(entry));
    return address;
}

void EventLoop::remove_port(PortEntry& entry)
{
    ports_.erase(&entry);  // With the receive right, so that no message can name it any more (E1).
}

Result<PortEntry*> EventLoop::take_reply_port()
{
    if (free_reply_ports_.empty())
        TRY(add_reply_ports());
    PortEntry* entry = free_reply_ports_.back();
    free_reply_ports_.pop_back();
    return entry;
}

// At the first call as many as are kept, later one.
Result<void> EventLoop::add_reply_ports()
{
    do {
        free_reply_ports_.push_back(TRY(add_port(PortEntry::Kind::reply)));
        ++reply_ports_;
    } while (reply_ports_ < kept_reply_ports);
    return {};
}

// What a server holds at rest does not depend on how many calls were once out together.
void EventLoop::give_back_reply_port(PortEntry& entry)
{
    if (reply_ports_ <= kept_reply_ports) {
        free_reply_ports_.push_back(&entry);
        return;
    }
    --reply_ports_;
    remove_port(entry);
}

// The notice goes to the loop's notification port. What was registered for the name before was the loop's
// own, too.
kern_return_t EventLoop::request_notification(mach_port_t name, mach_msg_id_t id, mach_port_mscount_t sync)
{
    mach_port_t previous = MACH_PORT_NULL;
    const kern_return_t code =
        mach_port_request_notification(mach_task_self(), name, id, sync, notifications_->right.name(),
                                       MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
    if (code == KERN_SUCCESS)
        SendOnceRight{previous}.reset();
    return code;
}

// This notice comes to the port that it is about: the message itself does not say which that is.
kern_return_t EventLoop::request_no_senders(PortEntry& entry)
{
    mach_port_status_t status = {};
    mach_msg_type_number_t count = MACH_PORT_RECEIVE_STATUS_COUNT;
    mach_port_t name = entry.right.name();
    kern_return_t code = mach_port_get_attributes(mach_task_self(), name, MACH_PORT_RECEIVE_STATUS,
                                                  reinterpret_cast<mach_port_info_t>(&status), &count);
    if (code != KERN_SUCCESS)
        return code;
    mach_port_t previous = MACH_PORT_NULL;
    code = mach_port_request_notification(mach_task_self(), name, MACH_NOTIFY_NO_SENDERS, status.mps_mscount,
                                          name, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
    if (code == KERN_SUCCESS)
        SendOnceRight{previous}.reset();
    return code;
}

void EventLoop::handle_no_senders(PortEntry& entry)
{
    // Any client can write such a message: only the kernel's count decides.
    mach_port_status_t status = {};
    mach_msg_type_number_t count = MACH_PORT_RECEIVE_STATUS_COUNT;
    const kern_return_t code =
        mach_port_get_attributes(mach_task_self(), entry.right.name(), MACH_PORT_RECEIVE_STATUS,
                                 reinterpret_cast<mach_port_info_t>(&status), &count);
    if (code != KERN_SUCCESS || status.mps_nsrequest)
        return;  // The request stands, so this was not its notice.
    if (status.mps_srights) {
        // A right was made after the notice had been sent.
        (void)request_no_senders(entry);
        return;
    }
    entry.no_senders_requested = false;
    const std::shared_ptr<Object> object = entry.object;
    object->no_senders();
}

void EventLoop::handle_notification()
{
    const mach_msg_header_t& header = message_.header();
    switch (header.msgh_id) {
    case MACH_NOTIFY_DEAD_NAME:
        handle_dead_name(reinterpret_cast<const mach_dead_name_notification_t&>(header).not_port);
        break;
    case MACH_NOTIFY_SEND_POSSIBLE: {
        const mach_port_t name = reinterpret_cast<const mach_send_possible_notification_t&>(header).not_port;
        if (auto waiting = waiting_for_room_.find(name); waiting != waiting_for_room_.end())
            waiting->second.wake_all();
        break;
    }
    default:
        // Port deleted: a watched reply right was used. Send once: a request of ours was replaced. Nothing to
        // do.
        break;
    }
    message_.destroy_contents();
}

void EventLoop::handle_dead_name(mach_port_t name)
{
    for (auto watched = watched_replies_.find(name); watched != watched_replies_.end();
         watched = watched_replies_.find(name)) {
        CallContext* call = watched->second;
        watched_replies_.erase(watched);
        call->reply_watched_ = false;
        call->cancel(KERN_ABORTED);
    }
    if (auto waiting = waiting_for_room_.find(name); waiting != waiting_for_room_.end())
        waiting->second.wake_all();

    // One at a time: what is called may start and end watches.
    for (auto death = deaths_.find(name); death != deaths_.end(); death = deaths_.find(name)) {
        const std::function<void()> died = std::move(death->second.died);
        deaths_.erase(death);
        died();
    }
    // The notice has added a reference to the name.
    (void)mach_port_deallocate(mach_task_self(), name);
}

void EventLoop::forget_watched_reply(mach_port_t name, CallContext& call)
{
    const auto [first, last] = watched_replies_.equal_range(name);
    const auto watched = std::find_if(first, last, [&](const auto& entry) { return entry.second == &call; });
    if (watched != last)
        watched_replies_.erase(watched);
}

Result<DeathWatch> EventLoop::watch_death(const SendRight& right, std::function<void()> died)
{
    SendRight watched = TRY(right.copy());
    if (!deaths_.contains(watched.name()))
        TRY(result_of(request_notification(watched.name(), MACH_NOTIFY_DEAD_NAME, 0)));
    const uint64_t key = next_death_key_++;
    deaths_.emplace(watched.name(), Death{key, std::move(died)});
    return DeathWatch{watched.release(), key};
}

DeathWatch& DeathWatch::operator=(DeathWatch&& other) noexcept
{
    if (this != &other) {
        reset();
        name_ = std::exchange(other.name_, MACH_PORT_NULL);
        key_ = other.key_;
    }
    return *this;
}

void DeathWatch::reset()
{
    const mach_port_t name = std::exchange(name_, MACH_PORT_NULL);
    if (name == MACH_PORT_NULL)
        return;
    auto& deaths = EventLoop::current().deaths_;
    auto [first, last] = deaths.equal_range(name);
    for (auto death = first; death != last; ++death) {
        if (death->second.key == key_) {
            deaths.erase(death);
            break;
        }
    }
    // The kernel's request stays until the name goes: without a watch its notice means nothing.
    (void)mach_port_deallocate(mach_task_self(), name);
}

}  // namespace mach
