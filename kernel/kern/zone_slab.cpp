// kernel/kern/zone_slab.cpp
//
// Where zones and kalloc() get their memory: slabs of pages from the direct map, cut into elements.  A slab is never
// given back (Z2).

#include <kern/zone.h>

#include <array>
#include <bit>

#include <vm/vm_page.h>

namespace {

// Big enough that at most an eighth of a slab is wasted, or eight pages.
constexpr unsigned largest_order = 3;

unsigned slab_order(size_t element_size)
{
    unsigned order = 0;
    while (order < largest_order) {
        const size_t bytes = page_size << order;
        if (element_size <= bytes && bytes % element_size <= bytes / 8)
            break;
        ++order;
    }
    return order;
}

}  // namespace

bool ZoneBase::grow()
{
    const unsigned order = slab_order(element_size_);
    auto* slab = static_cast<std::byte*>(vm_page_grab_kernel(order));
    if (slab == nullptr)
        return false;
    const size_t count = (page_size << order) / element_size_;
    Guard guard{lock_};
    for (size_t i = count; i-- > 0;)
        give_element(slab + i * element_size_);
    pages_ += size_t{1} << order;
    return true;
}

void* ZoneBase::take_element()
{
    FreeElement* element = free_;
    if (element != nullptr)
        free_ = element->next;
    return element;
}

void ZoneBase::give_element(void* element) { free_ = new (element) FreeElement{free_}; }

// ---- kalloc: zones of the powers of two up to half a page, whole blocks of pages above.

namespace {

constexpr size_t smallest_class = 32;
constexpr size_t largest_class = page_size / 2;

template <size_t Size>
struct alignas(16) Bytes {
    std::byte bytes[Size];
};

// The classes differ in type, so that each has its zone; kalloc() needs them by number.
template <size_t Size>
constinit Zone<Bytes<Size>> size_class{"kalloc"};

struct SizeClass {
    void* (*allocate)();
    void (*free)(void* memory);
};

template <size_t Size>
constexpr SizeClass class_of_size = {
    [] { return static_cast<void*>(size_class<Size>.create()); },
    [](void* memory) { size_class<Size>.destroy(static_cast<Bytes<Size>*>(memory)); },
};

constexpr std::array size_classes = {
    class_of_size<32>,  class_of_size<64>,   class_of_size<128>,  class_of_size<256>,
    class_of_size<512>, class_of_size<1024>, class_of_size<2048>,
};
static_assert(smallest_class << (size_classes.size() - 1) == largest_class);

const SizeClass& class_for(size_t size)
{
    return size_classes[static_cast<size_t>(std::bit_width((size - 1) / smallest_class))];
}

unsigned order_for(size_t size)
{
    const size_t pages = (size + page_size - 1) >> page_shift;
    return static_cast<unsigned>(std::bit_width(pages - 1));
}

}  // namespace

void* kalloc(size_t size)
{
    if (size == 0 || size > kalloc_limit)
        return nullptr;
    if (size <= largest_class)
        return class_for(size).allocate();
    return vm_page_grab_kernel(order_for(size));
}

void kfree(void* memory, size_t size)
{
    if (memory == nullptr)
        return;
    if (size <= largest_class)
        class_for(size).free(memory);
    else
        vm_page_release_kernel(memory);
}
