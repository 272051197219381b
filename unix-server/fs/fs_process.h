// unix-server/fs/fs_process.h
//
// What fs holds for one process: descriptor table, directories, umask, and the copy of what the process service announced.
//
// Owns        the table's uses of descriptions; the inodes of files the process has mapped.
// Lifetime    shared_ptr: the service's table holds it until the process is reaped, its client port while it lives.
// Lock        none (one event loop).
// Invariants  (D1) Each entry of the table is one use of its description.
//             (D2) A process that has exited has an empty table.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "open_file.h"

#include "../support/credentials.h"

namespace portico {

class DescriptorTable {
public:
    static constexpr int limit = 1024;  // FD_SETSIZE; OPEN_MAX.

    struct Entry {
        DescriptionRef description;
        uint32_t flags = 0;  // FD_CLOEXEC
    };

    // EBADF.
    mach::Result<Entry*> find(int descriptor);
    // The lowest free descriptor from `minimum` on.  EMFILE, EINVAL.
    mach::Result<int> enter(DescriptionRef description, uint32_t flags, int minimum = 0);
    // At exactly `descriptor`, which is free.
    void enter_at(int descriptor, DescriptionRef description, uint32_t flags);
    // Takes an entry out; the use goes to the caller, who awaits release().
    mach::Result<DescriptionRef> take(int descriptor);
    bool refers_to(const Description& description) const;

    // Every descriptor, lowest first.
    std::vector<int> open_descriptors() const;
    std::vector<int> close_on_exec() const;
    DescriptorTable copy_for_fork() const;

private:
    std::vector<std::optional<Entry>> entries_;
};

struct FsProcess {
    int32_t pid = 0;
    unix_identity_t identity{};
    Credentials credentials;
    DescriptorTable descriptors;
    std::shared_ptr<Directory> root;
    std::shared_ptr<Directory> current;
    uint32_t mask = 022;
    std::vector<InodeRef>
        mapped_files;  // Their pages must be had as long as the mappings may live: until exec or exit.
    std::shared_ptr<class FsClient> client;
    mach::SendRight task_name;
    std::string arguments;  // NUL-separated, for /proc.
    uint64_t started_ns = 0;
    char state = 'R';  // ps's letter
    bool exited = false;

    void set_identity(const unix_identity_t& announced);
};
using FsProcessRef = std::shared_ptr<FsProcess>;

// Gives up one use of a description by `process`, after its entry was taken out of the table: closes the process's
// channel with its last descriptor, and the description with the last anywhere.
mach::Async<void> release_descriptor(FsProcessRef process, DescriptionRef description);
mach::Async<void> close_descriptors(FsProcessRef process, std::vector<int> descriptors);

}  // namespace portico
