// unix-server/pipe/pipe.h
//
// Pipes and FIFOs.
//
// A Pipe is the buffer with its two ends; a PipeEnd is an open-file description on one of them (both, for a FIFO
// opened for reading and writing); a PipeChannel is one process's use of a description.
//
// Owns        Pipe: the bytes.  PipeEnd: its channels.
// Lifetime    shared_ptr.  A pipe lives while a description refers to it; a FIFO's pipe is remade when all have gone.
// Lock        none (one event loop).
// Invariants  (B1) readers_ and writers_ count the open descriptions of each kind.
//             (B2) A write of at most PIPE_BUF bytes enters the buffer as a whole.
//             (B3) Bytes leave the buffer when the reply that carries them has been sent (design D17), and no byte is in two
//                  replies: a read that has copied its bytes only returns from there to its reply, so nothing else runs
//                  between the copy and CallContext::on_reply().
// Background  POSIX.1-2017, read(), write(), open() of FIFOs.
#pragma once

#include <map>
#include <memory>

#include <description_interface.h>
#include <pipe_service_interface.h>

#include "../support/channel.h"
#include "../support/connect.h"
#include "byte_ring.h"

namespace portico {

class Pipe {
public:
    static constexpr size_t capacity = 65536;
    static constexpr size_t atomic_size = 4096;  // PIPE_BUF

    void add_reader();
    void add_writer();
    void drop_reader();
    void drop_writer();
    bool has_readers() const { return readers_ > 0; }
    bool has_writers() const { return writers_ > 0; }

    mach::Async<mach::Result<void>> read(call_number_t call, mig::OutArray<char>& data, uint32_t amount,
                                         bool wait);
    mach::Async<mach::Result<uint32_t>> write(call_number_t call, std::span<const char> data, bool wait);
    uint32_t ready(bool reading, bool writing) const;  // POLL* bits
    size_t size() const { return bytes_.size(); }

    // Waits until somebody has opened the other side since `opened` was asked for.
    mach::Async<mach::Result<void>> wait_for_reader(call_number_t call);
    mach::Async<mach::Result<void>> wait_for_writer(call_number_t call);

    WatchList& watches() { return watches_; }

private:
    size_t room() const { return bytes_.room(); }
    void settle_read(size_t amount);
    void changed();

    ByteRing<capacity> bytes_;
    uint32_t readers_ = 0;
    uint32_t writers_ = 0;
    uint64_t readers_ever_ = 0;
    uint64_t writers_ever_ = 0;
    mach::WaitQueue can_read_;
    mach::WaitQueue can_write_;
    mach::WaitQueue opened_;
    WatchList watches_;
};

class PipeEnd final : public mach::Object, public description::Interface {
public:
    // `flags`: the access mode and O_NONBLOCK.
    PipeEnd(std::shared_ptr<Pipe> pipe, uint32_t flags);
    ~PipeEnd() override;

    bool dispatch(mig::Request& request) override { return description::Server::dispatch(*this, request); }
    void no_senders() override;  // fs is gone: as close().

    mach::Async<mach::Result<description::ChannelReply>> channel(int32_t pid) override;
    mach::Async<mach::Result<void>> close_channel(int32_t pid) override;
    mach::Async<mach::Result<void>> close() override;

    Pipe& pipe() { return *pipe_; }
    bool readable() const;
    bool writable() const;
    bool waits() const;
    uint32_t flags() const { return flags_; }
    void set_flags(uint32_t flags);
    uint64_t number() const { return number_; }

private:
    void close_now();
    void end_channel(class PipeChannel& channel);

    std::shared_ptr<Pipe> pipe_;
    uint32_t flags_;
    uint64_t number_;
    bool closed_ = false;
    std::map<int32_t, std::shared_ptr<class PipeChannel>> channels_;
};

class PipeChannel final : public Channel {
public:
    explicit PipeChannel(std::shared_ptr<PipeEnd> end) : end_{std::move(end)} {}

    bool dispatch(mig::Request& request) override { return io::Server::dispatch(*this, request); }

    mach::Async<mach::Result<void>> read(call_number_t call, int64_t offset, uint32_t amount,
                                         mig::OutArray<char>& data) override;
    mach::Async<mach::Result<uint32_t>> write(call_number_t call, int64_t offset, boolean_t,
                                              std::span<const char> data) override;
    mach::Async<mach::Result<unix_stat_t>> stat() override;
    mach::Async<mach::Result<uint32_t>> get_flags() override;
    mach::Async<mach::Result<void>> set_flags(uint32_t flags) override;
    mach::Async<mach::Result<uint32_t>> poll(uint32_t events) override;
    mach::Async<mach::Result<uint32_t>> watch(call_number_t watch, uint32_t events,
                                              mach::SendOnceRight notify) override;
    mach::Async<mach::Result<void>> unwatch(call_number_t watch) override;
    mach::Async<mach::Result<uint64_t>> readable() override;

private:
    std::shared_ptr<PipeEnd> end_;
};

class PipeService final : public mach::Object, public pipe_service::Interface {
public:
    bool dispatch(mig::Request& request) override { return pipe_service::Server::dispatch(*this, request); }
    void no_senders() override {}

    mach::Async<mach::Result<pipe_service::CreateReply>> create(uint32_t flags) override;
    mach::Async<mach::Result<mach::SendRight>> open_fifo(call_number_t call, uint64_t fifo,
                                                         uint32_t flags) override;
    void cancel(call_number_t call) override { mach::Object::cancel(call); }

private:
    std::shared_ptr<Pipe> fifo(uint64_t number);

    std::map<uint64_t, std::weak_ptr<Pipe>> fifos_;
};

}  // namespace portico
