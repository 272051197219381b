#include "inode.h"

#include <cerrno>

#include "../support/unix_error.h"

namespace portico {

namespace {

constexpr uint32_t permission_bits = 07777;

// Which of the three permission triples counts for `who`, shifted down to rwx.
uint32_t granted_permissions(const InodeAttributes& attributes, const Credentials& who)
{
    if (who.euid == attributes.uid)
        return (attributes.mode >> 6) & 7;
    if (who.in_group(attributes.gid))
        return (attributes.mode >> 3) & 7;
    return attributes.mode & 7;
}

}  // namespace

mach::Result<void> Inode::check_access(const Credentials& who, uint32_t wanted) const
{
    if ((wanted & want_write) != 0 && read_only() && type() != S_IFCHR && type() != S_IFIFO)
        return unix_failure(EROFS);
    if (who.is_root()) {
        const bool may_execute = type() == S_IFDIR || (attributes_.mode & 0111) != 0;
        if ((wanted & want_execute) != 0 && !may_execute)
            return unix_failure(EACCES);
        return {};
    }
    if ((granted_permissions(attributes_, who) & wanted) != wanted)
        return unix_failure(EACCES);
    return {};
}

void Inode::set_mode(uint32_t permissions)
{
    attributes_.mode = type() | (permissions & permission_bits);
    touch_changed();
}

void Inode::set_owner(uint32_t uid, uint32_t gid)
{
    constexpr auto unchanged = static_cast<uint32_t>(-1);
    if (uid != unchanged)
        attributes_.uid = uid;
    if (gid != unchanged)
        attributes_.gid = gid;
    touch_changed();
}

void Inode::set_times(uint64_t atime_ns, uint64_t mtime_ns)
{
    attributes_.atime_ns = atime_ns;
    attributes_.mtime_ns = mtime_ns;
    touch_changed();
}

void Inode::touch_accessed() { attributes_.atime_ns = current_time_ns(); }

void Inode::touch_modified() { attributes_.mtime_ns = attributes_.ctime_ns = current_time_ns(); }

void Inode::touch_changed() { attributes_.ctime_ns = current_time_ns(); }

unix_stat_t Inode::status() const
{
    unix_stat_t status{};
    status.st_dev = device_;
    status.st_ino = number_;
    status.st_rdev = attributes_.rdev;
    status.st_size = size();
    status.st_blocks = blocks();
    status.st_atime_ns = attributes_.atime_ns;
    status.st_mtime_ns = attributes_.mtime_ns;
    status.st_ctime_ns = attributes_.ctime_ns;
    status.st_mode = attributes_.mode;
    status.st_nlink = attributes_.nlink;
    status.st_uid = attributes_.uid;
    status.st_gid = attributes_.gid;
    status.st_blksize = 4096;
    return status;
}

mach::Async<mach::Result<InodeRef>> Directory::create(std::string_view, const InodeAttributes&,
                                                      std::string_view)
{
    co_return unix_failure(EROFS);
}

mach::Async<mach::Result<void>> Directory::link(std::string_view, InodeRef) { co_return unix_failure(EROFS); }

mach::Async<mach::Result<void>> Directory::unlink(std::string_view) { co_return unix_failure(EROFS); }

mach::Async<mach::Result<void>> Directory::remove_directory(std::string_view)
{
    co_return unix_failure(EROFS);
}

mach::Async<mach::Result<void>> Directory::rename_from(Directory&, std::string_view, std::string_view)
{
    co_return unix_failure(EROFS);
}

}  // namespace portico
