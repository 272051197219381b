// kernel/vm/vm_map_entry.h
//
// One range of an address space, or of a VmMapCopy: which bytes of which object it shows, and what may be
// done with them.
//
// Owner       the map (under its lock), the copy, or a VmEntryList, one at a time.
#ifndef PORTICO_VM_VM_MAP_ENTRY_H
#define PORTICO_VM_VM_MAP_ENTRY_H

#include <utility>

#include <boost/intrusive/set.hpp>
#include <boost/intrusive/slist.hpp>

#include <lib/ref.h>
#include <mach/vm_behavior.h>
#include <vm/vm_object.h>
#include <vm/vm_types.h>

struct VmMapEntry {
    using MapHook =
        boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;
    using ListHook =
        boost::intrusive::slist_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    vm_address_t start = 0;
    vm_address_t end = 0;
    RefPtr<VmObject> object;  // Null: zero-filled, nothing touched yet.
    vm_offset_t offset = 0;   // Of `start` in the object.
    vm_prot_t protection = VM_PROT_DEFAULT;
    vm_prot_t max_protection = VM_PROT_ALL;
    vm_inherit_t inheritance = VM_INHERIT_DEFAULT;
    vm_behavior_t behavior = VM_BEHAVIOR_DEFAULT;
    PagerPatience patience;
    bool needs_copy =
        false;  // The object is frozen: before it is written, the entry gets one of its own above it.

    MapHook map_hook;
    ListHook list_hook;

    vm_size_t size() const { return end - start; }
    page_index_t index_of(vm_address_t address) const { return page_index_of(offset + (address - start)); }
    page_index_t first_index() const { return page_index_of(offset); }
    page_index_t end_index() const { return page_index_of(offset + size()); }

    // A new entry with everything of this one but its places in containers.  Null: no memory.
    [[nodiscard]] VmMapEntry* duplicate() const;
    // The same memory, in an object of its own if there was none.
    [[nodiscard]] mach::Result<void> make_object();
    // An object that may be written, instead of a frozen one.
    [[nodiscard]] mach::Result<void> make_writable();
    // An object that may be written, and that others will show, too.
    [[nodiscard]] mach::Result<void> share_object();
    // For `into`, a part of this entry by its range and offset: an object that is a snapshot, and needs_copy.
    [[nodiscard]] mach::Result<void> snapshot(VmMapEntry& into) const;
};

[[nodiscard]] VmMapEntry* vm_map_entry_create();
void vm_map_entry_destroy(VmMapEntry* entry);  // With no lock held: drops the object.

// Entries on their way into a map or out of it.  Destroys what is left in it: let it die with no lock held.
class VmEntryList {
public:
    VmEntryList() = default;
    VmEntryList(VmEntryList&& other) noexcept { entries_.swap(other.entries_); }
    VmEntryList& operator=(VmEntryList&& other) noexcept
    {
        VmEntryList old{std::move(*this)};
        entries_.swap(other.entries_);
        return *this;
    }
    ~VmEntryList() { clear(); }

    bool empty() const { return entries_.empty(); }
    size_t count() const { return entries_.size(); }
    void push_back(VmMapEntry& entry) { entries_.push_back(entry); }
    VmMapEntry& pop_front()
    {
        VmMapEntry& entry = entries_.front();
        entries_.pop_front();
        return entry;
    }
    void clear()
    {
        while (!entries_.empty())
            vm_map_entry_destroy(&pop_front());
    }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    auto begin() { return entries_.begin(); }
    auto end() { return entries_.end(); }

private:
    boost::intrusive::slist<
        VmMapEntry, boost::intrusive::member_hook<VmMapEntry, VmMapEntry::ListHook, &VmMapEntry::list_hook>,
        boost::intrusive::cache_last<true>>
        entries_;
};

#endif
