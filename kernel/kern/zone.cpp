// kernel/kern/zone.cpp
//
// Zones: limits, counts, and the list of all.  Where elements come from is zone_slab.cpp's.

#include <kern/zone.h>

#include <utility>

namespace {

// Zones are entered once and never taken out, so the list needs no lock.
std::atomic<const ZoneBase*> all_zones = nullptr;

}  // namespace

void* ZoneBase::allocate()
{
    for (;;) {
        {
            Guard guard{lock_};
            if (live_.load(std::memory_order_relaxed) >= limit_)
                return nullptr;
            if (void* element = take_element()) {
                live_.store(live_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
                if (!std::exchange(listed_, true))
                    enter_list();
                return element;
            }
        }
        if (!grow())
            return nullptr;
    }
}

void ZoneBase::free(void* element)
{
    Guard guard{lock_};
    give_element(element);
    live_.store(live_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

void ZoneBase::enter_list()
{
    next_ = all_zones.load(std::memory_order_relaxed);
    while (
        !all_zones.compare_exchange_weak(next_, this, std::memory_order_release, std::memory_order_relaxed)) {
    }
}

void zone_visit(void (*visit)(const ZoneBase& zone, void* context), void* context)
{
    for (const ZoneBase* zone = all_zones.load(std::memory_order_acquire); zone != nullptr;
         zone = zone->next())
        visit(*zone, context);
}
