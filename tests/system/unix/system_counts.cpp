// tests/system/unix/system_counts.cpp: see system_counts.h.
#include "system_counts.h"

#include <cstdio>
#include <cstring>
#include <ctime>

#include <mach/mach.h>
#include <mach/mach_debug.h>

namespace guest {
namespace {

mach_debug_counts_t counts_now()
{
    mach_debug_counts_t counts{};
    if (mach_debug_counts(mach_host_self(), &counts) != KERN_SUCCESS)
        fail(__FILE__, __LINE__, "mach_debug_counts", "an error", "KERN_SUCCESS");
    return counts;
}

long long pages_without_files(const mach_debug_counts_t& counts)
{
    return static_cast<long long>(counts.pages_total - counts.pages_free - counts.pages_file_cache);
}

void check_same(const char* what, const char* thing, uint64_t before, uint64_t after, uint64_t allowed)
{
    const uint64_t difference = before < after ? after - before : before - after;
    if (difference <= allowed)
        return;
    char expression[96];
    std::snprintf(expression, sizeof expression, "%s: %s", what, thing);
    fail(__FILE__, __LINE__, expression, text_of_unsigned(after).characters,
         text_of_unsigned(before).characters);
}

}  // namespace

mach_debug_counts_t settled_counts()
{
    constexpr timespec pause{0, 30'000'000};
    constexpr int most_readings = 100;
    mach_debug_counts_t last = counts_now();
    for (int reading = 0; reading < most_readings; ++reading) {
        nanosleep(&pause, nullptr);
        while (swtch_pri(0)) {
            // Whoever can still run goes first, however little a busy machine let them do in the pause.
        }
        const mach_debug_counts_t now = counts_now();
        if (std::memcmp(&now, &last, sizeof now) == 0)
            break;
        last = now;
    }
    return last;
}

void check_flat(const char* what, const mach_debug_counts_t& before, const mach_debug_counts_t& after)
{
    check_same(what, "tasks", before.tasks, after.tasks, 0);
    check_same(what, "threads", before.threads, after.threads, 0);
    check_same(what, "ports", before.ports, after.ports, 0);
    check_same(what, "port sets", before.port_sets, after.port_sets, 0);
    check_same(what, "rights", before.rights, after.rights, 0);
    check_same(what, "messages", before.messages, after.messages, 0);
    check_same(what, "maps", before.vm_maps, after.vm_maps, 0);
    constexpr uint64_t pages_allowed = 16;
    check_same(what, "pages without files", static_cast<uint64_t>(pages_without_files(before)),
               static_cast<uint64_t>(pages_without_files(after)), pages_allowed);
}

}  // namespace guest
