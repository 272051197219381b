// drivers/framework/interrupt.h: an interrupt line whose interrupts come as messages to the event loop.
//
// The kernel masks the line with each notice. `handle` looks after the device; then acknowledge() unmasks.
// Lines here are edge-triggered: an edge while the line is masked is lost, so a handler looks at its device
// once more after acknowledge().
//
// Owns        the right to the line.
#ifndef PORTICO_DRIVERS_INTERRUPT_H
#define PORTICO_DRIVERS_INTERRUPT_H

#include <functional>
#include <memory>

#include <device_notify_interface.h>
#include <mach/result.h>
#include <portico/event_loop.h>

namespace driver {

class Interrupt final : public device_notify::Interface, public mach::Object {
public:
    // The line of this task's list. Notices start at once.
    static mach::Result<std::shared_ptr<Interrupt>> open(const char* right_name,
                                                         std::function<void()> handle);

    Interrupt(mach::SendRight line, std::function<void()> handle)
        : line_{std::move(line)}, handle_{std::move(handle)}
    {
    }

    void acknowledge();

    bool dispatch(mig::Request& request) override { return device_notify::Server::dispatch(*this, request); }

private:
    // Only the kernel has a right to this port, and it may let it go and take it up again.
    void no_senders() override {}
    void device_interrupt_notice(natural_t line, natural_t count) override;

    mach::SendRight line_;
    std::function<void()> handle_;
};

}  // namespace driver

#endif
