// tests/bench/guest/boot.cpp
//
// The first task of the boots whose instructions ./bench counts from outside (tools/benchmark/startup.py): all it has
// to do is to begin.
#include "bench.h"

int main(int argument_count, char** arguments)
{
    bench::start(argument_count, arguments);
    bench::end();
}
