#include "pipe.h"

#include <algorithm>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

namespace portico {

namespace {

constexpr uint32_t changeable_flags = O_NONBLOCK | O_APPEND;
constexpr uint64_t pipe_device = 3;  // st_dev of pipes, beside fs's file systems.

uint64_t next_number()
{
    static uint64_t number = 0;
    return ++number;
}

}  // namespace

// ---- The buffer.

void Pipe::add_reader()
{
    ++readers_;
    ++readers_ever_;
    opened_.wake_all();
}

void Pipe::add_writer()
{
    ++writers_;
    ++writers_ever_;
    opened_.wake_all();
}

void Pipe::drop_reader()
{
    if (--readers_ == 0) {
        can_write_.wake_all();
        if (writers_ == 0)
            bytes_.clear();
    }
    changed();
}

void Pipe::drop_writer()
{
    if (--writers_ == 0)
        can_read_.wake_all();
    changed();
}

void Pipe::changed() { watches_.fire(ready(true, true)); }

uint32_t Pipe::ready(bool reading, bool writing) const
{
    uint32_t bits = 0;
    if (reading) {
        if (!bytes_.empty())
            bits |= POLLIN | POLLRDNORM;
        if (!has_writers())
            bits |= POLLHUP;
    }
    if (writing) {
        if (!has_readers())
            bits |= POLLERR;
        if (room() >= atomic_size)
            bits |= POLLOUT | POLLWRNORM;
    }
    return bits;
}

mach::Async<mach::Result<void>> Pipe::read(call_number_t call, mig::OutArray<char>& data, uint32_t amount,
                                           bool wait)
{
    const size_t wanted = std::min<size_t>(amount, data.capacity());
    data.set_count(0);
    if (wanted == 0)
        co_return {};
    while (bytes_.empty()) {
        if (!has_writers())
            co_return {};
        if (!wait)
            co_return unix_failure(EAGAIN);
        if (!co_await can_read_.wait(call))
            co_return unix_failure(EINTR);
    }
    mach::CallContext& self = co_await mach::this_call();
    if (self.state() != KERN_SUCCESS) {
        can_read_.wake_one();  // Its client went after it was woken: the bytes are the next one's.
        co_return unix_failure(EINTR);
    }
    const size_t offered = bytes_.peek({data.data(), wanted});
    data.set_count(static_cast<uint32_t>(offered));
    self.on_reply([this, offered](bool delivered) { settle_read(delivered ? offered : 0); });
    co_return {};
}

// (B3) A reply with the first `amount` bytes has been sent; 0: it reached nobody.
void Pipe::settle_read(size_t amount)
{
    bytes_.drop(amount);
    if (!bytes_.empty())
        can_read_.wake_one();
    if (amount == 0)
        return;
    can_write_.wake_all();
    changed();
}

mach::Async<mach::Result<uint32_t>> Pipe::write(call_number_t call, std::span<const char> data, bool wait)
{
    size_t done = 0;
    while (done < data.size()) {
        if (!has_readers())
            co_return done > 0 ? mach::Result<uint32_t>{static_cast<uint32_t>(done)} : unix_failure(EPIPE);
        const size_t left = data.size() - done;
        const size_t needed = data.size() <= atomic_size ? left : 1;  // (B2)
        if (room() < needed) {
            if (!wait)
                co_return done > 0 ? mach::Result<uint32_t>{static_cast<uint32_t>(done)}
                                   : unix_failure(EAGAIN);
            if (!co_await can_write_.wait(call))
                co_return done > 0 ? mach::Result<uint32_t>{static_cast<uint32_t>(done)}
                                   : unix_failure(EINTR);
            continue;
        }
        const auto piece = data.subspan(done, std::min(left, room()));
        if (!bytes_.append(piece))
            co_return done > 0 ? mach::Result<uint32_t>{static_cast<uint32_t>(done)} : unix_failure(ENOMEM);
        done += piece.size();
        can_read_.wake_one();
        changed();
    }
    co_return static_cast<uint32_t>(done);
}

mach::Async<mach::Result<void>> Pipe::wait_for_reader(call_number_t call)
{
    const uint64_t before = readers_ever_;
    while (readers_ == 0 && readers_ever_ == before) {
        if (!co_await opened_.wait(call))
            co_return unix_failure(EINTR);
    }
    co_return {};
}

mach::Async<mach::Result<void>> Pipe::wait_for_writer(call_number_t call)
{
    const uint64_t before = writers_ever_;
    while (writers_ == 0 && writers_ever_ == before) {
        if (!co_await opened_.wait(call))
            co_return unix_failure(EINTR);
    }
    co_return {};
}

// ---- Descriptions.

PipeEnd::PipeEnd(std::shared_ptr<Pipe> pipe, uint32_t flags)
    : pipe_{std::move(pipe)}, flags_{flags & (O_ACCMODE | changeable_flags)}, number_{next_number()}
{
    if (readable())
        pipe_->add_reader();
    if (writable())
        pipe_->add_writer();
}

PipeEnd::~PipeEnd() { close_now(); }

bool PipeEnd::readable() const { return (flags_ & O_ACCMODE) != O_WRONLY; }

bool PipeEnd::writable() const { return (flags_ & O_ACCMODE) != O_RDONLY; }

bool PipeEnd::waits() const { return (flags_ & O_NONBLOCK) == 0; }

void PipeEnd::set_flags(uint32_t flags)
{
    flags_ = (flags_ & ~changeable_flags) | (flags & changeable_flags);
}

mach::Async<mach::Result<description::ChannelReply>> PipeEnd::channel(int32_t pid)
{
    if (closed_)
        co_return unix_failure(EBADF);
    std::shared_ptr<PipeChannel>& channel = channels_[pid];
    if (channel == nullptr)
        channel = std::make_shared<PipeChannel>(std::static_pointer_cast<PipeEnd>(shared_from_this()));
    mach::SendRight right = CO_TRY(channel->make_send());
    co_return description::ChannelReply{std::move(right), UNIX_CHANNEL_PIPE};
}

mach::Async<mach::Result<void>> PipeEnd::close_channel(int32_t pid)
{
    const auto held = channels_.find(pid);
    if (held == channels_.end())
        co_return {};
    const std::shared_ptr<PipeChannel> channel = std::move(held->second);
    channels_.erase(held);
    end_channel(*channel);
    co_return {};
}

void PipeEnd::end_channel(PipeChannel& channel)
{
    pipe_->watches().remove_all(&channel);
    channel.close();
}

void PipeEnd::close_now()
{
    if (closed_)
        return;
    closed_ = true;
    for (const auto& [pid, channel] : channels_)
        end_channel(*channel);
    channels_.clear();
    if (readable())
        pipe_->drop_reader();
    if (writable())
        pipe_->drop_writer();
}

void PipeEnd::no_senders()
{
    close_now();
    mach::Object::close();
}

mach::Async<mach::Result<void>> PipeEnd::close()
{
    close_now();
    co_return {};
}

// ---- Channels.

mach::Async<mach::Result<void>> PipeChannel::read(call_number_t call, int64_t offset, uint32_t amount,
                                                  mig::OutArray<char>& data)
{
    if (!end_->readable())
        co_return unix_failure(EBADF);
    if (offset != -1)
        co_return unix_failure(ESPIPE);
    co_return co_await end_->pipe().read(call, data, amount, end_->waits());
}

mach::Async<mach::Result<uint32_t>> PipeChannel::write(call_number_t call, int64_t offset, boolean_t,
                                                       std::span<const char> data)
{
    if (!end_->writable())
        co_return unix_failure(EBADF);
    if (offset != -1)
        co_return unix_failure(ESPIPE);
    co_return co_await end_->pipe().write(call, data, end_->waits());
}

mach::Async<mach::Result<unix_stat_t>> PipeChannel::stat()
{
    unix_stat_t status{};
    status.st_dev = pipe_device;
    status.st_ino = end_->number();
    status.st_mode = S_IFIFO | 0600;
    status.st_nlink = 1;
    status.st_size = 0;
    status.st_blksize = Pipe::atomic_size;
    status.st_kind = UNIX_CHANNEL_PIPE;
    co_return status;
}

mach::Async<mach::Result<uint32_t>> PipeChannel::get_flags() { co_return end_->flags(); }

mach::Async<mach::Result<void>> PipeChannel::set_flags(uint32_t flags)
{
    end_->set_flags(flags);
    co_return {};
}

mach::Async<mach::Result<uint32_t>> PipeChannel::poll(uint32_t events)
{
    const uint32_t ready = end_->pipe().ready(end_->readable(), end_->writable());
    co_return ready&(events | POLLERR | POLLHUP);
}

mach::Async<mach::Result<uint32_t>> PipeChannel::watch(call_number_t watch, uint32_t events,
                                                       mach::SendOnceRight notify)
{
    const uint32_t interesting = events | POLLERR | POLLHUP;
    const uint32_t ready = end_->pipe().ready(end_->readable(), end_->writable()) & interesting;
    if (ready == 0) {
        // A reader does not hear of room, nor a writer of bytes: poll() would not report them either.
        const uint32_t reading = POLLIN | POLLRDNORM | POLLHUP;
        const uint32_t writing = POLLOUT | POLLWRNORM | POLLERR;
        const uint32_t possible = (end_->readable() ? reading : 0) | (end_->writable() ? writing : 0);
        end_->pipe().watches().add(this, watch, interesting & possible, std::move(notify));
    }
    co_return ready;
}

mach::Async<mach::Result<void>> PipeChannel::unwatch(call_number_t watch)
{
    end_->pipe().watches().remove(this, watch);
    co_return {};
}

mach::Async<mach::Result<uint64_t>> PipeChannel::readable()
{
    co_return static_cast<uint64_t>(end_->pipe().size());
}

// ---- The service.

mach::Async<mach::Result<pipe_service::CreateReply>> PipeService::create(uint32_t flags)
{
    const auto pipe = std::make_shared<Pipe>();
    const uint32_t kept = flags & O_NONBLOCK;
    const auto reader = std::make_shared<PipeEnd>(pipe, O_RDONLY | kept);
    const auto writer = std::make_shared<PipeEnd>(pipe, O_WRONLY | kept);
    mach::SendRight read_right = CO_TRY(make_local_right<description::Interface>(reader));
    mach::SendRight write_right = CO_TRY(make_local_right<description::Interface>(writer));
    co_return pipe_service::CreateReply{std::move(read_right), std::move(write_right)};
}

std::shared_ptr<Pipe> PipeService::fifo(uint64_t number)
{
    std::shared_ptr<Pipe> pipe = fifos_[number].lock();
    if (pipe == nullptr) {
        std::erase_if(fifos_, [](const auto& entry) { return entry.second.expired(); });
        pipe = std::make_shared<Pipe>();
        fifos_[number] = pipe;
    }
    return pipe;
}

// The own end counts as open while it waits for the other: that is what the other waits for.
mach::Async<mach::Result<mach::SendRight>> PipeService::open_fifo(call_number_t call, uint64_t number,
                                                                  uint32_t flags)
{
    const std::shared_ptr<Pipe> pipe = fifo(number);
    const uint32_t mode = flags & O_ACCMODE;
    const bool waits = (flags & O_NONBLOCK) == 0;
    if (mode == O_WRONLY && !waits && !pipe->has_readers())
        co_return unix_failure(ENXIO);
    const auto end = std::make_shared<PipeEnd>(pipe, flags);
    if (mode == O_RDONLY && waits)
        CO_TRY(co_await pipe->wait_for_writer(call));
    if (mode == O_WRONLY && waits)
        CO_TRY(co_await pipe->wait_for_reader(call));
    co_return make_local_right<description::Interface>(end);
}

}  // namespace portico
