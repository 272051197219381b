// tests/bench/guest/first_task.cpp
//
// How a benchmark that is the first task of its boot prints and ends.
#include "bench.h"
#include "guest_test.h"

void bench::print_line(const char* line) { guest::log_line(line); }

void bench::end() { guest::power_off(); }
