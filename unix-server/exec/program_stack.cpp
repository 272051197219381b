#include "program_stack.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <sys/auxv.h>

#include "../support/page_size.h"

namespace portico {

namespace {

constexpr size_t longest_interpreter_line = 256;

// Fills memory downwards from the top of the stack and remembers addresses.
class Descending {
public:
    explicit Descending(uint64_t top) : top_{top} {}

    uint64_t push(std::string_view bytes)
    {
        reversed_.insert(reversed_.end(), bytes.rbegin(), bytes.rend());
        return address();
    }
    uint64_t push_string(const std::string& text)
    {
        reversed_.push_back('\0');
        return push(text);
    }
    uint64_t push_word(uint64_t word)
    {
        char bytes[sizeof word];
        std::memcpy(bytes, &word, sizeof word);
        return push({bytes, sizeof bytes});
    }
    void align(uint64_t alignment) { reversed_.resize(reversed_.size() + address() % alignment); }
    uint64_t address() const { return top_ - reversed_.size(); }
    std::vector<char> take() &&
    {
        std::ranges::reverse(reversed_);
        return std::move(reversed_);
    }

private:
    uint64_t top_;
    std::vector<char> reversed_;
};

std::vector<uint64_t> push_all(Descending& stack, const std::vector<std::string>& strings)
{
    std::vector<uint64_t> addresses(strings.size());
    for (size_t i = strings.size(); i-- > 0;)
        addresses[i] = stack.push_string(strings[i]);
    return addresses;
}

void push_vector(Descending& stack, const std::vector<uint64_t>& addresses)
{
    stack.push_word(0);
    for (size_t i = addresses.size(); i-- > 0;)
        stack.push_word(addresses[i]);
}

}  // namespace

StackContents build_stack(const ProgramStrings& strings, const ElfImage& image, uint64_t load_base,
                          uint64_t top, std::span<const char, 16> random)
{
    Descending stack{top};
    stack.push_word(0);
    const uint64_t path = stack.push_string(strings.path);
    const std::vector<uint64_t> environment = push_all(stack, strings.environment);
    const std::vector<uint64_t> arguments = push_all(stack, strings.arguments);
    stack.align(16);
    const uint64_t random_at = stack.push({random.data(), random.size()});

    const std::pair<uint64_t, uint64_t> auxiliary[] = {
        {AT_PHDR, image.headers_address == 0 ? 0 : image.headers_address + load_base},
        {AT_PHENT, image.header_size},
        {AT_PHNUM, image.header_count},
        {AT_PAGESZ, page_size},
        {AT_BASE, load_base},
        {AT_ENTRY, image.entry + load_base},
        {AT_RANDOM, random_at},
        {AT_EXECFN, path},
        {AT_NULL, 0},
    };
    const size_t words = 2 * std::size(auxiliary) + environment.size() + 1 + arguments.size() + 1 + 1;
    if (words % 2 != 0)
        stack.push_word(0);  // %rsp must be a multiple of 16 at entry.
    for (size_t i = std::size(auxiliary); i-- > 0;) {
        stack.push_word(auxiliary[i].second);
        stack.push_word(auxiliary[i].first);
    }
    push_vector(stack, environment);
    push_vector(stack, arguments);
    const uint64_t stack_pointer = stack.push_word(arguments.size());
    stack.align(page_size);
    const uint64_t start = stack.address();
    return {stack_pointer, start, std::move(stack).take()};
}

std::vector<std::string> split_strings(std::span<const char> bytes)
{
    std::vector<std::string> strings;
    for (auto from = bytes.begin();;) {
        const auto end = std::find(from, bytes.end(), '\0');
        if (end == bytes.end())
            return strings;
        strings.emplace_back(from, end);
        from = end + 1;
    }
}

bool parse_interpreter_line(std::span<const char> head, std::string& interpreter, std::string& argument)
{
    std::string_view line{head.data(), std::min(head.size(), longest_interpreter_line)};
    if (!line.starts_with("#!"))
        return false;
    line = line.substr(2, line.find('\n') == std::string_view::npos ? std::string_view::npos
                                                                    : line.find('\n') - 2);
    const auto trim = [](std::string_view text) {
        const size_t first = text.find_first_not_of(" \t");
        if (first == std::string_view::npos)
            return std::string_view{};
        return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
    };
    line = trim(line);
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    interpreter = line.substr(0, end);
    argument = trim(line.substr(end));
    return !interpreter.empty();
}

}  // namespace portico
