// The kernel as server of block, made by mig from block.defs.  Changes here will be lost.
#ifndef MIG_BLOCK_KERNEL_H
#define MIG_BLOCK_KERNEL_H

#include <mig/kernel.h>
#include <mach/std_types.h>

namespace block_calls {

// Reads `count` blocks from `first`; the driver's copy goes with the reply.
mach::Result<VmMapCopy> block_read(IpcPort& device, uint64_t first, uint32_t count);

mach::Result<uint32_t> block_trim(IpcPort& device, std::span<const uint64_t> list, std::string_view name);

mach::Result<void> block_forget(IpcPort& device, SendRight owner);

}  // namespace block_calls

// Answers the call if its id is one of the interface's; false if not.
bool block_dispatch(KernelCall& mig_call);

#endif
