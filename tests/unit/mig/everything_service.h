// tests/unit/mig/everything_service.h
//
// What the test servers of everything.defs do with the values they get, in C and in C++: simple enough that a test can say
// what must come back.
#ifndef MIG_TESTS_EVERYTHING_SERVICE_H
#define MIG_TESTS_EVERYTHING_SERVICE_H

#include <everything_types.h>

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace everything_test {

inline constexpr kern_return_t refused = 4711;  // What a routine answers if asked to fail.
inline constexpr uint32_t seed_that_fails = 0xdead;

// A sum over the bytes of plain data that notices order and boundaries.
class Digest {
public:
    template <class T>
    Digest& add(std::span<const T> elements)
    {
        mix(elements.size());
        for (const std::byte byte : std::as_bytes(elements))
            mix(static_cast<uint64_t>(byte));
        return *this;
    }
    Digest& add(uint64_t value)
    {
        mix(value);
        return *this;
    }
    uint64_t value() const { return value_; }

private:
    void mix(uint64_t value) { value_ = (value_ ^ value) * 0x100000001b3u + 1; }
    uint64_t value_ = 0xcbf29ce484222325u;
};

// The answer of out_arrays: all of it follows from the seed.
struct OutArrays {
    std::vector<uint32_t> words;
    std::vector<char> bytes;
    std::vector<uint64_t> longs;
    std::vector<pair_t> pairs;
    uint16_t halves[7];
    uint64_t after;

    explicit OutArrays(uint32_t seed)
    {
        std::mt19937 random{seed};
        // Every array is empty, full or something between.
        const auto count = [&](uint32_t limit) {
            const uint32_t choice = random() % 4;
            return choice == 0 ? 0 : choice == 1 ? limit : random() % (limit + 1);
        };
        words.resize(count(10));
        bytes.resize(count(100));
        longs.resize(count(5));
        pairs.resize(count(4));
        for (uint32_t& each : words)
            each = static_cast<uint32_t>(random());
        for (char& each : bytes)
            each = static_cast<char>(random());
        for (uint64_t& each : longs)
            each = random() * uint64_t{0x100000001};
        for (pair_t& each : pairs)
            each = {random(), random()};
        for (uint16_t& each : halves)
            each = static_cast<uint16_t>(random());
        after = random();
    }
};

inline std::string random_text(std::mt19937& random, size_t limit)
{
    std::string text(random() % 3 == 0 ? limit : random() % (limit + 1), ' ');
    for (char& letter : text)
        letter = static_cast<char>('a' + random() % 26);
    return text;
}

template <class T>
std::vector<T> random_elements(std::mt19937& random, size_t limit)
{
    const uint32_t choice = random() % 4;
    std::vector<T> elements(choice == 0 ? 0 : choice == 1 ? limit : random() % (limit + 1));
    for (std::byte& byte : std::as_writable_bytes(std::span{elements}))
        byte = static_cast<std::byte>(random());
    return elements;
}

}  // namespace everything_test

#endif
