// unix-server/fs/name_space.h
//
// From a path to an inode, by POSIX's rules for path resolution.
//
// Owns        nothing: it walks directories that others own.
// Lock        none.  A walk awaits each lookup, so the tree may change under it; it holds references to what it
//             stands on and looks at nothing it does not hold.
// Background  POSIX.1-2017, XBD 4.13.
#pragma once

#include <optional>

#include "inode.h"

namespace portico {

// Where a walk starts and by whose rights it goes.
struct WalkContext {
    std::shared_ptr<Directory> root;
    std::shared_ptr<Directory> start;  // For paths that do not begin with '/'.
    const Credentials& who;
    int32_t pid;  // /proc/self is this process.
};

enum class FinalLink { follow, keep };

// A directory and a name in it, which may or may not exist: what create, unlink and rename work on.
struct NamedPlace {
    std::shared_ptr<Directory> directory;
    std::string name;  // Never empty, "." or ".." unless is_special.
    InodeRef inode;    // Null: does not exist.
    bool is_special =
        false;  // The path ended in ".", ".." or was "/": inode is a directory, name is that component.
    bool wants_directory = false;  // The path ended in '/'.
    // The path ended at an anonymous pipe that is open: /proc/PID/fd/N.
    std::shared_ptr<Description> description;
};

// The inode that `path` names.  ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG.
mach::Async<mach::Result<InodeRef>> walk(WalkContext context, std::string path, FinalLink final_link);

// The place that `path` names; its last component need not exist.
mach::Async<mach::Result<NamedPlace>> walk_to_place(WalkContext context, std::string path,
                                                    FinalLink final_link);

// The absolute path of `directory` as seen from `root`.  ENOENT if it was removed or lies outside; ENAMETOOLONG.
mach::Result<std::string> path_of(const std::shared_ptr<Directory>& directory,
                                  const std::shared_ptr<Directory>& root);

}  // namespace portico
