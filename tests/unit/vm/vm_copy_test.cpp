// tests/unit/vm/vm_copy_test.cpp: fork, copies made on write, memory of messages (vm/vm_object_copy.cpp,
// vm_map_share.cpp).
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "vm_fixture.h"

#include <vm/vm_statistics.h>

namespace {

class CopyOnWrite : public VmFixture {
protected:
    static unsigned depth(VmMap& map, vm_address_t at) { return map.region(at)->extended.shadow_depth; }
    static unsigned resident(VmMap& map, vm_address_t at) { return map.region(at)->extended.pages_resident; }
};

TEST_F(CopyOnWrite, ParentAndChildDoNotSeeEachOthersWrites)
{
    in_kernel([&](Thread& self) {
        VmMapRef parent = make_map();
        const vm_address_t at = allocate(*parent, 3 * page_size);
        store(self, *parent, at, 1);
        store(self, *parent, at + page_size, 1);
        VmMapRef child = fork(*parent);
        EXPECT_EQ(value_at(self, *child, at), 1);
        store(self, *parent, at, 2);
        EXPECT_EQ(value_at(self, *child, at), 1);
        store(self, *child, at + page_size, 3);
        EXPECT_EQ(value_at(self, *parent, at + page_size), 1);
        store(self, *parent, at + 2 * page_size, 4);
        EXPECT_EQ(value_at(self, *child, at + 2 * page_size), 0);
    });
}

TEST_F(CopyOnWrite, EachGenerationKeepsItsOwnBytes)
{
    in_kernel([&](Thread& self) {
        std::vector<VmMapRef> family{make_map()};
        const vm_address_t at = allocate(*family[0], page_size);
        for (int generation = 0; generation != 8; ++generation) {
            store(self, *family.back(), at, generation);
            family.push_back(fork(*family.back()));
        }
        store(self, *family.back(), at, 8);
        for (int generation = 0; generation <= 8; ++generation)
            EXPECT_EQ(value_at(self, *family[static_cast<size_t>(generation)], at), generation);
    });
}

TEST_F(CopyOnWrite, TheParentsChainDoesNotGrowWithItsForks)
{
    in_kernel([&](Thread& self) {
        VmMapRef parent = make_map();
        const vm_address_t at = allocate(*parent, 4 * page_size);
        for (int i = 0; i != 50; ++i) {
            VmMapRef child = fork(*parent);
            store(self, *parent, at, i);
            store(self, *child, at + page_size, i);
        }
        EXPECT_EQ(depth(*parent, at), 0u);
        EXPECT_EQ(value_at(self, *parent, at), 49);
    });
}

TEST_F(CopyOnWrite, AChainOfDeadParentsCollapses)
{
    VmMapRef last;
    vm_address_t at = 0;
    in_kernel([&](Thread& self) {
        last = make_map();
        at = allocate(*last, 4 * page_size);
        for (int generation = 0; generation != 20; ++generation) {
            store(self, *last, at + (static_cast<unsigned>(generation) % 4) * page_size, generation);
            last = fork(*last);
        }
    });
    run_until_idle();  // The reaper takes the dead maps.
    in_kernel([&](Thread& self) {
        store(self, *last, at, 99);
        EXPECT_LE(depth(*last, at), 1u);
        EXPECT_EQ(value_at(self, *last, at), 99);
        for (unsigned page = 1; page != 4; ++page)
            EXPECT_EQ(value_at(self, *last, at + page * page_size), static_cast<int>(16 + page));
        last = nullptr;
    });
}

TEST_F(CopyOnWrite, TheLastUserOfASnapshotWritesItInPlace)
{
    VmMapRef child;
    vm_address_t at = 0;
    in_kernel([&](Thread& self) {
        VmMapRef parent = make_map();
        at = allocate(*parent, page_size);
        store(self, *parent, at, 1);
        child = fork(*parent);
        store(self, *child, at, 2);
        EXPECT_EQ(depth(*child, at), 1u);  // The thawed snapshot, and the parent's object below it.
        child = nullptr;
    });
}

TEST_F(CopyOnWrite, CopiesTakenBetweenTwoWritesAreOneObject)
{
    in_kernel([&](Thread& self) {
        VmMapRef map = make_map();
        const vm_address_t at = allocate(*map, 4 * page_size);
        store(self, *map, at, 1);
        std::vector<VmMapCopy> copies;
        for (int i = 0; i != 10; ++i)
            copies.push_back(std::move(*map->copy_in(at, 4 * page_size, false)));
        const uint64_t pushes = vm_counters.pushes;
        store(self, *map, at, 2);
        EXPECT_EQ(vm_counters.pushes, pushes + 1);  // For all ten.
        std::byte first{};
        for (const VmMapCopy& copy : copies) {
            EXPECT_TRUE(copy.read_wait(self, 0, {&first, 1}));
            EXPECT_EQ(first, std::byte{1});
        }
    });
}

TEST_F(CopyOnWrite, SharedInheritanceSharesAndItsCopiesAreSnapshots)
{
    in_kernel([&](Thread& self) {
        VmMapRef parent = make_map();
        const vm_address_t at = allocate(*parent, page_size);
        EXPECT_TRUE(parent->inherit(at, page_size, VM_INHERIT_SHARE));
        VmMapRef child = fork(*parent);
        store(self, *parent, at, 1);
        EXPECT_EQ(value_at(self, *child, at), 1);
        EXPECT_TRUE(parent->inherit(at, page_size, VM_INHERIT_COPY));
        VmMapRef copy = fork(*parent);
        store(self, *child, at, 2);  // By the other's mapping.
        EXPECT_EQ(value_at(self, *parent, at), 2);
        EXPECT_EQ(value_at(self, *copy, at), 1);
    });
}

TEST_F(CopyOnWrite, NothingIsInheritedWhereTheParentSaysSo)
{
    in_kernel([&](Thread& self) {
        VmMapRef parent = make_map();
        const vm_address_t at = allocate(*parent, 3 * page_size);
        EXPECT_TRUE(parent->inherit(at + page_size, page_size, VM_INHERIT_NONE));
        VmMapRef child = fork(*parent);
        EXPECT_EQ(load(self, *child, at + page_size).code, KERN_INVALID_ADDRESS);
        EXPECT_EQ(value_at(self, *child, at + 2 * page_size), 0);
    });
}

TEST_F(CopyOnWrite, MemoryInAMessageDoesNotChangeAfterItWasSent)
{
    in_kernel([&](Thread& self) {
        VmMapRef sender = make_map(), receiver = make_map();
        const vm_address_t at = allocate(*sender, 2 * page_size);
        store(self, *sender, at + 100, 1);
        VmMapCopy copy = std::move(*sender->copy_in(at + 100, page_size, false));
        EXPECT_EQ(copy.offset(), 100u);
        store(self, *sender, at + 100, 2);
        const vm_address_t arrived = receiver->copy_out(copy).value_or(0);
        EXPECT_EQ(arrived & page_mask, 100u);
        EXPECT_EQ(value_at(self, *receiver, arrived), 1);
        store(self, *receiver, arrived, 3);
        EXPECT_EQ(value_at(self, *sender, at + 100), 2);
    });
}

TEST_F(CopyOnWrite, SharedMemoryThatIsSentAndDeallocatedStillDoesNotChange)
{
    in_kernel([&](Thread& self) {
        VmMapRef sender = make_map();
        const vm_address_t at = allocate(*sender, page_size);
        EXPECT_TRUE(sender->inherit(at, page_size, VM_INHERIT_SHARE));
        VmMapRef partner = fork(*sender);
        store(self, *sender, at, 1);
        VmMapCopy copy = std::move(*sender->copy_in(at, page_size, true));
        EXPECT_EQ(load(self, *sender, at).code, KERN_INVALID_ADDRESS);
        store(self, *partner, at, 2);
        std::byte first{};
        EXPECT_TRUE(copy.read_wait(self, 0, {&first, 1}));
        EXPECT_EQ(first, std::byte{1});
    });
}

TEST_F(CopyOnWrite, AHoleOrUnreadableMemoryIsNotSent)
{
    VmMapRef map = make_map();
    const vm_address_t at = allocate(*map, 3 * page_size);
    ASSERT_TRUE(map->protect(at + page_size, page_size, false, VM_PROT_NONE));
    EXPECT_EQ(map->copy_in(at, 2 * page_size, false).error(), KERN_PROTECTION_FAILURE);
    ASSERT_TRUE(map->deallocate(at + page_size, page_size));
    EXPECT_EQ(map->copy_in(at, 3 * page_size, true).error(), KERN_INVALID_ADDRESS);
    EXPECT_EQ(map->region(at)->start, at);  // The failure took nothing away.
}

TEST_F(CopyOnWrite, RemappedMemoryIsSharedOrASnapshot)
{
    in_kernel([&](Thread& self) {
        VmMapRef map = make_map(), other = make_map();
        const vm_address_t at = allocate(*map, 2 * page_size);
        store(self, *map, at, 1);
        VmMap::Request request;
        request.size = 2 * page_size;
        const vm_address_t shared = other->remap(*map, at, request)->address;
        request.copy = true;
        const vm_address_t copied = other->remap(*map, at, request)->address;
        store(self, *other, shared, 2);
        EXPECT_EQ(value_at(self, *map, at), 2);
        EXPECT_EQ(value_at(self, *other, copied), 1);
    });
}

TEST_F(CopyOnWrite, OverwritingAcrossPagesWritesEveryByte)
{
    in_kernel([&](Thread& self) {
        VmMapRef map = make_map();
        const vm_address_t from = allocate(*map, 4 * page_size);
        const vm_address_t to = allocate(*map, 4 * page_size);
        for (unsigned i = 0; i < 2 * page_size; i += 97)
            store(self, *map, from + 10 + i, static_cast<int>(i % 251));
        VmMapCopy copy = std::move(*map->copy_in(from + 10, 2 * page_size, false));
        EXPECT_TRUE(vm_map_copy_overwrite_wait(self, *map, to + 3000, std::move(copy)));
        for (unsigned i = 0; i < 2 * page_size; i += 97)
            EXPECT_EQ(value_at(self, *map, to + 3000 + i), static_cast<int>(i % 251));
    });
}

// A copy looks only at pages that may have changed since the last one (O6).  Whatever was written in between, and
// whichever part is copied, every copy shows what the memory held when it was made.
TEST_F(CopyOnWrite, PartsThatAreCopiedAgainAndAgainShowWhatTheyHeldThen)
{
    constexpr unsigned pages = 12;
    struct Sent {
        unsigned first;
        std::vector<int> held;
        VmMapCopy copy;
    };
    in_kernel([&](Thread& self) {
        VmMapRef map = make_map();
        const vm_address_t at = allocate(*map, pages * page_size);
        std::minstd_rand random{1};
        std::array<int, pages> now{};
        std::deque<Sent> sent;
        for (int step = 1; step != 400; ++step) {
            const unsigned page = random() % pages;
            if (step % 3 != 0) {
                now[page] = step % 251;
                store(self, *map, at + page * page_size, now[page]);
                continue;
            }
            const unsigned count = 1 + random() % (pages - page);
            sent.push_back({page,
                            {now.begin() + page, now.begin() + page + count},
                            std::move(*map->copy_in(at + page * page_size, count * page_size, false))});
            if (sent.size() < 5)
                continue;
            Sent& oldest = sent.front();
            for (unsigned i = 0; i != oldest.held.size(); ++i) {
                std::byte first{};
                EXPECT_TRUE(oldest.copy.read_wait(self, i * page_size, {&first, 1}));
                EXPECT_EQ(static_cast<int>(first), oldest.held[i])
                    << "step " << step << ", page " << oldest.first + i;
            }
            sent.pop_front();
        }
    });
}

// The cost of a page that is written after a fork is the same in a small object and a large one: one copy,
// one push.
TEST_F(CopyOnWrite, EachPageIsCopiedOnceHoweverLargeTheObject)
{
    for (const unsigned pages : {16u, 2048u}) {
        in_kernel([&](Thread& self) {
            VmMapRef parent = make_map();
            const vm_address_t at = allocate(*parent, pages * page_size);
            for (unsigned page = 0; page != pages; ++page)
                store(self, *parent, at + page * page_size, 1);
            VmMapRef child = fork(*parent);
            const uint64_t copies = vm_counters.copy_faults + vm_counters.pushes;
            for (unsigned page = 0; page != pages; ++page)
                store(self, *child, at + page * page_size, 2);
            EXPECT_EQ(vm_counters.copy_faults + vm_counters.pushes - copies, pages);
            EXPECT_EQ(resident(*child, at), pages);
        });
    }
}

// ---- Everything at random, against plain arrays of bytes.

class CopyModel : public CopyOnWrite, public testing::WithParamInterface<unsigned> {
protected:
    static constexpr vm_address_t base = 0x200000;
    static constexpr unsigned pages = 12;
    using Cell = std::shared_ptr<int>;  // One for all who share the page.
    struct Space {
        VmMapRef map;
        std::array<Cell, pages> cells;
        std::array<bool, pages> inherit_shared{};
    };
    struct Sent {
        VmMapCopy copy;
        std::vector<int> values;
    };

    static vm_address_t address(unsigned page) { return base + page * page_size + 17; }

    Space fresh()
    {
        Space space{make_map(), {}, {}};
        EXPECT_TRUE(space.map->allocate(base, pages * page_size, VM_FLAGS_FIXED));
        for (Cell& cell : space.cells)
            cell = std::make_shared<int>(0);
        return space;
    }
    Space forked(Space& parent)
    {
        Space child{fork(*parent.map), {}, parent.inherit_shared};
        for (unsigned page = 0; page != pages; ++page)
            child.cells[page] =
                parent.inherit_shared[page] ? parent.cells[page] : std::make_shared<int>(*parent.cells[page]);
        return child;
    }
    void step(Thread& self);

    unsigned pick(unsigned n) { return static_cast<unsigned>(random() % n); }

    std::mt19937_64 random{GetParam()};
    std::vector<Space> spaces;
    std::vector<Sent> sent;
};

void CopyModel::step(Thread& self)
{
    if (spaces.empty())
        spaces.push_back(fresh());
    Space& space = spaces[pick(static_cast<unsigned>(spaces.size()))];
    const unsigned page = pick(pages), count = 1 + pick(std::min(4u, pages - page));
    const vm_size_t length = count * page_size;
    const vm_address_t start = base + page * page_size;
    switch (pick(14)) {
    case 0:
        if (spaces.size() < 6) {
            Space child = forked(space);
            spaces.push_back(std::move(child));
        }
        break;
    case 1:
        if (spaces.size() > 1) {
            std::swap(space, spaces.back());
            spaces.pop_back();
        }
        break;
    case 2: {
        const bool shared = pick(2) == 0;
        EXPECT_TRUE(space.map->inherit(start, length, shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY));
        std::fill_n(space.inherit_shared.begin() + page, count, shared);
        break;
    }
    case 3: {  // New memory over the old; the inheritance starts anew, too.
        EXPECT_TRUE(space.map->allocate(start, length, VM_FLAGS_OVERWRITE));
        for (unsigned i = page; i != page + count; ++i) {
            space.cells[i] = std::make_shared<int>(0);
            space.inherit_shared[i] = false;
        }
        break;
    }
    case 4:
    case 5: {
        const bool deallocate = pick(3) == 0;
        Sent message{std::move(*space.map->copy_in(start, length, deallocate)), {}};
        for (unsigned i = page; i != page + count; ++i) {
            message.values.push_back(*space.cells[i]);
            if (deallocate) {
                space.cells[i] = std::make_shared<int>(0);
                space.inherit_shared[i] = false;
            }
        }
        if (deallocate) {
            EXPECT_TRUE(space.map->allocate(start, length, VM_FLAGS_FIXED));
        }
        sent.push_back(std::move(message));
        break;
    }
    case 6:
        if (!sent.empty()) {
            Sent message = std::move(sent.back());
            sent.pop_back();
            const vm_address_t at = space.map->copy_out(message.copy).value_or(0);
            for (size_t i = 0; i != message.values.size(); ++i) {
                EXPECT_EQ(value_at(self, *space.map, at + i * page_size + 17), message.values[i]);
                if (pick(2) == 0) {
                    EXPECT_EQ(store(self, *space.map, at + i * page_size + 17, 200), KERN_SUCCESS);
                }
            }
            EXPECT_TRUE(space.map->deallocate(at, message.values.size() * page_size));
        }
        break;
    case 7:
        if (!sent.empty() && page + sent.back().values.size() <= pages) {
            Sent message = std::move(sent.back());
            sent.pop_back();
            EXPECT_TRUE(vm_map_copy_overwrite_wait(self, *space.map, start, std::move(message.copy)));
            for (size_t i = 0; i != message.values.size(); ++i)
                *space.cells[page + i] = message.values[i];
        }
        break;
    case 8:
    case 9:
    case 10: {
        const int value = static_cast<int>(pick(200));
        EXPECT_EQ(store(self, *space.map, address(page), value), KERN_SUCCESS);
        *space.cells[page] = value;
        break;
    }
    default:
        EXPECT_EQ(value_at(self, *space.map, address(page)), *space.cells[page]);
    }
}

TEST_P(CopyModel, EverySpaceSeesItsOwnBytes)
{
    in_kernel([&](Thread& self) {
        for (int i = 0; i != 1500 && !HasFailure(); ++i) {
            step(self);
            if (i % 64 == 0)
                preemption_point(self);
        }
        for (Space& space : spaces)
            for (unsigned page = 0; page != pages; ++page)
                EXPECT_EQ(value_at(self, *space.map, address(page)), *space.cells[page]) << "page " << page;
        spaces.clear();
        sent.clear();
    });
}

INSTANTIATE_TEST_SUITE_P(Seeds, CopyModel, testing::Range(1u, 13u));

}  // namespace
