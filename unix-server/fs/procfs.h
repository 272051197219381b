// unix-server/fs/procfs.h
//
// /proc: a read-only file system whose files are texts made when they are read, from what the process service announced
// and what the kernel says of a task by its name right.
#pragma once

#include <memory>

#include "inode.h"

namespace portico {

class FileService;

std::shared_ptr<Directory> make_proc_root(FileService& service, uint64_t device,
                                          const std::shared_ptr<Directory>& parent);

}  // namespace portico
