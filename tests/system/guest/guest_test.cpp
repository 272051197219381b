// tests/system/guest/guest_test.cpp
//
// The list of tests, the lines that tell their results, and main().  The lines are GoogleTest's own, so that a console
// log reads as any other test log; tests/system/harness/result_lines.cpp reads them.
#include "guest_test.h"

#include <atomic>
#include <cstdio>
#include <cstring>

namespace guest {
namespace {

Test* first_test = nullptr;
Test** last_link = &first_test;
std::atomic<bool> current_failed = false;

}  // namespace

Text text_of(std::int64_t value)
{
    Text text;
    std::snprintf(text.characters, sizeof text.characters, "%lld (0x%llx)", static_cast<long long>(value),
                  static_cast<unsigned long long>(value));
    return text;
}

Text text_of_unsigned(std::uint64_t value)
{
    Text text;
    std::snprintf(text.characters, sizeof text.characters, "%llu (0x%llx)",
                  static_cast<unsigned long long>(value), static_cast<unsigned long long>(value));
    return text;
}

Text text_of(std::string_view value)
{
    Text text;
    std::snprintf(text.characters, sizeof text.characters, "%.*s", static_cast<int>(value.size()),
                  value.data());
    return text;
}

Text text_of_pointer(const void* value)
{
    Text text;
    std::snprintf(text.characters, sizeof text.characters, "%p", value);
    return text;
}

void fail(const char* file, int line, const char* expression, std::string_view got, std::string_view expected)
{
    current_failed = true;
    const char* base = std::strrchr(file, '/');
    char text[240];
    std::snprintf(text, sizeof text, "%s:%d: %s is %.*s, expected %.*s", base != nullptr ? base + 1 : file,
                  line, expression, static_cast<int>(got.size()), got.data(),
                  static_cast<int>(expected.size()), expected.data());
    log_line(text);
}

Test::Test(const char* name, void (*body)()) : name_{name}, body_{body}
{
    *last_link = this;
    last_link = &next_;
}

void Test::run() const
{
    char line[160];
    std::snprintf(line, sizeof line, "[ RUN      ] %s", name_);
    log_line(line);
    current_failed = false;
    body_();
    std::snprintf(line, sizeof line, "[%s] %s", current_failed ? "  FAILED  " : "       OK ", name_);
    log_line(line);
}

int Test::run_all(std::string_view wanted)
{
    int failed = 0;
    for (const Test* test = first_test; test != nullptr; test = test->next_) {
        if (std::string_view{test->name_}.find(wanted) == std::string_view::npos)
            continue;
        test->run();
        failed += current_failed ? 1 : 0;
    }
    return failed;
}

}  // namespace guest

// The words of the kernel's command line after "--" are our arguments; the first chooses tests by a part of their name.
int main(int argument_count, char** arguments)
{
    const int failed = guest::Test::run_all(argument_count > 1 ? arguments[1] : "");
    guest::log_line(failed == 0 ? "[==========] all passed" : "[==========] some failed");
    guest::power_off();
}
