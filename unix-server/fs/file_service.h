// unix-server/fs/file_service.h
//
// The file service: the tree, the processes that use it, and the ports through which the process service announces them.
//
// Owns        the root file system and what is mounted on it, the records of processes.
// Lock        name_space_lock(): a change that looks first (create, rename, unlink) is alone with the tree.
#pragma once

#include <memory>
#include <unordered_map>

#include "fs_process.h"
#include "memfs.h"

#include <fs_admin_interface.h>
#include <pipe_service_interface.h>
#include <process_events_interface.h>
#include <tty_service_interface.h>

namespace portico {

class FileService final : public mach::Object, public fs_admin::Interface, public process_events::Interface {
public:
    static constexpr uint32_t name_space_rank = 10;
    using NameSpaceLock = mach::AsyncMutex<name_space_rank>;

    // `tty` and `pipe` are the services themselves, or remotes: which, is the wiring's choice.
    FileService(mach::EventLoop& loop, tty_service::Interface& tty, pipe_service::Interface& pipe);

    // Fills the tree from a cpio archive, whose bytes stay for ever.  EINVAL: it is none.
    mach::Result<void> unpack(std::span<const char> archive);
    // The boot archive, the archive of a run if there is one, device files and /proc.
    mach::Result<void> unpack_all();

    mach::EventLoop& loop() { return loop_; }
    tty_service::Interface& tty() { return tty_; }
    pipe_service::Interface& pipe() { return pipe_; }
    MemFileSystem& root_file_system() { return root_; }
    NameSpaceLock& name_space_lock() { return name_space_lock_; }
    const std::unordered_map<int32_t, FsProcessRef>& processes() const { return processes_; }

    bool dispatch(mig::Request& request) override
    {
        return fs_admin::Server::dispatch(*this, request) || process_events::Server::dispatch(*this, request);
    }
    void no_senders() override {}

    mach::Async<mach::Result<mach::SendRight>> fork(int32_t parent, const unix_identity_t& identity,
                                                    mach::SendRight task_name) override;
    mach::Async<mach::Result<mach::SendRight>> exec(int32_t pid, mach::SendRight task_name,
                                                    std::span<const char> arguments) override;
    mach::Async<mach::Result<fs_admin::OpenProgramReply>> open_program(int32_t pid,
                                                                       std::string_view path) override;
    void state(int32_t pid, uint32_t state) override;

    mach::Async<mach::Result<void>> process_started(const unix_identity_t& identity) override;
    mach::Async<mach::Result<void>> process_changed(const unix_identity_t& identity) override;
    mach::Async<mach::Result<void>> process_exited(int32_t pid, integer_t status) override;
    mach::Async<mach::Result<void>> process_reaped(int32_t pid) override;

private:
    void make_standard_files();
    mach::Result<mach::SendRight> renew_client(const FsProcessRef& process);
    mach::Result<FsProcessRef> find_process(int32_t pid) const;

    mach::EventLoop& loop_;
    tty_service::Interface& tty_;
    pipe_service::Interface& pipe_;
    MemFileSystem root_;
    std::unordered_map<int32_t, FsProcessRef> processes_;
    NameSpaceLock name_space_lock_;
};

}  // namespace portico
