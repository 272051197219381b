// libc/mach/cxx/event_loop_messages.cpp: the loop's receive, and what it sends.
//
// A reply that nobody has to hear about waits in pending_reply_ and goes out together with the next receive:
// one trap, and the kernel can hand the processor straight to the client.
#include <portico/event_loop.h>

#include <cstdlib>
#include <cstring>

#include <mach/mach.h>
#include <mach/notify.h>
#include <mig/runtime.h>

namespace mach {

namespace {

constexpr mach_msg_option_t receive_options = MACH_RCV_MSG | MACH_RCV_LARGE |
                                              MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) |
                                              MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX);

bool is_send_error(mach_msg_return_t code)
{
    return code >= MACH_SEND_IN_PROGRESS && code < MACH_RCV_IN_PROGRESS;
}

// Without the bits that say which resource was short.
mach_msg_return_t kind_of(mach_msg_return_t code) { return code & ~MACH_MSG_MASK; }

kern_return_t send_now(MessageBuffer& message, mach_msg_option_t more_options = 0)
{
    mach_msg_header_t& header = message.header();
    return mach_msg(&header, MACH_SEND_MSG | MACH_SEND_TIMEOUT | more_options, header.msgh_size, 0,
                    MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

void address_reply(MessageBuffer& message, mach_port_t name, mach_msg_type_name_t disposition)
{
    mach_msg_header_t& header = message.header();
    header.msgh_bits = MACH_MSGH_BITS(disposition, 0) | (header.msgh_bits & MACH_MSGH_BITS_COMPLEX);
    header.msgh_remote_port = name;
    header.msgh_local_port = MACH_PORT_NULL;
    header.msgh_voucher_port = MACH_PORT_NULL;
}

MessageBuffer take_or_abort(Result<MessageBuffer> buffer)
{
    if (!buffer.has_value())
        std::abort();  // Without a buffer a server cannot go on; bootstrap starts it again.
    return std::move(*buffer);
}

}  // namespace

// ---- receiving ----

void EventLoop::receive_and_handle(bool wait)
{
    if (receive(wait) == MACH_MSG_SUCCESS)
        handle_message();
}

mach_msg_return_t EventLoop::receive(bool wait)
{
    mach_msg_option_t options = receive_options;
    mach_msg_timeout_t timeout = MACH_MSG_TIMEOUT_NONE;
    if (!wait || !timers_.empty()) {
        options |= MACH_RCV_TIMEOUT;
        timeout = wait ? time_to_wait() : 0;
    }

    mach_msg_return_t code = MACH_MSG_SUCCESS;
    if (pending_reply_) {
        message_ = std::move(pending_reply_);
        code = mach_msg(&message_.header(), options | MACH_SEND_MSG, message_.header().msgh_size,
                        message_.capacity(), set_.name(), timeout, MACH_PORT_NULL);
        if (!is_send_error(code))
            return receive_large(code);
        message_.destroy_contents();  // The client has gone.
    }
    if (!message_)
        message_ = take_or_abort(MessageBuffer::allocate());
    code =
        mach_msg(&message_.header(), options, 0, message_.capacity(), set_.name(), timeout, MACH_PORT_NULL);
    return receive_large(code);
}

// What to do about a receive that ended with `code`: a message that is too large for the buffer is still in
// the queue.
mach_msg_return_t EventLoop::receive_large(mach_msg_return_t code)
{
    while (code == MACH_RCV_TOO_LARGE) {
        const mach_msg_size_t needed = round_msg(message_.header().msgh_size) + MAX_TRAILER_SIZE;
        Result<MessageBuffer> larger = MessageBuffer::allocate(needed);
        mach_msg_option_t options = receive_options | MACH_RCV_TIMEOUT;
        if (larger.has_value())
            message_ = std::move(*larger);
        else
            options &= ~MACH_RCV_LARGE;  // Destroys it: its client gets MIG_SERVER_DIED.
        code = mach_msg(&message_.header(), options, 0, message_.capacity(), set_.name(), 0, MACH_PORT_NULL);
        if (!larger.has_value())
            return MACH_RCV_TIMED_OUT;
    }
    if (kind_of(code) == MACH_RCV_BODY_ERROR) {
        message_.destroy_contents();  // It came without all its parts. As above.
        return MACH_RCV_TIMED_OUT;
    }
    if (code == MACH_RCV_INVALID_NAME || code == MACH_RCV_PORT_DIED)
        std::abort();  // The loop's own set.
    return code;
}

void EventLoop::handle_message()
{
    PortEntry& entry = *reinterpret_cast<PortEntry*>(message_.trailer().msgh_context);  // (E1)
    switch (entry.kind) {
    case PortEntry::Kind::object:
        if (message_.header().msgh_id == MACH_NOTIFY_NO_SENDERS) {
            message_.destroy_contents();
            handle_no_senders(entry);
        } else {
            handle_request(entry);
        }
        break;
    case PortEntry::Kind::reply:
        handle_reply(entry);
        break;
    case PortEntry::Kind::notification:
        handle_notification();
        break;
    }
}

void EventLoop::handle_request(PortEntry& entry)
{
    const std::shared_ptr<Object> object = entry.object;  // Outlives its port, if the request closes that.
    arriving_object_ = object;
    arriving_header_ = message_.header();
    message_.header().msgh_remote_port = MACH_PORT_NULL;  // arriving_header_ owns the reply right now.

    mig::Request request{std::move(message_)};
    if (!object->dispatch(request))
        request.fail(MIG_BAD_ID);
    // A routine that neither started a coroutine nor answered: one way, so what came for a reply is not used.
    SendOnceRight{std::exchange(arriving_header_.msgh_remote_port, MACH_PORT_NULL)}.reset();
    arriving_object_.reset();
}

void EventLoop::handle_reply(PortEntry& entry)
{
    PendingCall* call = std::exchange(entry.call, nullptr);
    give_back_reply_port(entry);
    if (call == nullptr) {
        message_
            .destroy_contents();  // Nobody can have our send-once right twice; but a message is a message.
        return;
    }
    if (message_.header().msgh_id == MACH_NOTIFY_SEND_ONCE) {
        message_.destroy_contents();
        if (call->failure_ == KERN_SUCCESS)
            call->failure_ = MIG_SERVER_DIED;
    } else {
        call->message_ = std::move(message_);
    }
    call->finish(KERN_SUCCESS);
}

// ---- replies ----

void EventLoop::reply(CallContext& self, MessageBuffer message)
{
    const mach_port_t name = std::exchange(self.reply_name_, MACH_PORT_NULL);
    if (std::exchange(self.reply_watched_, false))
        forget_watched_reply(name, self);
    const std::function<void(bool)> told = std::exchange(self.on_reply_, nullptr);

    address_reply(message, name, self.reply_disposition_);
    if (name == MACH_PORT_NULL) {
        message.destroy_contents();
        if (told)
            told(false);
        return;
    }
    if (!told && self.reply_disposition_ == MACH_MSG_TYPE_MOVE_SEND_ONCE) {
        flush_reply();
        pending_reply_ = std::move(message);
        return;
    }
    const kern_return_t code = send_now(message);
    if (code != MACH_MSG_SUCCESS)
        message.destroy_contents();
    if (told)
        told(code == MACH_MSG_SUCCESS);
}

void EventLoop::reply_error(kern_return_t code)
{
    const mach_port_t name = std::exchange(arriving_header_.msgh_remote_port, MACH_PORT_NULL);
    Result<MessageBuffer> message = MessageBuffer::allocate();
    if (!MACH_PORT_VALID(name) || !message.has_value()) {
        SendOnceRight{name}.reset();
        return;
    }
    mig_reply_error_t error = {};
    error.Head.msgh_size = sizeof error;
    error.Head.msgh_id = arriving_header_.msgh_id + 100;
    error.NDR = NDR_record;
    error.RetCode = code;
    std::memcpy(message->data(), &error, sizeof error);
    address_reply(*message, name, MACH_MSGH_BITS_REMOTE(arriving_header_.msgh_bits));
    if (send_now(*message) != MACH_MSG_SUCCESS)
        message->destroy_contents();
}

void EventLoop::flush_reply()
{
    if (!pending_reply_)
        return;
    MessageBuffer reply = std::move(pending_reply_);
    if (send_now(reply) != MACH_MSG_SUCCESS)
        reply.destroy_contents();
}

// ---- requests to others ----

Result<void> EventLoop::send(MessageBuffer& message)
{
    const kern_return_t code = send_now(message);
    if (code != MACH_MSG_SUCCESS)
        message.destroy_contents();
    return result_of(code);
}

Async<Result<void>> EventLoop::send_when_there_is_room(MessageBuffer message)
{
    kern_return_t code = send_now(message);
    while (code == MACH_SEND_TIMED_OUT) {
        // Asked for first, armed by the send itself: no moment is left in which the queue could empty
        // unnoticed.
        const mach_port_t name = message.header().msgh_remote_port;
        code = request_notification(name, MACH_NOTIFY_SEND_POSSIBLE, 0);
        if (code != KERN_SUCCESS)
            break;
        code = send_now(message, MACH_SEND_NOTIFY);
        if (code != MACH_SEND_TIMED_OUT)
            break;
        (void)co_await waiting_for_room_[name].wait_to_the_end();
        if (auto queue = waiting_for_room_.find(name);
            queue != waiting_for_room_.end() && queue->second.empty())
            waiting_for_room_.erase(queue);
        code = send_now(message);
    }
    if (code != MACH_MSG_SUCCESS) {
        message.destroy_contents();
        // A failed send gave the reply right back to us: to drop it tells the port that it belongs to.
        if (MACH_MSGH_BITS_LOCAL(message.header().msgh_bits) == MACH_MSG_TYPE_MOVE_SEND_ONCE)
            SendOnceRight{message.header().msgh_local_port}.reset();
    }
    co_return result_of(code);
}

kern_return_t EventLoop::send_call(PendingCall& call)
{
    Result<PortEntry*> port = take_reply_port();
    if (!port.has_value())
        return port.error();
    PortEntry& entry = **port;
    mach_msg_header_t& header = call.message_.header();
    header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(header.msgh_bits), MACH_MSG_TYPE_MAKE_SEND_ONCE) |
                       (header.msgh_bits & MACH_MSGH_BITS_COMPLEX);
    header.msgh_local_port = entry.right.name();
    header.msgh_voucher_port = MACH_PORT_NULL;
    entry.call = &call;

    kern_return_t code = send_now(call.message_);
    if (code == MACH_SEND_TIMED_OUT) {
        code = code_of(spawn(resend_call(call)));
        if (code != KERN_SUCCESS) {
            entry.call = nullptr;  // Free when the dropped right has announced itself.
            SendOnceRight{header.msgh_local_port}.reset();
        }
        return code;
    }
    if (code != MACH_MSG_SUCCESS) {
        entry.call = nullptr;
        give_back_reply_port(entry);
    }
    return code;
}

// The queue was full. The reply right, which was made by the first try, is in the message now: if it cannot
// be sent after all, it is dropped, and the notice of that comes to the reply port and ends the call (E2).
Async<void> EventLoop::resend_call(PendingCall& call)
{
    MessageBuffer message = std::move(call.message_);
    const Result<void> sent = co_await send_when_there_is_room(std::move(message));
    if (!sent.has_value())
        call.failure_ = sent.error();
}

bool PendingCall::start(std::coroutine_handle<> coroutine, CallContext& call)
{
    // Cancellation follows the request (CancelHandler); its one reply comes in any case.
    refuse_cancellation();
    failure_ = loop_.send_call(*this);
    if (failure_ != KERN_SUCCESS) {
        message_.destroy_contents();
        return false;
    }
    suspend(coroutine, call, never);
    return true;
}

Result<MessageBuffer> PendingCall::await_resume()
{
    if (failure_ != KERN_SUCCESS)
        return failure(failure_);
    return std::move(message_);
}

}  // namespace mach
