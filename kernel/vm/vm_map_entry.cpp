// kernel/vm/vm_map_entry.cpp: see vm_map_entry.h.
#include <vm/vm_map_entry.h>

#include <kern/zone.h>

using mach::failure;
using mach::Result;

namespace {
constinit Zone<VmMapEntry> entry_zone{"vm map entries"};
}

VmMapEntry* vm_map_entry_create() { return entry_zone.create(); }

void vm_map_entry_destroy(VmMapEntry* entry)
{
    vm_object_release(std::move(entry->object));
    entry_zone.destroy(entry);
}

VmMapEntry* VmMapEntry::duplicate() const
{
    VmMapEntry* other = vm_map_entry_create();
    if (other == nullptr)
        return nullptr;
    other->start = start;
    other->end = end;
    other->object = object;
    other->offset = offset;
    other->protection = protection;
    other->max_protection = max_protection;
    other->inheritance = inheritance;
    other->behavior = behavior;
    other->patience = patience;
    other->needs_copy = needs_copy;
    return other;
}

Result<void> VmMapEntry::make_object()
{
    if (object != nullptr)
        return {};
    object = TRY(VmObject::create(size()));
    offset = 0;
    return {};
}

Result<void> VmMapEntry::make_writable()
{
    if (!needs_copy)
        return {};
    bool thawed = false;
    {
        Guard guard{object->lock()};
        thawed = object->thaw();
    }
    if (!thawed) {
        object = TRY(vm_object_shadow(object, first_index(), page_index_of(size())));
        offset = 0;
    }
    needs_copy = false;
    return {};
}

Result<void> VmMapEntry::share_object()
{
    TRY(make_object());
    TRY(make_writable());
    object->share();
    return {};
}

Result<void> VmMapEntry::snapshot(VmMapEntry& into) const
{
    if (object == nullptr) {
        into.object = nullptr;
        into.needs_copy = false;
        return {};
    }
    into.object = TRY(vm_object_copy(*object, into.first_index(), into.end_index()));
    into.needs_copy = true;
    return {};
}
