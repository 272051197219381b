// kernel/kern/kernel_objects.h
//
// The objects behind the kernel's ports, for mig's stubs: references, translations from ports, and what a call answers
// whose port turns out to be of another kind.
#ifndef PORTICO_KERN_KERNEL_OBJECTS_H
#define PORTICO_KERN_KERNEL_OBJECTS_H

#include <device/device.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_space.h>
#include <kern/host.h>
#include <kern/ledger.h>
#include <kern/sync.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <mach/kern_return.h>
#include <mig/kernel.h>
#include <vm/memory_object.h>
#include <vm/vm_map.h>

using LedgerRef = RefPtr<Ledger>;

template <>
inline constexpr kern_return_t mig::null_error<TaskRef> = KERN_INVALID_TASK;
template <>
inline constexpr kern_return_t mig::null_error<IpcSpaceRef> = KERN_INVALID_TASK;
template <>
inline constexpr kern_return_t mig::null_error<VmMapRef> = KERN_INVALID_TASK;
template <>
inline constexpr kern_return_t mig::null_error<HostRef> = KERN_INVALID_HOST;
template <>
inline constexpr kern_return_t mig::null_error<HostPrivRef> = KERN_INVALID_HOST;
template <>
inline constexpr kern_return_t mig::null_error<HostSecurityRef> = KERN_INVALID_SECURITY;
template <>
inline constexpr kern_return_t mig::null_error<LedgerRef> = KERN_INVALID_LEDGER;
template <>
inline constexpr kern_return_t mig::null_error<MemoryObjectControlRef> = KERN_INVALID_MEMORY_CONTROL;

#endif
