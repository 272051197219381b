// tests/campaigns/rights/rights_test.cpp
//
//     rights-test                            a short campaign, for ctest
//     rights-test --slice N/100 [--steps S]  a hundredth of the long one; docs/campaigns/rights.md has the record
//
// A slice is 500 traces of S (default 1,000) steps; its seeds are its own, so slices can run anywhere, in any
// order, and a slice that was cut short is just run again.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lock_step.h"

namespace {

constexpr uint64_t traces_in_slice = 500;

struct {
    uint64_t first_seed = 1'000'000;  // Of no slice.
    uint64_t traces = 10;
    unsigned steps = 400;
} plan;

class RightsModel : public LockStep, public testing::WithParamInterface<uint64_t> {};

TEST_P(RightsModel, AgreesWithTheKernelAfterEveryStep) { run(GetParam(), plan.steps); }

class Seeds {
public:
    static auto all() { return testing::Range(plan.first_seed, plan.first_seed + plan.traces); }
};
// Evaluated by InitGoogleTest(), when main() has read the plan.
INSTANTIATE_TEST_SUITE_P(Traces, RightsModel, Seeds::all());

bool read_plan(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        unsigned slice = 0;
        char end = 0;
        if (std::strncmp(argv[i], "--gtest", 7) == 0) {
            continue;
        } else if (std::strcmp(argv[i], "--slice") == 0 && i + 1 < argc &&
                   std::sscanf(argv[i + 1], "%u/100%c", &slice, &end) == 1 && slice < 100) {
            plan = {slice * traces_in_slice, traces_in_slice, 1000};
            ++i;
        } else if (std::strcmp(argv[i], "--steps") == 0 && i + 1 < argc) {
            plan.steps = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
        } else {
            std::fprintf(stderr, "usage: rights-test [--slice N/100] [--steps STEPS]\n");
            return false;
        }
    }
    return true;
}

}  // namespace

int main(int argc, char** argv)
{
    if (!read_plan(argc, argv))
        return 2;
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
