// tests/campaigns/rights/lock_step.h
//
// Random calls, made in the kernel and in the model; after each one everything that a user can see is compared:
// what the call said, every name with its type and references, every receive right's counts, every queue and
// every set.  What is left when the spaces have ended the fixture sees.
//
// Calls on names go straight to the kernel's functions; messages go through the trap, by a user thread of the
// task that sends or receives.
#ifndef PORTICO_TESTS_CAMPAIGNS_RIGHTS_LOCK_STEP_H
#define PORTICO_TESTS_CAMPAIGNS_RIGHTS_LOCK_STEP_H

#include <array>
#include <optional>
#include <random>

#include "rights_model.h"
#include <ipc/message_fixture.h>

class LockStep : public MessageFixture {
protected:
    void SetUp() override;
    void TearDown() override;

    // One trace.  Stops at the first difference, which fails the test with the seed and the steps before it.
    void run(uint64_t seed, unsigned steps);

private:
    using Model = rights_model::Model;
    using Name = rights_model::Name;
    using NamedRight = rights_model::NamedRight;
    static constexpr unsigned space_count = 3;
    static constexpr size_t body_limit = 3;

    struct Actor {
        UserTask user;
        ThreadRef thread;
        std::function<void()> work;
    };

    // ---- Choosing.
    unsigned any(unsigned below) { return static_cast<unsigned>(random_() % below); }
    bool one_in(unsigned n) { return any(n) == 0; }
    unsigned any_space() { return any(space_count); }
    Name any_name(unsigned space, mach_port_type_t preferred = MACH_PORT_TYPE_NONE);
    Name fresh_name(unsigned space);
    NamedRight any_right(unsigned space);
    NamedRight any_destination(unsigned space);

    // ---- One step each.
    void step();
    void step_allocate();
    void step_rename();
    void step_end();
    void step_references();
    void step_attributes();
    void step_members();
    void step_insert();
    void step_extract();
    void step_request();
    void step_send();
    void step_receive();

    // ---- The kernel's side.
    IpcSpace& space(unsigned i) { return actors_[i].user.space(); }
    void in_thread(unsigned space, std::function<void()> work);
    mach_msg_return_t kernel_send(unsigned space, int id, NamedRight remote, NamedRight local,
                                  const std::vector<NamedRight>& body, std::vector<Name>& came_back);
    Model::Arrived kernel_receive(unsigned space, Name name, std::vector<Name>& came);

    // ---- Comparing.
    void said(const char* call, kern_return_t kernel, kern_return_t model);
    void compare();
    void compare_names(unsigned space);
    void compare_receive_right(unsigned space, Name name, rights_model::PortId id);
    void compare_queue(IpcPort& port, rights_model::PortId id);
    void compare_set(unsigned space, Name name, const rights_model::Entry& entry);
    void differ(const std::string& what);
    void note(std::string text);

    std::array<Actor, space_count> actors_;
    std::optional<Model> model_;
    std::mt19937_64 random_;
    int next_id_ = 0;
    std::vector<std::string> trace_;
    bool differs_ = false;
};

#endif
