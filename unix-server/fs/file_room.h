// unix-server/fs/file_room.h
//
// How much memory files may take: a part of it stays for programs and services, so that a full file system is an error of
// the write that filled it and not the end of somebody else.
#pragma once

#include <cstdint>

namespace portico {

struct FileRoom {
    uint64_t pages_total;  // What files could have if nothing else had any.
    uint64_t pages_free;
};

// As the kernel counts now.
FileRoom file_room();

// Whether a file may get so many pages more. Asks the kernel once for many pages.
[[nodiscard]] bool take_file_pages(uint64_t count);

}  // namespace portico
