#include "memfs.h"

#include <cerrno>

#include "../support/unix_error.h"
#include "memory_file.h"

namespace portico {

namespace {

InodeAttributes stamped(InodeAttributes attributes)
{
    if (attributes.mtime_ns == 0)
        attributes.atime_ns = attributes.mtime_ns = attributes.ctime_ns = current_time_ns();
    return attributes;
}

}  // namespace

MemFileSystem::MemFileSystem(uint64_t device) : device_{device}
{
    InodeAttributes attributes;
    attributes.mode = S_IFDIR | 0755;
    root_ = std::make_shared<MemDirectory>(*this, next_number(), stamped(attributes));
    root_->set_parent(root_);
    root_->add_link();  // (I1) "."
    root_->add_link();  // (I1) "..", which at the root is itself.
}

InodeRef MemFileSystem::make_inode(const InodeAttributes& wanted, std::string_view link_target,
                                   const std::shared_ptr<Directory>& parent)
{
    const InodeAttributes attributes = stamped(wanted);
    switch (attributes.mode & S_IFMT) {
    case S_IFDIR: {
        auto directory = std::make_shared<MemDirectory>(*this, next_number(), attributes);
        directory->set_parent(parent);
        directory->add_link();  // (I1) "."
        return directory;
    }
    case S_IFREG:
        return std::make_shared<MemoryFile>(device_, next_number(), attributes);
    case S_IFLNK:
        return std::make_shared<SymbolicLink>(device_, next_number(), attributes, std::string{link_target});
    case S_IFIFO:
        return std::make_shared<Fifo>(device_, next_number(), attributes);
    case S_IFCHR:
        return std::make_shared<CharacterDevice>(device_, next_number(), attributes);
    default:
        return nullptr;
    }
}

MemDirectory::MemDirectory(MemFileSystem& file_system, uint64_t number, const InodeAttributes& attributes)
    : Directory{file_system.device(), number, attributes}, file_system_{file_system}
{
}

// Taken apart level by level: a deep tree must not be a deep recursion (design D10).
MemDirectory::~MemDirectory()
{
    std::vector<InodeRef> doomed;
    for (auto& [name, entry] : by_name_)
        doomed.push_back(std::move(entry.inode));
    while (!doomed.empty()) {
        const InodeRef inode = std::move(doomed.back());
        doomed.pop_back();
        if (inode.use_count() != 1 || inode->device() != device())
            continue;
        if (auto* directory = static_cast<MemDirectory*>(inode->as_directory())) {
            for (auto& [name, entry] : directory->by_name_)
                doomed.push_back(std::move(entry.inode));
            directory->by_position_.clear();
            directory->by_name_.clear();
        }
    }
}

InodeRef MemDirectory::find(std::string_view name) const
{
    const auto entry = by_name_.find(name);
    return entry == by_name_.end() ? nullptr : entry->second.inode;
}

mach::Async<mach::Result<InodeRef>> MemDirectory::lookup(std::string_view name)
{
    InodeRef inode = find(name);
    if (inode == nullptr)
        co_return unix_failure(ENOENT);
    co_return inode;
}

std::shared_ptr<Directory> MemDirectory::parent() const { return parent_.lock(); }

std::string MemDirectory::name_of(const Inode& child) const
{
    for (const auto& [name, entry] : by_name_) {
        if (entry.inode.get() == &child)
            return name;
    }
    return {};
}

bool MemDirectory::entry_at(uint64_t position, DirectoryEntry& entry)
{
    if (removed())
        return false;
    if (position <= 1) {
        const auto up = parent();
        const bool self = position == 0 || up == nullptr;
        entry = {self && position == 0 ? "." : "..", self ? number() : up->number(), S_IFDIR, position + 1};
        return true;
    }
    const auto next = by_position_.lower_bound(position);
    if (next == by_position_.end())
        return false;
    const auto& [name, held] = *next->second;
    entry = {name, held.inode->number(), held.inode->type(), next->first + 1};
    return true;
}

void MemDirectory::insert(std::string_view name, InodeRef inode)
{
    if (Directory* directory = inode->as_directory(); directory != nullptr && directory->device() == device())
        add_link();  // (I1) The child's "..".
    inode->add_link();
    const auto [entry, inserted] =
        by_name_.try_emplace(std::string{name}, Entry{std::move(inode), next_position_});
    by_position_.emplace(next_position_++, entry);
    touch_modified();
}

void MemDirectory::attach(std::string_view name, InodeRef inode) { insert(name, std::move(inode)); }

void MemDirectory::detach(std::string_view name)
{
    if (const auto entry = by_name_.find(name); entry != by_name_.end())
        unlink_entry(entry);
}

InodeRef MemDirectory::take(Entries::iterator entry)
{
    InodeRef inode = std::move(entry->second.inode);
    by_position_.erase(entry->second.position);
    by_name_.erase(entry);
    inode->drop_link();
    if (inode->as_directory() != nullptr)
        drop_link();
    inode->touch_changed();
    touch_modified();
    return inode;
}

void MemDirectory::unlink_entry(Entries::iterator entry)
{
    const InodeRef inode = take(entry);
    if (inode->as_directory() != nullptr) {
        inode->drop_link();  // (I1) Its own ".".
        static_cast<MemDirectory*>(inode->as_directory())->set_parent(nullptr);
    }
}

mach::Async<mach::Result<InodeRef>>
MemDirectory::create(std::string_view name, const InodeAttributes& attributes, std::string_view link_target)
{
    if (removed())
        co_return unix_failure(ENOENT);
    if (by_name_.contains(name))
        co_return unix_failure(EEXIST);
    InodeRef inode = file_system_.make_inode(attributes, link_target,
                                             std::static_pointer_cast<Directory>(shared_from_this()));
    if (inode == nullptr)
        co_return unix_failure(EINVAL);
    insert(name, inode);
    co_return inode;
}

mach::Async<mach::Result<void>> MemDirectory::link(std::string_view name, InodeRef inode)
{
    if (removed())
        co_return unix_failure(ENOENT);
    if (by_name_.contains(name))
        co_return unix_failure(EEXIST);
    if (inode->device() != device())
        co_return unix_failure(EXDEV);
    if (inode->attributes().nlink == 0)
        co_return unix_failure(ENOENT);
    inode->touch_changed();
    insert(name, std::move(inode));
    co_return {};
}

mach::Async<mach::Result<void>> MemDirectory::unlink(std::string_view name)
{
    const auto entry = by_name_.find(name);
    if (entry == by_name_.end())
        co_return unix_failure(ENOENT);
    if (entry->second.inode->as_directory() != nullptr)
        co_return unix_failure(EISDIR);
    unlink_entry(entry);
    co_return {};
}

mach::Async<mach::Result<void>> MemDirectory::remove_directory(std::string_view name)
{
    const auto entry = by_name_.find(name);
    if (entry == by_name_.end())
        co_return unix_failure(ENOENT);
    Directory* directory = entry->second.inode->as_directory();
    if (directory == nullptr)
        co_return unix_failure(ENOTDIR);
    if (directory->device() != device())
        co_return unix_failure(EBUSY);
    if (!static_cast<MemDirectory*>(directory)->empty())
        co_return unix_failure(ENOTEMPTY);
    unlink_entry(entry);
    co_return {};
}

mach::Result<void> MemDirectory::check_replacement(Inode& moved, Inode& replaced) const
{
    Directory* directory = replaced.as_directory();
    if (moved.as_directory() == nullptr)
        return directory == nullptr ? mach::Result<void>{} : unix_failure(EISDIR);
    if (directory == nullptr)
        return unix_failure(ENOTDIR);
    if (directory->device() != device())
        return unix_failure(EBUSY);
    if (!static_cast<MemDirectory*>(directory)->empty())
        return unix_failure(ENOTEMPTY);
    return {};
}

mach::Async<mach::Result<void>>
MemDirectory::rename_from(Directory& from_directory, std::string_view from_name, std::string_view to_name)
{
    if (from_directory.device() != device())
        co_return unix_failure(EXDEV);
    if (removed())
        co_return unix_failure(ENOENT);
    auto& from = static_cast<MemDirectory&>(from_directory);
    const auto source = from.by_name_.find(from_name);
    if (source == from.by_name_.end())
        co_return unix_failure(ENOENT);
    const InodeRef moved = source->second.inode;
    if (moved->device() != device())
        co_return unix_failure(EBUSY);

    for (std::shared_ptr<Directory> above = std::static_pointer_cast<Directory>(shared_from_this());;) {
        if (above.get() == moved.get())
            co_return unix_failure(EINVAL);  // A directory would come to lie inside itself.
        const auto next = above->parent();
        if (next == nullptr || next == above)
            break;
        above = next;
    }

    if (const auto target = by_name_.find(to_name); target != by_name_.end()) {
        if (target->second.inode == moved)
            co_return {};
        CO_TRY(check_replacement(*moved, *target->second.inode));
        unlink_entry(target);
    }
    InodeRef inode = from.take(source);
    if (Directory* directory = inode->as_directory())
        static_cast<MemDirectory*>(directory)->set_parent(
            std::static_pointer_cast<Directory>(shared_from_this()));
    insert(to_name, std::move(inode));
    co_return {};
}

}  // namespace portico
