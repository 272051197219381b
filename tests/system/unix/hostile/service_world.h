// tests/system/unix/hostile/service_world.h
//
// What a hostile process puts into messages to services: what the hostile world has, with names and paths that a service may know.
// To a service that trusts its caller, it speaks of processes that only it knows of, and of itself: what is done to others by who
// is allowed to do it is no fault of the service.
#pragma once

#include "hostile_world.h"

namespace hostile {

class ServiceWorld final : public mig::fuzz::World {
public:
    // There are no such processes: their numbers are beyond the largest.
    static constexpr int32_t first_forged = 40'000;
    static constexpr int32_t forged_processes = 4;

    explicit ServiceWorld(std::span<const mach_port_t> names) : base_{names} {}

    // What follows depends on the item alone.
    void begin_item(uint32_t index, bool trusted)
    {
        random_ = mig::fuzz::Random{0x5e41ull << 32 | index};
        is_trusted_ = trusted;
    }
    // All processes in messages are this one; 0: any.
    void speak_of(int32_t pid) { pid_ = pid; }

    void clean_up() { base_.clean_up(); }

    mach_port_name_t right(const mig::description::Routine& routine,
                           const mig::description::Argument& argument, uint32_t disposition) override
    {
        return base_.right(routine, argument, disposition);
    }
    std::byte* memory(uint32_t index, size_t size, bool leaves) override
    {
        return base_.memory(index, size, leaves);
    }
    uint64_t address(mig::fuzz::BadAddress kind) override { return base_.address(kind); }
    std::optional<uint64_t> value(const mig::description::Routine& routine,
                                  const mig::description::Argument& argument) override;
    std::optional<std::string_view> text(const mig::description::Routine& routine,
                                         const mig::description::Argument& argument) override;
    void fill(const mig::description::Routine& routine, const mig::description::Argument& argument,
              std::span<std::byte> bytes) override;

private:
    int32_t some_process();

    guest::HostileWorld base_;
    mig::fuzz::Random random_{0x5e41};
    bool is_trusted_ = false;
    int32_t pid_ = 0;
};

// Does this argument say which process, group or session a call is about?
bool names_process(const mig::description::Argument& argument);

}  // namespace hostile
