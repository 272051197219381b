#include "channel.h"

#include <io_notify.h>
#include <poll.h>

namespace portico {

void WatchList::add(const void* owner, call_number_t number, uint32_t events, mach::SendOnceRight notify)
{
    watches_.push_back({owner, number, events | POLLERR | POLLHUP, std::move(notify)});
}

void WatchList::remove(const void* owner, call_number_t number)
{
    std::erase_if(watches_,
                  [&](const Watch& watch) { return watch.owner == owner && watch.number == number; });
}

void WatchList::remove_all(const void* owner)
{
    std::erase_if(watches_, [&](const Watch& watch) { return watch.owner == owner; });
}

void WatchList::fire(uint32_t ready)
{
    std::vector<Watch> answered, waiting;
    for (Watch& watch : watches_)
        ((watch.events & ready) != 0 ? answered : waiting).push_back(std::move(watch));
    watches_ = std::move(waiting);
    // A message to a send-once right never waits for room.
    for (Watch& watch : answered) {
        const uint32_t now = watch.events & ready;
        const mach_port_t name = watch.notify.name();
        if (io_ready(name, watch.number, now) == KERN_SUCCESS)
            static_cast<void>(watch.notify.release());
    }
}

}  // namespace portico
