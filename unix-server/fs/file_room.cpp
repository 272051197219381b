#include "file_room.h"

#include <algorithm>
#include <mach/mach.h>

namespace portico {

namespace {

constexpr uint64_t kept_for_others = 16;  // One page in so many.
constexpr uint64_t pages_at_a_time = 64;  // Between two questions.
uint64_t granted = 0;                     // Of them, not yet taken.

}  // namespace

vm_statistics_data_t memory_statistics()
{
    vm_statistics_data_t statistics{};
    mach_msg_type_number_t count = HOST_VM_INFO_COUNT;
    if (host_statistics(mach_host_self(), HOST_VM_INFO, reinterpret_cast<host_info_t>(&statistics), &count) !=
        KERN_SUCCESS)
        return {};
    return statistics;
}

uint64_t pages_used(const vm_statistics_data_t& statistics)
{
    return uint64_t{statistics.active_count} + statistics.inactive_count + statistics.wire_count;
}

FileRoom file_room()
{
    const vm_statistics_data_t statistics = memory_statistics();
    const uint64_t all = statistics.free_count + pages_used(statistics);
    const uint64_t kept = all / kept_for_others;
    return {all - kept, statistics.free_count - std::min<uint64_t>(kept, statistics.free_count)};
}

bool take_file_pages(uint64_t count)
{
    if (granted < count)
        granted = std::min(file_room().pages_free, std::max(count, pages_at_a_time));
    if (granted < count)
        return false;
    granted -= count;
    return true;
}

}  // namespace portico
