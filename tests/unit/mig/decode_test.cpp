// tests/unit/mig/decode_test.cpp
#include "fuzz_world.h"

#include <catalogue.h>
#include <mig/decode.h>

#include <mach/mig_errors.h>

#include <gtest/gtest.h>

#include <string>

namespace mig::description {
namespace {

const Routine& routine_of(mach_msg_id_t id) { return *find(system_interfaces, id).routine; }

std::string line_of(std::span<const std::byte> message, size_t room = 400)
{
    std::vector<char> line(room);
    return std::string{decode(system_interfaces, message, line)};
}

// A request whose numbers are all `number`.
class PlainWorld final : public fuzz::World {
public:
    explicit PlainWorld(uint64_t number) : number_{number} {}
    mach_port_name_t right(const Routine&, const Argument&, uint32_t) override { return 0x507; }
    std::byte* memory(uint32_t, size_t, bool) override { return nullptr; }
    uint64_t address(fuzz::BadAddress) override { return 0; }
    std::optional<uint64_t> value(const Routine&, const Argument&) override { return number_; }

private:
    uint64_t number_;
};

fuzz::Bytes request(mach_msg_id_t id, uint64_t number)
{
    PlainWorld world{number};
    fuzz::Room room;
    fuzz::Generator generator{world, 1};
    return fuzz::delivered(generator.request(routine_of(id), room.bytes(), {1, MACH_MSG_TYPE_COPY_SEND}, 2));
}

template <class T>
void append(fuzz::Bytes& bytes, const T& value)
{
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), first, first + sizeof value);
}

mach_msg_header_t header_of(mach_msg_id_t id, uint32_t size, uint32_t bits = 0)
{
    mach_msg_header_t header{};
    header.msgh_id = id;
    header.msgh_size = size;
    header.msgh_bits = bits;
    return header;
}

TEST(MigDecode, ARequestIsItsRoutineAndItsArguments)
{
    EXPECT_EQ(line_of(request(3801, 4096)), "vm_map.vm_allocate request address=0x1000 size=4096 flags=4096");
    EXPECT_EQ(line_of(request(3801, ~uint64_t{0})),
              "vm_map.vm_allocate request address=0xffffffffffffffff size=18446744073709551615 flags=-1");
}

TEST(MigDecode, AReplyHasACodeAndWhatCameBack)
{
    fuzz::Bytes reply;
    append(reply, header_of(3901, 44));
    append(reply, NDR_record);
    append(reply, kern_return_t{0});
    append(reply, uint64_t{0x7f0000});
    EXPECT_EQ(line_of(reply), "vm_map.vm_allocate reply code=0 address=0x7f0000");

    fuzz::Bytes error;
    append(error,
           mig_reply_error_t{header_of(3901, sizeof(mig_reply_error_t)), NDR_record, MIG_BAD_ARGUMENTS});
    EXPECT_EQ(line_of(error), "vm_map.vm_allocate reply code=-304");
}

TEST(MigDecode, RightsAndMemoryAreNamedWithTheirKind)
{
    const std::string mapped = line_of(request(3812, 1));
    EXPECT_NE(mapped.find(" object=0x507(move-send) address=0x1 "), std::string::npos) << mapped;
    EXPECT_EQ(line_of(request(3807, 1)), "vm_map.vm_write request data=0x0+0(keeps) address=0x1");
}

TEST(MigDecode, UnknownIdsAndShortMessagesAreNamedAsSuch)
{
    fuzz::Bytes bytes;
    append(bytes, header_of(12, 24));
    EXPECT_EQ(line_of(bytes), "message 12 of 24 bytes");
    bytes.pop_back();
    EXPECT_EQ(line_of(bytes), "no message");
}

TEST(MigDecode, WhatDoesNotFitTheLineIsCut)
{
    EXPECT_EQ(line_of(request(3801, 4096), 24), "vm_map.vm_allocate re...");
    EXPECT_EQ(line_of(request(3801, 4096), 0), "");
}

TEST(MigDecode, AMessageOfWhichOnlyAPartIsThereIsShownAsFarAsItGoes)
{
    fuzz::Bytes bytes = request(3801, 4096);
    bytes.resize(44);
    EXPECT_EQ(line_of(bytes), "vm_map.vm_allocate request address=0x1000 (cut)");
}

TEST(MigDecode, AnotherFormThanTheRoutinesIsSaid)
{
    fuzz::Bytes bytes;
    append(bytes, header_of(3801, 24, MACH_MSGH_BITS_COMPLEX));
    EXPECT_EQ(line_of(bytes), "vm_map.vm_allocate request (of another form)");
}

// Every message, whole, changed and cut at every length, in a buffer without a byte to spare.
TEST(MigDecode, NothingOutsideAMessageIsEverRead)
{
    fuzz::HostWorld world;
    fuzz::Room room;
    fuzz::Generator generator{world, 5};
    for (const Interface* interface : system_interfaces) {
        if (interface->is_traps)
            continue;
        for (const Routine& routine : interface->routines) {
            for (uint32_t number = 0; number < fuzz::request_changes(routine); ++number) {
                const fuzz::Request request =
                    generator.request(routine, room.bytes(), {1, MACH_MSG_TYPE_COPY_SEND}, 2, number);
                const fuzz::Bytes whole{request.bytes().begin(), request.bytes().end()};
                line_of(whole);
                if (number != 0 || whole.size() > 200)
                    continue;
                for (size_t size = 0; size < whole.size(); ++size)
                    line_of(fuzz::Bytes{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
            }
        }
    }
}

}  // namespace
}  // namespace mig::description
