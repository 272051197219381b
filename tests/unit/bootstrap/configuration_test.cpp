// tests/unit/bootstrap/configuration_test.cpp
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "configuration.h"

namespace {

using boot::Configuration;
using boot::Grant;
using boot::Restart;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The errors as "line: text".
std::vector<std::string> errors_of(std::string_view text)
{
    const auto parsed = Configuration::parse(text);
    std::vector<std::string> errors;
    if (!parsed.has_value()) {
        for (const auto& error : parsed.error())
            errors.push_back(std::to_string(error.line) + ": " + error.text);
    }
    return errors;
}

TEST(Configuration, TakesEveryStatement)
{
    const auto parsed = Configuration::parse(R"(
# two tasks
task serial {
    program    /boot/servers/ns16550     # a path
    arguments  console "two words"
    io-ports   console.ports 0x3f8 8
    interrupt  console.interrupt 4
    serves     console
    restart    alone
}
task unix {
    program    /boot/servers/unix-single
    wiring     single
    uses       console
    module     archive 1
    port       host host-priv
    group      personality
    restart    group
}
)");
    ASSERT_TRUE(parsed.has_value());
    ASSERT_EQ(parsed->tasks.size(), 2u);
    const boot::TaskDescription& serial = parsed->tasks[0];
    EXPECT_EQ(serial.program, "/boot/servers/ns16550");
    EXPECT_THAT(serial.arguments, ElementsAre("console", "two words"));
    ASSERT_EQ(serial.grants.size(), 2u);
    EXPECT_EQ(serial.grants[0].kind, Grant::Kind::io_ports);
    EXPECT_EQ(serial.grants[0].first, 0x3f8u);
    EXPECT_EQ(serial.grants[0].count, 8u);
    EXPECT_EQ(serial.grants[1].first, 4u);
    EXPECT_TRUE(serial.starts_in("multi"));

    const boot::TaskDescription& unix_task = parsed->tasks[1];
    EXPECT_FALSE(unix_task.starts_in("multi"));
    EXPECT_EQ(unix_task.restart, Restart::group);
    EXPECT_EQ(unix_task.grants[1].port, Grant::Port::host_priv);
}

TEST(Configuration, NamesTheLineOfEachError)
{
    EXPECT_THAT(errors_of("task a {\n  program boot/a\n  io-ports p 0x10000 1\n  sings\n}\n"),
                ElementsAre(HasSubstr("2: a program's path starts with '/'"),
                            HasSubstr("3: '0x10000' is not a number from 0 to 65535"),
                            HasSubstr("4: unknown statement 'sings'")));
}

TEST(Configuration, RefusesWrongShapes)
{
    EXPECT_THAT(errors_of("program /a\n"), ElementsAre(HasSubstr("1: expected 'task NAME {'")));
    EXPECT_THAT(errors_of("task a {\n program /a\n"), ElementsAre(HasSubstr("has no closing '}'")));
    EXPECT_THAT(errors_of("task A {\n program /a\n}\n"), ElementsAre(HasSubstr("1: expected 'task NAME {'")));
    EXPECT_THAT(errors_of("task a {\n program /a /b\n}\n"),
                ElementsAre(HasSubstr("2: expected 'program PATH'")));
    EXPECT_THAT(errors_of("task a {\n arguments \"x\n program /a\n}\n"),
                ElementsAre(HasSubstr("2: a quotation mark")));
    EXPECT_THAT(errors_of("task a {\n program /a\n io-ports p 0xffff 2\n}\n"),
                ElementsAre(HasSubstr("3: there are")));
    EXPECT_THAT(errors_of("}\ntask a {\n program /a\n}\n"), ElementsAre(HasSubstr("1: '}' stands alone")));
}

TEST(Configuration, ChecksTheWhole)
{
    EXPECT_THAT(errors_of("task a {\n}\n"), ElementsAre(HasSubstr("1: task 'a' has no program")));
    EXPECT_THAT(errors_of("task a {\n program /a\n}\ntask a {\n program /a\n}\n"),
                ElementsAre(HasSubstr("4: there is a task 'a' already")));
    EXPECT_THAT(errors_of("task a {\n program /a\n uses fs\n}\n"),
                ElementsAre(HasSubstr("3: nobody serves 'fs'")));
    EXPECT_THAT(errors_of("task a {\n program /a\n serves s\n}\ntask b {\n program /b\n serves s\n}\n"),
                ElementsAre(HasSubstr("7: service 's' is served by 'a', too")));
}

TEST(Configuration, ChecksEachWiringByItself)
{
    // Served in both wirings, by different tasks; used by one that starts in both.
    EXPECT_THAT(errors_of("task one {\n program /a\n wiring single\n serves fs\n}\n"
                          "task two {\n program /b\n wiring multi\n serves fs\n}\n"
                          "task user {\n program /c\n uses fs\n}\n"),
                ElementsAre());
    EXPECT_THAT(errors_of("task one {\n program /a\n wiring single\n serves fs\n}\n"
                          "task two {\n program /b\n wiring multi\n}\n"
                          "task user {\n program /c\n uses fs\n}\n"),
                ElementsAre(HasSubstr("12: nobody serves 'fs' in wiring 'multi'")));
}

}  // namespace
