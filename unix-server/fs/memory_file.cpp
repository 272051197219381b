#include "memory_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mach/mach.h>
#include <mach/memory_object_control.h>
#include <memory_object_interface.h>
#include <mig/runtime.h>
#include <utility>

#include "../support/unix_error.h"
#include "file_room.h"

namespace portico {

namespace {

// How much the kernel asks for at once; a program that jumps about must not drag in its whole text.
constexpr natural_t cluster_size = 4 * page_size;

constexpr uint64_t round_down(uint64_t offset) { return offset & ~(page_size - 1); }
constexpr uint64_t round_up(uint64_t offset) { return round_down(offset + page_size - 1); }

}  // namespace

// The memory object's port: what the kernel says to the pager.  It outlives the file by at most the message that
// is being handled.
class FilePager final : public mach::Object, public memory_object::Interface {
public:
    explicit FilePager(MemoryFile& file) : file_{&file} {}

    bool dispatch(mig::Request& request) override { return memory_object::Server::dispatch(*this, request); }
    void no_senders() override {}  // The file lives by its links and its users, not by this port.

    void forget_file() { file_ = nullptr; }

    void init(mach::SendRight, memory_object_cluster_size_t) override {
    }  // The object is established, never initialised.
    void terminate() override {}

    void data_request(memory_object_offset_t offset, memory_object_cluster_size_t length, vm_prot_t) override
    {
        if (file_ == nullptr)
            return;
        if (offset >= file_->size_) {  // SIGBUS for who touches it (D12).
            memory_object_data_error(file_->control_.name(), offset, length, KERN_MEMORY_ERROR);
            return;
        }
        const uint64_t available = round_up(file_->size_) - offset;
        if (length > available)
            memory_object_data_error(file_->control_.name(), offset + available, length - available,
                                     KERN_MEMORY_ERROR);
        if (const auto supplied = file_->answer_request(offset, std::min<uint64_t>(length, available));
            !supplied)
            memory_object_data_error(file_->control_.name(), offset, length, supplied.error());
    }

    void data_unlock(memory_object_offset_t offset, memory_object_cluster_size_t length, vm_prot_t) override
    {
        if (file_ != nullptr)
            memory_object_lock_request(file_->control_.name(), offset, length, MEMORY_OBJECT_RETURN_NONE,
                                       FALSE, VM_PROT_NONE, MACH_PORT_NULL);
    }

    void data_return(memory_object_offset_t offset, mach::Memory data, boolean_t,
                     boolean_t kernel_copy) override
    {
        if (file_ != nullptr && !kernel_copy)
            file_->keep_returned(offset, std::move(data));
    }

    void lock_completed(memory_object_offset_t, memory_object_size_t) override
    {
        ++locks_completed_;
        lock_done_.wake_all();
    }

    void synchronize(memory_object_offset_t offset, memory_object_size_t length, natural_t) override
    {
        if (file_ != nullptr)
            memory_object_synchronize_completed(file_->control_.name(), offset, length);
    }

    // Waits until the kernel has done all lock requests up to the one that `ticket` numbers.
    mach::Async<mach::Result<void>> lock_done(uint64_t ticket)
    {
        while (locks_completed_ < ticket)
            CO_TRY(co_await lock_done_.wait_to_the_end());
        co_return {};
    }
    uint64_t next_lock() { return ++locks_requested_; }

private:
    MemoryFile* file_;
    uint64_t locks_requested_ = 0;
    uint64_t locks_completed_ = 0;
    mach::WaitQueue lock_done_;
};

MemoryFile::MemoryFile(uint64_t device, uint64_t number, const InodeAttributes& attributes)
    : RegularFile{device, number, attributes}
{
}

MemoryFile::~MemoryFile()
{
    if (pager_ == nullptr)
        return;
    pager_->forget_file();
    pager_->close();
    if (control_)
        memory_object_destroy(control_.name(), KERN_MEMORY_FAILURE);
}

void MemoryFile::set_archive_data(std::span<const char> data)
{
    archive_ = data;
    size_ = data.size();
}

mach::Result<void> MemoryFile::establish()
{
    if (control_)
        return {};
    auto pager = std::make_shared<FilePager>(*this);
    const mach::SendRight object = TRY(pager->make_send());
    memory_object_attr_info_data_t attributes{};
    attributes.copy_strategy = MEMORY_OBJECT_COPY_DELAY;
    attributes.cluster_size = cluster_size;
    attributes.may_cache_object = TRUE;

    mach_port_t control = MACH_PORT_NULL;
    const kern_return_t code = memory_object_establish(
        mach_host_self(), object.name(), MEMORY_OBJECT_ATTRIBUTE_INFO,
        reinterpret_cast<memory_object_info_t>(&attributes), MEMORY_OBJECT_ATTR_INFO_COUNT, &control);
    if (code != KERN_SUCCESS) {
        pager->close();
        return unix_failure(ENOMEM);
    }
    pager_ = std::move(pager);
    control_ = mach::SendRight{control};
    return {};
}

// The pager's port stays here: its holder could map the file for writing, and speak to the pager as the kernel does.
mach::Result<mach::SendRight> MemoryFile::mappable(bool writable)
{
    TRY(establish());
    const mach::SendRight object = TRY(pager_->make_send());
    const vm_prot_t permission = VM_PROT_READ | VM_PROT_EXECUTE | (writable ? VM_PROT_WRITE : VM_PROT_NONE);
    mach_port_t entry = MACH_PORT_NULL;
    // The file may grow while it is mapped; what lies behind its end answers with an error to who touches it.
    if (mach_memory_object_memory_entry(mach_host_self(), TRUE, size_limit, permission, object.name(),
                                        &entry) != KERN_SUCCESS)
        return unix_failure(ENOMEM);
    return mach::SendRight{entry};
}

bool MemoryFile::has_data(uint64_t page) const
{
    return page * page_size < archive_.size() || returned_.contains(page);
}

void MemoryFile::copy_backing(uint64_t offset, std::span<std::byte> to) const
{
    for (uint64_t done = 0; done < to.size(); done += page_size) {
        const uint64_t at = offset + done;
        if (const auto kept = returned_.find(at / page_size); kept != returned_.end())
            std::memcpy(to.data() + done, kept->second.bytes().data(), page_size);
        else if (at < archive_.size())
            std::memcpy(to.data() + done, archive_.data() + at,
                        std::min<uint64_t>(page_size, archive_.size() - at));
    }
}

// The kernel has asked for whole pages before the end of the file: for a hole it makes zeros itself.
mach::Result<void> MemoryFile::answer_request(uint64_t offset, uint64_t length)
{
    const uint64_t first = offset / page_size;
    const uint64_t last = (offset + length) / page_size;
    bool any = false;
    for (uint64_t page = first; page < last; ++page)
        any = any || has_data(page);
    if (!any)
        return mach::result_of(memory_object_data_unavailable(control_.name(), offset, length));
    return supply(offset, length);
}

// Gives the kernel whole pages that it has not asked for, zeros where there is no data.
mach::Result<void> MemoryFile::supply(uint64_t offset, uint64_t length)
{
    mach::Memory pages =
        TRY(mach::Memory::allocate(length));  // Zeros, so (F1) and (F2) hold for what is not copied.
    copy_backing(offset, pages.bytes());
    const kern_return_t code = memory_object_data_supply(
        control_.name(), offset, reinterpret_cast<pointer_t>(pages.address()),
        static_cast<mach_msg_type_number_t>(pages.size()), TRUE, VM_PROT_NONE, FALSE);
    if (code != KERN_SUCCESS)
        return mach::failure(code);
    static_cast<void>(pages.release());  // They went with the message.
    return {};
}

void MemoryFile::keep_returned(uint64_t offset, mach::Memory data)
{
    for (uint64_t done = 0; done + page_size <= data.size(); done += page_size) {
        if (offset + done >= size_)
            break;  // (F3)
        mach::Result<mach::Memory> page = mach::Memory::allocate(page_size);
        if (!page)
            return;  // Lost: there is no memory anywhere.  The pageout daemon, which alone could cause it, waits for room first.
        std::memcpy(page->bytes().data(), data.bytes().data() + done, page_size);
        returned_.insert_or_assign((offset + done) / page_size, std::move(*page));
    }
}

mach::Result<uint32_t> MemoryFile::read_cached(uint64_t offset, std::span<char> to)
{
    uint32_t done = 0;
    memory_object_offset_t supplied = MEMORY_OBJECT_NO_PAGE;
    while (done < to.size()) {
        auto count = static_cast<mach_msg_type_number_t>(to.size() - done);
        memory_object_offset_t absent = MEMORY_OBJECT_NO_PAGE;
        const kern_return_t code =
            memory_object_cache_read(control_.name(), offset + done, count,
                                     reinterpret_cast<char*>(to.data() + done), &count, &absent);
        if (code != KERN_SUCCESS)
            return unix_failure(EIO);
        done += count;
        if (absent == MEMORY_OBJECT_NO_PAGE)
            break;
        const uint64_t length = std::min<uint64_t>(cluster_size, round_up(size_) - absent);
        if (absent == supplied || !supply(absent, length))
            return unix_failure(ENOMEM);  // The kernel has no room for the page.
        supplied = absent;
    }
    return done;
}

mach::Result<uint32_t> MemoryFile::write_cached(uint64_t offset, std::span<const char> from)
{
    uint32_t done = 0;
    memory_object_offset_t supplied = MEMORY_OBJECT_NO_PAGE;
    while (done < from.size()) {
        natural_t written = 0;
        memory_object_offset_t absent = MEMORY_OBJECT_NO_PAGE;
        const kern_return_t code = memory_object_cache_write(
            control_.name(), offset + done, const_cast<char*>(from.data() + done),
            static_cast<mach_msg_type_number_t>(from.size() - done), &written, &absent);
        if (code != KERN_SUCCESS)
            return done > 0 ? mach::Result<uint32_t>{done} : unix_failure(ENOSPC);
        done += written;
        if (absent == MEMORY_OBJECT_NO_PAGE)
            break;
        if (absent == std::exchange(supplied, absent) || !take_file_pages(1) || !supply(absent, page_size))
            return done > 0 ? mach::Result<uint32_t>{done} : unix_failure(ENOSPC);
    }
    return done;
}

mach::Async<mach::Result<uint32_t>> MemoryFile::read(uint64_t offset, std::span<char> to)
{
    const auto guard = co_await data_lock_.lock();
    if (offset >= size_)
        co_return uint32_t{0};
    CO_TRY(establish());
    const uint64_t amount = std::min<uint64_t>(to.size(), size_ - offset);
    const uint32_t done = CO_TRY(read_cached(offset, to.first(amount)));
    touch_accessed();
    co_return done;
}

mach::Async<mach::Result<Written>> MemoryFile::write(uint64_t offset, std::span<const char> from)
{
    const auto guard = co_await data_lock_.lock();
    if (offset == at_end)
        offset = size_;
    if (offset > size_limit || from.size() > size_limit - offset)
        co_return unix_failure(EFBIG);
    if (from.empty())
        co_return Written{offset, 0};
    CO_TRY(establish());
    const uint64_t end = round_up(offset + from.size());
    const uint64_t fresh =
        std::max(round_down(offset), round_up(size_));  // From here on there is no page yet.
    if (fresh < end && !take_file_pages((end - fresh) / page_size))
        co_return unix_failure(ENOSPC);
    const uint32_t done = CO_TRY(write_cached(offset, from));
    size_ = std::max(size_, offset + done);
    touch_modified();
    co_return Written{offset, done};
}

// Bytes from `from` to the end of its page become zeros (F2).
mach::Result<void> MemoryFile::zero_tail(uint64_t from)
{
    static constexpr std::array<char, page_size> zeros{};
    const uint64_t length = round_up(from) - from;
    if (length == 0)
        return {};
    TRY(establish());
    TRY(write_cached(from, std::span{zeros}.first(length)));
    return {};
}

// The kernel forgets the pages from `offset` on.  What it had returned before has arrived when it says that it is
// done, and is dropped then.
mach::Async<mach::Result<void>> MemoryFile::drop_pages_from(uint64_t offset)
{
    if (control_) {
        const auto pager = pager_;
        const mach::SendRight object = CO_TRY(pager->make_send());
        const uint64_t ticket = pager->next_lock();
        CO_TRY(mach::result_of(memory_object_lock_request(control_.name(), offset, size_limit,
                                                          MEMORY_OBJECT_RETURN_NONE, TRUE, VM_PROT_NO_CHANGE,
                                                          object.name())));
        CO_TRY(co_await pager->lock_done(ticket));
    }
    returned_.erase(returned_.lower_bound(offset / page_size), returned_.end());
    archive_ = archive_.first(std::min<uint64_t>(archive_.size(), offset));
    co_return {};
}

mach::Async<mach::Result<void>> MemoryFile::truncate(uint64_t size)
{
    const auto guard = co_await data_lock_.lock();
    if (size > size_limit)
        co_return unix_failure(EFBIG);
    if (size > size_) {
        // A mapping may have stored behind the end; that must not come to light as file data (D12).
        CO_TRY(zero_tail(size_));
        size_ = size;
    } else if (size < size_) {
        const uint64_t old_pages = round_up(size_);
        size_ = size;
        if (round_up(size) < old_pages)
            CO_TRY(co_await drop_pages_from(round_up(size)));
        CO_TRY(zero_tail(size));
    }
    touch_modified();
    co_return {};
}

mach::Async<mach::Result<void>> MemoryFile::sync() { co_return {}; }

}  // namespace portico
