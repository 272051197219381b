// kernel/arch/x86_64/include/arch/user_access.h
//
// Inline accesses to user memory, for asm statements: the macros of user_copy.S once more.  What may fault has an entry
// in .user_access that says where to go on; the code there says forbid_user_access() first.
#ifndef PORTICO_ARCH_USER_ACCESS_H
#define PORTICO_ARCH_USER_ACCESS_H

// Three-byte nops, which become stac and clac where the processor has SMAP (cpu_features.cpp).
#define X86_ALLOW_USER_ACCESS                                                                                \
    "77: .byte 0x0f, 0x1f, 0x00\n"                                                                           \
    ".pushsection .smap_sites, \"a\"\n .quad 77b, 1\n .popsection\n"
#define X86_FORBID_USER_ACCESS                                                                               \
    "77: .byte 0x0f, 0x1f, 0x00\n"                                                                           \
    ".pushsection .smap_sites, \"a\"\n .quad 77b, 0\n .popsection\n"
#define X86_MAY_FAULT(instruction, label)                                                                    \
    "88: " instruction "\n"                                                                                  \
    ".pushsection .user_access, \"a\"\n .quad 88b, " label "\n .popsection\n"

namespace machine {

inline void forbid_user_access() { asm volatile(X86_FORBID_USER_ACCESS ::: "memory"); }

}  // namespace machine

#endif
