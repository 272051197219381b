// kernel/vm/vm_page_index.cpp: see vm_page_index.h.
#include <vm/vm_page_index.h>

#include <algorithm>

#include <kern/zone.h>
#include <lib/assert.h>

// A slot holds a Node one level down, or at the lowest level a VmPage.
struct VmPageIndex::Node {
    unsigned used = 0;
    void* slots[fan_out] = {};
};

namespace {

constinit Zone<VmPageIndex::Node> node_zone{"vm_page_index"};

constexpr unsigned slot_of(page_index_t index, unsigned height)
{
    return static_cast<unsigned>(index >> (VmPageIndex::fan_out_shift * (height - 1))) &
           (VmPageIndex::fan_out - 1);
}

// How many indexes one slot of a node of this height covers, minus one.
constexpr page_index_t slot_span_mask(unsigned height)
{
    return (page_index_t{1} << (VmPageIndex::fan_out_shift * (height - 1))) - 1;
}

}  // namespace

VmPageIndex::~VmPageIndex()
{
    KASSERT(count_ == 0, "I2: index destroyed with pages in it");
    if (root_ != nullptr)
        prune(0);  // What reserve() made, and nobody used.
}

// Ten levels reach every 64-bit index; the shift below must not.
bool VmPageIndex::reaches(page_index_t index) const
{
    const unsigned bits = fan_out_shift * height_;
    return bits >= 64 || (index >> bits) == 0;
}

VmPage* VmPageIndex::find(page_index_t index) const
{
    if (root_ == nullptr || !reaches(index))
        return nullptr;
    void* node = root_;
    for (unsigned height = height_; height != 0 && node != nullptr; --height)
        node = static_cast<Node*>(node)->slots[slot_of(index, height)];
    return static_cast<VmPage*>(node);
}

VmPage* VmPageIndex::find_from(page_index_t index, page_index_t end) const
{
    if (root_ == nullptr || index >= end || !reaches(index))
        return nullptr;
    if (VmPage* page = find(index))
        return page;  // The usual: pages lie side by side.
    return find_in(root_, height_, 0, index, end);
}

// The first page of `tree`, whose first index is `base`, that lies in [index, end).
VmPage* VmPageIndex::find_in(const void* tree, unsigned height, page_index_t base, page_index_t index,
                             page_index_t end) const
{
    if (height == 0)
        return static_cast<VmPage*>(const_cast<void*>(tree));
    const auto* node = static_cast<const Node*>(tree);
    const page_index_t span_mask = slot_span_mask(height);
    for (unsigned slot = slot_of(std::max(index, base), height); slot < fan_out; ++slot) {
        const page_index_t first = base + slot * (span_mask + 1);
        if (first >= end)
            return nullptr;
        if (node->slots[slot] == nullptr)
            continue;
        if (VmPage* page = find_in(node->slots[slot], height - 1, first, std::max(index, first), end))
            return page;
    }
    return nullptr;
}

// Makes the tree as high as `index` needs.
bool VmPageIndex::grow_to(page_index_t index)
{
    if (root_ == nullptr) {
        for (height_ = 1; !reaches(index);)
            ++height_;
        root_ = node_zone.create();
        return root_ != nullptr;
    }
    while (!reaches(index)) {
        Node* top = node_zone.create();
        if (top == nullptr)
            return false;
        top->slots[0] = root_;
        top->used = 1;
        root_ = top;
        ++height_;
    }
    return true;
}

bool VmPageIndex::insert(page_index_t index, VmPage& page)
{
    if (!grow_to(index))
        return false;
    Node* node = root_;
    for (unsigned height = height_; height > 1; --height) {
        void*& slot = node->slots[slot_of(index, height)];
        if (slot == nullptr) {
            slot = node_zone.create();
            if (slot == nullptr) {
                prune(index);
                return false;
            }
            ++node->used;
        }
        node = static_cast<Node*>(slot);
    }
    void*& place = node->slots[slot_of(index, 1)];
    KASSERT(place == nullptr, "V1: two pages at one index");
    place = &page;
    ++node->used;
    ++count_;
    return true;
}

void VmPageIndex::erase(page_index_t index)
{
    KASSERT(root_ != nullptr && reaches(index), "V1: page is not in its object");
    Node* node = root_;
    for (unsigned height = height_; height > 1; --height) {
        node = static_cast<Node*>(node->slots[slot_of(index, height)]);
        KASSERT(node != nullptr, "V1: page is not in its object");
    }
    void*& place = node->slots[slot_of(index, 1)];
    KASSERT(place != nullptr, "V1: page is not in its object");
    place = nullptr;
    --count_;
    if (--node->used == 0)
        prune(index);
}

// Frees the empty nodes on the way to `index` (I1).
void VmPageIndex::prune(page_index_t index)
{
    Node* path[64 / fan_out_shift + 1];
    unsigned depth = 0;
    void* node = root_;
    for (unsigned height = height_; height != 0 && node != nullptr; --height) {
        path[depth++] = static_cast<Node*>(node);
        node = path[depth - 1]->slots[slot_of(index, height)];
    }
    while (depth != 0 && path[depth - 1]->used == 0) {
        node_zone.destroy(path[--depth]);
        if (depth == 0) {
            root_ = nullptr;
            return;
        }
        Node* parent = path[depth - 1];
        parent->slots[slot_of(index, height_ - depth + 1)] = nullptr;
        --parent->used;
    }
}
