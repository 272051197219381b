// kernel/ipc/ipc_space.cpp
//
// The table of names.  See ipc_space.h.
#include <ipc/ipc_space.h>

#include <atomic>
#include <new>

#include <kern/zone.h>

namespace {

constinit Zone<IpcSpace> space_zone{"ipc spaces"};
std::atomic<uint64_t> right_count;

// How many names one step of terminate() destroys.
constexpr unsigned names_per_step = 32;

}  // namespace

uint64_t ipc_right_count() { return right_count.load(std::memory_order_relaxed); }

mach::Result<RefPtr<IpcSpace>> IpcSpace::create(RefPtr<Ledger> ledger)
{
    IpcSpace* space = space_zone.create(std::move(ledger));
    if (space == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    return RefPtr<IpcSpace>::adopt(space);
}

IpcSpace::IpcSpace(RefPtr<Ledger> ledger) : ledger_{std::move(ledger)} {}

IpcSpace::~IpcSpace()
{
    Guard guard{lock_};  // Nobody else is here; it satisfies the analysis.
    KASSERT(in_use_ == 0, "S2: a space is emptied before it is freed");
    for (uint32_t number = 0; number < chunk_count_; ++number)
        if (Chunk* c = chunk(number)) {
            kfree(c, sizeof(Chunk));
            if (ledger_)
                ledger_->uncharge(Resource::Names, chunk_entries);
        }
    if (indirect_ != nullptr)
        kfree(indirect_, (chunk_limit - direct_chunks) * sizeof(Chunk*));
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
            terminated_to_ = entry->index;
            name = entry->name();
        }
        // Only this can take an entry out of an inactive space, or else somebody was quicker: both are well.
        (void)ipc_right_destroy(*this, name);
    }
    return Step::More;
}

IpcSpace::Chunk* IpcSpace::chunk(uint32_t number) const
{
    if (number < direct_chunks)
        return direct_[number];
    if (number >= chunk_limit || indirect_ == nullptr)
        return nullptr;
    return indirect_[number - direct_chunks];
}

IpcEntry* IpcSpace::entry_at(uint32_t index) const
{
    Chunk* c = chunk(index / chunk_entries);
    return c != nullptr ? &c->entries[index % chunk_entries] : nullptr;
}

IpcEntry* IpcSpace::lookup(mach_port_name_t name)
{
    IpcEntry* entry = entry_at(MACH_PORT_INDEX(name));
    if (entry == nullptr || !entry->in_use() || entry->generation != MACH_PORT_GEN(name))
        return nullptr;
    return entry;
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

// Makes chunk `number` and puts its entries into the free list, the lowest to be given out first.
mach::Result<void> IpcSpace::add_chunk(uint32_t number)
{
    if (number >= chunk_limit)
        return mach::failure(KERN_NO_SPACE);
    if (number >= direct_chunks && indirect_ == nullptr) {
        constexpr size_t count = chunk_limit - direct_chunks;
        void* memory = kalloc(count * sizeof(Chunk*));
        if (memory == nullptr)
            return mach::failure(KERN_RESOURCE_SHORTAGE);
        indirect_ = new (memory) Chunk* [count] {};
    }
    if (ledger_ && !ledger_->charge(Resource::Names, chunk_entries))
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    void* memory = kalloc(sizeof(Chunk));
    if (memory == nullptr) {
        if (ledger_)
            ledger_->uncharge(Resource::Names, chunk_entries);
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    }
    Chunk* c = new (memory) Chunk;
    (number < direct_chunks ? direct_[number] : indirect_[number - direct_chunks]) = c;
    chunk_count_ = std::max(chunk_count_, number + 1);
    for (uint32_t i = chunk_entries; i-- > 0;) {
        c->entries[i].index = number * chunk_entries + i;
        if (c->entries[i].index != 0)
            link_free(c->entries[i]);
    }
    return {};
}

void IpcSpace::link_free(IpcEntry& entry)
{
    entry.next_free = free_;
    entry.previous_free = 0;
    if (free_ != 0)
        entry_at(free_)->previous_free = entry.index;
    free_ = entry.index;
}

void IpcSpace::unlink_free(IpcEntry& entry)
{
    if (entry.next_free != 0)
        entry_at(entry.next_free)->previous_free = entry.previous_free;
    if (entry.previous_free != 0)
        entry_at(entry.previous_free)->next_free = entry.next_free;
    else
        free_ = entry.next_free;
}

mach::Result<IpcEntry*> IpcSpace::allocate()
{
    if (!active_)
        return mach::failure(KERN_TERMINATED);
    if (free_ == 0) {
        while (chunk(first_missing_chunk_) != nullptr)
            ++first_missing_chunk_;
        TRY(add_chunk(first_missing_chunk_));
    }
    IpcEntry* entry = entry_at(free_);
    unlink_free(*entry);
    ++entry->generation;
    return entry;
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
    unlink_free(*entry);
    entry->generation = static_cast<uint8_t>(MACH_PORT_GEN(name));
    return entry;
}

void IpcSpace::begin_use(IpcEntry& entry, uint8_t rights)
{
    KASSERT(!entry.in_use() && rights != IpcEntry::None, "S1");
    entry.rights = rights;
    ++in_use_;
    right_count.fetch_add(1, std::memory_order_relaxed);
}

void IpcSpace::end_use(IpcEntry& entry)
{
    KASSERT(entry.in_use(), "S1");
    KASSERT(entry.request == nullptr, "a name goes after what is registered under it");
    entry.rights = IpcEntry::None;
    entry.user_references = 0;
    entry.port = nullptr;
    --in_use_;
    right_count.fetch_sub(1, std::memory_order_relaxed);
    link_free(entry);
}

void IpcSpace::give_back(IpcEntry& entry)
{
    KASSERT(!entry.in_use(), "S1");
    link_free(entry);
}

IpcEntry* IpcSpace::find_send(const IpcPort& port)
{
    const auto found = by_port_.find(&port);
    return found != by_port_.end() ? &*found : nullptr;
}
