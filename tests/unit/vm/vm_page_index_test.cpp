// tests/unit/vm/vm_page_index_test.cpp: the index of an object's pages (vm/vm_page_index.h).
#include <map>
#include <random>

#include "vm_fixture.h"

#include <vm/vm_page_index.h>

namespace {

class PageIndex : public KernelFixture {
protected:
    // The index never looks into a page, so any address will do.
    static VmPage& page(uint64_t number) { return *reinterpret_cast<VmPage*>(64 * (number + 1)); }

    void TearDown() override
    {
        while (VmPage* left = index.find_from(0, ~uint64_t{0}))
            index.erase(reinterpret_cast<uint64_t>(left) / 64 - 1);
        KernelFixture::TearDown();
    }
    bool put(page_index_t at) { return index.insert(at, page(at)); }

    VmPageIndex index;
};

TEST_F(PageIndex, FindsNothingWhenItIsEmpty)
{
    EXPECT_EQ(index.find(0), nullptr);
    EXPECT_EQ(index.find(~uint64_t{0}), nullptr);
    EXPECT_EQ(index.find_from(0, ~uint64_t{0}), nullptr);
}

TEST_F(PageIndex, GrowsFromSmallToLargeIndexesAndKeepsBoth)
{
    ASSERT_TRUE(put(3));
    ASSERT_TRUE(put(uint64_t{1} << 40));
    ASSERT_TRUE(put(~uint64_t{0} >> 12));
    EXPECT_EQ(index.find(3), &page(3));
    EXPECT_EQ(index.find(uint64_t{1} << 40), &page(uint64_t{1} << 40));
    EXPECT_EQ(index.find(~uint64_t{0} >> 12), &page(~uint64_t{0} >> 12));
    EXPECT_EQ(index.find(4), nullptr);
}

TEST_F(PageIndex, AFailedInsertionLeavesNoNodesBehind)
{
    machine::host::fail_allocations_after(2);  // The root and one more, of six.
    EXPECT_FALSE(put(uint64_t{1} << 34));
    machine::host::fail_allocations_after(UINT64_MAX);
    EXPECT_TRUE(index.empty());
}

TEST_F(PageIndex, AgreesWithAnOrderedMap)
{
    std::mt19937_64 random{1};
    std::map<page_index_t, VmPage*> model;
    for (int step = 0; step != 20000; ++step) {
        const page_index_t at = random() % (step % 3 == 0 ? 50 : 20000);
        const auto known = model.find(at);
        ASSERT_EQ(index.find(at), known == model.end() ? nullptr : known->second);
        const auto next = model.lower_bound(at);
        ASSERT_EQ(index.find_from(at, at + 100),
                  next == model.end() || next->first >= at + 100 ? nullptr : next->second);
        if (known == model.end()) {
            ASSERT_TRUE(put(at));
            model[at] = &page(at);
        } else if (step % 2 == 0) {
            index.erase(at);
            model.erase(known);
        }
        ASSERT_EQ(index.count(), model.size());
    }
}

}  // namespace
