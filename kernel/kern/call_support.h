// kernel/kern/call_support.h
//
// What the *_calls.cpp files share: answers of info calls, times, stopping.
#ifndef PORTICO_KERN_CALL_SUPPORT_H
#define PORTICO_KERN_CALL_SUPPORT_H

#include <cstdint>
#include <cstring>

#include <mach/clock_types.h>
#include <mach/result.h>
#include <mach/time_value.h>
#include <mig/message.h>

// An info structure as the answer, if the caller has room for it; else `too_small`.
template <class Integer, class Info>
[[nodiscard]] mach::Result<void> answer_info(mig::OutArray<Integer>& out, const Info& info,
                                             kern_return_t too_small = KERN_INVALID_ARGUMENT)
{
    static_assert(sizeof(Info) % sizeof(Integer) == 0);
    constexpr uint32_t count = sizeof(Info) / sizeof(Integer);
    if (out.capacity() < count)
        return mach::failure(too_small);
    std::memcpy(out.data(), &info, sizeof info);
    out.set_count(count);
    return {};
}

constexpr time_value_t time_value_of(uint64_t ns)
{
    return {static_cast<integer_t>(ns / NSEC_PER_SEC),
            static_cast<integer_t>(ns % NSEC_PER_SEC / NSEC_PER_USEC)};
}

constexpr mach_timespec_t timespec_of(uint64_t ns)
{
    return {static_cast<unsigned>(ns / NSEC_PER_SEC), static_cast<integer_t>(ns % NSEC_PER_SEC)};
}

// KERN_INVALID_VALUE: not a time.
[[nodiscard]] constexpr mach::Result<uint64_t> ns_of(const mach_timespec_t& time)
{
    if (time.tv_nsec < 0 || static_cast<uint64_t>(time.tv_nsec) >= NSEC_PER_SEC)
        return mach::failure(KERN_INVALID_VALUE);
    return time.tv_sec * NSEC_PER_SEC + static_cast<uint64_t>(time.tv_nsec);
}

#endif
