#include "archive.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <string>
#include <string_view>

#include "../support/unix_error.h"
#include "memfs.h"
#include "memory_file.h"

namespace portico {

namespace {

constexpr size_t header_size = 110;
constexpr std::string_view magic = "070701";
constexpr std::string_view end_name = "TRAILER!!!";

constexpr size_t aligned(size_t offset) { return (offset + 3) & ~size_t{3}; }

struct Member {
    uint32_t inode, mode, uid, gid, links, mtime, size, device_major, device_minor;
    std::string_view name;
    std::span<const char> data;
};

// The `index`th of the thirteen fields of eight hexadecimal digits.
bool read_field(std::string_view header, size_t index, uint32_t& value)
{
    const std::string_view digits = header.substr(magic.size() + 8 * index, 8);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return error == std::errc{} && end == digits.data() + digits.size();
}

// The member at `offset`, which moves behind it.
mach::Result<Member> next_member(std::span<const char> archive, size_t& offset)
{
    if (archive.size() < header_size || offset > archive.size() - header_size)
        return unix_failure(EINVAL);
    const std::string_view header{archive.data() + offset, header_size};
    if (!header.starts_with(magic))
        return unix_failure(EINVAL);
    Member member{};
    uint32_t name_size = 0;
    const bool ok = read_field(header, 0, member.inode) && read_field(header, 1, member.mode) &&
                    read_field(header, 2, member.uid) && read_field(header, 3, member.gid) &&
                    read_field(header, 4, member.links) && read_field(header, 5, member.mtime) &&
                    read_field(header, 6, member.size) && read_field(header, 9, member.device_major) &&
                    read_field(header, 10, member.device_minor) && read_field(header, 11, name_size);
    const size_t name_at = offset + header_size;
    const size_t data_at = aligned(name_at + name_size);
    if (!ok || name_size == 0 || data_at > archive.size() || member.size > archive.size() - data_at)
        return unix_failure(EINVAL);
    member.name = {archive.data() + name_at, name_size - 1};
    member.data = archive.subspan(data_at, member.size);
    offset = aligned(data_at + member.size);
    return member;
}

class Unpacker {
public:
    explicit Unpacker(MemFileSystem& file_system) : file_system_{file_system} {}

    mach::Result<void> add(const Member& member)
    {
        std::string_view path = member.name;
        while (path.starts_with("./") || path.starts_with('/'))
            path.remove_prefix(path.starts_with('/') ? 1 : 2);
        if (path.empty() || path == ".")
            return {};
        MemDirectory* directory = TRY(directory_of(path));
        const std::string_view name = path.substr(path.rfind('/') + 1);
        if (const InodeRef known = linked(member)) {
            directory->attach(name, known);
            return {};
        }
        if (const InodeRef present = directory->find(name)) {
            if (present->as_directory() != nullptr && (member.mode & S_IFMT) == S_IFDIR)
                return {};  // A later archive adds to the directory.
            if (present->as_directory() != nullptr)
                return unix_failure(EISDIR);
            directory->detach(name);
        }
        return make(member, *directory, name);
    }

private:
    mach::Result<MemDirectory*> directory_of(std::string_view path)
    {
        MemDirectory* here = &file_system_.root();
        for (size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
            const InodeRef next = here->find(path.substr(0, slash));
            if (next == nullptr || next->as_directory() == nullptr)
                return unix_failure(ENOENT);
            here = static_cast<MemDirectory*>(next->as_directory());
            path.remove_prefix(slash + 1);
        }
        return here;
    }

    // Files of several names carry their data with the last one; all share one inode number.
    InodeRef linked(const Member& member)
    {
        if (member.links < 2 || (member.mode & S_IFMT) != S_IFREG)
            return nullptr;
        const auto known = links_.find(member.inode);
        if (known == links_.end())
            return nullptr;
        if (!member.data.empty())
            static_cast<MemoryFile*>(known->second->as_file())->set_archive_data(member.data);
        return known->second;
    }

    mach::Result<void> make(const Member& member, MemDirectory& directory, std::string_view name)
    {
        InodeAttributes attributes;
        attributes.mode = member.mode;
        attributes.uid = member.uid;
        attributes.gid = member.gid;
        attributes.rdev = uint64_t{member.device_major} << 8 | member.device_minor;
        attributes.atime_ns = attributes.mtime_ns = attributes.ctime_ns =
            uint64_t{member.mtime} * 1'000'000'000;
        const std::string_view target{member.data.data(), member.data.size()};
        const InodeRef inode = file_system_.make_inode(
            attributes, target, std::static_pointer_cast<Directory>(directory.shared_from_this()));
        if (inode == nullptr)
            return unix_failure(EINVAL);
        if (inode->as_file() != nullptr)
            static_cast<MemoryFile*>(inode->as_file())->set_archive_data(member.data);
        if (member.links > 1 && inode->as_file() != nullptr)
            links_.emplace(member.inode, inode);
        directory.attach(name, inode);
        return {};
    }

    MemFileSystem& file_system_;
    std::map<uint32_t, InodeRef> links_;
};

}  // namespace

mach::Result<void> unpack_archive(MemFileSystem& file_system, std::span<const char> archive)
{
    Unpacker unpacker{file_system};
    for (size_t offset = 0;;) {
        const Member member = TRY(next_member(archive, offset));
        if (member.name == end_name)
            return {};
        TRY(unpacker.add(member));
    }
}

}  // namespace portico
