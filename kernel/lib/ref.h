// kernel/lib/ref.h
//
// Counted references.
//
//     class IpcPort final : public RefCounted<IpcPort> { ... };
//     RefPtr<IpcPort> port = RefPtr<IpcPort>::adopt(zone.create(...));   // The count starts at one: the creator's.
//
// With the last reference T::destroy_last_reference(T*) (static), or object.destroy_last_reference(), is called, under
// whatever locks the releaser holds: it frees what cannot recurse, and puts everything else on the reap list (D10).
#ifndef PORTICO_LIB_REF_H
#define PORTICO_LIB_REF_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <lib/assert.h>
#include <lib/census.h>

template <class T>
class RefCounted {
public:
    RefCounted(const RefCounted&) = delete;
    RefCounted& operator=(const RefCounted&) = delete;

    void reference() const
    {
        [[maybe_unused]] const uint32_t before = count_.fetch_add(1, std::memory_order_relaxed);
        KASSERT(before != 0, "an object without references must not be referred to again");
    }
    // For tables that do not hold references: false if the last one has just gone.
    [[nodiscard]] bool reference_unless_zero() const
    {
        uint32_t count = count_.load(std::memory_order_relaxed);
        while (count != 0) {
            if (count_.compare_exchange_weak(count, count + 1, std::memory_order_acquire,
                                             std::memory_order_relaxed))
                return true;
        }
        return false;
    }
    void release() const
    {
        const uint32_t before = count_.fetch_sub(1, std::memory_order_acq_rel);
        KASSERT(before != 0, "a reference is released twice");
        if (before != 1)
            return;
        T* self = static_cast<T*>(const_cast<RefCounted*>(this));
        if constexpr (requires { T::destroy_last_reference(self); })
            T::destroy_last_reference(self);
        else
            self->destroy_last_reference();
    }
    // Several at once, for who knows that there are others which stay.
    void reference_more(uint32_t references) const
    {
        count_.fetch_add(references, std::memory_order_relaxed);
    }
    void release_some(uint32_t references) const
    {
        [[maybe_unused]] const uint32_t before = count_.fetch_sub(references, std::memory_order_release);
        KASSERT(before > references, "others have references, too");
    }
    // A hint, unless the caller knows that it holds the only one.
    uint32_t reference_count() const { return count_.load(std::memory_order_acquire); }

protected:
    RefCounted() = default;
    ~RefCounted() = default;

private:
    mutable std::atomic<uint32_t> count_ = 1;
};

// One reference, or none.
template <class T>
class RefPtr {
public:
    RefPtr() = default;
    RefPtr(std::nullptr_t) {}
    explicit RefPtr(T& object)
    {
        object.reference();
        hold(&object);
    }
    explicit RefPtr(T* object)
    {
        if (object != nullptr)
            object->reference();
        hold(object);
    }
    RefPtr(const RefPtr& other) : RefPtr{other.object_} {}
    RefPtr(RefPtr&& other) noexcept { hold(other.leak()); }
    RefPtr& operator=(const RefPtr& other) { return *this = RefPtr{other}; }
    RefPtr& operator=(RefPtr&& other) noexcept
    {
        T* incoming = other.leak();
        T* outgoing = leak();
        hold(incoming);
        if (outgoing != nullptr)
            outgoing->release();
        return *this;
    }
    ~RefPtr() { reset(); }

    // Takes over a reference that the caller owns.
    [[nodiscard]] static RefPtr adopt(T* object)
    {
        RefPtr pointer;
        pointer.hold(object);
        return pointer;
    }
    // Gives its reference to the caller.
    [[nodiscard]] T* leak()
    {
        T* object = std::exchange(object_, nullptr);
        if (object != nullptr)
            census_note(this, -1);
        return object;
    }
    void reset()
    {
        if (T* object = leak())
            object->release();
    }

    T* get() const { return object_; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    // The analyzer takes the variable that TRY() leaves before it exists for one that is destroyed.
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    explicit operator bool() const { return object_ != nullptr; }
    friend bool operator==(const RefPtr& a, const RefPtr& b) { return a.object_ == b.object_; }
    friend bool operator==(const RefPtr& a, const T* b) { return a.object_ == b; }
    friend bool operator==(const RefPtr& a, std::nullptr_t) { return a.object_ == nullptr; }

private:
    void hold(T* object)
    {
        object_ = object;
        if (object != nullptr)
            census_note(this, +1);
    }

    T* object_ = nullptr;
};

#endif
