// unix-server/fs/fs_client.h
//
// A process's port at the file service: fs.defs, in the name of the process that its FsProcess records.
//
// Lifetime    while the process executes one program: exec and exit close it.
// Lock        the service's name-space lock around each change of directories that looks first and changes then.
#pragma once

#include <functional>

#include "fs_process.h"
#include "name_space.h"

#include <fs_interface.h>

namespace portico {

class FileService;

class FsClient final : public mach::Object, public fs::Interface {
public:
    FsClient(FileService& service, FsProcessRef process) : service_{service}, process_{std::move(process)} {}

    bool dispatch(mig::Request& request) override { return fs::Server::dispatch(*this, request); }
    void no_senders() override {}  // The process service holds a right too; exec and exit close it.

    mach::Async<mach::Result<fs::OpenReply>> open(call_number_t call, integer_t directory,
                                                  std::string_view path, uint32_t flags,
                                                  uint32_t mode) override;
    void cancel(call_number_t call) override { mach::Object::cancel(call); }
    mach::Async<mach::Result<fs::ChannelReply>> channel(integer_t descriptor) override;
    mach::Async<mach::Result<void>> close(integer_t descriptor) override;
    mach::Async<mach::Result<integer_t>> duplicate(integer_t descriptor, integer_t minimum,
                                                   uint32_t descriptor_flags) override;
    mach::Async<mach::Result<void>> duplicate_to(integer_t descriptor, integer_t to,
                                                 uint32_t descriptor_flags) override;
    mach::Async<mach::Result<uint32_t>> get_descriptor_flags(integer_t descriptor) override;
    mach::Async<mach::Result<void>> set_descriptor_flags(integer_t descriptor,
                                                         uint32_t descriptor_flags) override;
    mach::Async<mach::Result<fs::PipeReply>> pipe(uint32_t flags) override;

    mach::Async<mach::Result<unix_stat_t>> stat(integer_t directory, std::string_view path,
                                                uint32_t flags) override;
    mach::Async<mach::Result<void>> access(integer_t directory, std::string_view path, uint32_t mode,
                                           uint32_t flags) override;
    mach::Async<mach::Result<void>> make_directory(integer_t directory, std::string_view path,
                                                   uint32_t mode) override;
    mach::Async<mach::Result<void>> make_node(integer_t directory, std::string_view path, uint32_t mode,
                                              uint64_t device) override;
    mach::Async<mach::Result<void>> unlink(integer_t directory, std::string_view path,
                                           uint32_t flags) override;
    mach::Async<mach::Result<void>> rename(integer_t from_directory, std::string_view from,
                                           integer_t to_directory, std::string_view to) override;
    mach::Async<mach::Result<void>> link(integer_t from_directory, std::string_view from,
                                         integer_t to_directory, std::string_view to,
                                         uint32_t flags) override;
    mach::Async<mach::Result<void>> symbolic_link(std::string_view target, integer_t directory,
                                                  std::string_view path) override;
    mach::Async<mach::Result<void>> read_link(integer_t directory, std::string_view path,
                                              mig::OutArray<char>& target) override;
    mach::Async<mach::Result<void>> change_mode(integer_t directory, std::string_view path, uint32_t mode,
                                                uint32_t flags) override;
    mach::Async<mach::Result<void>> change_owner(integer_t directory, std::string_view path, uint32_t owner,
                                                 uint32_t group, uint32_t flags) override;
    mach::Async<mach::Result<void>> change_times(integer_t directory, std::string_view path, int64_t accessed,
                                                 int64_t modified, uint32_t flags) override;
    mach::Async<mach::Result<void>> truncate(integer_t directory, std::string_view path,
                                             int64_t size) override;
    mach::Async<mach::Result<void>> change_directory(integer_t directory, std::string_view path) override;
    mach::Async<mach::Result<void>> change_root(std::string_view path) override;
    mach::Async<mach::Result<void>> current_directory(mig::OutArray<char>& path) override;
    mach::Async<mach::Result<uint32_t>> set_mask(uint32_t mask) override;
    mach::Async<mach::Result<unix_statvfs_t>> file_system(integer_t directory,
                                                          std::string_view path) override;
    mach::Async<mach::Result<void>> sync(call_number_t call) override;

private:
    // Where `directory` and `path` start a walk.  EBADF, ENOTDIR.
    mach::Result<WalkContext> context(integer_t directory, std::string_view path,
                                      const Credentials* who = nullptr);
    // The inode of a path, or with AT_EMPTY_PATH of the descriptor itself.
    mach::Async<mach::Result<InodeRef>> find(integer_t directory, std::string_view path, uint32_t flags,
                                             const Credentials* who = nullptr);
    // The place of a path in a directory that the process may change.
    mach::Async<mach::Result<NamedPlace>> writable_place(integer_t directory, std::string path,
                                                         FinalLink link);
    mach::Async<mach::Result<void>> create(integer_t directory, std::string path, uint32_t mode,
                                           uint64_t device, std::string link_target);
    struct Opened {
        InodeRef inode;
        DescriptionRef existing;  // Of an anonymous pipe, reached through /proc/PID/fd; else null.
    };
    mach::Async<mach::Result<Opened>> open_inode(integer_t directory, std::string path, uint32_t flags,
                                                 uint32_t mode);
    mach::Async<mach::Result<InodeRef>> create_for_open(const NamedPlace& place, uint32_t flags,
                                                        uint32_t mode);
    mach::Result<void> check_open(const NamedPlace& place, uint32_t flags) const;
    mach::Async<mach::Result<DescriptionRef>> describe(InodeRef inode, call_number_t call, uint32_t flags);
    mach::Async<mach::Result<fs::OpenReply>> enter(DescriptionRef description, uint32_t flags);
    mach::Result<void> check_removal(const NamedPlace& place) const;
    InodeAttributes attributes_for(uint32_t mode, const Directory& directory) const;

    FileService& service_;
    FsProcessRef process_;
};

}  // namespace portico
