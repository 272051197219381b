/* mach/vm_types.h: the integer types of the kernel interface.
 *
 * natural_t and integer_t stay at 32 bits, as in every 64-bit Mach; addresses, offsets and sizes of memory
 * have 64.
 */
#ifndef MACH_VM_TYPES_H
#define MACH_VM_TYPES_H

#include <stdint.h>

typedef uint32_t natural_t;
typedef int32_t integer_t;

typedef uint64_t vm_offset_t;
typedef uint64_t vm_address_t;
typedef uint64_t vm_size_t;

/* Darwin's wide names for the same things. */
typedef vm_address_t mach_vm_address_t;
typedef vm_offset_t mach_vm_offset_t;
typedef vm_size_t mach_vm_size_t;

typedef uint64_t user_address_t; /* an address in the calling task, in the description of a trap */
typedef uint64_t phys_address_t;

typedef vm_offset_t pointer_t; /* out-of-line data: its address */

#endif
