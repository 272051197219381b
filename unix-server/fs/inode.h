// unix-server/fs/inode.h
//
// A file of any type as the file service sees it: its attributes, and what its type lets one do with it.  File systems
// (memfs, procfs) derive from these classes; the name space and the open-file descriptions know only them.
//
// Owns        the attributes.
// Lifetime    shared_ptr: directory entries, open descriptions and walks in progress hold it.  An inode whose link
//             count is 0 lives as long as it is open.
// Lock        none: the fs service is one event loop; what awaits re-examines.
// Invariants  (I1) nlink counts the directory entries that name the inode; for a directory also "." and each
//                  child's "..".
#pragma once

#include <cstdint>
#include <functional>
#include <mach/result.h>
#include <memory>
#include <optional>
#include <portico/async.h>
#include <portico/rights.h>
#include <portico/unix_types.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "../support/credentials.h"
#include "../support/page_size.h"

namespace portico {

class Directory;
class RegularFile;
class SymbolicLink;
class CharacterDevice;
class Description;
class Fifo;
class Inode;
using InodeRef = std::shared_ptr<Inode>;

struct InodeAttributes {
    uint32_t mode = 0;  // Type and permissions, as in st_mode.
    uint32_t nlink = 0;
    uint32_t uid = 0;
    uint32_t gid = 0;
    uint64_t rdev = 0;
    uint64_t atime_ns = 0;  // Since the epoch.
    uint64_t mtime_ns = 0;
    uint64_t ctime_ns = 0;
};

// What a caller wants to do; the values are access()'s R_OK, W_OK, X_OK.
enum AccessWanted : uint32_t { want_execute = 1, want_write = 2, want_read = 4 };

class Inode : public std::enable_shared_from_this<Inode> {
public:
    Inode(uint64_t device, uint64_t number, const InodeAttributes& attributes)
        : device_{device}, number_{number}, attributes_{attributes}
    {
    }
    virtual ~Inode() = default;
    Inode(const Inode&) = delete;
    Inode& operator=(const Inode&) = delete;

    uint64_t device() const { return device_; }
    uint64_t number() const { return number_; }
    uint32_t type() const { return attributes_.mode & S_IFMT; }
    const InodeAttributes& attributes() const { return attributes_; }
    virtual uint64_t size() const { return 0; }
    // Of 512 bytes; memory is given out in whole pages.
    virtual uint64_t blocks() const { return (size() + page_size - 1) / page_size * (page_size / 512); }

    // Whether the file system lets attributes and entries be changed at all (EROFS otherwise).
    virtual bool read_only() const { return false; }

    // POSIX's file access rules.  EACCES, EROFS.
    mach::Result<void> check_access(const Credentials& who, uint32_t wanted) const;
    bool owned_by(const Credentials& who) const { return who.is_root() || who.euid == attributes_.uid; }

    void set_mode(uint32_t permissions);
    void set_owner(uint32_t uid, uint32_t gid);
    void set_times(uint64_t atime_ns, uint64_t mtime_ns);
    void touch_accessed();
    void touch_modified();  // Data and, with it, the status.
    void touch_changed();
    void add_link() { ++attributes_.nlink; }
    void drop_link() { --attributes_.nlink; }

    unix_stat_t status() const;

    virtual Directory* as_directory() { return nullptr; }
    virtual RegularFile* as_file() { return nullptr; }
    virtual SymbolicLink* as_link() { return nullptr; }
    virtual CharacterDevice* as_device() { return nullptr; }
    virtual Fifo* as_fifo() { return nullptr; }

protected:
    InodeAttributes& change_attributes() { return attributes_; }

private:
    uint64_t device_;
    uint64_t number_;
    InodeAttributes attributes_;
};

struct DirectoryEntry {
    std::string name;
    uint64_t number;
    uint32_t mode_type;  // S_IF*.
    uint64_t next;       // The position after this entry.
};

class Directory : public Inode {
public:
    using Inode::Inode;
    Directory* as_directory() final { return this; }

    // ENOENT.  "." and ".." are the walk's business.
    virtual mach::Async<mach::Result<InodeRef>> lookup(std::string_view name) = 0;
    // The directory that holds this one; itself at the root of everything; null if it was removed.
    virtual std::shared_ptr<Directory> parent() const = 0;
    // The name under which `child` stands here, for getcwd; empty if it does not.
    virtual std::string name_of(const Inode& child) const = 0;
    // The entry at `position` or the next after it; positions stay valid while entries come and go.
    virtual bool entry_at(uint64_t position, DirectoryEntry& entry) = 0;

    // The operations below answer EROFS in file systems that cannot.  Names have been checked by the name space.
    virtual mach::Async<mach::Result<InodeRef>>
    create(std::string_view name, const InodeAttributes& attributes, std::string_view link_target);
    virtual mach::Async<mach::Result<void>> link(std::string_view name, InodeRef inode);
    virtual mach::Async<mach::Result<void>> unlink(std::string_view name);
    virtual mach::Async<mach::Result<void>> remove_directory(std::string_view name);
    // Moves `from_name` of `from` here as `to_name`, replacing what POSIX lets it replace.
    virtual mach::Async<mach::Result<void>> rename_from(Directory& from, std::string_view from_name,
                                                        std::string_view to_name);
};

// Where a write began and how much of it was done.
struct Written {
    uint64_t offset;
    uint32_t count;
};

// Regular files: data is read and written at absolute offsets, in pieces of at most UNIX_IO_MAX bytes.
class RegularFile : public Inode {
public:
    using Inode::Inode;
    RegularFile* as_file() final { return this; }

    virtual mach::Async<mach::Result<uint32_t>> read(uint64_t offset, std::span<char> to) = 0;
    // At `offset`, or at what is the end when the write begins: appends do not overwrite each other.
    static constexpr uint64_t at_end = ~uint64_t{0};
    virtual mach::Async<mach::Result<Written>> write(uint64_t offset, std::span<const char> from) = 0;
    virtual mach::Async<mach::Result<void>> truncate(uint64_t size) = 0;
    virtual mach::Async<mach::Result<void>> sync() = 0;
    // A send right to a memory entry of the file, for vm_map.  ENODEV if it cannot be mapped.
    virtual mach::Result<mach::SendRight> mappable(bool writable) = 0;
};

class SymbolicLink : public Inode {
public:
    SymbolicLink(uint64_t device, uint64_t number, const InodeAttributes& attributes, std::string target)
        : Inode{device, number, attributes}, target_{std::move(target)}
    {
    }
    SymbolicLink* as_link() final { return this; }
    uint64_t size() const override { return target_.size(); }
    uint64_t blocks() const override { return 0; }  // The target is part of the inode.
    virtual mach::Result<std::string> target(int32_t reader_pid) const
    {
        static_cast<void>(reader_pid);  // Only /proc/self depends on who reads it.
        return target_;
    }

    // Where a link leads that no path can tell: to what a process has open.
    struct Jump {
        InodeRef inode;
        // Of an anonymous pipe, which can be had in no other way; else null.
        std::shared_ptr<Description> description;
    };
    // Null: the target is walked.  EACCES.
    virtual mach::Result<std::optional<Jump>> jump(const Credentials& who) const
    {
        static_cast<void>(who);
        return std::optional<Jump>{};
    }

private:
    std::string target_;
};

class CharacterDevice : public Inode {
public:
    using Inode::Inode;
    CharacterDevice* as_device() final { return this; }
};

class Fifo : public Inode {
public:
    using Inode::Inode;
    Fifo* as_fifo() final { return this; }
};

// Nanoseconds since the epoch, by the kernel's clock.
uint64_t current_time_ns();

}  // namespace portico
