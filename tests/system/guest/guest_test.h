// tests/system/guest/guest_test.h
//
// Tests that run in the guest.  A guest test program is the first task of a boot of its own: kernel and this program,
// nothing else.  Every GUEST_TEST becomes one GoogleTest result on the host, under the name suite.test.
//
//     GUEST_TEST(ipc, a_full_queue_makes_the_sender_wait_not_fail)
//     {
//         CHECK_OK(...);            // a kern_return_t that is KERN_SUCCESS
//         CHECK_EQ(actual, expected);
//         CHECK(condition);
//     }
//
// A failed check is printed with its place, marks the test as failed, and the test goes on; REQUIRE_OK and REQUIRE
// return from the function around them instead.  Checks may be used from any thread of the program.
//
// The names are also kept in the section .guest_tests, where the host finds them before anything has booted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace guest {

// ---- What a program says and has (guest_console.cpp)

void log_line(std::string_view line);  // One line on the console; "\n" is added.
[[noreturn]] void power_off();
std::uint32_t host_privileged_port();  // As the kernel handed it to the first task.
std::uint32_t device_master_port();

// ---- Checks

// A value as text, for the line that tells why a check failed.
struct Text {
    char characters[96];
};

Text text_of(std::int64_t value);
Text text_of_unsigned(std::uint64_t value);
Text text_of(std::string_view value);
Text text_of_pointer(const void* value);

template <typename T>
Text describe(const T& value)
{
    if constexpr (std::is_same_v<T, bool>)
        return text_of(std::string_view{value ? "true" : "false"});
    else if constexpr (std::is_convertible_v<T, std::string_view>)
        return text_of(std::string_view{value});
    else if constexpr (std::is_enum_v<T>)
        return text_of(static_cast<std::int64_t>(value));
    else if constexpr (std::is_signed_v<T>)
        return text_of(static_cast<std::int64_t>(value));
    else if constexpr (std::is_unsigned_v<T>)
        return text_of_unsigned(static_cast<std::uint64_t>(value));
    else if constexpr (std::is_pointer_v<T>)
        return text_of_pointer(value);
    else
        return text_of(std::string_view{"(a value that cannot be printed)"});
}

// Marks the running test as failed and prints why.
void fail(const char* file, int line, const char* expression, std::string_view got,
          std::string_view expected);

// Differences in signedness are no reason to write casts in tests: integers compare by value.
template <typename A, typename B>
constexpr bool equal(const A& actual, const B& expected)
{
    if constexpr (std::is_integral_v<A> && std::is_integral_v<B>)
        return (actual < A{}) == (expected < B{}) &&
               static_cast<std::uint64_t>(actual) == static_cast<std::uint64_t>(expected);
    else
        return actual == expected;
}

template <typename A, typename B>
bool check_equal(const char* file, int line, const char* expression, const A& actual, const B& expected)
{
    if (equal(actual, expected))
        return true;
    fail(file, line, expression, describe(actual).characters, describe(expected).characters);
    return false;
}

// ---- The list of tests

class Test {
public:
    Test(const char* name, void (*body)());

    // Runs every test whose name contains `wanted` (all, if empty) and prints the results; returns how many failed.
    static int run_all(std::string_view wanted);

private:
    void run() const;

    const char* name_;
    void (*body_)();
    Test* next_ = nullptr;
};

}  // namespace guest

#define GUEST_TEST(suite, name)                                                                              \
    static void guest_test_##suite##_##name();                                                               \
    [[gnu::used, gnu::retain,                                                                                \
      gnu::section(".guest_tests")]] static const char guest_test_name_##suite##_##name[] =                  \
        #suite "." #name;                                                                                    \
    static ::guest::Test guest_test_entry_##suite##_##name{guest_test_name_##suite##_##name,                 \
                                                           &guest_test_##suite##_##name};                    \
    static void guest_test_##suite##_##name()

#define CHECK(condition)                                                                                     \
    (void)::guest::check_equal(__FILE__, __LINE__, #condition, static_cast<bool>(condition), true)
#define CHECK_EQ(actual, expected)                                                                           \
    (void)::guest::check_equal(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_OK(call) CHECK_EQ(call, 0)

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        const bool holds = static_cast<bool>(condition);                                                     \
        (void)::guest::check_equal(__FILE__, __LINE__, #condition, holds, true);                             \
        if (!holds)                                                                                          \
            return;                                                                                          \
    } while (false)
#define REQUIRE_OK(call)                                                                                     \
    do {                                                                                                     \
        if (!::guest::check_equal(__FILE__, __LINE__, #call, (call), 0))                                     \
            return;                                                                                          \
    } while (false)
