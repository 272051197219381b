#include "char_line.h"

#include <algorithm>
#include <array>
#include <mig/runtime.h>

namespace portico {

namespace {

constexpr size_t piece_limit = 4096;  // char_data_t

}  // namespace

mach::Async<mach::Result<std::string>> CharLine::read()
{
    std::array<char, piece_limit> bytes;
    mig::OutArray<char> data{bytes.data(), piece_limit};
    CO_TRY(co_await device_.char_read(0, piece_limit, data));
    co_return std::string{bytes.data(), data.count()};
}

mach::Async<mach::Result<size_t>> CharLine::write(std::span<const char> bytes)
{
    const auto piece = bytes.first(std::min(bytes.size(), piece_limit));
    co_return size_t{CO_TRY(co_await device_.char_write(0, piece))};
}

mach::Async<mach::Result<void>> CharLine::drain() { co_return co_await device_.char_drain(0); }

}  // namespace portico
