// tests/unit/vm/vm_page_test.cpp: the page allocator (vm/vm_page.h).
#include <random>
#include <set>
#include <vector>

#include "vm_fixture.h"

namespace {

class PageAllocator : public KernelFixture {};

TEST_F(PageAllocator, GivesEachPageOnce)
{
    std::set<phys_address_t> seen;
    std::vector<VmPage*> pages;
    for (int i = 0; i != 1000; ++i) {
        VmPage* page = vm_page_grab();
        ASSERT_NE(page, nullptr);
        EXPECT_TRUE(seen.insert(page->physical()).second);
        pages.push_back(page);
    }
    for (VmPage* page : pages)
        vm_page_free(*page);
}

TEST_F(PageAllocator, BlocksAreAlignedToTheirSizeAndDoNotOverlap)
{
    std::mt19937_64 random{2};
    struct Block {
        VmPage* head;
        phys_address_t start, end;
    };
    std::vector<Block> blocks;
    for (int step = 0; step != 3000; ++step) {
        if (blocks.size() > 40 || (!blocks.empty() && random() % 2 == 0)) {
            const size_t victim = random() % blocks.size();
            vm_page_free_block(*blocks[victim].head);
            blocks.erase(blocks.begin() + static_cast<ptrdiff_t>(victim));
            continue;
        }
        const unsigned order = random() % (vm_page_max_order + 1);
        VmPage* head = vm_page_grab_block(order);
        ASSERT_NE(head, nullptr);
        const Block made{head, head->physical(), head->physical() + (page_size << order)};
        EXPECT_EQ(made.start % (page_size << order), 0u);
        for (const Block& other : blocks)
            ASSERT_TRUE(made.end <= other.start || other.end <= made.start);
        blocks.push_back(made);
    }
    for (const Block& block : blocks)
        vm_page_free_block(*block.head);
}

TEST_F(PageAllocator, FreedPagesJoinToLargeBlocksAgain)
{
    std::vector<VmPage*> pages;
    while (VmPage* page = vm_page_grab())
        pages.push_back(page);
    EXPECT_EQ(vm_page_grab_block(vm_page_max_order), nullptr);
    const uint64_t taken = pages.size();
    for (VmPage* page : pages)
        vm_page_free(*page);
    // All but what alignment at the ends and the cache of single pages cost.
    std::vector<VmPage*> blocks;
    while (VmPage* head = vm_page_grab_block(vm_page_max_order))
        blocks.push_back(head);
    EXPECT_GT(blocks.size() << vm_page_max_order, taken * 9 / 10);
    for (VmPage* head : blocks)
        vm_page_free_block(*head);
}

TEST_F(PageAllocator, TheKernelStillGetsAPageWhenObjectsAreRefused)
{
    std::vector<VmPage*> pages;
    while (VmPage* page = vm_page_grab())
        pages.push_back(page);
    void* last = vm_page_grab_kernel();
    EXPECT_NE(last, nullptr);
    if (last != nullptr)
        vm_page_release_kernel(last);
    for (VmPage* page : pages)
        vm_page_free(*page);
}

TEST_F(PageAllocator, ALimitOnTheAddressIsKept)
{
    const phys_address_t limit = 1u << 20;
    VmPage* page = vm_page_grab_block(0, limit);
    if (page != nullptr) {
        EXPECT_LT(page->physical(), limit);
        vm_page_free_block(*page);
    }
}

TEST_F(PageAllocator, AFrameOutsideRamHasNoRecord)
{
    EXPECT_EQ(vm_page_of(phys_address_t{1} << 45), nullptr);
}

}  // namespace
