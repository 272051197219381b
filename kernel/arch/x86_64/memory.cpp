// kernel/arch/x86_64/memory.cpp: whole pages.
//
// By string instructions: for as much as a page they are the fastest that a processor has, and -icount counts each turn as
// one instruction, so they cost no more than one for each word.
#include <machine/memory.h>

#include <cstddef>

#include <mach/vm_param.h>

namespace machine {

constexpr size_t words_per_page = MACH_PAGE_SIZE / sizeof(uint64_t);

void zero_page(void* page)
{
    size_t words = words_per_page;
    asm volatile("rep stosq" : "+D"(page), "+c"(words) : "a"(0) : "memory");
}

void copy_page(void* to, const void* from)
{
    size_t words = words_per_page;
    asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

}  // namespace machine
