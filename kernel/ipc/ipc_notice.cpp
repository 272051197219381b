// kernel/ipc/ipc_notice.cpp: see ipc_notice.h.
#include <ipc/ipc_notice.h>

#include <cstring>

#include <ipc/ipc_port.h>
#include <kern/zone.h>

namespace {

constinit Zone<IpcNotice> notice_zone{"ipc notices"};

}  // namespace

mach::Result<RefPtr<IpcNotice>> IpcNotice::create(SendRight to, mach_msg_id_t id,
                                                  std::span<const std::byte> body)
{
    if (!to)
        return mach::failure(KERN_INVALID_CAPABILITY);
    KmsgPtr message =
        TRY(IpcKmsg::create(static_cast<mach_msg_size_t>(sizeof(mach_msg_header_t) + body.size())));
    message->header().msgh_id = id;
    message->from_kernel = true;
    std::memcpy(message->bytes().data() + sizeof(mach_msg_header_t), body.data(), body.size());
    IpcNotice* notice = notice_zone.create(std::move(to));
    if (notice == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    message->notice = notice;
    Guard guard{notice->lock_};
    notice->message_ = message.leak();
    return RefPtr<IpcNotice>::adopt(notice);
}

bool IpcNotice::receiver_died() const
{
    Guard guard{to_.port().lock()};
    return !to_.port().active();
}

void IpcNotice::set_body(size_t offset, std::span<const std::byte> bytes)
{
    Guard guard{lock_};
    if (!in_flight_)
        std::memcpy(message_->bytes().subspan(sizeof(mach_msg_header_t) + offset, bytes.size()).data(),
                    bytes.data(), bytes.size());
}

void IpcNotice::post()
{
    SendRight destination = to_.copy();
    if (!destination)
        return;
    KmsgPtr message;
    {
        Guard guard{lock_};
        if (in_flight_) {
            again_ = true;
            return;
        }
        in_flight_ = true;
        message = KmsgPtr{message_};
    }
    reference();  // The message's (B1).
    message->destination = std::move(destination);
    ipc_mqueue_send_always(std::move(message));
}

void IpcNotice::message_returned(IpcKmsg& message)
{
    const RefPtr<IpcNotice> mine = RefPtr<IpcNotice>::adopt(this);
    const IpcRight used = std::move(message.destination);
    bool again;
    {
        Guard guard{lock_};
        in_flight_ = false;
        again = std::exchange(again_, false);
    }
    // Copy-out has written names and size over the header; the body is as it was.
    const mach_msg_id_t id = message.id();
    message.header() = mach_msg_header_t{};
    message.header().msgh_size = message.size();
    message.header().msgh_id = id;
    if (again)
        post();
}

void IpcNotice::destroy_last_reference(IpcNotice* notice) { reaper_enqueue(*notice); }

Reapable::Step IpcNotice::reap()
{
    IpcKmsg* message;
    {
        Guard guard{lock_};
        message = std::exchange(message_, nullptr);
    }
    message->notice = nullptr;
    IpcKmsg::destroy(message);
    notice_zone.destroy(this);
    return Step::Done;
}
