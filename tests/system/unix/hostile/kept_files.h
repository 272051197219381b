// tests/system/unix/hostile/kept_files.h
#pragma once

namespace hostile {

inline constexpr const char* work_folder = "/tmp/hostile";  // The attacker may do there what it likes.
inline constexpr const char* kept_folder = "/tmp/kept";     // Here it may only look,
inline constexpr const char* readable_file = "/tmp/kept/readable";  // at this,
inline constexpr const char* private_file = "/tmp/kept/private";    // and not at this.
inline constexpr const char* private_fifo = "/tmp/kept/fifo";

}  // namespace hostile
