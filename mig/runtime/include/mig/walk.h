// mig/walk.h
//
// A message against its table: which bytes are which argument's.  Never reads outside the bytes it is given, whatever they say.
#ifndef MIG_WALK_H
#define MIG_WALK_H

#include <cstddef>
#include <cstdint>
#include <span>

#include <mig/description.h>

namespace mig::description {

// A slot as it is in one message.
struct Place {
    const Slot* slot;
    uint32_t offset, size;
};

// Where each slot is.  `ok` is false if the bytes end before the slots do; `end` is where the slots end.
class Walk {
public:
    Walk(const Routine& routine, const Message& message, std::span<const std::byte> bytes);

    // The next slot, or one whose `slot` is null when there is none left or none that is whole.
    Place next();

    bool ok() const { return ok_; }
    uint32_t offset() const { return offset_; }

private:
    uint64_t size_of_data(const Argument& argument) const;

    const Routine& routine_;
    const Message& message_;
    std::span<const std::byte> bytes_;
    size_t at_ = 0;
    uint32_t offset_;
    uint32_t count_ = 0, string_count_ = 0;  // In the last count of each kind that was passed.
    bool ok_ = true;
};

constexpr uint32_t padded(uint32_t size) { return (size + 3) & ~3u; }

uint32_t descriptor_size(const Argument& argument);
// Where descriptors are, and where inline data begins.
uint32_t descriptor_offset(const Routine& routine, const Message& message, size_t index);
uint32_t descriptors_end(const Routine& routine, const Message& message);

uint32_t word_at(std::span<const std::byte> bytes, size_t offset);

// Why these bytes, as they arrived, are not a request (reply) of this routine; null if they are.  A reply may also be the
// short one that carries a return code alone.
const char* wrong_with_request(const Routine& routine, std::span<const std::byte> bytes);
const char* wrong_with_reply(const Routine& routine, std::span<const std::byte> bytes);

}  // namespace mig::description

#endif
