// The client's side of block, made by mig from block.defs.  Changes here will be lost.
#include "block_interface.h"

// Arguments have the names that the interface gives them.
#pragma clang diagnostic ignored "-Wshadow"

namespace block {

// The interface and its headers must mean the same bytes.
static_assert(sizeof(uint32_t) == 4);
static_assert(sizeof(uint64_t) == 8);
static_assert(sizeof(uint8_t) == 1);

mach::Async<mach::Result<mach::Memory>> Remote::read(uint64_t first, uint32_t count)
{
    mach::Result<mach::MessageBuffer> mig_request = mach::MessageBuffer::allocate(44);
    if (!mig_request)
        co_return mach::failure(mig_request.error());
    mig::Writer mig_out{mig_request->data(), 24};
    mig_out.put_native();
    mig_out.put<uint64_t>(first);
    mig_out.put<uint32_t>(count);
    mig::set_request_header(*mig_request, mig_port_.name(), MACH_MSG_TYPE_COPY_SEND, 2900, false, mig_out.offset());
    mach::Result<mach::MessageBuffer> mig_reply = co_await mig_loop_.call(std::move(*mig_request));
    if (!mig_reply)
        co_return mach::failure(mig_reply.error());
    const mach_msg_header_t& mig_header = mig_reply->header();
    const std::span<const std::byte> mig_bytes{mig_reply->data(), mig_header.msgh_size};
    const kern_return_t mig_code = mig::reply_code(mig_header, mig_bytes, 3000);
    if (mig_code != KERN_SUCCESS) {
        mig_reply->destroy_contents();
        co_return mach::failure(mig_code);
    }
    mig::Descriptors mig_parts{mig_reply->header()};
    if (!mig::has_form(mig_header, true, 56, 56)) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    if (mig_parts.count() != 1 || !mig_parts.is_memory(28, 1073741824, 1)) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    mig::Reader mig_in{mig_bytes, 44};
    if (!mig_in.is_native()) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    const auto data_count = mig_in.get<uint32_t>();
    mig_in.require(data_count == mig_parts.memory_size(28));
    if (!mig_in.done()) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    mach::Memory data = mig_parts.take_memory(28);
    co_return std::move(data);
}

mach::Async<mach::Result<uint32_t>> Remote::trim(std::span<const uint64_t> list, std::string_view name)
{
    if (list.size() > 16 || name.size() >= 32)
        co_return mach::failure(MIG_ARRAY_TOO_LARGE);
    mach::Result<mach::MessageBuffer> mig_request = mach::MessageBuffer::allocate(204);
    if (!mig_request)
        co_return mach::failure(mig_request.error());
    mig::Writer mig_out{mig_request->data(), 24};
    mig_out.put_native();
    mig_out.put_array(list);
    mig_out.put_string(name, 32);
    mig::set_request_header(*mig_request, mig_port_.name(), MACH_MSG_TYPE_COPY_SEND, 2902, false, mig_out.offset());
    mach::Result<mach::MessageBuffer> mig_reply = co_await mig_loop_.call(std::move(*mig_request));
    if (!mig_reply)
        co_return mach::failure(mig_reply.error());
    const mach_msg_header_t& mig_header = mig_reply->header();
    const std::span<const std::byte> mig_bytes{mig_reply->data(), mig_header.msgh_size};
    const kern_return_t mig_code = mig::reply_code(mig_header, mig_bytes, 3002);
    if (mig_code != KERN_SUCCESS) {
        mig_reply->destroy_contents();
        co_return mach::failure(mig_code);
    }
    if (!mig::has_form(mig_header, false, 40, 40)) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    mig::Reader mig_in{mig_bytes, 24};
    if (!mig_in.is_native()) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    mig_in.require(mig_in.get<kern_return_t>() == KERN_SUCCESS);
    const auto done = mig_in.get<uint32_t>();
    if (!mig_in.done()) {
        mig_reply->destroy_contents();
        co_return mach::failure(MIG_TYPE_ERROR);
    }
    co_return done;
}

void Remote::forget(mach::SendRight owner)
{
    static_cast<void>(try_forget(std::move(owner)));
}

mach::Result<void> Remote::try_forget(mach::SendRight owner)
{
    mach::Result<mach::MessageBuffer> mig_request = mach::MessageBuffer::allocate(40);
    if (!mig_request)
        return mach::failure(mig_request.error());
    mig::DescriptorWriter mig_sent{mig_request->data(), 1};
    mig_sent.put(28, std::move(owner), MACH_MSG_TYPE_MOVE_SEND);
    mig::set_request_header(*mig_request, mig_port_.name(), MACH_MSG_TYPE_COPY_SEND, 2903, true, 40);
    return mig_loop_.send(*mig_request);
}

}  // namespace block
