// kernel/vm/vm_zones.h
//
// Zones that more than one file of vm/ takes from.
#ifndef PORTICO_VM_VM_ZONES_H
#define PORTICO_VM_VM_ZONES_H

#include <kern/zone.h>

class VmObject;

extern Zone<VmObject> vm_object_zone;

#endif
