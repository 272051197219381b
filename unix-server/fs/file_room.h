// unix-server/fs/file_room.h
//
// How much memory files may take: a part of it stays for programs and services, so that a full file system is an error of
// the write that filled it and not the end of somebody else.
#pragma once

#include <cstdint>
#include <mach/vm_statistics.h>

namespace portico {

// Pages as the kernel counts them now; all 0 if it does not say.
vm_statistics_data_t memory_statistics();
// Those among them that are not free.
uint64_t pages_used(const vm_statistics_data_t& statistics);

struct FileRoom {
    uint64_t pages_total;  // What files could have if nothing else had any.
    uint64_t pages_free;
};

FileRoom file_room();

// Whether a file may get so many pages more. Asks the kernel once for many pages.
[[nodiscard]] bool take_file_pages(uint64_t count);

}  // namespace portico
