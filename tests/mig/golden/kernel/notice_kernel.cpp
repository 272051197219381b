// The kernel as client of notice, made by mig from notice.defs.  Changes here will be lost.
#include "notice_kernel.h"

// Arguments have the names that the interface gives them.
#pragma clang diagnostic ignored "-Wshadow"

// The interface and its headers must mean the same bytes.
static_assert(sizeof(int) == 4);
static_assert(sizeof(natural_t) == 4);

mach::Result<void> notice_calls::encode_notice_raise(KernelMessage& mig_message, SendRight thread, int flavor, std::span<const natural_t> old, uint32_t fresh_capacity)
{
    if (old.size() > 8)
        return mach::failure(MIG_ARRAY_TOO_LARGE);
    std::byte* const mig_bytes = mig_message.create(2950, 92);
    if (mig_bytes == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    if (!mig_message.set_descriptors(1))
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    mig::Writer mig_out{mig_bytes, 40};
    mig_out.put_native();
    mig_out.put<int>(flavor);
    mig_out.put_array(old);
    mig_out.put(static_cast<uint32_t>(fresh_capacity));
    mig_message.set_size(mig_out.offset());
    mig_message.put_send(0, std::move(thread));
    return {};
}

mach::Result<int> notice_calls::decode_notice_raise_reply(KernelMessage& mig_message, mig::OutArray<natural_t>& fresh)
{
    const kern_return_t mig_code = mig::reply_code(mig_message.header(), mig_message.bytes(), 3050);
    if (mig_code != KERN_SUCCESS)
        return mach::failure(mig_code);
    if (!mig::has_form(mig_message.header(), false, 44, 76))
        return mach::failure(MIG_TYPE_ERROR);
    mig::Reader mig_in{mig_message.bytes(), 24};
    if (!mig_in.is_native())
        return mach::failure(MIG_TYPE_ERROR);
    mig_in.require(mig_in.get<kern_return_t>() == KERN_SUCCESS);
    const auto flavor = mig_in.get<int>();
    const mig::InArray<natural_t, 8> fresh_array{mig_in};
    if (!mig_in.done())
        return mach::failure(MIG_TYPE_ERROR);
    if (!fresh.assign(fresh_array.span()))
        return mach::failure(MIG_ARRAY_TOO_LARGE);
    return flavor;
}

