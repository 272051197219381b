#include "procfs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mach/mach.h>
#include <mach/task_info.h>

#include "../support/unix_error.h"
#include "file_room.h"
#include "file_service.h"
#include "memory_file.h"
#include "name_space.h"

namespace portico {

namespace {

constexpr uint64_t clock_tick_ns = 10'000'000;  // sysconf(_SC_CLK_TCK) is 100.

// Inode numbers: a process's files follow each other, those of the root come before all.
constexpr uint64_t root_number = 1;
constexpr uint64_t first_process_number = 0x10000;
constexpr uint64_t numbers_per_process = 0x1000;
constexpr uint64_t number_of(int32_t pid, uint64_t index)
{
    return first_process_number + static_cast<uint64_t>(pid) * numbers_per_process + index;
}

InodeAttributes attributes_of(uint32_t mode)
{
    InodeAttributes attributes;
    attributes.mode = mode;
    attributes.nlink = 1;
    attributes.atime_ns = attributes.mtime_ns = attributes.ctime_ns = current_time_ns();
    return attributes;
}

using Text = std::function<std::string()>;

class TextFile final : public RegularFile {
public:
    TextFile(uint64_t device, uint64_t number, Text text)
        : RegularFile{device, number, attributes_of(S_IFREG | 0444)}, text_{std::move(text)}
    {
    }
    bool read_only() const override { return true; }
    mach::Async<mach::Result<uint32_t>> read(uint64_t offset, std::span<char> to) override
    {
        const std::string text = text_();
        if (offset >= text.size())
            co_return uint32_t{0};
        const size_t amount = std::min(to.size(), text.size() - static_cast<size_t>(offset));
        std::memcpy(to.data(), text.data() + offset, amount);
        co_return static_cast<uint32_t>(amount);
    }
    mach::Async<mach::Result<Written>> write(uint64_t, std::span<const char>) override
    {
        co_return unix_failure(EROFS);
    }
    mach::Async<mach::Result<void>> truncate(uint64_t) override { co_return unix_failure(EROFS); }
    mach::Async<mach::Result<void>> sync() override { co_return {}; }
    mach::Result<mach::SendRight> mappable(bool) override { return unix_failure(ENODEV); }

private:
    Text text_;
};

class SelfLink final : public SymbolicLink {
public:
    explicit SelfLink(uint64_t device)
        : SymbolicLink{device, root_number + 1, attributes_of(S_IFLNK | 0777), {}}
    {
    }
    bool read_only() const override { return true; }
    mach::Result<std::string> target(int32_t reader_pid) const override { return std::to_string(reader_pid); }
};

// The link /proc/PID/fd/N.  To open it is to open its file anew, also one that has no name any more; an anonymous pipe has only
// the one description.  The text is for people.
class DescriptorLink final : public SymbolicLink {
public:
    DescriptorLink(uint64_t device, uint64_t number, std::string path, FsProcessRef process,
                   DescriptionRef description)
        : SymbolicLink{device, number, attributes_of(S_IFLNK | 0700), std::move(path)},
          process_{std::move(process)},
          description_{std::move(description)}
    {
    }
    bool read_only() const override { return true; }
    mach::Result<std::optional<Jump>> jump(const Credentials& who) const override
    {
        if (!who.is_root() && who.euid != process_->credentials.euid)
            return unix_failure(EACCES);
        if (InodeRef inode = description_->inode())
            return Jump{std::move(inode), nullptr};
        return Jump{std::make_shared<Fifo>(device(), number(), attributes_of(S_IFIFO | 0600)), description_};
    }

private:
    FsProcessRef process_;
    DescriptionRef description_;
};

struct ProcEntry {
    std::string name;
    uint64_t number;
    uint32_t type;
};

// A directory whose entries are computed: all that is in it, and one by name.
class ProcDirectory : public Directory {
public:
    ProcDirectory(uint64_t device, uint64_t number, std::weak_ptr<Directory> parent)
        : Directory{device, number, attributes_of(S_IFDIR | 0555)}, parent_{std::move(parent)}
    {
    }
    bool read_only() const override { return true; }
    std::shared_ptr<Directory> parent() const override { return parent_.lock(); }
    std::string name_of(const Inode& child) const override
    {
        for (const ProcEntry& entry : entries()) {
            if (entry.number == child.number())
                return entry.name;
        }
        return {};
    }
    bool entry_at(uint64_t position, DirectoryEntry& entry) override
    {
        if (position <= 1) {
            const auto up = parent();
            entry = {position == 0 ? "." : "..", position == 0 || up == nullptr ? number() : up->number(),
                     S_IFDIR, position + 1};
            return true;
        }
        // Positions are numbers of inodes plus two, so that entries may come and go between two reads.
        for (const ProcEntry& candidate : entries()) {
            if (candidate.number + 2 >= position) {
                entry = {candidate.name, candidate.number, candidate.type, candidate.number + 3};
                return true;
            }
        }
        return false;
    }

protected:
    // By rising number.
    virtual std::vector<ProcEntry> entries() const = 0;

private:
    std::weak_ptr<Directory> parent_;
};

std::string command_name(const FsProcess& process)
{
    const std::string first{process.arguments.c_str()};
    return first.substr(first.rfind('/') + 1).substr(0, 15);
}

struct TaskFigures {
    uint64_t virtual_bytes = 0;
    uint64_t resident_bytes = 0;
    uint64_t user_ns = 0;
    uint64_t system_ns = 0;
    uint32_t threads = 1;
};

TaskFigures figures_of(const FsProcess& process)
{
    TaskFigures figures;
    task_basic_info_data_t basic{};
    mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
    if (process.task_name && task_info(process.task_name.name(), TASK_BASIC_INFO,
                                       reinterpret_cast<task_info_t>(&basic), &count) == KERN_SUCCESS) {
        figures.virtual_bytes = basic.virtual_size;
        figures.resident_bytes = basic.resident_size;
        figures.user_ns =
            uint64_t(basic.user_time.seconds) * 1'000'000'000 + uint64_t(basic.user_time.microseconds) * 1000;
        figures.system_ns = uint64_t(basic.system_time.seconds) * 1'000'000'000 +
                            uint64_t(basic.system_time.microseconds) * 1000;
    }
    return figures;
}

// The line of Linux's proc(5), as far as ps reads it; fields without a meaning here are 0.
std::string stat_text(const FsProcess& process)
{
    const unix_identity_t& id = process.identity;
    const TaskFigures figures = figures_of(process);
    std::array<char, 512> line{};
    const int length =
        std::snprintf(line.data(), line.size(),
                      "%d (%s) %c %d %d %d %d %d 0 0 0 0 0 %llu %llu 0 0 20 0 %u 0 %llu %llu %llu 0 0 0 0 0 "
                      "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
                      id.pid, command_name(process).c_str(), process.state, id.ppid, id.pgid, id.sid, 0, -1,
                      static_cast<unsigned long long>(figures.user_ns / clock_tick_ns),
                      static_cast<unsigned long long>(figures.system_ns / clock_tick_ns), figures.threads,
                      static_cast<unsigned long long>(process.started_ns / clock_tick_ns),
                      static_cast<unsigned long long>(figures.virtual_bytes),
                      static_cast<unsigned long long>(figures.resident_bytes / page_size));
    return {line.data(), static_cast<size_t>(length)};
}

std::string status_text(const FsProcess& process)
{
    const Credentials& who = process.credentials;
    const TaskFigures figures = figures_of(process);
    std::array<char, 512> text{};
    const int length = std::snprintf(
        text.data(), text.size(),
        "Name:\t%s\nState:\t%c\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"
        "VmSize:\t%llu kB\nVmRSS:\t%llu kB\nThreads:\t%u\n",
        command_name(process).c_str(), process.state, process.pid, process.pid, process.identity.ppid,
        who.ruid, who.euid, who.suid, who.euid, who.rgid, who.egid, who.sgid, who.egid,
        static_cast<unsigned long long>(figures.virtual_bytes / 1024),
        static_cast<unsigned long long>(figures.resident_bytes / 1024), figures.threads);
    return {text.data(), static_cast<size_t>(length)};
}

std::string uptime_text(FileService& service)
{
    const uint64_t hundredths = service.loop().now() / 10'000'000;
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%llu.%02llu 0.00\n",
                                     static_cast<unsigned long long>(hundredths / 100),
                                     static_cast<unsigned long long>(hundredths % 100));
    return {text.data(), static_cast<size_t>(length)};
}

// The first line of Linux's /proc/stat, in hundredths of a second: user, nice, system, idle.
std::string processors_text()
{
    host_cpu_load_info_data_t load{};
    mach_msg_type_number_t count = HOST_CPU_LOAD_INFO_COUNT;
    host_statistics(mach_host_self(), HOST_CPU_LOAD_INFO, reinterpret_cast<host_info_t>(&load), &count);
    const auto& ticks = load.cpu_ticks;
    std::array<char, 128> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "cpu  %u %u %u %u 0 0 0 0\n", ticks[CPU_STATE_USER],
                      ticks[CPU_STATE_NICE], ticks[CPU_STATE_SYSTEM], ticks[CPU_STATE_IDLE]);
    return {text.data(), static_cast<size_t>(length)};
}

std::string memory_text()
{
    const vm_statistics_data_t statistics = memory_statistics();
    const auto kilobytes = [](uint64_t pages) {
        return static_cast<unsigned long long>(pages * page_size / 1024);
    };
    const uint64_t used = pages_used(statistics);
    std::array<char, 512> text{};
    const int length =
        std::snprintf(text.data(), text.size(),
                      "MemTotal:       %8llu kB\nMemFree:        %8llu kB\nMemAvailable:   %8llu "
                      "kB\nBuffers:        %8llu kB\n"
                      "Cached:         %8llu kB\nSwapTotal:      %8llu kB\nSwapFree:       %8llu kB\n",
                      kilobytes(used + statistics.free_count), kilobytes(statistics.free_count),
                      kilobytes(statistics.free_count), 0ull, 0ull, 0ull, 0ull);
    return {text.data(), static_cast<size_t>(length)};
}

// /proc/PID/fd
class DescriptorDirectory final : public ProcDirectory {
public:
    DescriptorDirectory(uint64_t device, FsProcessRef process, std::weak_ptr<Directory> parent)
        : ProcDirectory{device, number_of(process->pid, 4), std::move(parent)}, process_{std::move(process)}
    {
    }
    mach::Async<mach::Result<InodeRef>> lookup(std::string_view name) override
    {
        int descriptor = -1;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), descriptor);
        if (error != std::errc{} || end != name.data() + name.size())
            co_return unix_failure(ENOENT);
        const auto entry = process_->descriptors.find(descriptor);
        if (!entry)
            co_return unix_failure(ENOENT);
        const DescriptionRef& description = (*entry)->description;
        co_return std::make_shared<DescriptorLink>(device(), number_of_descriptor(descriptor),
                                                   path_of_description(*description), process_, description);
    }

private:
    uint64_t number_of_descriptor(int descriptor) const
    {
        return number_of(process_->pid, 16 + static_cast<uint64_t>(descriptor));
    }
    std::string path_of_description(const Description& description) const
    {
        const InodeRef inode = description.inode();
        if (inode == nullptr)
            return "pipe:";
        if (inode->as_directory() != nullptr) {
            if (auto path = path_of(std::static_pointer_cast<Directory>(inode), process_->root))
                return *path;
        }
        return "inode:" + std::to_string(inode->number());
    }
    std::vector<ProcEntry> entries() const override
    {
        std::vector<ProcEntry> all;
        for (const int descriptor : process_->descriptors.open_descriptors())
            all.push_back({std::to_string(descriptor), number_of_descriptor(descriptor), S_IFLNK});
        return all;
    }

    FsProcessRef process_;
};

// /proc/PID
class ProcessDirectory final : public ProcDirectory {
public:
    ProcessDirectory(uint64_t device, FsProcessRef process, std::weak_ptr<Directory> parent)
        : ProcDirectory{device, number_of(process->pid, 0), std::move(parent)}, process_{std::move(process)}
    {
    }
    mach::Async<mach::Result<InodeRef>> lookup(std::string_view name) override
    {
        const FsProcessRef process = process_;
        if (name == "stat")
            co_return std::make_shared<TextFile>(device(), number_of(process->pid, 1),
                                                 [process] { return stat_text(*process); });
        if (name == "status")
            co_return std::make_shared<TextFile>(device(), number_of(process->pid, 2),
                                                 [process] { return status_text(*process); });
        if (name == "cmdline")
            co_return std::make_shared<TextFile>(device(), number_of(process->pid, 3), [process] {
                return process->exited ? "" : process->arguments;
            });
        if (name == "fd")
            co_return std::make_shared<DescriptorDirectory>(
                device(), process, std::static_pointer_cast<Directory>(shared_from_this()));
        co_return unix_failure(ENOENT);
    }

private:
    std::vector<ProcEntry> entries() const override
    {
        return {{"stat", number_of(process_->pid, 1), S_IFREG},
                {"status", number_of(process_->pid, 2), S_IFREG},
                {"cmdline", number_of(process_->pid, 3), S_IFREG},
                {"fd", number_of(process_->pid, 4), S_IFDIR}};
    }

    FsProcessRef process_;
};

class ProcRoot final : public ProcDirectory {
public:
    ProcRoot(FileService& service, uint64_t device, std::weak_ptr<Directory> parent)
        : ProcDirectory{device, root_number, std::move(parent)}, service_{service}
    {
    }
    mach::Async<mach::Result<InodeRef>> lookup(std::string_view name) override
    {
        if (name == "self")
            co_return std::make_shared<SelfLink>(device());
        if (name == "mounts")
            co_return text(2, [] { return std::string{"root / memfs rw 0 0\nproc /proc proc ro 0 0\n"}; });
        if (name == "meminfo")
            co_return text(3, memory_text);
        if (name == "uptime")
            co_return text(4, [this] { return uptime_text(service_); });
        if (name == "stat")
            co_return text(5, processors_text);
        int32_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || end != name.data() + name.size())
            co_return unix_failure(ENOENT);
        const auto process = service_.processes().find(pid);
        if (process == service_.processes().end())
            co_return unix_failure(ENOENT);
        co_return std::make_shared<ProcessDirectory>(device(), process->second,
                                                     std::static_pointer_cast<Directory>(shared_from_this()));
    }

private:
    InodeRef text(uint64_t index, Text make)
    {
        return std::make_shared<TextFile>(device(), root_number + index, std::move(make));
    }
    std::vector<ProcEntry> entries() const override
    {
        std::vector<ProcEntry> all{{"self", root_number + 1, S_IFLNK},
                                   {"mounts", root_number + 2, S_IFREG},
                                   {"meminfo", root_number + 3, S_IFREG},
                                   {"uptime", root_number + 4, S_IFREG},
                                   {"stat", root_number + 5, S_IFREG}};
        std::vector<int32_t> pids;
        for (const auto& [pid, process] : service_.processes())
            pids.push_back(pid);
        std::ranges::sort(pids);
        for (const int32_t pid : pids)
            all.push_back({std::to_string(pid), number_of(pid, 0), S_IFDIR});
        return all;
    }

    FileService& service_;
};

}  // namespace

std::shared_ptr<Directory> make_proc_root(FileService& service, uint64_t device,
                                          const std::shared_ptr<Directory>& parent)
{
    return std::make_shared<ProcRoot>(service, device, parent);
}

}  // namespace portico
