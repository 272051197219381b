// bootstrap/initial_stack.cpp
#include "initial_stack.h"

#include <cstring>

namespace boot {

std::vector<std::byte> make_initial_stack(uint64_t top, const std::vector<std::string>& arguments,
                                          const AuxiliaryVector& auxiliary)
{
    size_t text_size = 0;
    for (const std::string& argument : arguments)
        text_size += argument.size() + 1;

    // argc, argv and its null, envp's null, the auxiliary vector and its null pair.
    const size_t word_count = 1 + arguments.size() + 1 + 1 + 2 * (auxiliary.size() + 1);
    const size_t size = (word_count * sizeof(uint64_t) + text_size + 15) & ~size_t{15};
    const uint64_t base = top - size;

    std::vector<uint64_t> words;
    words.reserve(word_count);
    words.push_back(arguments.size());
    uint64_t text_at = base + word_count * sizeof(uint64_t);
    for (const std::string& argument : arguments) {
        words.push_back(text_at);
        text_at += argument.size() + 1;
    }
    words.push_back(0);
    words.push_back(0);
    for (const auto& [type, value] : auxiliary) {
        words.push_back(type);
        words.push_back(value);
    }
    words.push_back(0);
    words.push_back(0);

    std::vector<std::byte> stack(size);
    std::memcpy(stack.data(), words.data(), words.size() * sizeof(uint64_t));
    std::byte* text = stack.data() + words.size() * sizeof(uint64_t);
    for (const std::string& argument : arguments) {
        std::memcpy(text, argument.c_str(), argument.size() + 1);
        text += argument.size() + 1;
    }
    return stack;
}

}  // namespace boot
