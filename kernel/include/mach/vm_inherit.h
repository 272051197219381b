/* mach/vm_inherit.h: what a new task gets of its parent's memory. */
#ifndef MACH_VM_INHERIT_H
#define MACH_VM_INHERIT_H

typedef unsigned int vm_inherit_t;

#define VM_INHERIT_SHARE ((vm_inherit_t)0) /* the same memory, read and written by both */
#define VM_INHERIT_COPY ((vm_inherit_t)1)  /* a copy, made page by page when it is written */
#define VM_INHERIT_NONE ((vm_inherit_t)2)  /* nothing */
#define VM_INHERIT_DEFAULT VM_INHERIT_COPY
#define VM_INHERIT_LAST_VALID VM_INHERIT_NONE

#endif
