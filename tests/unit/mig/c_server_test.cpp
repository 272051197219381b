// tests/unit/mig/c_server_test.cpp
//
// A server's stubs against requests that no stub made: cut, stretched and changed in random places.  The buffers have no byte to
// spare, so under AddressSanitizer a step outside ends the test.
#include <everything.h>
#include <everything_server.h>

#include "everything_service.h"
#include "played_mach_msg.h"

#include <gtest/gtest.h>

#include <cstring>

namespace {

kern_return_t code_of(const played::Bytes& reply)
{
    mig_reply_error_t error{};
    if (reply.size() != sizeof error)
        return KERN_SUCCESS;
    std::memcpy(&error, reply.data(), sizeof error);
    return error.RetCode;
}

// A good request of each routine.
std::vector<played::Bytes> good_requests()
{
    std::vector<played::Bytes> requests;
    const auto keep = [&] { requests.push_back(played::request); };
    char bytes[100] = {}, path[64], name[30], second[64];
    uint32_t words[10] = {}, length = 0;
    uint64_t longs[5] = {}, value = 0;
    pair_t pairs[4] = {}, pair{};
    uint16_t halves[7] = {};
    odd_t odd{};
    int8_t a;
    uint16_t b;
    int32_t c;
    mach_msg_type_number_t counts[4] = {10, 100, 5, 4};
    mach_port_t port = 0;
    mach_port_array_t names = nullptr;
    vm_offset_t memory_back = 0;
    nothing(5), keep();
    scalars(5, 1, 2, 3, 4, pair, odd, &a, &b, &c, &value, &pair, &odd), keep();
    arrays(5, bytes, 33, words, 4, longs, 2, pairs, 1, halves, 1, &value), keep();
    out_arrays(5, 1, words, &counts[0], bytes, &counts[1], longs, &counts[2], pairs, &counts[3], halves,
               &value),
        keep();
    counts[1] = 10, counts[2] = 3;
    both_ways(5, bytes, &counts[1], &value, longs, &counts[2], halves), keep();
    strings(5, "name", "a path", "another", path, name, second, &length), keep();
    rights(5, 1, 2, 3, 4, &port, &length), keep();
    any_right(5, 1, MACH_MSG_TYPE_MOVE_SEND, &port, &length), keep();
    memory(5, bytes, 7, 0x1000, 9, words, 2, 3, &memory_back, counts, &length), keep();
    many_rights(5, words, 3, &names, counts), keep();
    notice(5, "path", 1), keep();
    return requests;
}

void set_size(played::Bytes& request)
{
    const auto size = static_cast<uint32_t>(request.size());
    std::memcpy(request.data() + offsetof(mach_msg_header_t, msgh_size), &size, sizeof size);
}

TEST(MigCServer, UnknownIdIsNotTaken)
{
    mach_msg_header_t request{};
    mig_reply_error_t reply{};
    request.msgh_size = sizeof request;
    request.msgh_id = 69999;
    EXPECT_FALSE(everything_server(&request, &reply.Head));
    EXPECT_EQ(reply.RetCode, MIG_BAD_ID);
    request.msgh_id = everything_subsystem.end;
    EXPECT_FALSE(everything_server(&request, &reply.Head));
}

TEST(MigCServer, EveryOtherLengthIsRefused)
{
    for (const played::Bytes& good : good_requests()) {
        for (size_t size = sizeof(mach_msg_header_t); size <= good.size() + 40; size += 4) {
            played::Bytes request = good;
            request.resize(size);
            set_size(request);
            const kern_return_t code = code_of(played::serve(request));
            if (size == good.size())
                EXPECT_TRUE(code == KERN_SUCCESS || code == MIG_NO_REPLY);
            else
                EXPECT_TRUE(code == MIG_BAD_ARGUMENTS || code == MIG_TYPE_ERROR)
                    << size << " of " << good.size();
        }
    }
}

TEST(MigCServer, WrongRepresentationIsATypeError)
{
    played::Bytes request = good_requests()[1];
    request[sizeof(mach_msg_header_t) + 4] = std::byte{0};  // Big-endian integers.
    EXPECT_EQ(code_of(played::serve(request)), MIG_TYPE_ERROR);
}

TEST(MigCServer, StringWithoutItsNulIsRefused)
{
    played::Bytes request = good_requests()[5];
    std::memset(request.data() + 32, 'x', 30);
    EXPECT_EQ(code_of(played::serve(request)), MIG_BAD_ARGUMENTS);
}

TEST(MigCServer, RandomDamageNeverReachesBeyondTheMessage)
{
    std::mt19937 random{7};
    const std::vector<played::Bytes> good = good_requests();
    unsigned taken = 0;
    for (unsigned round = 0; round < 200000; ++round) {
        played::Bytes request = good[random() % good.size()];
        for (unsigned change = random() % 4; change != 0; --change) {
            const size_t at = 20 + random() % (request.size() - 20);
            request[at] = static_cast<std::byte>(random() % 3 == 0 ? 0xff : random());
        }
        if (random() % 3 == 0)
            request.resize(std::max<size_t>(24, (random() % (request.size() + 64)) & ~3u));
        set_size(request);
        const kern_return_t code = code_of(played::serve(request));
        taken += code == KERN_SUCCESS;
    }
    EXPECT_GT(taken, 1000u);
}

}  // namespace
