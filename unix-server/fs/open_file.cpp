#include "open_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <limits>
#include <mig/runtime.h>
#include <poll.h>
#include <unistd.h>

#include "../support/unix_error.h"
#include "devices.h"

namespace portico {

namespace {

constexpr uint32_t changeable_flags = O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC;
constexpr uint32_t offset_lock_rank = 20;

// A regular file: bytes at the description's offset or at a given one.
class FileDescription final : public LocalDescription {
public:
    using LocalDescription::LocalDescription;

    uint32_t kind() const override { return UNIX_CHANNEL_FILE; }

    mach::Async<mach::Result<void>> read(int64_t offset, mig::OutArray<char>& data, uint32_t amount) override
    {
        const size_t room = std::min<size_t>(amount, data.capacity());
        if (offset >= 0) {
            data.set_count(CO_TRY(co_await file().read(static_cast<uint64_t>(offset), {data.data(), room})));
            co_return {};
        }
        const auto guard = co_await offset_lock_.lock();
        const uint32_t done = CO_TRY(co_await file().read(offset_, {data.data(), room}));
        offset_ += done;
        data.set_count(done);
        co_return {};
    }

    mach::Async<mach::Result<uint32_t>> write(int64_t offset, std::span<const char> data) override
    {
        if (offset >= 0) {
            const Written written = CO_TRY(co_await file().write(static_cast<uint64_t>(offset), data));
            co_return written.count;
        }
        const auto guard = co_await offset_lock_.lock();
        const uint64_t at = (flags() & O_APPEND) != 0 ? RegularFile::at_end : offset_;
        const Written written = CO_TRY(co_await file().write(at, data));
        offset_ = written.offset + written.count;
        co_return written.count;
    }

    mach::Result<int64_t> seek(int64_t offset, int whence) override
    {
        int64_t base = 0;
        switch (whence) {
        case SEEK_SET:
            break;
        case SEEK_CUR:
            base = static_cast<int64_t>(offset_);
            break;
        case SEEK_END:
            base = static_cast<int64_t>(file().size());
            break;
        default:
            return unix_failure(EINVAL);
        }
        int64_t position = 0;
        if (__builtin_add_overflow(base, offset, &position))
            return unix_failure(EOVERFLOW);
        if (position < 0)
            return unix_failure(EINVAL);
        offset_ = static_cast<uint64_t>(position);
        return position;
    }

    mach::Async<mach::Result<void>> truncate(uint64_t size) override { return file().truncate(size); }

private:
    RegularFile& file() const { return *inode()->as_file(); }

    uint64_t offset_ = 0;
    mach::AsyncMutex<offset_lock_rank> offset_lock_;
};

// A directory: entries from a position on.
class DirectoryDescription final : public LocalDescription {
public:
    using LocalDescription::LocalDescription;

    uint32_t kind() const override { return UNIX_CHANNEL_DIRECTORY; }
    mach::Async<mach::Result<void>> read(int64_t, mig::OutArray<char>&, uint32_t) override
    {
        co_return unix_failure(EISDIR);
    }
    mach::Async<mach::Result<uint32_t>> write(int64_t, std::span<const char>) override
    {
        co_return unix_failure(EISDIR);
    }

    mach::Result<int64_t> seek(int64_t offset, int whence) override
    {
        if (whence == SEEK_CUR && offset == 0)
            return static_cast<int64_t>(position_);
        if (whence != SEEK_SET || offset < 0)
            return unix_failure(EINVAL);
        position_ = static_cast<uint64_t>(offset);
        return offset;
    }

    mach::Result<void> read_directory(uint32_t amount, mig::OutArray<char>& entries) override
    {
        const size_t room = std::min<size_t>(amount, entries.capacity());
        size_t used = 0;
        DirectoryEntry entry;
        while (directory().entry_at(position_, entry)) {
            const size_t length = append(entry, entries.data() + used, room - used);
            if (length == 0) {
                if (used == 0)
                    return unix_failure(EINVAL);  // No room for even one.
                break;
            }
            used += length;
            position_ = entry.next;
        }
        entries.set_count(static_cast<uint32_t>(used));
        inode()->touch_accessed();
        return {};
    }

private:
    Directory& directory() const { return *inode()->as_directory(); }

    static size_t append(const DirectoryEntry& entry, char* to, size_t room)
    {
        const size_t length = (offsetof(unix_dirent_t, d_name) + entry.name.size() + 1 + 7) & ~size_t{7};
        if (length > room)
            return 0;
        std::memset(to, 0, length);
        unix_dirent_t header{};
        header.d_ino = entry.number;
        header.d_offset = entry.next;
        header.d_record_length = static_cast<uint16_t>(length);
        header.d_type = static_cast<uint8_t>(IFTODT(entry.mode_type));
        std::memcpy(to, &header, offsetof(unix_dirent_t, d_name));
        entry.name.copy(to + offsetof(unix_dirent_t, d_name), entry.name.size());
        return length;
    }

    uint64_t position_ = 0;
};

// One of fs's own devices (devices.h).
class DeviceDescription final : public LocalDescription {
public:
    DeviceDescription(InodeRef inode, uint32_t flags, MemoryDevice& device)
        : LocalDescription{std::move(inode), flags}, device_{device}
    {
    }
    uint32_t kind() const override { return UNIX_CHANNEL_DEVICE; }

    mach::Async<mach::Result<void>> read(int64_t, mig::OutArray<char>& data, uint32_t amount) override
    {
        const size_t room = std::min<size_t>(amount, data.capacity());
        data.set_count(static_cast<uint32_t>(CO_TRY(device_.read({data.data(), room}))));
        co_return {};
    }
    mach::Async<mach::Result<uint32_t>> write(int64_t, std::span<const char> data) override
    {
        co_return device_.write(data);
    }
    mach::Result<int64_t> seek(int64_t, int) override { return 0; }

private:
    MemoryDevice& device_;
};

}  // namespace

mach::Result<std::shared_ptr<LocalDescription>> make_local_description(const InodeRef& inode, uint32_t flags)
{
    const uint32_t kept = flags & (O_ACCMODE | changeable_flags);
    if (inode->as_file() != nullptr)
        return std::make_shared<FileDescription>(inode, kept);
    if (inode->as_directory() != nullptr)
        return std::make_shared<DirectoryDescription>(inode, kept);
    if (inode->as_device() != nullptr) {
        if (MemoryDevice* device = MemoryDevice::find(inode->attributes().rdev))
            return std::make_shared<DeviceDescription>(inode, kept, *device);
    }
    return unix_failure(ENXIO);
}

mach::Async<mach::Result<ChannelRight>> LocalDescription::channel(int32_t pid)
{
    std::shared_ptr<FileChannel>& channel = channels_[pid];
    if (channel == nullptr)
        channel =
            std::make_shared<FileChannel>(std::static_pointer_cast<LocalDescription>(shared_from_this()));
    mach::Result<mach::SendRight> right = channel->make_send();
    if (!right)
        co_return unix_failure(ENFILE);
    co_return ChannelRight{std::move(*right), kind()};
}

mach::Async<void> LocalDescription::close_channel(int32_t pid)
{
    const auto held = channels_.find(pid);
    if (held == channels_.end())
        co_return;
    const std::shared_ptr<FileChannel> channel = std::move(held->second);
    channels_.erase(held);
    channel->close();
}

mach::Async<void> LocalDescription::close()
{
    const auto channels = std::move(channels_);
    channels_.clear();
    for (const auto& [pid, channel] : channels)
        channel->close();
    co_return;
}

mach::Result<int64_t> LocalDescription::seek(int64_t, int) { return unix_failure(ESPIPE); }

mach::Async<mach::Result<void>> LocalDescription::truncate(uint64_t) { co_return unix_failure(EINVAL); }

mach::Result<void> LocalDescription::read_directory(uint32_t, mig::OutArray<char>&)
{
    return unix_failure(ENOTDIR);
}

void LocalDescription::set_flags(uint32_t flags)
{
    flags_ = (flags_ & ~changeable_flags) | (flags & changeable_flags);
}

bool LocalDescription::readable() const { return (flags_ & O_ACCMODE) != O_WRONLY; }

bool LocalDescription::writable() const { return (flags_ & O_ACCMODE) != O_RDONLY; }

mach::Async<mach::Result<ChannelRight>> RemoteDescription::channel(int32_t pid)
{
    auto reply = CO_TRY(co_await owner_->channel(pid));
    co_return ChannelRight{std::move(reply.channel), reply.kind};
}

// An owner that has died has closed everything: its failure is no failure here.
mach::Async<void> RemoteDescription::close_channel(int32_t pid)
{
    static_cast<void>(co_await owner_->close_channel(pid));
}

mach::Async<void> RemoteDescription::close() { static_cast<void>(co_await owner_->close()); }

bool FileChannel::dispatch(mig::Request& request)
{
    return io::Server::dispatch(*this, request) || file::Server::dispatch(*this, request);
}

mach::Async<mach::Result<void>> FileChannel::read(call_number_t, int64_t offset, uint32_t amount,
                                                  mig::OutArray<char>& data)
{
    if (!description_->readable())
        co_return unix_failure(EBADF);
    if (offset < -1)
        co_return unix_failure(EINVAL);
    co_return co_await description_->read(offset, data, amount);
}

mach::Async<mach::Result<uint32_t>> FileChannel::write(call_number_t, int64_t offset, boolean_t,
                                                       std::span<const char> data)
{
    if (!description_->writable())
        co_return unix_failure(EBADF);
    if (offset < -1)
        co_return unix_failure(EINVAL);
    co_return co_await description_->write(offset, data);
}

mach::Async<mach::Result<int64_t>> FileChannel::seek(int64_t offset, integer_t whence)
{
    co_return description_->seek(offset, whence);
}

mach::Async<mach::Result<unix_stat_t>> FileChannel::stat()
{
    unix_stat_t status = description_->inode()->status();
    status.st_kind = description_->kind();
    co_return status;
}

mach::Async<mach::Result<uint32_t>> FileChannel::get_flags() { co_return description_->flags(); }

mach::Async<mach::Result<void>> FileChannel::set_flags(uint32_t flags)
{
    description_->set_flags(flags);
    co_return {};
}

mach::Async<mach::Result<void>> FileChannel::truncate(int64_t size)
{
    if (!description_->writable() || size < 0)
        co_return unix_failure(EINVAL);
    co_return co_await description_->truncate(static_cast<uint64_t>(size));
}

mach::Async<mach::Result<void>> FileChannel::sync(call_number_t)
{
    if (RegularFile* file = description_->inode()->as_file())
        co_return co_await file->sync();
    if (description_->inode()->as_directory() != nullptr)
        co_return {};
    co_return unix_failure(EINVAL);
}

// Files, directories and fs's devices never make anybody wait.
mach::Async<mach::Result<uint32_t>> FileChannel::poll(uint32_t events)
{
    co_return events&(POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
}

mach::Async<mach::Result<uint64_t>> FileChannel::readable()
{
    const RegularFile* file = description_->inode()->as_file();
    if (file == nullptr)
        co_return unix_failure(ENOTTY);
    const int64_t here = CO_TRY(description_->seek(0, SEEK_CUR));
    const auto position = static_cast<uint64_t>(here);
    co_return file->size() > position ? file->size() - position : uint64_t{0};
}

mach::Async<mach::Result<file::MapReply>> FileChannel::map(boolean_t writable)
{
    RegularFile* file = description_->inode()->as_file();
    if (file == nullptr)
        co_return unix_failure(ENODEV);
    if (!description_->readable() || (writable && !description_->writable()))
        co_return unix_failure(EACCES);
    mach::SendRight entry = CO_TRY(file->mappable(writable != FALSE));
    co_return file::MapReply{std::move(entry), file->size()};
}

mach::Async<mach::Result<void>> FileChannel::read_directory(uint32_t amount, mig::OutArray<char>& entries)
{
    co_return description_->read_directory(amount, entries);
}

}  // namespace portico
