// kernel/ipc/ipc_notice.h
//
// A notice: one message that is made beforehand and sent again and again, from an interrupt handler if need
// be.
//
// Posting takes no memory and cannot fail.  Several posts before the message is received become one message;
// a post while the receiver is taking the previous one goes out as soon as that one is free again, so none is
// lost.
//
// Owns        a send right to the port that is told, and the message.
// Lifetime    RefPtr: the interrupt's owner, and the message while it is on its way.
// Lock        lock_, LockRank::MessageQueue: never held together with a port's; the message is sent after it.
// Invariants  (B1) in_flight_  <=>  the message is in a queue or with a receiver; then it holds a reference
//                  to this.
//             (B2) again_  =>  in_flight_.
#ifndef PORTICO_IPC_IPC_NOTICE_H
#define PORTICO_IPC_IPC_NOTICE_H

#include <cstddef>
#include <span>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_right.h>
#include <kern/reaper.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/result.h>

class IpcNotice final : public RefCounted<IpcNotice>, public Reapable {
public:
    // `body` is what follows the header: NDR and arguments, as mig's stub for the simpleroutine `id` expects
    // them. KERN_INVALID_CAPABILITY: `to` is null or dead.  KERN_RESOURCE_SHORTAGE.
    [[nodiscard]] static mach::Result<RefPtr<IpcNotice>> create(SendRight to, mach_msg_id_t id,
                                                                std::span<const std::byte> body);

    // Overwrites part of the body, for the next post.  No effect while the message is on its way.
    void set_body(size_t offset, std::span<const std::byte> bytes);

    // With no lock held; interrupt handlers hold none.
    void post();

    // Has the port died that is told?
    bool receiver_died() const;

    static void destroy_last_reference(IpcNotice* notice);

private:
    template <class>
    friend class Zone;
    friend class IpcKmsg;

    explicit IpcNotice(SendRight to) : to_{std::move(to)} {}
    ~IpcNotice() = default;
    Step reap() override;
    // The message has been received or has died: it comes back.
    void message_returned(IpcKmsg& message);

    mutable SpinLock<LockRank::MessageQueue> lock_;
    const SendRight to_;
    IpcKmsg* message_ GUARDED_BY(lock_) = nullptr;
    bool in_flight_ GUARDED_BY(lock_) = false;
    bool again_ GUARDED_BY(lock_) = false;
};

#endif
