// kernel/ipc/ipc_space.h
//
// A port space: the names of one task, and the rights that they denote.
//
// A name is 32 bits: an index into the table, and below it eight generation bits, which change each time the
// slot is given out anew, so that a stale name seldom denotes its successor's right.
//
// The table grows by chunks that never move and are never freed before the space: a pointer to an entry stays
// good for as long as the space's lock is held, and a reader never sees a table that is being copied.
//
// Owns        its entries and, through them, the receive rights, sets and send rights of the task.
// Lifetime    RefPtr: the task, and calls under way.  Terminated (emptied) when the task ends.
// Lock        lock_, LockRank::IpcSpace: before ports.  Rights are never dropped under it (ipc_right.h).
// Invariants  (S1) Every entry of an allocated chunk is in use or in the free list, never both.  Index 0 is
//                  neither.
//             (S2) Not active  =>  no entry gets into use.  When terminate() has said Done, none is.
//             (S3) in_use_ is the number of entries in use; it never exceeds limit.
#ifndef PORTICO_IPC_IPC_SPACE_H
#define PORTICO_IPC_IPC_SPACE_H

#include <array>
#include <cstdint>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_right.h>
#include <kern/ledger.h>
#include <kern/reaper.h>
#include <lib/lock.h>
#include <lib/ref.h>

// What is in a space; names are all of them.
struct IpcSpaceCounts {
    uint32_t names = 0, receive_rights = 0, port_sets = 0, dead_names = 0;
};

class IpcSpace final : public RefCounted<IpcSpace>, public Reapable {
public:
    static constexpr uint32_t chunk_entries = 64;
    static constexpr uint32_t limit = 1 << 18;  // Names in one space (design D9), and index 0, which is none.
    static constexpr uint32_t generation_mask = 0xff;

    // KERN_RESOURCE_SHORTAGE.  `ledger` pays for names and ports; null: nobody (the kernel's own space,
    // tests).
    [[nodiscard]] static mach::Result<RefPtr<IpcSpace>> create(RefPtr<Ledger> ledger);

    SpinLock<LockRank::IpcSpace>& lock() const RETURN_CAPABILITY(lock_) { return lock_; }
    bool active() const REQUIRES(lock_) { return active_; }
    const RefPtr<Ledger>& ledger() const { return ledger_; }

    // Destroys a bounded number of rights; call until it says Done.  The first call ends the space's use by
    // others. With no lock held.
    Step terminate() EXCLUDES(lock_);

    // ---- Names.
    // Null: the name denotes nothing.
    IpcEntry* lookup(mach_port_name_t name) REQUIRES(lock_)
    {
        IpcEntry* entry = find(name);
        return entry != nullptr && entry->in_use() ? entry : nullptr;
    }
    // The entry that has the name, or had it last: for who looks at its rights anyway.
    IpcEntry* find(mach_port_name_t name) REQUIRES(lock_)
    {
        IpcEntry* entry = entry_at(MACH_PORT_INDEX(name));
        return entry != nullptr && entry->name == name ? entry : nullptr;
    }
    // The same for a thread that uses few names again and again: `recent`, where it found the last one of that use.  An
    // entry stays where it is for as long as the space lives.
    IpcEntry* find(mach_port_name_t name, IpcEntry*& recent) REQUIRES(lock_)
    {
        if (recent->name == name) [[likely]]
            return recent;
        IpcEntry* const entry = find(name);
        if (entry != nullptr)
            recent = entry;
        return entry;
    }
    static IpcEntry* no_entry() { return &no_entry_; }  // Where nobody has found anything yet.
    // A free entry with a fresh generation, not yet in use.  KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE,
    // KERN_TERMINATED.
    [[nodiscard]] mach::Result<IpcEntry*> allocate() REQUIRES(lock_);
    // The entry of a chosen name.  Also KERN_NAME_EXISTS (its slot is in use), KERN_INVALID_VALUE.
    [[nodiscard]] mach::Result<IpcEntry*> allocate_name(mach_port_name_t name) REQUIRES(lock_);
    // What comes next makes an allocated entry denote something, and a used one nothing.
    void begin_use(IpcEntry& entry, uint8_t rights) REQUIRES(lock_)
    {
        KASSERT(!entry.in_use() && rights != IpcEntry::None, "S1");
        entry.rights = rights;
        ++in_use_;
    }
    void end_use(IpcEntry& entry) REQUIRES(lock_)
    {
        KASSERT(entry.in_use(), "S1");
        KASSERT(entry.request == nullptr, "a name goes after what is registered under it");
        entry.rights = IpcEntry::None;
        entry.user_references = 0;
        entry.renew_name();
        --in_use_;
        free_.push_front(entry);
    }
    // In two steps: the entry that allocate() would give without making room; null if there is none.
    IpcEntry* next_free() REQUIRES(lock_)
    {
        return active_ && free_.begin() != free_.end() ? &*free_.begin() : nullptr;
    }
    void take_next_free() REQUIRES(lock_) { free_.pop_front(); }

    // An allocated entry that is not needed after all.
    void give_back(IpcEntry& entry) REQUIRES(lock_);

    // The entry with the send right, and no receive right, to `port`: null if there is none (E3).
    IpcEntry* find_send(const IpcPort& port) REQUIRES(lock_);
    void index_send(IpcEntry& entry) REQUIRES(lock_) { by_port_.insert(entry); }
    void unindex_send(IpcEntry& entry) REQUIRES(lock_) { by_port_.erase(by_port_.iterator_to(entry)); }

    uint32_t in_use() const REQUIRES(lock_) { return in_use_; }
    uint32_t table_size() const REQUIRES(lock_) { return chunk_count_ * chunk_entries; }
    // The first entry in use at or after `index`; null if there is none.
    IpcEntry* next_in_use(uint32_t index) REQUIRES(lock_);
    // Takes the lock for one chunk at a time: what changes meanwhile may be counted or not.
    IpcSpaceCounts counts() EXCLUDES(lock_);

    static void destroy_last_reference(IpcSpace* space);

    using AllHook =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;
    AllHook among_all;  // ipc_space.cpp

private:
    template <class>
    friend class Zone;

    static constexpr uint32_t chunk_limit = limit / chunk_entries;
    static constexpr uint32_t direct_chunks = 8;
    struct Chunk {
        std::array<IpcEntry, chunk_entries> entries;
    };
    struct ChunkTable {
        static constexpr uint32_t slots = 512;
        std::array<Chunk*, slots> chunks{};
    };
    static constexpr uint32_t table_limit = chunk_limit / ChunkTable::slots;
    static_assert(table_limit * ChunkTable::slots == chunk_limit);
    struct PortOf {
        using type = const IpcPort*;
        type operator()(const IpcEntry& entry) const { return entry.port; }
    };
    using ByPort = boost::intrusive::set<
        IpcEntry, boost::intrusive::member_hook<IpcEntry, IpcEntry::PortHook, &IpcEntry::by_port>,
        boost::intrusive::key_of_value<PortOf>, boost::intrusive::constant_time_size<false>>;

    // The entry that was given up last is given out first: it is the one that is in the cache.
    using FreeEntries = boost::intrusive::list<
        IpcEntry, boost::intrusive::member_hook<IpcEntry, IpcEntry::FreeHook, &IpcEntry::among_free>,
        boost::intrusive::constant_time_size<false>>;

    explicit IpcSpace(RefPtr<Ledger> ledger);
    ~IpcSpace();
    Step reap() override;

    Chunk* chunk(uint32_t number) const REQUIRES(lock_)
    {
        if (number < direct_chunks) [[likely]]
            return direct_[number];
        if (number >= chunk_limit)
            return nullptr;
        const ChunkTable* const table = tables_[number / ChunkTable::slots];
        return table != nullptr ? table->chunks[number % ChunkTable::slots] : nullptr;
    }
    IpcEntry* entry_at(uint32_t index) const REQUIRES(lock_)
    {
        Chunk* c = chunk(index / chunk_entries);
        return c != nullptr ? &c->entries[index % chunk_entries] : nullptr;
    }
    mach::Result<Chunk**> slot_for(uint32_t chunk_number) REQUIRES(lock_);
    mach::Result<void> add_chunk(uint32_t chunk_number) REQUIRES(lock_);

    static IpcEntry no_entry_;  // Has no right, under a name that no entry has.

    mutable SpinLock<LockRank::IpcSpace> lock_;
    const RefPtr<Ledger> ledger_;
    bool active_ GUARDED_BY(lock_) = true;
    FreeEntries free_ GUARDED_BY(lock_);
    uint32_t in_use_ GUARDED_BY(lock_) = 0;
    uint32_t chunk_count_ GUARDED_BY(lock_) = 0;          // Chunks up to the highest that exists.
    uint32_t first_missing_chunk_ GUARDED_BY(lock_) = 0;  // All before it exist.
    uint32_t terminated_to_ GUARDED_BY(lock_) = 0;
    std::array<Chunk*, direct_chunks> direct_ GUARDED_BY(lock_){};
    std::array<ChunkTable*, table_limit> tables_ GUARDED_BY(lock_){};  // Of the others, by their numbers.
    ByPort by_port_ GUARDED_BY(lock_);
};

#endif
