/* mach/vm_param.h: see machine/vm_param.h. */
#ifndef MACH_VM_PARAM_H
#define MACH_VM_PARAM_H
#include <mach/machine/vm_param.h>
#endif
