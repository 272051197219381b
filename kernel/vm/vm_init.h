// kernel/vm/vm_init.h
//
// Bringing vm/ up.  vm_page_bootstrap() (vm_page.h) comes first, before anything that allocates; this
// afterwards.
#ifndef PORTICO_VM_VM_INIT_H
#define PORTICO_VM_VM_INIT_H

// Names vm's interfaces to ipc/: vm_map.defs, memory_object_control.defs, the notifications that control
// ports get, and what becomes of a memory entry that nobody has a right to.  Before the first user thread
// runs.
void vm_init();

#endif
