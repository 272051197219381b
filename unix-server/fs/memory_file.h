// unix-server/fs/memory_file.h
//
// A regular file of the file system in memory.  Its data lives in the pages of a kernel memory object whose pager this
// is; reads and writes go through the object's control port, so that they, mmap and exec see one truth and the service never
// faults on its own files (design D12).
//
// Owns        the pager's port and the control port; the data that the kernel does not have: the part that came with the boot
//             archive, and pages that were returned.
// Lifetime    shared_ptr, as every inode.  The memory object is made at first use and destroyed with the inode.
// Lock        data_lock_: a write or truncation is alone, and no read sees half of it.
// Invariants  (F1) A page that is neither resident, nor in returned_, nor in archive_ is zeros.
//             (F2) Bytes between size_ and the end of its page are zeros wherever they are kept.
//             (F3) returned_ holds no page at or beyond the end.
#pragma once

#include <map>
#include <memory>

#include "inode.h"

#include <portico/event_loop.h>
#include <portico/memory.h>
#include <portico/rights.h>

namespace portico {

class FilePager;

class MemoryFile final : public RegularFile {
public:
    MemoryFile(uint64_t device, uint64_t number, const InodeAttributes& attributes);
    ~MemoryFile() override;

    uint64_t size() const override { return size_; }
    mach::Async<mach::Result<uint32_t>> read(uint64_t offset, std::span<char> to) override;
    mach::Async<mach::Result<Written>> write(uint64_t offset, std::span<const char> from) override;
    mach::Async<mach::Result<void>> truncate(uint64_t size) override;
    mach::Async<mach::Result<void>> sync() override;
    mach::Result<mach::SendRight> mappable(bool writable) override;

    // The first contents: bytes that stay where they are as long as the system runs.
    void set_archive_data(std::span<const char> data);

private:
    friend class FilePager;
    static constexpr uint32_t data_lock_rank = 30;
    // Larger than any file of this system: sizes and offsets are added without overflow.
    static constexpr uint64_t size_limit = uint64_t{1} << 40;

    mach::Result<void> establish();
    mach::Result<uint32_t> read_cached(uint64_t offset, std::span<char> to);
    mach::Result<uint32_t> write_cached(uint64_t offset, std::span<const char> from);
    mach::Result<void> answer_request(uint64_t offset, uint64_t length);
    mach::Result<void> supply(uint64_t offset, uint64_t length);
    mach::Result<void> zero_tail(uint64_t from);
    mach::Async<mach::Result<void>> drop_pages_from(uint64_t offset);
    bool has_data(uint64_t page) const;
    void copy_backing(uint64_t offset, std::span<std::byte> to) const;
    void keep_returned(uint64_t offset, mach::Memory data);

    uint64_t size_ = 0;
    std::span<const char> archive_;
    std::map<uint64_t, mach::Memory> returned_;  // By page number.
    std::shared_ptr<FilePager> pager_;
    mach::SendRight control_;
    mach::AsyncMutex<data_lock_rank> data_lock_;
};

}  // namespace portico
