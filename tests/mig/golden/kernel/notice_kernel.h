// The kernel as client of notice, made by mig from notice.defs.  Changes here will be lost.
#ifndef MIG_NOTICE_KERNEL_H
#define MIG_NOTICE_KERNEL_H

#include <mig/kernel.h>
#include <mach/std_types.h>

namespace notice_calls {

inline constexpr mach_msg_id_t notice_raise_id = 2950;
[[nodiscard]] mach::Result<void> encode_notice_raise(KernelMessage& mig_message, SendRight thread, int flavor, std::span<const natural_t> old, uint32_t fresh_capacity);
[[nodiscard]] mach::Result<int> decode_notice_raise_reply(KernelMessage& mig_message, mig::OutArray<natural_t>& fresh);

}  // namespace notice_calls

#endif
