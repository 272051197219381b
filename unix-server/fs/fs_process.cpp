#include "fs_process.h"

#include <cerrno>
#include <fcntl.h>

#include "../support/unix_error.h"

namespace portico {

mach::Result<DescriptorTable::Entry*> DescriptorTable::find(int descriptor)
{
    if (descriptor < 0 || static_cast<size_t>(descriptor) >= entries_.size() || !entries_[descriptor])
        return unix_failure(EBADF);
    return &*entries_[descriptor];
}

mach::Result<int> DescriptorTable::enter(DescriptionRef description, uint32_t flags, int minimum)
{
    if (minimum < 0 || minimum >= limit)
        return unix_failure(EINVAL);
    int free = minimum;
    while (static_cast<size_t>(free) < entries_.size() && entries_[free])
        ++free;
    if (free >= limit)
        return unix_failure(EMFILE);
    enter_at(free, std::move(description), flags);
    return free;
}

void DescriptorTable::enter_at(int descriptor, DescriptionRef description, uint32_t flags)
{
    if (static_cast<size_t>(descriptor) >= entries_.size())
        entries_.resize(static_cast<size_t>(descriptor) + 1);
    description->add_use();  // (D1)
    entries_[descriptor] = Entry{std::move(description), flags & FD_CLOEXEC};
}

mach::Result<DescriptionRef> DescriptorTable::take(int descriptor)
{
    DescriptionRef description = TRY(find(descriptor))->description;
    entries_[descriptor].reset();
    return description;
}

bool DescriptorTable::refers_to(const Description& description) const
{
    for (const auto& entry : entries_) {
        if (entry && entry->description.get() == &description)
            return true;
    }
    return false;
}

std::vector<int> DescriptorTable::open_descriptors() const
{
    std::vector<int> open;
    for (size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i])
            open.push_back(static_cast<int>(i));
    }
    return open;
}

std::vector<int> DescriptorTable::close_on_exec() const
{
    std::vector<int> closing;
    for (size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i] && (entries_[i]->flags & FD_CLOEXEC) != 0)
            closing.push_back(static_cast<int>(i));
    }
    return closing;
}

DescriptorTable DescriptorTable::copy_for_fork() const
{
    DescriptorTable copy;
    copy.entries_ = entries_;
    for (const auto& entry : copy.entries_) {
        if (entry)
            entry->description->add_use();  // (D1)
    }
    return copy;
}

void FsProcess::set_identity(const unix_identity_t& announced)
{
    identity = announced;
    std::vector<uint32_t> groups = std::move(credentials.groups);
    credentials = Credentials::from(announced);
    credentials.groups = std::move(groups);
}

mach::Async<void> release_descriptor(FsProcessRef process, DescriptionRef description)
{
    const bool last = description->drop_use();
    if (!process->descriptors.refers_to(*description))
        co_await description->close_channel(process->pid);
    if (last)
        co_await description->close();
}

mach::Async<void> close_descriptors(FsProcessRef process, std::vector<int> descriptors)
{
    for (const int descriptor : descriptors) {
        if (mach::Result<DescriptionRef> description = process->descriptors.take(descriptor))
            co_await release_descriptor(process, std::move(*description));
    }
}

}  // namespace portico
