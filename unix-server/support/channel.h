// unix-server/support/channel.h
//
// What channels have in common: the answers of io.defs for what a kind of file cannot do, and the watchers of poll.
#pragma once

#include <cerrno>
#include <cstdint>
#include <vector>

#include <io_interface.h>
#include <mig/runtime.h>
#include <portico/event_loop.h>
#include <portico/rights.h>

#include "unix_error.h"

namespace portico {

// A channel that can do nothing yet; kinds of files override what they can.
class Channel : public mach::Object, public io::Interface {
public:
    void no_senders() override {
    }  // The description owns its channels; a process may forget one and ask again.

    void cancel(call_number_t call) override { mach::Object::cancel(call); }

    mach::Async<mach::Result<void>> read(call_number_t, int64_t, uint32_t, mig::OutArray<char>&) override
    {
        co_return unix_failure(EBADF);
    }
    mach::Async<mach::Result<uint32_t>> write(call_number_t, int64_t, boolean_t,
                                              std::span<const char>) override
    {
        co_return unix_failure(EBADF);
    }
    mach::Async<mach::Result<int64_t>> seek(int64_t, integer_t) override { co_return unix_failure(ESPIPE); }
    mach::Async<mach::Result<void>> truncate(int64_t) override { co_return unix_failure(EINVAL); }
    mach::Async<mach::Result<void>> sync(call_number_t) override { co_return unix_failure(EINVAL); }
    mach::Async<mach::Result<uint64_t>> readable() override { co_return unix_failure(ENOTTY); }
    mach::Async<mach::Result<uint32_t>> get_flags() override { co_return uint32_t{0}; }
    mach::Async<mach::Result<void>> set_flags(uint32_t) override { co_return unix_failure(EBADF); }
    mach::Async<mach::Result<uint32_t>> poll(uint32_t events) override { co_return events; }
    mach::Async<mach::Result<uint32_t>> watch(call_number_t, uint32_t events, mach::SendOnceRight) override
    {
        co_return co_await poll(events);
    }
    mach::Async<mach::Result<void>> unwatch(call_number_t) override { co_return {}; }
};

// Who polls something and waits.  Each watch is answered once, or its right is destroyed.
class WatchList {
public:
    // `owner` is the channel, by whose process the number was chosen.
    void add(const void* owner, call_number_t number, uint32_t events, mach::SendOnceRight notify);
    void remove(const void* owner, call_number_t number);
    void remove_all(const void* owner);
    // Answers each watch for which something of `ready` matters.
    void fire(uint32_t ready);

private:
    struct Watch {
        const void* owner;
        call_number_t number;
        uint32_t events;
        mach::SendOnceRight notify;
    };
    std::vector<Watch> watches_;
};

}  // namespace portico
