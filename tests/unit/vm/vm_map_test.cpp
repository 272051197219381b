// tests/unit/vm/vm_map_test.cpp: address maps, without sharing (vm/vm_map.h).
#include <map>
#include <random>

#include "vm_fixture.h"

#include <mach/vm_statistics.h>

namespace {

class AddressMap : public VmFixture {
protected:
    void SetUp() override
    {
        VmFixture::SetUp();
        map = make_map();
    }
    void TearDown() override
    {
        map = nullptr;
        VmFixture::TearDown();
    }
    kern_return_t protect(vm_address_t start, vm_size_t size, vm_prot_t protection, bool maximum = false)
    {
        return mach::code_of(map->protect(start, size, maximum, protection));
    }
    // Page n, counted from 0, holds n + 1.
    void fill(Thread& self, vm_address_t at, int pages)
    {
        for (int page = 0; page < pages; ++page)
            ASSERT_EQ(store(self, *map, at + page * page_size, page + 1), KERN_SUCCESS);
    }
    VmMapRef map;
};

TEST_F(AddressMap, NewMemoryIsZeroAndKeepsWhatIsWritten)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 3 * page_size);
        EXPECT_EQ(value_at(self, *map, at), 0);
        EXPECT_EQ(store(self, *map, at + page_size + 5, 42), KERN_SUCCESS);
        EXPECT_EQ(value_at(self, *map, at + page_size + 5), 42);
        EXPECT_EQ(value_at(self, *map, at + 2 * page_size), 0);
    });
}

TEST_F(AddressMap, AnywhereNeverGivesTheFirst64KiB)
{
    EXPECT_GE(allocate(*map, page_size), VM_MIN_ADDRESS);
    EXPECT_GE(map->allocate(0x1000, page_size, VM_FLAGS_ANYWHERE).value(), VM_MIN_ADDRESS);
}

TEST_F(AddressMap, AFixedPlaceThatIsTakenIsRefusedUnlessOverwritten)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 3 * page_size);
        EXPECT_EQ(store(self, *map, at + page_size, 1), KERN_SUCCESS);
        EXPECT_EQ(map->allocate(at + page_size, page_size, VM_FLAGS_FIXED).error(), KERN_NO_SPACE);
        EXPECT_EQ(map->allocate(at + page_size, page_size, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE).value(),
                  at + page_size);
        EXPECT_EQ(value_at(self, *map, at + page_size), 0);
    });
}

TEST_F(AddressMap, RangesThatWrapOrLeaveTheAddressSpaceAreRefused)
{
    EXPECT_EQ(map->allocate(0, ~vm_size_t{0}, VM_FLAGS_ANYWHERE).error(), KERN_INVALID_ADDRESS);
    EXPECT_EQ(map->allocate(0, VM_MAX_ADDRESS, VM_FLAGS_ANYWHERE).error(), KERN_NO_SPACE);
    EXPECT_EQ(map->allocate(VM_MAX_ADDRESS - page_size, 2 * page_size, VM_FLAGS_FIXED).error(),
              KERN_INVALID_ADDRESS);
    EXPECT_EQ(map->deallocate(~vm_address_t{0} - 5, 100).error(), KERN_INVALID_ADDRESS);
    EXPECT_EQ(map->deallocate(VM_MAX_ADDRESS, page_size).error(), KERN_INVALID_ADDRESS);
    EXPECT_EQ(protect(~vm_address_t{0} - page_size, 2 * page_size, VM_PROT_READ), KERN_INVALID_ADDRESS);
}

TEST_F(AddressMap, DeallocatedMemoryFaultsAndItsHoleIsUsedAgain)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 4 * page_size);
        EXPECT_EQ(store(self, *map, at + page_size, 7), KERN_SUCCESS);
        EXPECT_TRUE(map->deallocate(at + page_size, page_size));
        EXPECT_EQ(load(self, *map, at + page_size).code, KERN_INVALID_ADDRESS);
        EXPECT_EQ(allocate(*map, page_size), at + page_size);
        EXPECT_EQ(value_at(self, *map, at + page_size), 0);
    });
}

TEST_F(AddressMap, PartsOfARegionGiveTheirPagesBackWhenTheyGo)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 64 * page_size);
        fill(self, at, 64);
        const uint64_t free_filled = vm_page_free_count();
        EXPECT_TRUE(map->deallocate(at + page_size, 62 * page_size));
        EXPECT_GE(vm_page_free_count(),
                  free_filled + 60);  // Two entries more may want a page for themselves.
        EXPECT_EQ(value_at(self, *map, at), 1);
        EXPECT_EQ(value_at(self, *map, at + 63 * page_size), 64);
    });
}

TEST_F(AddressMap, PartsThatOthersSeeStayWhenTheyGo)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 4 * page_size);
        fill(self, at, 4);
        const VmMapRef child = fork(*map);
        EXPECT_TRUE(map->deallocate(at + page_size, page_size));
        EXPECT_EQ(value_at(self, *child, at + page_size), 2);

        ASSERT_TRUE(map->inherit(at + 2 * page_size, page_size, VM_INHERIT_SHARE));
        const VmMapRef sharer = fork(*map);
        EXPECT_TRUE(map->deallocate(at + 2 * page_size, page_size));
        EXPECT_EQ(value_at(self, *sharer, at + 2 * page_size), 3);
    });
}

TEST_F(AddressMap, PartsThatAreSentAwayAreTheReceiversAlone)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 64 * page_size);
        fill(self, at, 64);
        const VmMapRef receiver = make_map();
        const uint64_t free_filled = vm_page_free_count();
        mach::Result<VmMapCopy> sent =
            map->copy_in(at + page_size, 62 * page_size, /*deallocate_source=*/true);
        ASSERT_TRUE(sent);
        const mach::Result<vm_address_t> there = receiver->copy_out(*sent);
        ASSERT_TRUE(there);
        EXPECT_EQ(store(self, *receiver, *there, 20), KERN_SUCCESS);
        EXPECT_EQ(value_at(self, *receiver, *there + 61 * page_size), 63);
        EXPECT_TRUE(receiver->deallocate(*there, 62 * page_size));
        EXPECT_GE(vm_page_free_count(), free_filled + 60);
        EXPECT_EQ(value_at(self, *map, at), 1);
        EXPECT_EQ(value_at(self, *map, at + 63 * page_size), 64);
    });
}

TEST_F(AddressMap, ProtectionIsEnforcedAtOnceAndCanBeGivenBack)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 2 * page_size);
        EXPECT_EQ(store(self, *map, at, 9), KERN_SUCCESS);
        EXPECT_EQ(protect(at, page_size, VM_PROT_READ), KERN_SUCCESS);
        EXPECT_EQ(store(self, *map, at, 10), KERN_PROTECTION_FAILURE);
        EXPECT_EQ(value_at(self, *map, at), 9);
        EXPECT_EQ(protect(at, page_size, VM_PROT_NONE), KERN_SUCCESS);
        EXPECT_EQ(load(self, *map, at).code, KERN_PROTECTION_FAILURE);
        EXPECT_EQ(protect(at, page_size, VM_PROT_READ | VM_PROT_WRITE), KERN_SUCCESS);
        EXPECT_EQ(store(self, *map, at, 11), KERN_SUCCESS);
    });
}

TEST_F(AddressMap, MaximumProtectionOnlyGoesDown)
{
    const vm_address_t at = allocate(*map, page_size);
    EXPECT_EQ(protect(at, page_size, VM_PROT_READ, true), KERN_SUCCESS);
    EXPECT_EQ(protect(at, page_size, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
    EXPECT_EQ(protect(at, page_size, VM_PROT_ALL, true), KERN_PROTECTION_FAILURE);
}

TEST_F(AddressMap, ARangeWithAHoleIsNotProtectedInPart)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, 3 * page_size);
        EXPECT_TRUE(map->deallocate(at + page_size, page_size));
        EXPECT_EQ(protect(at, 3 * page_size, VM_PROT_READ), KERN_INVALID_ADDRESS);
        EXPECT_EQ(store(self, *map, at, 1), KERN_SUCCESS);
    });
}

TEST_F(AddressMap, RegionsSayWhatIsThere)
{
    const vm_address_t at = allocate(*map, 4 * page_size);
    ASSERT_EQ(protect(at + page_size, page_size, VM_PROT_READ), KERN_SUCCESS);
    mach::Result<VmMap::Region> region = map->region(at + page_size);
    ASSERT_TRUE(region);
    EXPECT_EQ(region->start, at + page_size);
    EXPECT_EQ(region->size, page_size);
    EXPECT_EQ(region->basic.protection, VM_PROT_READ);
    EXPECT_EQ(map->region(0)->start, at);
    EXPECT_EQ(map->region(at + 4 * page_size).error(), KERN_INVALID_ADDRESS);
}

TEST_F(AddressMap, LackOfMemoryIsAnErrorOfTheFaultAndLeavesTheMapUsable)
{
    in_kernel([&](Thread& self) {
        const vm_address_t at = allocate(*map, page_size);
        machine::host::fail_allocations_after(0);
        EXPECT_EQ(store(self, *map, at, 1), KERN_RESOURCE_SHORTAGE);
        machine::host::fail_allocations_after(UINT64_MAX);
        EXPECT_EQ(store(self, *map, at, 1), KERN_SUCCESS);
    });
}

TEST_F(AddressMap, ATerminatedMapRefusesEverything)
{
    const vm_address_t at = allocate(*map, page_size);
    map->terminate();
    EXPECT_EQ(map->allocate(at, page_size, VM_FLAGS_FIXED).error(), KERN_TERMINATED);
    EXPECT_EQ(map->region(0).error(), KERN_TERMINATED);
}

// Random calls against a model that knows only which page has which protection.
TEST_F(AddressMap, AgreesWithAModelOfPages)
{
    constexpr vm_address_t base = 0x100000;
    constexpr unsigned pages = 64;
    std::mt19937_64 random{3};
    std::map<unsigned, vm_prot_t> model;
    const auto address = [](unsigned page) { return base + page * page_size; };
    for (int step = 0; step != 4000; ++step) {
        const unsigned first = random() % pages;
        const unsigned count = 1 + random() % std::min(8u, pages - first);
        bool all = true, none = true;
        for (unsigned p = first; p != first + count; ++p)
            (model.contains(p) ? none : all) = false;
        const vm_prot_t protection = random() % 2 == 0 ? VM_PROT_READ : VM_PROT_DEFAULT;
        switch (random() % 4) {
        case 0:
            ASSERT_EQ(map->allocate(address(first), count * page_size, VM_FLAGS_FIXED).has_value(), none);
            for (unsigned p = first; none && p != first + count; ++p)
                model[p] = VM_PROT_DEFAULT;
            break;
        case 1:
            ASSERT_TRUE(map->allocate(address(first), count * page_size, VM_FLAGS_OVERWRITE));
            for (unsigned p = first; p != first + count; ++p)
                model[p] = VM_PROT_DEFAULT;
            break;
        case 2:
            ASSERT_TRUE(map->deallocate(address(first), count * page_size));
            for (unsigned p = first; p != first + count; ++p)
                model.erase(p);
            break;
        default:
            ASSERT_EQ(protect(address(first), count * page_size, protection),
                      all ? KERN_SUCCESS : KERN_INVALID_ADDRESS);
            for (unsigned p = first; all && p != first + count; ++p)
                model[p] = protection;
        }
        const unsigned probe = random() % pages;
        const mach::Result<VmMap::Region> region = map->region(address(probe));
        const bool there = region && region->start <= address(probe);
        ASSERT_EQ(there, model.contains(probe));
        if (there) {
            ASSERT_EQ(region->basic.protection, model[probe]);
        }
    }
}

}  // namespace
