// kernel/vm/vm_statistics.h
//
// Counts of events since start-up, for host_statistics(HOST_VM_INFO).  Relaxed: nobody orders anything by
// them.
#ifndef PORTICO_VM_VM_STATISTICS_H
#define PORTICO_VM_VM_STATISTICS_H

#include <atomic>
#include <cstdint>

struct VmCounters {
    struct Counter {
        void count(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
        operator uint64_t() const { return value_.load(std::memory_order_relaxed); }

    private:
        std::atomic<uint64_t> value_ = 0;
    };

    Counter faults;
    Counter zero_fills;
    Counter copy_faults;  // Pages copied because somebody wrote to them.
    Counter pushes;       // Pages copied into a snapshot before their source changed.
    Counter pageins;      // Pages that a pager supplied.
    Counter pageouts;     // Pages returned to a pager.
    Counter collapses;
};

extern VmCounters vm_counters;

// Resident pages, at this moment, of all objects with a pager (vm_object.cpp).
[[nodiscard]] uint64_t vm_object_cached_pages();

#endif
