// unix-server/fs/archive.h
//
// Filling the tree from a cpio archive of the "new ASCII" format, which is what the boot archive is.
#pragma once

#include <mach/result.h>
#include <span>

namespace portico {

class MemFileSystem;

// Makes every directory, file, link and device of the archive, over what is there.  File data stays in `archive`.
// EINVAL: not such an archive, or cut short; what came before the fault is there.
mach::Result<void> unpack_archive(MemFileSystem& file_system, std::span<const char> archive);

}  // namespace portico
