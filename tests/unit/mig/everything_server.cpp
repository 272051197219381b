// tests/unit/mig/everything_server.cpp
//
// The routines that the C server stubs of everything.defs call.
#include <everything_server.h>

#include "everything_service.h"
#include "played_mach_msg.h"

#include <algorithm>
#include <cstring>

using namespace everything_test;

uint32_t last_notice = 0;  // What S_notice was given.

played::Server played::server{everything_server, everything_subsystem.maxsize};

extern "C" {

kern_return_t S_nothing(mach_port_t server) { return server == 1 ? refused : KERN_SUCCESS; }

kern_return_t S_scalars(mach_port_t, int8_t a, uint16_t b, int32_t c, uint64_t d, pair_t pair, odd_t odd,
                        int8_t* a_back, uint16_t* b_back, int32_t* c_back, uint64_t* d_back,
                        pair_t* pair_back, odd_t* odd_both)
{
    *a_back = a;
    *b_back = b;
    *c_back = c;
    *d_back = d;
    *pair_back = {pair.second, pair.first};
    std::reverse(std::begin(odd_both->bytes), std::end(odd_both->bytes));
    odd_both->bytes[0] ^= odd.bytes[0];
    return KERN_SUCCESS;
}

kern_return_t S_arrays(mach_port_t, char* bytes, mach_msg_type_number_t bytesCnt, uint32_t* words,
                       mach_msg_type_number_t wordsCnt, uint64_t* longs, mach_msg_type_number_t longsCnt,
                       pair_t* pairs, mach_msg_type_number_t pairsCnt, uint16_t* halves, uint64_t after,
                       uint64_t* sum)
{
    *sum = Digest{}
               .add(std::span<const char>{bytes, bytesCnt})
               .add(std::span<const uint32_t>{words, wordsCnt})
               .add(std::span<const uint64_t>{longs, longsCnt})
               .add(std::span<const pair_t>{pairs, pairsCnt})
               .add(std::span<const uint16_t>{halves, 7})
               .add(after)
               .value();
    return KERN_SUCCESS;
}

kern_return_t S_out_arrays(mach_port_t, uint32_t seed, uint32_t* words, mach_msg_type_number_t* wordsCnt,
                           char* bytes, mach_msg_type_number_t* bytesCnt, uint64_t* longs,
                           mach_msg_type_number_t* longsCnt, pair_t* pairs, mach_msg_type_number_t* pairsCnt,
                           uint16_t* halves, uint64_t* after)
{
    if (seed == seed_that_fails)
        return refused;
    const OutArrays answer{seed};
    std::ranges::copy(answer.words, words);
    *wordsCnt = static_cast<uint32_t>(answer.words.size());
    *bytesCnt = std::min(*bytesCnt, static_cast<uint32_t>(answer.bytes.size()));
    std::copy_n(answer.bytes.begin(), *bytesCnt, bytes);
    std::ranges::copy(answer.longs, longs);
    *longsCnt = static_cast<uint32_t>(answer.longs.size());
    std::ranges::copy(answer.pairs, pairs);
    *pairsCnt = static_cast<uint32_t>(answer.pairs.size());
    std::ranges::copy(answer.halves, halves);
    *after = answer.after;
    return KERN_SUCCESS;
}

kern_return_t S_both_ways(mach_port_t, char* bytes, mach_msg_type_number_t* bytesCnt, uint64_t* value,
                          uint64_t* longs, mach_msg_type_number_t* longsCnt, uint16_t* halves)
{
    std::reverse(bytes, bytes + *bytesCnt);
    *bytesCnt /= 2;
    *value = ~*value;
    std::reverse(longs, longs + *longsCnt);
    std::reverse(halves, halves + 7);
    return KERN_SUCCESS;
}

kern_return_t S_strings(mach_port_t, char* name, char* path, char* second, char* path_back, char* name_back,
                        char* second_back, uint32_t* length)
{
    std::strcpy(path_back, path);
    std::strcpy(name_back, name);
    std::strcpy(second_back, second);
    *length = static_cast<uint32_t>(std::strlen(name) + std::strlen(path) + std::strlen(second));
    return KERN_SUCCESS;
}

kern_return_t S_rights(mach_port_t, mach_port_t copied, uint32_t number, mach_port_t once,
                       mach_port_t receive, mach_port_t* back, uint32_t* number_back)
{
    *back = copied + once + receive;
    *number_back = number;
    return KERN_SUCCESS;
}

kern_return_t S_only_right(mach_port_t server, mach_port_t* back)
{
    *back = server + 1;
    return server == 1 ? refused : KERN_SUCCESS;
}

kern_return_t S_any_right(mach_port_t, mach_port_t given, mach_msg_type_name_t givenPoly, mach_port_t* back,
                          mach_msg_type_name_t* backPoly)
{
    *back = given;
    *backPoly = givenPoly;
    return KERN_SUCCESS;
}

kern_return_t S_memory(mach_port_t, char* bytes, mach_msg_type_number_t bytesCnt, vm_offset_t data,
                       mach_msg_type_number_t dataCnt, limited_t words, mach_msg_type_number_t wordsCnt,
                       uint32_t after, vm_offset_t* back, mach_msg_type_number_t* backCnt, uint32_t* sum)
{
    *back = data;
    *backCnt = dataCnt;
    *sum = static_cast<uint32_t>(Digest{}.add(std::span<const char>{bytes, bytesCnt}).value()) + wordsCnt +
           after + (words != nullptr);
    return KERN_SUCCESS;
}

kern_return_t S_many_rights(mach_port_t, mach_port_array_t given, mach_msg_type_number_t givenCnt,
                            mach_port_array_t* back, mach_msg_type_number_t* backCnt)
{
    *back = given;
    *backCnt = givenCnt;
    return KERN_SUCCESS;
}

kern_return_t S_notice(mach_port_t, char* path, uint32_t value)
{
    last_notice = value + static_cast<uint32_t>(std::strlen(path));
    return KERN_SUCCESS;
}

kern_return_t S_trailer(mach_port_t, audit_token_t who, security_token_t user, mach_port_context_t context,
                        audit_token_t* audit, security_token_t* sender, mach_port_context_t* object)
{
    *audit = who;
    *sender = user;
    *object = context;
    return KERN_SUCCESS;
}
}
