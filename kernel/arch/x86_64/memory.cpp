// kernel/arch/x86_64/memory.cpp: whole pages.  By words: see lib/memory.cpp.
#include <machine/memory.h>

#include <cstddef>

namespace machine {

void zero_page(void* page)
{
    auto* word = static_cast<uint64_t*>(page);
    for (size_t i = 0; i < 512; i += 8) {
        asm volatile(
            "movq %1, (%0)\n\tmovq %1, 8(%0)\n\tmovq %1, 16(%0)\n\tmovq %1, 24(%0)\n\t"
            "movq %1, 32(%0)\n\tmovq %1, 40(%0)\n\tmovq %1, 48(%0)\n\tmovq %1, 56(%0)" ::"r"(word + i),
            "r"(0ull)
            : "memory");
    }
}

void copy_page(void* to, const void* from) { __builtin_memcpy(to, from, 4096); }

}  // namespace machine
