// tests/unit/mig/description_test.cpp
//
// The tables of the system's interfaces, as programs find them.
#include <catalogue.h>
#include <mig/fuzz.h>
#include <mig/walk.h>

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace {

using namespace mig::description;

TEST(MigDescription, EveryInterfaceOfTheSystemIsThere)
{
    std::map<std::string, const Interface*> names;
    for (const Interface* interface : system_interfaces)
        names[interface->name] = interface;
    EXPECT_EQ(names.size(), system_interfaces.size());
    for (const char* name : {"mach_traps", "vm_map", "exc", "notify", "io", "fs", "process", "bootstrap"})
        EXPECT_TRUE(names.contains(name)) << name;
    EXPECT_TRUE(names["mach_traps"]->is_traps);
}

TEST(MigDescription, NoTwoMessagesOfTheSystemHaveOneId)
{
    std::map<mach_msg_id_t, std::string> owners;
    for (const Interface* interface : system_interfaces) {
        for (const Routine& routine : interface->routines) {
            if (interface->is_traps)
                continue;
            const std::string name = std::string{interface->name} + "." + routine.name;
            const auto [entry, is_new] = owners.try_emplace(routine.request.id, name);
            EXPECT_TRUE(is_new) << routine.request.id << " is " << entry->second << " and " << name;
            if (routine.simple)
                continue;
            const auto [reply, reply_is_new] = owners.try_emplace(routine.reply.id, name + " reply");
            EXPECT_TRUE(reply_is_new)
                << routine.reply.id << " is " << reply->second << " and the reply of " << name;
        }
    }
}

TEST(MigDescription, AnIdLeadsToItsRoutine)
{
    const Found request = find(system_interfaces, 3801);
    ASSERT_NE(request.routine, nullptr);
    EXPECT_STREQ(request.routine->name, "vm_allocate");
    EXPECT_FALSE(request.is_reply);
    const Found reply = find(system_interfaces, 3901);
    EXPECT_EQ(reply.routine, request.routine);
    EXPECT_TRUE(reply.is_reply);
    EXPECT_EQ(find(system_interfaces, 1).routine, nullptr);  // Trap 1 is not a message.
}

TEST(MigDescription, TheGeneratorHasRoomForEveryMessage)
{
    for (const Interface* interface : system_interfaces) {
        for (const Routine& routine : interface->routines) {
            EXPECT_LE(routine.request.slots.size(), mig::fuzz::most_slots) << routine.name;
            EXPECT_LE(routine.arguments.size(), mig::fuzz::most_slots) << routine.name;
            EXPECT_LE(routine.request.maximum_size, mig::fuzz::request_room / 2) << routine.name;
            EXPECT_LE(descriptors_end(routine, routine.request),
                      routine.request.minimum_size + (interface->is_traps ? 24u : 0));
        }
    }
}

}  // namespace
