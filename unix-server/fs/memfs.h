// unix-server/fs/memfs.h
//
// The file system in memory: directories, links and special files as C++ objects, file data in the kernel's pages
// (memory_file.h).
//
// Owns        the inodes, from the root down; numbers of inodes, which are never used twice.
// Lifetime    as long as the service.
// Lock        none (one event loop).  No operation here suspends between looking and changing, so each is atomic.
// Invariants  (M1) A directory's by_name_ and by_position_ hold the same entries.
//             (M2) Positions rise with creation and are never used twice: a reader that goes on from a position
//                  meets each entry at most once, and each that stayed exactly once.
#pragma once

#include <map>

#include "inode.h"

namespace portico {

class MemDirectory;

class MemFileSystem {
public:
    explicit MemFileSystem(uint64_t device);

    MemDirectory& root() { return *root_; }
    uint64_t device() const { return device_; }
    uint64_t next_number() { return next_number_++; }
    uint64_t inodes_in_use() const { return inodes_; }
    void count_inode(int change) { inodes_ += static_cast<uint64_t>(change); }

    // A new inode of the type that `attributes.mode` says, in no directory yet.
    InodeRef make_inode(const InodeAttributes& attributes, std::string_view link_target,
                        const std::shared_ptr<Directory>& parent);

private:
    uint64_t device_;
    uint64_t next_number_ = 2;  // 2 is the root, as Unix has always had it.
    uint64_t inodes_ = 0;
    std::shared_ptr<MemDirectory> root_;
};

class MemDirectory final : public Directory {
public:
    MemDirectory(MemFileSystem& file_system, uint64_t number, const InodeAttributes& attributes);
    ~MemDirectory() override;

    mach::Async<mach::Result<InodeRef>> lookup(std::string_view name) override;
    std::shared_ptr<Directory> parent() const override;
    std::string name_of(const Inode& child) const override;
    bool entry_at(uint64_t position, DirectoryEntry& entry) override;
    mach::Async<mach::Result<InodeRef>> create(std::string_view name, const InodeAttributes& attributes,
                                               std::string_view link_target) override;
    mach::Async<mach::Result<void>> link(std::string_view name, InodeRef inode) override;
    mach::Async<mach::Result<void>> unlink(std::string_view name) override;
    mach::Async<mach::Result<void>> remove_directory(std::string_view name) override;
    mach::Async<mach::Result<void>> rename_from(Directory& from, std::string_view from_name,
                                                std::string_view to_name) override;
    uint64_t size() const override { return 64 * (by_name_.size() + 2); }

    void set_parent(const std::shared_ptr<Directory>& parent) { parent_ = parent; }
    // Puts another file system's root, or a prepared inode, under `name` (mounting, filling from the archive).
    void attach(std::string_view name, InodeRef inode);
    void detach(std::string_view name);
    InodeRef find(std::string_view name) const;
    bool empty() const { return by_name_.empty(); }
    bool removed() const { return attributes().nlink == 0; }

private:
    struct Entry {
        InodeRef inode;
        uint64_t position;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;

    void insert(std::string_view name, InodeRef inode);
    InodeRef take(Entries::iterator entry);
    mach::Result<void> check_replacement(Inode& moved, Inode& replaced) const;
    void unlink_entry(Entries::iterator entry);

    MemFileSystem& file_system_;
    std::weak_ptr<Directory> parent_;
    Entries by_name_;
    std::map<uint64_t, Entries::iterator> by_position_;
    uint64_t next_position_ = 2;  // 0 and 1 are "." and "..".
};

}  // namespace portico
