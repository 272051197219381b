// kernel/ipc/ipc_space.cpp
//
// The table of names.  See ipc_space.h.
#include <ipc/ipc_space.h>

#include <new>

#include <kern/immortal.h>
#include <kern/zone.h>

namespace {

constinit Zone<IpcSpace> space_zone{"ipc spaces"};

// All spaces, so that what they hold can be counted when somebody asks: nothing that every message does may write
// to one place for all processors.
SpinLock<LockRank::IpcSpaces> spaces_lock;
using Spaces =
    boost::intrusive::list<IpcSpace,
                           boost::intrusive::member_hook<IpcSpace, IpcSpace::AllHook, &IpcSpace::among_all>,
                           boost::intrusive::constant_time_size<false>>;
Immortal<Spaces> spaces GUARDED_BY(spaces_lock);

// How many names one step of terminate() destroys.
constexpr unsigned names_per_step = 32;

}  // namespace

IpcEntry IpcSpace::no_entry_;

uint64_t ipc_right_count()
{
    uint64_t count = 0;
    Guard all{spaces_lock};
    for (const IpcSpace& space : *spaces) {
        Guard guard{space.lock()};
        count += space.in_use();
    }
    return count;
}

mach::Result<RefPtr<IpcSpace>> IpcSpace::create(RefPtr<Ledger> ledger)
{
    IpcSpace* space = space_zone.create(std::move(ledger));
    if (space == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    return RefPtr<IpcSpace>::adopt(space);
}

IpcSpace::IpcSpace(RefPtr<Ledger> ledger) : ledger_{std::move(ledger)}
{
    Guard guard{spaces_lock};
    spaces->push_back(*this);
}

IpcSpace::~IpcSpace()
{
    {
        Guard all{spaces_lock};
        spaces->erase(spaces->iterator_to(*this));
    }
    Guard guard{lock_};  // Nobody else is here; it satisfies the analysis.
    KASSERT(in_use_ == 0, "S2: a space is emptied before it is freed");
    for (uint32_t number = 0; number < chunk_count_; ++number)
        if (Chunk* c = chunk(number)) {
            kfree(c, sizeof(Chunk));
            if (ledger_)
                ledger_->uncharge(Resource::Names, chunk_entries);
        }
    for (ChunkTable* table : tables_) {
        if (table != nullptr)
            kfree(table, sizeof(ChunkTable));
    }
}

void IpcSpace::destroy_last_reference(IpcSpace* space) { reaper_enqueue(*space); }

Reapable::Step IpcSpace::reap()
{
    if (terminate() == Step::More)
        return Step::More;
    space_zone.destroy(this);
    return Step::Done;
}

Reapable::Step IpcSpace::terminate()
{
    for (unsigned i = 0; i < names_per_step; ++i) {
        mach_port_name_t name;
        {
            Guard guard{lock_};
            active_ = false;
            IpcEntry* entry = next_in_use(terminated_to_);
            if (entry == nullptr)
                return Step::Done;
            terminated_to_ = entry->index();
            name = entry->name;
        }
        // Only this can take an entry out of an inactive space, or else somebody was quicker: both are well.
        (void)ipc_right_destroy(*this, name);
    }
    return Step::More;
}

IpcEntry* IpcSpace::next_in_use(uint32_t index)
{
    for (; index < chunk_count_ * chunk_entries; ++index) {
        IpcEntry* entry = entry_at(index);
        if (entry == nullptr)
            index |= chunk_entries - 1;  // The rest of a chunk that does not exist.
        else if (entry->in_use())
            return entry;
    }
    return nullptr;
}

IpcSpaceCounts IpcSpace::counts()
{
    IpcSpaceCounts counts;
    for (uint32_t number = 0;; ++number) {
        Guard guard{lock_};
        if (number >= chunk_count_)
            return counts;
        const Chunk* const c = chunk(number);
        if (c == nullptr)
            continue;
        for (const IpcEntry& entry : c->entries) {
            counts.names += entry.in_use();
            counts.receive_rights += entry.has(IpcEntry::Receive);
            counts.port_sets += entry.has(IpcEntry::PortSet);
            counts.dead_names += entry.has(IpcEntry::DeadName);
        }
    }
}

// Where the chunk's address belongs.
mach::Result<IpcSpace::Chunk**> IpcSpace::slot_for(uint32_t number)
{
    if (number >= chunk_limit)
        return mach::failure(KERN_NO_SPACE);
    if (number < direct_chunks)
        return &direct_[number];
    ChunkTable*& table = tables_[number / ChunkTable::slots];
    if (table == nullptr) {
        void* memory = kalloc(sizeof(ChunkTable));
        if (memory == nullptr)
            return mach::failure(KERN_RESOURCE_SHORTAGE);
        table = new (memory) ChunkTable;
    }
    return &table->chunks[number % ChunkTable::slots];
}

// Makes chunk `number` and puts its entries into the free list, the lowest to be given out first.
mach::Result<void> IpcSpace::add_chunk(uint32_t number)
{
    Chunk** const slot = TRY(slot_for(number));
    if (ledger_ && !ledger_->charge(Resource::Names, chunk_entries))
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    void* memory = kalloc(sizeof(Chunk));
    if (memory == nullptr) {
        if (ledger_)
            ledger_->uncharge(Resource::Names, chunk_entries);
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    }
    Chunk* c = new (memory) Chunk;
    *slot = c;
    chunk_count_ = std::max(chunk_count_, number + 1);
    for (uint32_t i = chunk_entries; i-- > 0;) {
        const uint32_t index = number * chunk_entries + i;
        c->entries[i].name = MACH_PORT_MAKE(index, 1u);
        if (index != 0)
            free_.push_front(c->entries[i]);
    }
    return {};
}

mach::Result<IpcEntry*> IpcSpace::allocate()
{
    if (!active_)
        return mach::failure(KERN_TERMINATED);
    if (free_.empty()) {
        while (chunk(first_missing_chunk_) != nullptr)
            ++first_missing_chunk_;
        TRY(add_chunk(first_missing_chunk_));
    }
    IpcEntry& entry = free_.front();
    take_next_free();
    return &entry;
}

mach::Result<IpcEntry*> IpcSpace::allocate_name(mach_port_name_t name)
{
    const uint32_t index = MACH_PORT_INDEX(name);
    if (index == 0 || index >= limit)
        return mach::failure(KERN_INVALID_VALUE);
    if (!active_)
        return mach::failure(KERN_TERMINATED);
    if (chunk(index / chunk_entries) == nullptr)
        TRY(add_chunk(index / chunk_entries));
    IpcEntry* entry = entry_at(index);
    if (entry->in_use())
        return mach::failure(KERN_NAME_EXISTS);
    free_.erase(free_.iterator_to(*entry));
    entry->name = name;
    return entry;
}

void IpcSpace::give_back(IpcEntry& entry)
{
    KASSERT(!entry.in_use(), "S1");
    entry.renew_name();
    free_.push_front(entry);
}

IpcEntry* IpcSpace::find_send(const IpcPort& port)
{
    const auto found = by_port_.find(&port);
    return found != by_port_.end() ? &*found : nullptr;
}
