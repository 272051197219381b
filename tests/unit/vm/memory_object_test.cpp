// tests/unit/vm/memory_object_test.cpp: objects of external pagers (vm/memory_object.h), against a pager
// whose every message and answer the test writes down.
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "vm_fixture.h"

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>
#include <ipc/kernel_call.h>
#include <machine/clock.h>
#include <vm/memory_entry.h>
#include <vm/memory_object.h>
#include <vm/vm_init.h>

namespace {

// Message ids of memory_object.defs.
constexpr mach_msg_id_t init_id = 2200, terminate_id = 2201, data_request_id = 2203, data_unlock_id = 2204,
                        data_return_id = 2208;

class ScriptedPager : public VmFixture {
protected:
    struct Message {
        mach_msg_id_t id = 0;
        vm_offset_t offset = 0;
        vm_size_t length = 0;
        int access = 0;
    };

    void SetUp() override
    {
        static const bool started = (vm_init(), true);
        (void)started;
        VmFixture::SetUp();
        in_kernel([&](Thread&) {
            port = std::move(*IpcPort::create(nullptr));
            {
                Guard guard{port.port().lock()};
                right = port.port().make_send();
            }
            object = *MemoryObject::object_of(right.copy());
            pager = object->pager();
            map = make_map();
        });
        EXPECT_EQ(next_message().id, init_id);
    }

    void TearDown() override
    {
        in_kernel([&](Thread&) {
            map = nullptr;
            pager = nullptr;
            vm_object_release(std::move(object));
            right = SendRight{};
            port = ReceiveRight{};
        });
        VmFixture::TearDown();
    }

    // What has arrived; id 0: nothing.
    Message next_message()
    {
        KmsgPtr kmsg;
        {
            Guard guard{port.port().lock()};
            IpcMqueue& queue = port.port().queue();
            if (queue.messages.empty())
                return {};
            kmsg = KmsgPtr{&queue.messages.front()};
            queue.messages.pop_front();
            --queue.count;
        }
        Message message;
        message.id = kmsg->header().msgh_id;
        const std::span<const std::byte> bytes = kmsg->bytes();
        constexpr size_t arguments = sizeof(mach_msg_header_t) + sizeof(NDR_record_t);
        if (message.id == data_request_id || message.id == data_unlock_id) {
            std::memcpy(&message.offset, &bytes[arguments], 8);
            std::memcpy(&message.length, &bytes[arguments + 8], 8);
            std::memcpy(&message.access, &bytes[arguments + 16], 4);
        }
        if (message.id == data_return_id) {
            constexpr size_t descriptor = sizeof(mach_msg_body_t) + sizeof(mach_msg_ool_descriptor_t);
            std::memcpy(&message.offset, &bytes[arguments + descriptor], 8);
            std::memcpy(&message.access, &bytes[arguments + descriptor + 8], 4);  // `dirty`
            message.length = KernelDescriptors{&*kmsg}.memory_size(0);
        }
        in_kernel([&](Thread&) { kmsg.reset(); });
        return message;
    }

    void make_ready(vm_size_t cluster = page_size, bool may_cache = false)
    {
        in_kernel([&](Thread&) {
            MemoryObject::Attributes attributes;
            attributes.cluster_size = cluster;
            attributes.may_cache = may_cache;
            pager->change_attributes(attributes);
        });
    }

    vm_address_t map_object(vm_size_t size, bool copy = false,
                            PagerPatience patience = {PagerPatience::for_ever})
    {
        VmMap::Request request;
        request.size = size;
        request.object = object;
        request.copy = copy;
        request.patience = patience;
        return map->enter(std::move(request)).value_or(0);
    }

    // A thread that loads, or stores `value`; the outcome is there when somebody has answered.
    struct Access {
        bool done = false;
        kern_return_t code = KERN_SUCCESS;
        int value = -1;
    };
    Access& start_load(vm_address_t at)
    {
        Access& access = accesses.emplace_back();
        start_kernel([this, &access, at](Thread& self) {
            const Loaded loaded = load(self, *map, at);
            access = {true, loaded.code, loaded.value};
        });
        machine::host::run_until_idle(machine::now_ns() + 1'000'000);
        return access;
    }
    Access& start_store(vm_address_t at, int value)
    {
        Access& access = accesses.emplace_back();
        start_kernel([this, &access, at, value](Thread& self) {
            access.code = store(self, *map, at, value);
            access.done = true;
        });
        machine::host::run_until_idle(machine::now_ns() + 1'000'000);
        return access;
    }

    void supply(vm_offset_t offset, int value, vm_size_t size = page_size, vm_prot_t lock = VM_PROT_NONE)
    {
        in_kernel([&](Thread& self) {
            const std::vector<std::byte> bytes(size, static_cast<std::byte>(value));
            pager->data_supply(self, offset, std::move(*VmMapCopy::from_kernel(bytes)), lock, false);
        });
    }

    ReceiveRight port;
    SendRight right;
    RefPtr<VmObject> object;
    RefPtr<MemoryObject> pager;
    VmMapRef map;
    std::deque<Access> accesses;
};

TEST_F(ScriptedPager, IsAskedForNothingBeforeItIsReady)
{
    const vm_address_t at = map_object(page_size);
    Access& access = start_load(at);
    EXPECT_EQ(next_message().id, 0);
    make_ready();
    EXPECT_EQ(next_message().id, data_request_id);
    supply(0, 7);
    EXPECT_TRUE(access.done);
    EXPECT_EQ(access.value, 7);
}

TEST_F(ScriptedPager, SuppliesWhatAFaultAsksFor)
{
    make_ready();
    const vm_address_t at = map_object(4 * page_size);
    Access& access = start_load(at + 2 * page_size + 5);
    const Message request = next_message();
    EXPECT_EQ(request.id, data_request_id);
    EXPECT_EQ(request.offset, 2 * page_size);
    EXPECT_EQ(request.length, page_size);
    EXPECT_EQ(request.access, VM_PROT_READ);
    EXPECT_FALSE(access.done);
    supply(2 * page_size, 9);
    EXPECT_EQ(access.value, 9);
    EXPECT_EQ(next_message().id, 0);
}

TEST_F(ScriptedPager, IsAskedOnceHoweverManyWait)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    Access& first = start_load(at);
    Access& second = start_load(at + 1);
    EXPECT_EQ(next_message().id, data_request_id);
    EXPECT_EQ(next_message().id, 0);
    supply(0, 3);
    EXPECT_EQ(first.value, 3);
    EXPECT_EQ(second.value, 3);
}

TEST_F(ScriptedPager, ReadsAheadInClustersButNotPastTheMapping)
{
    make_ready(4 * page_size);
    const vm_address_t at = map_object(6 * page_size);
    Access& access = start_load(at);
    EXPECT_EQ(next_message().length, 4 * page_size);
    supply(0, 1, 4 * page_size);
    EXPECT_EQ(access.value, 1);
    Access& tail = start_load(at + 4 * page_size);
    EXPECT_EQ(next_message().length, 2 * page_size);
    supply(4 * page_size, 2, 2 * page_size);
    EXPECT_EQ(tail.value, 2);
    EXPECT_EQ(start_load(at + 3 * page_size).value, 1);
}

TEST_F(ScriptedPager, APageThatIsUnavailableIsZero)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    Access& access = start_load(at);
    (void)next_message();
    in_kernel([&](Thread&) { pager->data_unavailable(0, page_size); });
    EXPECT_EQ(access.value, 0);
}

TEST_F(ScriptedPager, AnErrorReachesWhoWaitedAndALaterFaultAsksAgain)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    Access& access = start_load(at);
    (void)next_message();
    in_kernel([&](Thread&) { pager->data_error(0, page_size, KERN_INVALID_ADDRESS); });
    EXPECT_TRUE(access.done);
    EXPECT_EQ(access.code, KERN_MEMORY_ERROR);  // Not the code of a bad address: the memory is there.
    Access& again = start_load(at);
    EXPECT_EQ(next_message().id, data_request_id);
    supply(0, 4);
    EXPECT_EQ(again.value, 4);
}

TEST_F(ScriptedPager, SilenceIsAnErrorWhenThePatienceOfTheMapperIsOver)
{
    make_ready();
    const vm_address_t at = map_object(page_size, false, PagerPatience{50});
    Access& access = start_load(at);
    EXPECT_FALSE(access.done);
    run_until_idle();
    EXPECT_TRUE(access.done);
    EXPECT_EQ(access.code, KERN_MEMORY_ERROR);
    supply(0, 5);  // Late, and good for the next one.
    EXPECT_EQ(start_load(at).value, 5);
}

TEST_F(ScriptedPager, ThatDiesLeavesErrorsAndNobodyWaiting)
{
    make_ready();
    const vm_address_t at = map_object(2 * page_size, false, PagerPatience{PagerPatience::for_ever});
    Access& resident = start_load(at);
    supply(0, 6);
    EXPECT_EQ(resident.value, 6);
    Access& absent = start_load(at + page_size);
    in_kernel([&](Thread&) { port = ReceiveRight{}; });
    EXPECT_TRUE(absent.done);
    EXPECT_EQ(absent.code, KERN_MEMORY_FAILURE);
    EXPECT_EQ(start_load(at).value, 6);
}

TEST_F(ScriptedPager, ThatDestroysItsObjectGivesItsReasonToWhoTouchesIt)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    Access& access = start_load(at);
    in_kernel([&](Thread&) { pager->destroy(KERN_MEMORY_FAILURE); });
    EXPECT_EQ(access.code, KERN_MEMORY_FAILURE);
    EXPECT_EQ(next_message().id, data_request_id);
    EXPECT_EQ(next_message().id, terminate_id);
}

TEST_F(ScriptedPager, WriteLockedPagesAreUnlockedOnDemand)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    Access& load_first = start_load(at);
    (void)next_message();
    supply(0, 1, page_size, VM_PROT_WRITE);
    EXPECT_EQ(load_first.value, 1);
    Access& write = start_store(at, 2);
    const Message unlock = next_message();
    EXPECT_EQ(unlock.id, data_unlock_id);
    EXPECT_EQ(unlock.access, VM_PROT_WRITE);
    EXPECT_FALSE(write.done);
    in_kernel([&](Thread&) {
        pager->lock_request({0, page_size, MEMORY_OBJECT_RETURN_NONE, false, VM_PROT_NONE});
    });
    EXPECT_TRUE(write.done);
    EXPECT_EQ(write.code, KERN_SUCCESS);
    EXPECT_EQ(start_load(at).value, 2);
}

TEST_F(ScriptedPager, ThatRefusesToUnlockKeepsThePageAndFailsTheWriter)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    (void)start_load(at);
    supply(0, 1, page_size, VM_PROT_WRITE);
    Access& write = start_store(at, 2);
    in_kernel([&](Thread&) { pager->data_error(0, page_size, KERN_NO_SPACE); });
    EXPECT_EQ(write.code, KERN_NO_SPACE);
    EXPECT_EQ(start_load(at).value, 1);
}

TEST_F(ScriptedPager, ASupplyForAResidentPageIsDropped)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    (void)start_load(at);
    supply(0, 1);
    supply(0, 2);
    EXPECT_EQ(start_load(at).value, 1);
}

TEST_F(ScriptedPager, GetsDirtyPagesBackAndCleanOnesNot)
{
    make_ready();
    const vm_address_t at = map_object(3 * page_size);
    for (unsigned page = 0; page != 3; ++page) {
        (void)start_load(at + page * page_size);
        (void)next_message();
        supply(page * page_size, 1);
    }
    (void)start_store(at + page_size, 2);
    in_kernel([&](Thread&) {
        pager->lock_request({0, 3 * page_size, MEMORY_OBJECT_RETURN_DIRTY, true, VM_PROT_NO_CHANGE});
    });
    const Message returned = next_message();
    EXPECT_EQ(returned.id, data_return_id);
    EXPECT_EQ(returned.offset, page_size);
    EXPECT_EQ(returned.length, page_size);
    EXPECT_TRUE(returned.access);
    EXPECT_EQ(next_message().id, 0);
    Access& access = start_load(at);  // All three were flushed.
    EXPECT_EQ(next_message().id, data_request_id);
    supply(0, 3);
    EXPECT_EQ(access.value, 3);
}

TEST_F(ScriptedPager, APageThatWasCleanedIsReturnedAgainOnlyAfterAnotherWrite)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    (void)start_load(at);
    (void)next_message();
    supply(0, 1);
    const auto clean = [&] {
        in_kernel([&](Thread&) {
            pager->lock_request({0, page_size, MEMORY_OBJECT_RETURN_DIRTY, false, VM_PROT_NO_CHANGE});
        });
        return next_message().id;
    };
    (void)start_store(at, 2);
    EXPECT_EQ(clean(), data_return_id);
    EXPECT_EQ(clean(), 0);
    (void)start_store(at, 3);
    EXPECT_EQ(clean(), data_return_id);
    EXPECT_EQ(start_load(at).value, 3);
}

TEST_F(ScriptedPager, IsToldOfTheEndAfterItGotItsDirtyPages)
{
    make_ready();
    const vm_address_t at = map_object(page_size);
    (void)start_load(at);
    (void)next_message();
    supply(0, 1);
    (void)start_store(at, 2);
    in_kernel([&](Thread&) {
        EXPECT_TRUE(map->deallocate(at, page_size));
        pager = nullptr;
        vm_object_release(std::move(object));
    });
    run_until_idle();
    EXPECT_EQ(next_message().id, data_return_id);
    EXPECT_EQ(next_message().id, terminate_id);
    EXPECT_EQ(next_message().id, 0);
}

TEST_F(ScriptedPager, ThatLetsItsObjectBeCachedFindsThePagesWhenItIsMappedAgain)
{
    make_ready(page_size, /*may_cache=*/true);
    const vm_address_t at = map_object(page_size);
    (void)start_load(at);
    (void)next_message();
    supply(0, 8);
    in_kernel([&](Thread&) {
        EXPECT_TRUE(map->deallocate(at, page_size));
        vm_object_release(std::move(object));
    });
    run_until_idle();
    EXPECT_EQ(next_message().id, 0);
    in_kernel([&](Thread&) { object = *MemoryObject::object_of(right.copy()); });
    EXPECT_EQ(start_load(map_object(page_size)).value, 8);
    EXPECT_EQ(next_message().id, 0);
    make_ready(page_size, /*may_cache=*/false);
}

// ---- Snapshots of files, and the cache calls.

TEST_F(ScriptedPager, APrivateMappingIsASnapshotOfTheMomentOfMapping)
{
    make_ready();
    const vm_address_t shared = map_object(2 * page_size);
    (void)start_load(shared);
    (void)next_message();
    supply(0, 1);
    const vm_address_t copy = map_object(2 * page_size, /*copy=*/true);
    (void)start_store(shared, 2);
    EXPECT_EQ(start_load(copy).value, 1);
    EXPECT_EQ(start_load(shared).value, 2);
    (void)start_store(copy + 1, 3);
    EXPECT_EQ(start_load(shared + 1).value, 1);
    // A page that was absent when the copy was taken is read through it.
    Access& late = start_load(copy + page_size);
    EXPECT_EQ(next_message().offset, page_size);
    supply(page_size, 4);
    EXPECT_EQ(late.value, 4);
}

TEST_F(ScriptedPager, ACacheWriteIsSeenByMappingsAndNotBySnapshots)
{
    make_ready();
    const vm_address_t shared = map_object(page_size);
    (void)start_load(shared);
    (void)next_message();
    supply(0, 1);
    const vm_address_t copy = map_object(page_size, /*copy=*/true);
    EXPECT_EQ(start_load(copy).value, 1);
    in_kernel([&](Thread&) {
        const char byte = 5;
        const auto written = pager->cache_write(0, {&byte, 1});
        EXPECT_TRUE(written);
        EXPECT_EQ(written->done, 1u);
        char read = 0;
        EXPECT_EQ(pager->cache_read(0, {&read, 1}).done, 1u);
        EXPECT_EQ(read, 5);
    });
    EXPECT_EQ(start_load(shared).value, 5);
    EXPECT_EQ(start_load(copy).value, 1);
}

TEST_F(ScriptedPager, ACacheWriteNamesTheFirstPageThatItNeedsAndInstallsWhatItCovers)
{
    make_ready();
    in_kernel([&](Thread&) {
        std::vector<char> bytes(2 * page_size, 6);
        auto written = pager->cache_write(10, bytes);
        EXPECT_EQ(written->done, 0u);
        EXPECT_EQ(written->absent, 0u);
        written = pager->cache_write(page_size, {bytes.data(), page_size + 5});
        EXPECT_EQ(written->done, page_size);
        EXPECT_EQ(written->absent, 2 * page_size);
        std::vector<char> read(2 * page_size);
        const auto seen = pager->cache_read(page_size, read);
        EXPECT_EQ(seen.done, page_size);
        EXPECT_EQ(seen.absent, 2 * page_size);
        EXPECT_EQ(read[0], 6);
    });
}

TEST_F(ScriptedPager, ACacheWriteOverAPageThatASnapshotNeedsAsksForTheOldPageFirst)
{
    make_ready();
    const vm_address_t copy = map_object(page_size, /*copy=*/true);
    in_kernel([&](Thread&) {
        const std::vector<char> bytes(page_size, 7);
        EXPECT_EQ(pager->cache_write(0, bytes)->absent, 0u);
    });
    supply(0, 1);
    in_kernel([&](Thread&) {
        const std::vector<char> bytes(page_size, 7);
        EXPECT_EQ(pager->cache_write(0, bytes)->done, page_size);
    });
    EXPECT_EQ(start_load(copy).value, 1);
    EXPECT_EQ(start_load(map_object(page_size)).value, 7);
}

TEST_F(ScriptedPager, FlushingAPageThatASnapshotNeedsSavesItForTheSnapshot)
{
    make_ready();
    const vm_address_t copy = map_object(page_size, /*copy=*/true);
    supply(0, 1);
    in_kernel([&](Thread&) {
        pager->lock_request({0, page_size, MEMORY_OBJECT_RETURN_NONE, true, VM_PROT_NO_CHANGE});
    });
    EXPECT_EQ(start_load(copy).value, 1);
    EXPECT_EQ(next_message().id, 0);
}

TEST_F(ScriptedPager, AMemoryEntryIsMappedWithNoMoreThanItAllows)
{
    make_ready();
    in_kernel([&](Thread&) {
        const SendRight entry = std::move(*memory_entry_of_pager(right.copy(), 2 * page_size, VM_PROT_READ));
        VmMap::Request request;
        request.size = page_size;
        EXPECT_EQ(memory_entry_resolve(entry.copy(), request).error(), KERN_PROTECTION_FAILURE);
        request.protection = VM_PROT_READ;
        EXPECT_TRUE(memory_entry_resolve(entry.copy(), request));
        EXPECT_EQ(request.max_protection, VM_PROT_READ);
        EXPECT_EQ(request.object, object);
        VmMap::Request beyond;
        beyond.size = page_size;
        beyond.offset = 2 * page_size;
        EXPECT_EQ(memory_entry_resolve(entry.copy(), beyond).error(), KERN_INVALID_ARGUMENT);
    });
}

}  // namespace
