#include "file_service.h"

#include <algorithm>
#include <cerrno>
#include <mig/runtime.h>

#include "../support/startup.h"
#include "../support/unix_error.h"
#include "archive.h"
#include "devices.h"
#include "fs_client.h"
#include "name_space.h"
#include "procfs.h"

namespace portico {

namespace {

constexpr uint64_t root_device = 1;
constexpr uint64_t proc_device = 2;

// The program that a process is to execute: a channel of its own on the file, outside any descriptor table.
class Program final : public Channel, public file::Interface {
public:
    explicit Program(InodeRef inode) : inode_{std::move(inode)} {}

    bool dispatch(mig::Request& request) override
    {
        return io::Server::dispatch(*this, request) || file::Server::dispatch(*this, request);
    }
    void no_senders() override { close(); }

    mach::Async<mach::Result<void>> read(call_number_t, int64_t offset, uint32_t amount,
                                         mig::OutArray<char>& data) override
    {
        if (offset < 0)
            co_return unix_failure(EINVAL);
        const size_t room = std::min<size_t>(amount, data.capacity());
        data.set_count(
            CO_TRY(co_await inode_->as_file()->read(static_cast<uint64_t>(offset), {data.data(), room})));
        co_return {};
    }
    mach::Async<mach::Result<file::MapReply>> map(boolean_t) override
    {
        mach::SendRight entry = CO_TRY(inode_->as_file()->mappable(false));
        co_return file::MapReply{std::move(entry), inode_->size()};
    }
    mach::Async<mach::Result<unix_stat_t>> stat() override { co_return inode_->status(); }

    mach::Async<mach::Result<void>> read_directory(uint32_t, mig::OutArray<char>&) override
    {
        co_return unix_failure(ENOTDIR);
    }

private:
    InodeRef inode_;
};

}  // namespace

FileService::FileService(mach::EventLoop& loop, tty_service::Interface& tty, pipe_service::Interface& pipe)
    : loop_{loop}, tty_{tty}, pipe_{pipe}, root_{root_device}
{
}

mach::Result<void> FileService::unpack(std::span<const char> archive)
{
    return unpack_archive(root_, archive);
}

mach::Result<void> FileService::unpack_all()
{
    TRY(unpack(map_module("archive")));
    if (const std::span<const char> run = map_module("run"); !run.empty())
        TRY(unpack(run));
    make_standard_files();
    return {};
}

void FileService::make_standard_files()
{
    const auto directory = [&](std::string_view name) -> MemDirectory& {
        if (root_.root().find(name) == nullptr) {
            InodeAttributes attributes;
            attributes.mode = S_IFDIR | 0755;
            root_.root().attach(
                name, root_.make_inode(attributes, {},
                                       std::static_pointer_cast<Directory>(root_.root().shared_from_this())));
        }
        return static_cast<MemDirectory&>(*root_.root().find(name)->as_directory());
    };
    MemDirectory& dev = directory("dev");
    const auto add = [&](std::string_view name, uint32_t mode, uint64_t device, std::string_view target) {
        InodeAttributes attributes;
        attributes.mode = mode;
        attributes.rdev = device;
        dev.detach(name);
        dev.attach(name, root_.make_inode(attributes, target, nullptr));
    };
    add("null", S_IFCHR | 0666, null_device, {});
    add("zero", S_IFCHR | 0666, zero_device, {});
    add("full", S_IFCHR | 0666, full_device, {});
    add("random", S_IFCHR | 0666, random_device, {});
    add("urandom", S_IFCHR | 0666, urandom_device, {});
    add("tty", S_IFCHR | 0666, tty_device, {});
    add("console", S_IFCHR | 0600, console_device, {});
    add("ttyS0", S_IFCHR | 0660, serial_device(0), {});
    add("ttyS1", S_IFCHR | 0660, serial_device(1), {});
    add("fd", S_IFLNK | 0777, 0, "/proc/self/fd");
    add("stdin", S_IFLNK | 0777, 0, "/proc/self/fd/0");
    add("stdout", S_IFLNK | 0777, 0, "/proc/self/fd/1");
    add("stderr", S_IFLNK | 0777, 0, "/proc/self/fd/2");

    directory("proc");
    root_.root().detach("proc");
    root_.root().attach("proc",
                        make_proc_root(*this, proc_device,
                                       std::static_pointer_cast<Directory>(root_.root().shared_from_this())));
}

mach::Result<FsProcessRef> FileService::find_process(int32_t pid) const
{
    const auto found = processes_.find(pid);
    if (found == processes_.end())
        return unix_failure(ESRCH);
    return found->second;
}

// The process's old port, if it had one, dies; the new one's right is the answer.
mach::Result<mach::SendRight> FileService::renew_client(const FsProcessRef& process)
{
    auto client = std::make_shared<FsClient>(*this, process);
    mach::SendRight right = TRY(client->make_send());
    if (process->client != nullptr)
        process->client->mach::Object::close();
    process->client = std::move(client);
    return right;
}

mach::Async<mach::Result<mach::SendRight>> FileService::fork(int32_t parent, const unix_identity_t& identity,
                                                             mach::SendRight task_name)
{
    // Another record in its place would leave its ports and open files without an owner.
    if (processes_.contains(identity.pid))
        co_return unix_failure(EEXIST);
    auto process = std::make_shared<FsProcess>();
    process->pid = identity.pid;
    process->root = process->current = std::static_pointer_cast<Directory>(root_.root().shared_from_this());
    process->started_ns = loop_.now();
    process->task_name = std::move(task_name);
    if (parent != 0) {
        const FsProcessRef original = CO_TRY(find_process(parent));
        process->root = original->root;
        process->current = original->current;
        process->mask = original->mask;
        process->credentials = original->credentials;
        process->mapped_files = original->mapped_files;
        process->arguments = original->arguments;
        process->descriptors = original->descriptors.copy_for_fork();
    }
    process->set_identity(identity);
    mach::Result<mach::SendRight> right = renew_client(process);
    if (!right) {
        co_await close_descriptors(process, process->descriptors.open_descriptors());
        co_return unix_failure(EAGAIN);
    }
    processes_[identity.pid] = process;
    co_return std::move(*right);
}

mach::Async<mach::Result<mach::SendRight>> FileService::exec(int32_t pid, mach::SendRight task_name,
                                                             std::span<const char> arguments)
{
    const FsProcessRef process = CO_TRY(find_process(pid));
    process->arguments.assign(arguments.begin(), arguments.end());
    process->task_name = std::move(task_name);
    mach::SendRight right = CO_TRY(renew_client(process));
    co_await close_descriptors(process, process->descriptors.close_on_exec());
    // Channels belong to the program that opened them: the next one asks for its own.
    for (const int descriptor : process->descriptors.open_descriptors()) {
        if (auto* entry = process->descriptors.find(descriptor).value_or(nullptr)) {
            const DescriptionRef description = entry->description;
            co_await description->close_channel(pid);
        }
    }
    process->mapped_files.clear();
    co_return std::move(right);
}

mach::Async<mach::Result<fs_admin::OpenProgramReply>> FileService::open_program(int32_t pid,
                                                                                std::string_view path)
{
    const FsProcessRef process = CO_TRY(find_process(pid));
    WalkContext context{process->root, process->current, process->credentials, pid};
    const InodeRef inode = CO_TRY(co_await walk(std::move(context), std::string{path}, FinalLink::follow));
    if (inode->as_file() == nullptr)
        co_return unix_failure(EACCES);
    CO_TRY(inode->check_access(process->credentials, want_execute));
    const auto program = std::make_shared<Program>(inode);
    mach::SendRight right = CO_TRY(make_local_right<io::Interface>(program));
    LocalObjects<file::Interface>::add(right.name(), program);
    process->mapped_files.push_back(inode);
    co_return fs_admin::OpenProgramReply{std::move(right), inode->status()};
}

void FileService::state(int32_t pid, uint32_t state)
{
    if (const auto process = find_process(pid))
        (*process)->state = static_cast<char>(state);
}

mach::Async<mach::Result<void>> FileService::process_started(const unix_identity_t&)
{
    co_return {};  // fs learned of it by fork().
}

mach::Async<mach::Result<void>> FileService::process_changed(const unix_identity_t& identity)
{
    CO_TRY(find_process(identity.pid))->set_identity(identity);
    co_return {};
}

mach::Async<mach::Result<void>> FileService::process_exited(int32_t pid, integer_t)
{
    const FsProcessRef process = CO_TRY(find_process(pid));
    process->exited = true;
    process->state = 'Z';
    if (process->client != nullptr)
        process->client->mach::Object::close();
    process->client.reset();
    co_await close_descriptors(process, process->descriptors.open_descriptors());
    process->mapped_files.clear();
    process->current = process->root;
    process->task_name.reset();
    co_return {};
}

mach::Async<mach::Result<void>> FileService::process_reaped(int32_t pid)
{
    // One that was never said to have exited still holds what it held.
    const FsProcessRef process = CO_TRY(find_process(pid));
    if (!process->exited)
        CO_TRY(co_await process_exited(pid, 0));
    processes_.erase(pid);
    co_return {};
}

}  // namespace portico
