// unix-server/fs/open_file.h
//
// Open-file descriptions and the channels on them.
//
// A Description is what one open() made: it counts the descriptors that refer to it, in all tables.  One whose file fs
// owns (LocalDescription) holds offset, flags and the inode, and makes FileChannels; one whose file another
// service owns (RemoteDescription) holds that service's description.defs object and passes channels on.
//
// Lifetime    shared_ptr: descriptors and requests in progress hold it.  close() is awaited when the last descriptor
//             has gone (uses() is 0); until then the object may be found.
// Lock        offset_lock_: reads and writes at the description's own offset are one after the other.
#pragma once

#include <map>
#include <memory>

#include "inode.h"

#include <description_interface.h>
#include <file_interface.h>
#include <io_interface.h>
#include <portico/event_loop.h>
#include <portico/rights.h>

#include "../support/channel.h"
#include "../support/connect.h"

namespace portico {

struct ChannelRight {
    mach::SendRight right;
    uint32_t kind;  // unix_channel_kind
};

class Description : public std::enable_shared_from_this<Description> {
public:
    virtual ~Description() = default;

    // The channel of process `pid`, the same port each time.
    virtual mach::Async<mach::Result<ChannelRight>> channel(int32_t pid) = 0;
    // The process has no descriptor for it any more: its channel dies.
    virtual mach::Async<void> close_channel(int32_t pid) = 0;
    virtual mach::Async<void> close() = 0;
    virtual InodeRef inode() const { return nullptr; }

    void add_use() { ++uses_; }
    bool in_use() const { return uses_ != 0; }
    // Whether that was the last.
    [[nodiscard]] bool drop_use() { return --uses_ == 0; }

private:
    uint32_t uses_ = 0;
};
using DescriptionRef = std::shared_ptr<Description>;

// What io.defs does for a file that fs owns, by the type of the file.
class LocalDescription : public Description {
public:
    LocalDescription(InodeRef inode, uint32_t flags) : inode_{std::move(inode)}, flags_{flags} {}

    mach::Async<mach::Result<ChannelRight>> channel(int32_t pid) final;
    mach::Async<void> close_channel(int32_t pid) final;
    mach::Async<void> close() final;
    InodeRef inode() const final { return inode_; }

    virtual uint32_t kind() const = 0;
    virtual mach::Async<mach::Result<void>> read(int64_t offset, mig::OutArray<char>& data,
                                                 uint32_t amount) = 0;
    virtual mach::Async<mach::Result<uint32_t>> write(int64_t offset, std::span<const char> data) = 0;
    virtual mach::Result<int64_t> seek(int64_t offset, int whence);
    virtual mach::Async<mach::Result<void>> truncate(uint64_t size);
    virtual mach::Result<void> read_directory(uint32_t amount, mig::OutArray<char>& entries);

    uint32_t flags() const { return flags_; }
    // Only the status flags that POSIX lets change.
    void set_flags(uint32_t flags);
    bool readable() const;
    bool writable() const;

private:
    InodeRef inode_;
    uint32_t flags_;
    std::map<int32_t, std::shared_ptr<class FileChannel>> channels_;
};

// Makes the description of an inode that fs owns: a file, a directory or one of its devices.  ENXIO: no such device.
mach::Result<std::shared_ptr<LocalDescription>> make_local_description(const InodeRef& inode, uint32_t flags);

class RemoteDescription final : public Description {
public:
    RemoteDescription(Connection<description::Interface> owner, InodeRef inode)
        : owner_{std::move(owner)}, inode_{std::move(inode)}
    {
    }
    mach::Async<mach::Result<ChannelRight>> channel(int32_t pid) override;
    mach::Async<void> close_channel(int32_t pid) override;
    mach::Async<void> close() override;
    InodeRef inode() const override { return inode_; }

private:
    Connection<description::Interface> owner_;
    InodeRef inode_;
};

// One process's use of a local description: io.defs and file.defs.
class FileChannel final : public Channel, public file::Interface {
public:
    explicit FileChannel(std::shared_ptr<LocalDescription> description) : description_{std::move(description)}
    {
    }
    bool dispatch(mig::Request& request) override;
    mach::Async<mach::Result<void>> read(call_number_t call, int64_t offset, uint32_t amount,
                                         mig::OutArray<char>& data) override;
    mach::Async<mach::Result<uint32_t>> write(call_number_t call, int64_t offset, boolean_t,
                                              std::span<const char> data) override;
    mach::Async<mach::Result<int64_t>> seek(int64_t offset, integer_t whence) override;
    mach::Async<mach::Result<unix_stat_t>> stat() override;
    mach::Async<mach::Result<uint32_t>> get_flags() override;
    mach::Async<mach::Result<void>> set_flags(uint32_t flags) override;
    mach::Async<mach::Result<void>> truncate(int64_t size) override;
    mach::Async<mach::Result<void>> sync(call_number_t call) override;
    mach::Async<mach::Result<uint32_t>> poll(uint32_t events) override;
    mach::Async<mach::Result<uint64_t>> readable() override;

    mach::Async<mach::Result<file::MapReply>> map(boolean_t writable) override;
    mach::Async<mach::Result<void>> read_directory(uint32_t amount, mig::OutArray<char>& entries) override;

private:
    std::shared_ptr<LocalDescription> description_;
};

}  // namespace portico
