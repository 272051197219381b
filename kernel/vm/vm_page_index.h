// kernel/vm/vm_page_index.h
//
// Finds the resident page at an index of an object: a radix tree of 64-way nodes, as high as its largest
// index needs.
//
// Owns        its nodes, not the pages.
// Lock        the object's.
// Invariants  (I1) No node but the root is empty.
//             (I2) A null root means no page.  Height h reaches the indexes below 64^h.
// A look-up costs one step per level (16 MiB of object are two levels), however many pages there are, so the
// cost of copying a page on write does not depend on the size of the object.
#ifndef PORTICO_VM_VM_PAGE_INDEX_H
#define PORTICO_VM_VM_PAGE_INDEX_H

#include <vm/vm_types.h>

class VmPage;

class VmPageIndex {
public:
    static constexpr unsigned fan_out_shift = 6;
    static constexpr unsigned fan_out = 1u << fan_out_shift;
    struct Node;

    VmPageIndex() = default;
    VmPageIndex(const VmPageIndex&) = delete;
    VmPageIndex& operator=(const VmPageIndex&) = delete;
    ~VmPageIndex();  // Must be empty.

    VmPage* find(page_index_t index) const;
    // The first page at or after `index`, and below `end`.
    VmPage* find_from(page_index_t index, page_index_t end) const;
    // False if there is no memory for a node; `index` must be vacant.
    [[nodiscard]] bool insert(page_index_t index, VmPage& page);
    void erase(page_index_t index);
    // Makes sure that insert() of indexes below fan_out will not fail, until the first erase().
    [[nodiscard]] bool reserve() { return root_ != nullptr || grow_to(0); }

    bool empty() const { return count_ == 0; }
    uint64_t count() const { return count_; }

private:
    bool reaches(page_index_t index) const;
    bool grow_to(page_index_t index);
    void prune(page_index_t index);
    VmPage* find_in(const void* tree, unsigned height, page_index_t base, page_index_t index,
                    page_index_t end) const;

    Node* root_ = nullptr;
    unsigned height_ = 0;
    uint64_t count_ = 0;
};

#endif
