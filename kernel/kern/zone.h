// kernel/kern/zone.h
//
// The kernel's heap.  A Zone<T> makes and destroys objects of one type from slabs of whole pages; kalloc() gives memory
// of any size.  Both may fail, and both are counted.
//
//     Zone<IpcPort> port_zone{"ipc ports"};
//     IpcPort* port = port_zone.create(space, name);     // Null if memory or the zone's limit is used up.
//     port_zone.destroy(port);
//
// Lock        each zone's own, LockRank::Zone.  Constructors and destructors run without it.
// Invariants  (Z1) An element is in use or in its zone's free list, never both; live_ counts those in use.
//             (Z2) Memory that served one type never serves another: a stale pointer still meets a T.
#ifndef PORTICO_KERN_ZONE_H
#define PORTICO_KERN_ZONE_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

#include <lib/lock.h>

// What does not depend on the type.  Every zone is in one list, for statistics and leak checks.
class ZoneBase {
public:
    const char* name() const { return name_; }
    size_t element_size() const { return element_size_; }
    size_t live() const { return live_.load(std::memory_order_relaxed); }
    size_t pages() const { return pages_; }
    void set_limit(size_t elements) { limit_ = elements; }
    const ZoneBase* next() const { return next_; }

    ZoneBase(const ZoneBase&) = delete;
    ZoneBase& operator=(const ZoneBase&) = delete;

protected:
    // An element that is free holds the link of the free list.
    constexpr ZoneBase(const char* name, size_t element_size, size_t alignment)
        : name_{name},
          element_size_{element_size > sizeof(FreeElement) ? element_size : sizeof(FreeElement)},
          alignment_{alignment > alignof(FreeElement) ? alignment : alignof(FreeElement)}
    {
        element_size_ = (element_size_ + alignment_ - 1) / alignment_ * alignment_;
    }
    ~ZoneBase() = default;

    void* allocate() EXCLUDES(lock_);  // Null: none to be had.
    void free(void* element) EXCLUDES(lock_);

private:
    struct FreeElement {
        FreeElement* next;
    };

    // The element store is the build path's: slabs in zone_slab.cpp, one checked allocation each in arch/host.
    void* take_element() REQUIRES(lock_);
    void give_element(void* element) REQUIRES(lock_);
    bool grow() EXCLUDES(lock_);
    void enter_list() REQUIRES(lock_);

    const char* const name_;
    size_t element_size_;
    size_t alignment_;
    SpinLock<LockRank::Zone> lock_;
    FreeElement* free_ GUARDED_BY(lock_) = nullptr;
    std::atomic<size_t> live_ = 0;  // Written under lock_.
    size_t pages_ = 0;
    size_t limit_ = std::numeric_limits<size_t>::max();
    bool listed_ GUARDED_BY(lock_) = false;
    const ZoneBase* next_ = nullptr;
};

template <class T>
class Zone final : public ZoneBase {
public:
    explicit constexpr Zone(const char* name) : ZoneBase{name, sizeof(T), alignof(T)} {}

    template <class... Args>
    [[nodiscard]] T* create(Args&&... args)
    {
        void* memory = allocate();
        return memory != nullptr ? new (memory) T(std::forward<Args>(args)...) : nullptr;
    }
    void destroy(T* object)
    {
        object->~T();
        free(object);
    }
};

// Memory of any size, aligned to 16.  Null: none to be had, or more than kalloc_limit.
inline constexpr size_t kalloc_limit = 1 << 20;
[[nodiscard]] void* kalloc(size_t size);
void kfree(void* memory, size_t size);  // The size that was asked for.

// Calls visit(zone) for every zone that has ever given out an element.
void zone_visit(void (*visit)(const ZoneBase& zone, void* context), void* context);

#endif
