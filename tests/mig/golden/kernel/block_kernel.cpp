// The kernel as server of block, made by mig from block.defs.  Changes here will be lost.
#include "block_kernel.h"

// Arguments have the names that the interface gives them.
#pragma clang diagnostic ignored "-Wshadow"

// The interface and its headers must mean the same bytes.
static_assert(sizeof(uint32_t) == 4);
static_assert(sizeof(uint64_t) == 8);
static_assert(sizeof(uint8_t) == 1);

namespace {

void serve_block_read(KernelCall& mig_call)
{
    if (!mig::has_form(mig_call.header(), false, 44, 44))
        return mig_call.fail(MIG_BAD_ARGUMENTS);
    mig::Reader mig_in{mig_call.request(), 24};
    if (!mig_in.is_native())
        return mig_call.fail(MIG_TYPE_ERROR);
    const auto first = mig_in.get<uint64_t>();
    const auto count = mig_in.get<uint32_t>();
    if (!mig_in.done())
        return mig_call.fail(MIG_BAD_ARGUMENTS);
    mach::Result<VmMapCopy> mig_result = block_calls::block_read(mig_call.target(), first, count);
    if (!mig_result)
        return mig_call.fail(mig_result.error());
    std::byte* const mig_reply = mig_call.reply(56, 1);
    if (mig_reply == nullptr)
        return;
    const auto data_size = static_cast<uint32_t>((*mig_result).size());
    mig::Writer mig_out{mig_reply, 44};
    mig_out.put_native();
    mig_out.put(static_cast<uint32_t>(data_size));
    mig_call.put_memory(0, std::move(*mig_result), data_size);
}

void serve_block_trim(KernelCall& mig_call)
{
    if (!mig::has_form(mig_call.header(), false, 44, 204))
        return mig_call.fail(MIG_BAD_ARGUMENTS);
    mig::Reader mig_in{mig_call.request(), 24};
    if (!mig_in.is_native())
        return mig_call.fail(MIG_TYPE_ERROR);
    const mig::InArray<uint64_t, 16> list_array{mig_in};
    const std::string_view name = mig_in.string(32);
    if (!mig_in.done())
        return mig_call.fail(MIG_BAD_ARGUMENTS);
    mach::Result<uint32_t> mig_result = block_calls::block_trim(mig_call.target(), list_array.span(), name);
    if (!mig_result)
        return mig_call.fail(mig_result.error());
    std::byte* const mig_reply = mig_call.reply(40);
    if (mig_reply == nullptr)
        return;
    mig::Writer mig_out{mig_reply, 24};
    mig_out.put_native();
    mig_out.put(kern_return_t{KERN_SUCCESS});
    mig_out.put<uint32_t>(*mig_result);
}

void serve_block_forget(KernelCall& mig_call)
{
    if (!mig::has_form(mig_call.header(), true, 40, 40))
        return mig_call.fail(MIG_BAD_ARGUMENTS);
    if (mig_call.descriptor_count() != 1 || !mig_call.is_send(0))
        return mig_call.fail(MIG_TYPE_ERROR);
    SendRight owner_carried = mig_call.take_send(0);
    if (const mach::Result<void> mig_result = block_calls::block_forget(mig_call.target(), std::move(owner_carried)); !mig_result)
        mig_call.fail(mig_result.error());
}

}  // namespace

bool block_dispatch(KernelCall& mig_call)
{
    switch (mig_call.header().msgh_id) {
        case 2900: serve_block_read(mig_call); return true;
        case 2902: serve_block_trim(mig_call); return true;
        case 2903: serve_block_forget(mig_call); return true;
        default: return false;
    }
}
