// tests/system/guest/bad_input/hostile_world.h
//
// What a hostile program puts into its messages: memory that is good and memory that is not, and rights of every kind.
//
// Owns        the arena, the bad pages, and the port from which rights are made.
// Invariant   (H1) After clean_up() the task has the names and the memory that it had before the message was made, however it
//                  ended, and the bad pages are again what they are called.
#pragma once

#include <mig/fuzz.h>

#include <span>
#include <vector>

namespace guest {

// Destroys every message that waits at the port, which is ours.
void drain(mach_port_t port);

class HostileWorld final : public mig::fuzz::World {
public:
    // Messages may carry copies of the rights that `names` are.
    explicit HostileWorld(std::span<const mach_port_t> names);
    ~HostileWorld();
    HostileWorld(const HostileWorld&) = delete;
    HostileWorld& operator=(const HostileWorld&) = delete;

    mach_port_name_t right(const mig::description::Routine& routine,
                           const mig::description::Argument& argument, uint32_t disposition) override;
    std::byte* memory(uint32_t index, size_t size, bool leaves) override;
    uint64_t address(mig::fuzz::BadAddress kind) override;
    std::optional<uint64_t> value(const mig::description::Routine& routine,
                                  const mig::description::Argument& argument) override;

    void clean_up();

private:
    struct Name {
        mach_port_name_t name;
        mach_port_right_t right;
    };
    struct Region {
        vm_address_t address;
        vm_size_t size;
    };

    void repair_port();
    void lay_out_bad_pages();

    std::span<const mach_port_t> names_;
    mig::fuzz::Random random_{0x5eed};
    mach_port_t port_ = MACH_PORT_NULL;  // We hold its receive right and one send right.
    vm_address_t arena_ = 0;
    vm_address_t bad_pages_ = 0;   // Writable, unmapped, read-only.
    bool bad_pages_used_ = false;  // Whoever got one may have changed it.
    std::vector<Name> made_;
    std::vector<Region> leaving_;
};

}  // namespace guest
