#include "fs_client.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mig/runtime.h>
#include <unistd.h>

#include "../support/page_size.h"
#include "../support/unix_error.h"
#include "devices.h"
#include "file_room.h"
#include "file_service.h"

namespace portico {

namespace {

// Copies `text` with its NUL into a string argument.
mach::Result<void> put_string(std::string_view text, mig::OutArray<char>& to)
{
    if (text.size() + 1 > to.capacity())
        return unix_failure(ENAMETOOLONG);
    std::memcpy(to.data(), text.data(), text.size());
    to.data()[text.size()] = '\0';
    to.set_count(static_cast<uint32_t>(text.size() + 1));
    return {};
}

uint32_t wanted_by(uint32_t flags)
{
    switch (flags & O_ACCMODE) {
    case O_RDONLY:
        return want_read;
    case O_WRONLY:
        return want_write;
    default:
        return want_read | want_write;
    }
}

FinalLink final_link(uint32_t flags)
{
    return (flags & AT_SYMLINK_NOFOLLOW) != 0 ? FinalLink::keep : FinalLink::follow;
}

}  // namespace

// ---- Where a path starts.

mach::Result<WalkContext> FsClient::context(integer_t directory, std::string_view path,
                                            const Credentials* who)
{
    WalkContext walk{process_->root, process_->current, who != nullptr ? *who : process_->credentials,
                     process_->pid};
    if (directory == AT_FDCWD || path.starts_with('/'))
        return walk;
    const InodeRef inode = TRY(process_->descriptors.find(directory))->description->inode();
    if (inode == nullptr || inode->as_directory() == nullptr)
        return unix_failure(ENOTDIR);
    walk.start = std::static_pointer_cast<Directory>(inode);
    return walk;
}

mach::Async<mach::Result<InodeRef>> FsClient::find(integer_t directory, std::string_view path, uint32_t flags,
                                                   const Credentials* who)
{
    if (path.empty() && (flags & AT_EMPTY_PATH) != 0) {
        if (directory == AT_FDCWD)
            co_return process_->current;
        InodeRef inode = CO_TRY(process_->descriptors.find(directory))->description->inode();
        if (inode == nullptr)
            co_return unix_failure(EINVAL);  // A pipe has no inode to change.
        co_return inode;
    }
    co_return co_await walk(CO_TRY(context(directory, path, who)), std::string{path}, final_link(flags));
}

mach::Async<mach::Result<NamedPlace>> FsClient::writable_place(integer_t directory, std::string path,
                                                               FinalLink link)
{
    NamedPlace place =
        CO_TRY(co_await walk_to_place(CO_TRY(context(directory, path)), std::move(path), link));
    if (!place.is_special)
        CO_TRY(place.directory->check_access(process_->credentials, want_write | want_execute));
    co_return place;
}

// ---- Opening.

InodeAttributes FsClient::attributes_for(uint32_t mode, const Directory& directory) const
{
    InodeAttributes attributes;
    const bool masked = (mode & S_IFMT) != S_IFLNK;  // Nobody asks for a link's permissions; all have them.
    attributes.mode = (mode & S_IFMT) | (mode & 07777 & ~(masked ? process_->mask : 0));
    attributes.uid = process_->credentials.euid;
    const bool inherits = (directory.attributes().mode & S_ISGID) != 0;
    attributes.gid = inherits ? directory.attributes().gid : process_->credentials.egid;
    return attributes;
}

mach::Result<void> FsClient::check_open(const NamedPlace& place, uint32_t flags) const
{
    const Inode& inode = *place.inode;
    if ((flags & O_DIRECTORY) != 0 && inode.type() != S_IFDIR)
        return unix_failure(ENOTDIR);
    if (inode.type() == S_IFLNK)
        return unix_failure(ELOOP);  // O_NOFOLLOW
    uint32_t wanted = wanted_by(flags);
    if ((flags & O_TRUNC) != 0)
        wanted |= want_write;
    if (inode.type() == S_IFDIR && (wanted & want_write) != 0)
        return unix_failure(EISDIR);
    if (place.description != nullptr)
        return {};  // Each use of it looks at what it was opened for.
    return inode.check_access(process_->credentials, wanted);
}

mach::Async<mach::Result<InodeRef>> FsClient::create_for_open(const NamedPlace& place, uint32_t flags,
                                                              uint32_t mode)
{
    if (place.wants_directory || (flags & O_DIRECTORY) != 0)
        co_return unix_failure(EISDIR);
    CO_TRY(place.directory->check_access(process_->credentials, want_write | want_execute));
    const InodeAttributes attributes = attributes_for(S_IFREG | (mode & 07777), *place.directory);
    co_return co_await place.directory->create(place.name, attributes, {});
}

mach::Async<mach::Result<FsClient::Opened>> FsClient::open_inode(integer_t directory, std::string path,
                                                                 uint32_t flags, uint32_t mode)
{
    const bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    const FinalLink link = exclusive || (flags & O_NOFOLLOW) != 0 ? FinalLink::keep : FinalLink::follow;
    WalkContext where = CO_TRY(context(directory, path));
    if ((flags & O_CREAT) == 0) {
        NamedPlace place = CO_TRY(co_await walk_to_place(std::move(where), std::move(path), link));
        if (place.inode == nullptr)
            co_return unix_failure(ENOENT);
        CO_TRY(check_open(place, flags));
        co_return Opened{std::move(place.inode), std::move(place.description)};
    }
    const auto guard = co_await service_.name_space_lock().lock();
    NamedPlace place = CO_TRY(co_await walk_to_place(std::move(where), std::move(path), link));
    if (place.inode == nullptr)
        co_return Opened{CO_TRY(co_await create_for_open(place, flags, mode)), nullptr};
    if (exclusive)
        co_return unix_failure(EEXIST);
    if (place.inode->type() == S_IFDIR)
        co_return unix_failure(EISDIR);
    CO_TRY(check_open(place, flags));
    co_return Opened{std::move(place.inode), std::move(place.description)};
}

mach::Async<mach::Result<DescriptionRef>> FsClient::describe(InodeRef inode, call_number_t call,
                                                             uint32_t flags)
{
    mach::CallContext& self = co_await mach::this_call();
    mach::SendRight right;
    uint32_t terminal = 0;
    if (inode->as_fifo() != nullptr) {
        mach::CancelHandler forward{self, call, [&] { service_.pipe().cancel(call); }};
        right = CO_TRY(co_await service_.pipe().open_fifo(call, inode->number(), flags));
    } else if (inode->as_device() != nullptr && terminal_minor(inode->attributes().rdev, terminal)) {
        mach::CancelHandler forward{self, call, [&] { service_.tty().cancel(call); }};
        right = CO_TRY(co_await service_.tty().open(call, process_->pid, terminal, flags));
    } else {
        co_return DescriptionRef{CO_TRY(make_local_description(inode, flags))};
    }
    auto owner =
        Connection<description::Interface>::to<description::Remote>(service_.loop(), std::move(right));
    co_return DescriptionRef{std::make_shared<RemoteDescription>(std::move(owner), std::move(inode))};
}

// Gives a description a descriptor.  Without one, or if the process has gone meanwhile, nothing of the attempt stays.
mach::Async<mach::Result<fs::OpenReply>> FsClient::enter(DescriptionRef description, uint32_t flags)
{
    const bool is_new = !description->in_use();
    mach::Result<ChannelRight> channel = co_await description->channel(process_->pid);
    mach::Result<int> descriptor = mach::failure(KERN_FAILURE);
    if (!channel)
        descriptor = mach::failure(channel.error());
    else if (process_->exited)
        descriptor = unix_failure(ESRCH);
    else if (!is_new && !description->in_use())
        descriptor = unix_failure(ENOENT);  // Its last user has closed it meanwhile.
    else
        descriptor = process_->descriptors.enter(description, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
    if (!descriptor) {
        if (is_new)
            co_await description->close();
        else if (!process_->descriptors.refers_to(*description))
            co_await description->close_channel(process_->pid);
        co_return mach::failure(descriptor.error());
    }
    co_return fs::OpenReply{*descriptor, std::move(channel->right), channel->kind};
}

mach::Async<mach::Result<fs::OpenReply>> FsClient::open(call_number_t call, integer_t directory,
                                                        std::string_view path, uint32_t flags, uint32_t mode)
{
    auto [inode, existing] = CO_TRY(co_await open_inode(directory, std::string{path}, flags, mode));
    if (existing != nullptr)
        co_return co_await enter(std::move(existing), flags);
    const bool truncates = (flags & O_TRUNC) != 0 && inode->as_file() != nullptr;
    DescriptionRef description = CO_TRY(co_await describe(inode, call, flags));
    if (truncates)
        CO_TRY(co_await inode->as_file()->truncate(0));
    co_return co_await enter(std::move(description), flags);
}

mach::Async<mach::Result<fs::PipeReply>> FsClient::pipe(uint32_t flags)
{
    auto ends = CO_TRY(co_await service_.pipe().create(flags));
    const auto describe_end = [&](mach::SendRight right) {
        return std::make_shared<RemoteDescription>(
            Connection<description::Interface>::to<description::Remote>(service_.loop(), std::move(right)),
            nullptr);
    };
    const auto reader = describe_end(std::move(ends.reader));
    const auto writer = describe_end(std::move(ends.writer));
    mach::Result<fs::OpenReply> first = co_await enter(reader, flags);
    if (!first) {
        co_await writer->close();
        co_return mach::failure(first.error());
    }
    mach::Result<fs::OpenReply> second = co_await enter(writer, flags);
    if (!second) {
        co_await close_descriptors(process_, {first->descriptor});
        co_return mach::failure(second.error());
    }
    co_return fs::PipeReply{first->descriptor, second->descriptor, std::move(first->channel),
                            std::move(second->channel)};
}

// ---- Descriptors.

mach::Async<mach::Result<fs::ChannelReply>> FsClient::channel(integer_t descriptor)
{
    const DescriptionRef description = CO_TRY(process_->descriptors.find(descriptor))->description;
    ChannelRight channel = CO_TRY(co_await description->channel(process_->pid));
    co_return fs::ChannelReply{std::move(channel.right), channel.kind};
}

mach::Async<mach::Result<void>> FsClient::close(integer_t descriptor)
{
    DescriptionRef description = CO_TRY(process_->descriptors.take(descriptor));
    co_await release_descriptor(process_, std::move(description));
    co_return {};
}

mach::Async<mach::Result<integer_t>> FsClient::duplicate(integer_t descriptor, integer_t minimum,
                                                         uint32_t descriptor_flags)
{
    DescriptionRef description = CO_TRY(process_->descriptors.find(descriptor))->description;
    co_return process_->descriptors.enter(std::move(description), descriptor_flags, minimum);
}

mach::Async<mach::Result<void>> FsClient::duplicate_to(integer_t descriptor, integer_t to,
                                                       uint32_t descriptor_flags)
{
    DescriptionRef description = CO_TRY(process_->descriptors.find(descriptor))->description;
    if (to < 0 || to >= DescriptorTable::limit)
        co_return unix_failure(EBADF);
    if (descriptor == to)
        co_return {};
    // The new entry is there before the old description is closed: nobody sees the slot free.
    mach::Result<DescriptionRef> replaced = process_->descriptors.take(to);
    process_->descriptors.enter_at(to, std::move(description), descriptor_flags);
    if (replaced)
        co_await release_descriptor(process_, std::move(*replaced));
    co_return {};
}

mach::Async<mach::Result<uint32_t>> FsClient::get_descriptor_flags(integer_t descriptor)
{
    co_return CO_TRY(process_->descriptors.find(descriptor))->flags;
}

mach::Async<mach::Result<void>> FsClient::set_descriptor_flags(integer_t descriptor,
                                                               uint32_t descriptor_flags)
{
    CO_TRY(process_->descriptors.find(descriptor))->flags = descriptor_flags & FD_CLOEXEC;
    co_return {};
}

// ---- Looking.

mach::Async<mach::Result<unix_stat_t>> FsClient::stat(integer_t directory, std::string_view path,
                                                      uint32_t flags)
{
    co_return CO_TRY(co_await find(directory, path, flags))->status();
}

mach::Async<mach::Result<void>> FsClient::access(integer_t directory, std::string_view path, uint32_t mode,
                                                 uint32_t flags)
{
    if ((mode & ~uint32_t{R_OK | W_OK | X_OK}) != 0)
        co_return unix_failure(EINVAL);
    const Credentials who =
        (flags & AT_EACCESS) != 0 ? process_->credentials : process_->credentials.as_real();
    const InodeRef inode = CO_TRY(co_await find(directory, path, flags, &who));
    co_return inode->check_access(who, mode);
}

mach::Async<mach::Result<void>> FsClient::read_link(integer_t directory, std::string_view path,
                                                    mig::OutArray<char>& target)
{
    const InodeRef inode = CO_TRY(co_await find(directory, path, AT_SYMLINK_NOFOLLOW));
    const SymbolicLink* link = inode->as_link();
    if (link == nullptr)
        co_return unix_failure(EINVAL);
    const std::string text = CO_TRY(link->target(process_->pid));
    const size_t length = std::min<size_t>(text.size(), target.capacity());
    std::memcpy(target.data(), text.data(), length);
    target.set_count(static_cast<uint32_t>(length));
    co_return {};
}

mach::Async<mach::Result<void>> FsClient::current_directory(mig::OutArray<char>& path)
{
    co_return put_string(CO_TRY(path_of(process_->current, process_->root)), path);
}

mach::Async<mach::Result<unix_statvfs_t>> FsClient::file_system(integer_t directory, std::string_view path)
{
    const InodeRef inode = CO_TRY(co_await find(directory, path, AT_EMPTY_PATH));
    unix_statvfs_t status{};
    status.block_size = page_size;
    const FileRoom room = file_room();
    status.blocks = room.pages_total;
    status.blocks_free = room.pages_free;
    status.files = status.files_free = 1 << 20;
    status.name_max = UNIX_NAME_MAX;
    status.id = inode->device();
    co_return status;
}

// ---- Changing the tree.

mach::Async<mach::Result<void>> FsClient::create(integer_t directory, std::string path, uint32_t mode,
                                                 uint64_t device, std::string link_target)
{
    const auto guard = co_await service_.name_space_lock().lock();
    NamedPlace place =
        CO_TRY(co_await walk_to_place(CO_TRY(context(directory, path)), std::move(path), FinalLink::keep));
    if (place.inode != nullptr)
        co_return unix_failure(EEXIST);
    if (place.wants_directory && (mode & S_IFMT) != S_IFDIR)
        co_return unix_failure(ENOENT);
    CO_TRY(place.directory->check_access(process_->credentials, want_write | want_execute));
    InodeAttributes attributes = attributes_for(mode, *place.directory);
    attributes.rdev = device;
    CO_TRY(co_await place.directory->create(place.name, attributes, link_target));
    co_return {};
}

mach::Async<mach::Result<void>> FsClient::make_directory(integer_t directory, std::string_view path,
                                                         uint32_t mode)
{
    return create(directory, std::string{path}, S_IFDIR | (mode & 01777), 0, {});
}

mach::Async<mach::Result<void>> FsClient::make_node(integer_t directory, std::string_view path, uint32_t mode,
                                                    uint64_t device)
{
    const uint32_t type = (mode & S_IFMT) == 0 ? S_IFREG : mode & S_IFMT;
    if (type != S_IFREG && type != S_IFIFO && type != S_IFCHR)
        co_return unix_failure(EINVAL);
    if (type == S_IFCHR && !process_->credentials.is_root())
        co_return unix_failure(EPERM);
    co_return co_await create(directory, std::string{path}, type | (mode & 07777), device, {});
}

mach::Async<mach::Result<void>> FsClient::symbolic_link(std::string_view target, integer_t directory,
                                                        std::string_view path)
{
    if (target.empty())
        co_return unix_failure(ENOENT);
    co_return co_await create(directory, std::string{path}, S_IFLNK | 0777, 0, std::string{target});
}

// The sticky bit: only the owner of the file or of the directory may take a name out.
mach::Result<void> FsClient::check_removal(const NamedPlace& place) const
{
    const InodeAttributes& directory = place.directory->attributes();
    const Credentials& who = process_->credentials;
    if ((directory.mode & S_ISVTX) != 0 && !who.is_root() && who.euid != directory.uid &&
        who.euid != place.inode->attributes().uid)
        return unix_failure(EPERM);
    return {};
}

mach::Async<mach::Result<void>> FsClient::unlink(integer_t directory, std::string_view path, uint32_t flags)
{
    const auto guard = co_await service_.name_space_lock().lock();
    const NamedPlace place = CO_TRY(co_await writable_place(directory, std::string{path}, FinalLink::keep));
    if (place.inode == nullptr)
        co_return unix_failure(ENOENT);
    const bool removes_directory = (flags & AT_REMOVEDIR) != 0;
    if (place.is_special)
        co_return unix_failure(!removes_directory   ? EISDIR
                               : place.name == "."  ? EINVAL
                               : place.name == ".." ? ENOTEMPTY
                                                    : EBUSY);
    CO_TRY(check_removal(place));
    if (removes_directory)
        co_return co_await place.directory->remove_directory(place.name);
    co_return co_await place.directory->unlink(place.name);
}

mach::Async<mach::Result<void>> FsClient::rename(integer_t from_directory, std::string_view from,
                                                 integer_t to_directory, std::string_view to)
{
    const auto guard = co_await service_.name_space_lock().lock();
    const std::string to_path{to};
    const NamedPlace source =
        CO_TRY(co_await writable_place(from_directory, std::string{from}, FinalLink::keep));
    const NamedPlace target = CO_TRY(co_await writable_place(to_directory, to_path, FinalLink::keep));
    if (source.inode == nullptr)
        co_return unix_failure(ENOENT);
    if (source.is_special || target.is_special)
        co_return unix_failure(EBUSY);
    if (target.inode == nullptr && target.wants_directory && source.inode->type() != S_IFDIR)
        co_return unix_failure(ENOTDIR);
    CO_TRY(check_removal(source));
    if (target.inode != nullptr)
        CO_TRY(check_removal(target));
    co_return co_await target.directory->rename_from(*source.directory, source.name, target.name);
}

mach::Async<mach::Result<void>> FsClient::link(integer_t from_directory, std::string_view from,
                                               integer_t to_directory, std::string_view to, uint32_t flags)
{
    const auto guard = co_await service_.name_space_lock().lock();
    const std::string to_path{to};
    const bool follows = (flags & AT_SYMLINK_FOLLOW) != 0;
    InodeRef inode = CO_TRY(co_await find(
        from_directory, from, (flags & AT_EMPTY_PATH) | (follows ? 0u : uint32_t{AT_SYMLINK_NOFOLLOW})));
    if (inode->type() == S_IFDIR)
        co_return unix_failure(EPERM);
    const NamedPlace place = CO_TRY(co_await writable_place(to_directory, to_path, FinalLink::keep));
    if (place.inode != nullptr)
        co_return unix_failure(EEXIST);
    if (place.wants_directory)
        co_return unix_failure(ENOENT);
    co_return co_await place.directory->link(place.name, std::move(inode));
}

// ---- Changing attributes.

mach::Async<mach::Result<void>> FsClient::change_mode(integer_t directory, std::string_view path,
                                                      uint32_t mode, uint32_t flags)
{
    const InodeRef inode = CO_TRY(co_await find(directory, path, flags));
    const Credentials& who = process_->credentials;
    if (!inode->owned_by(who))
        co_return unix_failure(EPERM);
    if (inode->read_only())
        co_return unix_failure(EROFS);
    if (inode->type() != S_IFDIR && !who.is_root() && !who.in_group(inode->attributes().gid))
        mode &= ~uint32_t{S_ISGID};
    inode->set_mode(mode);
    co_return {};
}

mach::Async<mach::Result<void>> FsClient::change_owner(integer_t directory, std::string_view path,
                                                       uint32_t owner, uint32_t group, uint32_t flags)
{
    constexpr auto unchanged = static_cast<uint32_t>(-1);
    const InodeRef inode = CO_TRY(co_await find(directory, path, flags));
    const Credentials& who = process_->credentials;
    if (inode->read_only())
        co_return unix_failure(EROFS);
    const bool keeps_owner = owner == unchanged || owner == inode->attributes().uid;
    const bool may_group = group == unchanged || who.in_group(group);
    if (!who.is_root() && (!inode->owned_by(who) || !keeps_owner || !may_group))
        co_return unix_failure(EPERM);
    inode->set_owner(owner, group);
    if (!who.is_root() && inode->type() == S_IFREG)
        inode->set_mode(inode->attributes().mode & ~uint32_t{S_ISUID | S_ISGID});
    co_return {};
}

mach::Async<mach::Result<void>> FsClient::change_times(integer_t directory, std::string_view path,
                                                       int64_t accessed, int64_t modified, uint32_t flags)
{
    const InodeRef inode = CO_TRY(co_await find(directory, path, flags));
    const Credentials& who = process_->credentials;
    const bool only_now = accessed == INT64_MAX && modified == INT64_MAX;
    if (!inode->owned_by(who)) {
        if (!only_now)
            co_return unix_failure(EPERM);
        CO_TRY(inode->check_access(who, want_write));
    }
    if (inode->read_only())
        co_return unix_failure(EROFS);
    const auto chosen = [](int64_t wanted, uint64_t present) {
        return wanted == INT64_MAX   ? current_time_ns()
               : wanted == INT64_MIN ? present
                                     : static_cast<uint64_t>(wanted);
    };
    inode->set_times(chosen(accessed, inode->attributes().atime_ns),
                     chosen(modified, inode->attributes().mtime_ns));
    co_return {};
}

mach::Async<mach::Result<void>> FsClient::truncate(integer_t directory, std::string_view path, int64_t size)
{
    const InodeRef inode = CO_TRY(co_await find(directory, path, AT_EMPTY_PATH));
    if (size < 0)
        co_return unix_failure(EINVAL);
    if (inode->type() == S_IFDIR)
        co_return unix_failure(EISDIR);
    if (inode->as_file() == nullptr)
        co_return unix_failure(EINVAL);
    CO_TRY(inode->check_access(process_->credentials, want_write));
    co_return co_await inode->as_file()->truncate(static_cast<uint64_t>(size));
}

// ---- The process's own place.

mach::Async<mach::Result<void>> FsClient::change_directory(integer_t directory, std::string_view path)
{
    const InodeRef inode = CO_TRY(co_await find(directory, path, AT_EMPTY_PATH));
    if (inode->as_directory() == nullptr)
        co_return unix_failure(ENOTDIR);
    CO_TRY(inode->check_access(process_->credentials, want_execute));
    process_->current = std::static_pointer_cast<Directory>(inode);
    co_return {};
}

mach::Async<mach::Result<void>> FsClient::change_root(std::string_view path)
{
    if (!process_->credentials.is_root())
        co_return unix_failure(EPERM);
    const InodeRef inode = CO_TRY(co_await find(AT_FDCWD, path, 0));
    if (inode->as_directory() == nullptr)
        co_return unix_failure(ENOTDIR);
    process_->root = std::static_pointer_cast<Directory>(inode);
    co_return {};
}

mach::Async<mach::Result<uint32_t>> FsClient::set_mask(uint32_t mask)
{
    co_return std::exchange(process_->mask, mask & 0777);
}

mach::Async<mach::Result<void>> FsClient::sync(call_number_t) { co_return {}; }

}  // namespace portico
