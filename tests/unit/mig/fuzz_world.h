// tests/unit/mig/fuzz_world.h
//
// A World without a kernel: names that are numbers, memory of this program, and the way of a message to its receiver.
#pragma once

#include <mig/fuzz.h>

#include <cstddef>
#include <cstring>
#include <vector>

namespace mig::fuzz {

class HostWorld final : public World {
public:
    mach_port_name_t right(const Routine&, const Argument&, uint32_t disposition) override
    {
        return 0x1000 + disposition;
    }
    std::byte* memory(uint32_t index, size_t size, bool) override
    {
        if (areas_.size() <= index)
            areas_.resize(index + 1);
        areas_[index].resize(size < 16 ? 16 : size);
        return areas_[index].data();
    }
    uint64_t address(BadAddress kind) override
    {
        constexpr uint64_t addresses[] = {0,       0x10000, 0xffffffff80000000, 0x8000000000000000,
                                          0x20000, 0x30fff};
        return addresses[static_cast<int>(kind)];
    }

private:
    std::vector<std::vector<std::byte>> areas_;
};

// The room that a Generator wants.
struct Room {
    std::vector<uint64_t> words = std::vector<uint64_t>(request_room / sizeof(uint64_t));
    std::span<std::byte> bytes() { return std::as_writable_bytes(std::span{words}); }
};

using Bytes = std::vector<std::byte>;

inline uint32_t arriving(uint32_t disposition)
{
    return disposition == MACH_MSG_TYPE_COPY_SEND || disposition == MACH_MSG_TYPE_MAKE_SEND
               ? uint32_t{MACH_MSG_TYPE_MOVE_SEND}
           : disposition == MACH_MSG_TYPE_MAKE_SEND_ONCE ? uint32_t{MACH_MSG_TYPE_MOVE_SEND_ONCE}
                                                         : disposition;
}

// What arrives, in a buffer without a byte to spare.  The kernel takes care of the size, and steps through the descriptors
// that a complex message has, whatever they are; what it would refuse does not arrive, and then this is empty.
inline Bytes delivered(std::span<const std::byte> sent)
{
    Bytes bytes{sent.begin(), sent.end()};
    mach_msg_header_t header;
    if (bytes.size() < sizeof header)
        return {};
    std::memcpy(&header, bytes.data(), sizeof header);
    header.msgh_size = static_cast<uint32_t>(bytes.size());
    std::swap(header.msgh_local_port, header.msgh_remote_port);
    header.msgh_bits = MACH_MSGH_BITS(arriving(MACH_MSGH_BITS_LOCAL(header.msgh_bits)),
                                      arriving(MACH_MSGH_BITS_REMOTE(header.msgh_bits))) |
                       (header.msgh_bits & MACH_MSGH_BITS_COMPLEX);
    std::memcpy(bytes.data(), &header, sizeof header);
    if (!MACH_MSGH_BITS_IS_COMPLEX(header.msgh_bits))
        return bytes;
    size_t offset = sizeof(mach_msg_base_t);
    if (bytes.size() < offset)
        return {};
    uint32_t left;
    for (std::memcpy(&left, &bytes[sizeof header], sizeof left); left != 0; --left) {
        if (bytes.size() - offset < sizeof(mach_msg_port_descriptor_t))
            return {};
        uint32_t word;
        std::memcpy(&word, &bytes[offset + 8], sizeof word);
        const uint32_t type = word >> 24;
        const size_t size = type == MACH_MSG_PORT_DESCRIPTOR ? sizeof(mach_msg_port_descriptor_t)
                                                             : sizeof(mach_msg_ool_descriptor_t);
        const uint32_t disposition = word >> 16 & 0xff;
        const bool is_right = type != MACH_MSG_OOL_DESCRIPTOR;
        if (type > MACH_MSG_OOL_PORTS_DESCRIPTOR || bytes.size() - offset < size ||
            (is_right &&
             (disposition < MACH_MSG_TYPE_MOVE_RECEIVE || disposition > MACH_MSG_TYPE_MAKE_SEND_ONCE)))
            return {};
        if (is_right)
            word = (word & 0xff00ffff) | arriving(disposition) << 16;
        std::memcpy(&bytes[offset + 8], &word, sizeof word);
        offset += size;
    }
    return bytes;
}

inline Bytes delivered(const Request& request) { return delivered(request.bytes()); }

}  // namespace mig::fuzz
