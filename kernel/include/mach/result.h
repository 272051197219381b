// mach/result.h: a value or a kern_return_t (C++ only; the kernel and user space share it).
//
// A function that can fail returns Result<T>, and a caller that looks away does not compile without a
// warning. TRY(e) is the value of e, or returns e's error from the function around it; CO_TRY(e) does so in a
// coroutine.
#ifndef MACH_RESULT_H
#define MACH_RESULT_H

#include <expected>
#include <type_traits>
#include <utility>

#include <mach/kern_return.h>

namespace mach {

template <typename T>
class [[nodiscard]] Result : public std::expected<T, kern_return_t> {
    using Base = std::expected<T, kern_return_t>;

public:
    using Base::Base;
    Result() = default;
    Result(const Base& other) : Base(other) {}
    Result(Base&& other) noexcept(std::is_nothrow_move_constructible_v<Base>) : Base(std::move(other)) {}

    // The base's comparison would be found twice, forwards and reversed.
    template <typename U>
        requires(!std::is_base_of_v<Base, U>)
    friend constexpr bool operator==(const Result& result, const U& value)
    {
        return static_cast<const Base&>(result) == value;
    }
};

// What a function returns to fail with `code`, which is any kern_return_t but KERN_SUCCESS.
[[nodiscard]] constexpr std::unexpected<kern_return_t> failure(kern_return_t code)
{
    return std::unexpected<kern_return_t>(code);
}

// From the API boundary inwards: KERN_SUCCESS is a Result with nothing in it.
inline Result<void> result_of(kern_return_t code)
{
    if (code != KERN_SUCCESS)
        return failure(code);
    return {};
}

// From inside to the API boundary.
template <typename T>
[[nodiscard]] kern_return_t code_of(const Result<T>& result)
{
    return result.has_value() ? KERN_SUCCESS : result.error();
}

}  // namespace mach

#define MACH_RESULT_TRY_(expression, leave)                                                                  \
    ({                                                                                                       \
        auto&& try_result_ = (expression);                                                                   \
        if (!try_result_.has_value()) [[unlikely]]                                                           \
            leave ::mach::failure(try_result_.error());                                                      \
        *::std::move(try_result_);                                                                           \
    })

#define TRY(expression) MACH_RESULT_TRY_(expression, return)
#define CO_TRY(expression) MACH_RESULT_TRY_(expression, co_return)

#endif
