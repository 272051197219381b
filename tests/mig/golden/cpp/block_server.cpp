// The server's side of block, made by mig from block.defs.  Changes here will be lost.
#include "block_interface.h"

// Arguments have the names that the interface gives them.
#pragma clang diagnostic ignored "-Wshadow"

namespace block {

// The interface and its headers must mean the same bytes.
static_assert(sizeof(uint32_t) == 4);
static_assert(sizeof(uint64_t) == 8);
static_assert(sizeof(uint8_t) == 1);

namespace {

mach::Async<void> run_read(Interface& mig_object, uint64_t first, uint32_t count)
{
    mach::CallContext& mig_call = co_await mach::this_call();
    mach::Result<mach::Memory> mig_result = co_await mig_object.read(first, count);
    if (!mig_result)
        co_return mig::reply_error(mig_call, 3000, mig_result.error());
    mach::Result<mach::MessageBuffer> mig_reply = mach::MessageBuffer::allocate(56);
    if (!mig_reply)
        co_return mig::reply_error(mig_call, 3000, mig_reply.error());
    mig::Writer mig_out{mig_reply->data(), 44};
    mig_out.put_native();
    mig_out.put(static_cast<uint32_t>((*mig_result).size()));
    mig::DescriptorWriter mig_sent{mig_reply->data(), 1};
    mig_sent.put_memory(28, std::move((*mig_result)));
    mig::set_reply_header(*mig_reply, 3000, true, mig_out.offset());
    mach::EventLoop::current().reply(mig_call, std::move(*mig_reply));
}

void serve_read(Interface& mig_object, mig::Request& mig_request)
{
    if (!mig::has_form(mig_request.header(), false, 44, 44))
        return mig_request.fail(MIG_BAD_ARGUMENTS);
    mig::Reader mig_in{mig_request.bytes(), 24};
    if (!mig_in.is_native())
        return mig_request.fail(MIG_TYPE_ERROR);
    const auto first = mig_in.get<uint64_t>();
    const auto count = mig_in.get<uint32_t>();
    if (!mig_in.done())
        return mig_request.fail(MIG_BAD_ARGUMENTS);
    mig_request.start(run_read(mig_object, first, count));
}

mach::Async<void> run_trim(Interface& mig_object, [[maybe_unused]] mach::MessageBuffer mig_message, mig::InArray<uint64_t, 16> list_array, std::string_view name)
{
    mach::CallContext& mig_call = co_await mach::this_call();
    mach::Result<uint32_t> mig_result = co_await mig_object.trim(list_array.span(), name);
    if (!mig_result)
        co_return mig::reply_error(mig_call, 3002, mig_result.error());
    mach::Result<mach::MessageBuffer> mig_reply = mach::MessageBuffer::allocate(40);
    if (!mig_reply)
        co_return mig::reply_error(mig_call, 3002, mig_reply.error());
    mig::Writer mig_out{mig_reply->data(), 24};
    mig_out.put_native();
    mig_out.put(kern_return_t{KERN_SUCCESS});
    mig_out.put<uint32_t>((*mig_result));
    mig::set_reply_header(*mig_reply, 3002, false, mig_out.offset());
    mach::EventLoop::current().reply(mig_call, std::move(*mig_reply));
}

void serve_trim(Interface& mig_object, mig::Request& mig_request)
{
    if (!mig::has_form(mig_request.header(), false, 44, 204))
        return mig_request.fail(MIG_BAD_ARGUMENTS);
    mig::Reader mig_in{mig_request.bytes(), 24};
    if (!mig_in.is_native())
        return mig_request.fail(MIG_TYPE_ERROR);
    const mig::InArray<uint64_t, 16> list_array{mig_in};
    const std::string_view name = mig_in.string(32);
    if (!mig_in.done())
        return mig_request.fail(MIG_BAD_ARGUMENTS);
    mig_request.start(run_trim(mig_object, mig_request.take(), list_array, name));
}

void serve_forget(Interface& mig_object, mig::Request& mig_request)
{
    if (!mig::has_form(mig_request.header(), true, 40, 40))
        return mig_request.fail(MIG_BAD_ARGUMENTS);
    mig::Descriptors mig_parts = mig_request.descriptors();
    if (mig_parts.count() != 1 || !mig_parts.is_right(28, MACH_MSG_TYPE_MOVE_SEND))
        return mig_request.fail(MIG_TYPE_ERROR);
    mach::SendRight owner = mig_parts.take<mach::SendRight>(28);
    mig_object.forget(std::move(owner));
}

}  // namespace

bool Server::dispatch(Interface& object, mig::Request& request)
{
    switch (request.id()) {
        case 2900: serve_read(object, request); return true;
        case 2902: serve_trim(object, request); return true;
        case 2903: serve_forget(object, request); return true;
        default: return false;
    }
}

}  // namespace block
