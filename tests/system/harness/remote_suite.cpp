// tests/system/harness/remote_suite.cpp
#include "remote_suite.h"

#include "command.h"
#include "result_lines.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace portico::harness {
namespace {

// A suite and, once its command has run, what that printed.
class Execution {
public:
    explicit Execution(RemoteSuite suite) : suite_{std::move(suite)} {}

    const std::vector<std::string>& names() const { return suite_.names; }
    std::string shown_suite(const std::string& suite) const
    {
        return suite_.variant.empty() ? suite : suite + "/" + suite_.variant;
    }

    TestResult result_of(const std::string& name)
    {
        if (!command_) {
            command_ = run_command(suite_.command, suite_.limit);
            results_ = parse_result_lines(command_->output);
        }
        const auto found = results_.find(name);
        if (found != results_.end() && found->second.verdict != TestResult::Verdict::Unfinished)
            return found->second;
        return {TestResult::Verdict::Unfinished, why_unfinished(found != results_.end())};
    }

private:
    std::string why_unfinished(bool began) const
    {
        std::string reason = began ? "the test began and did not end" : "the test never began";
        if (command_->timed_out)
            reason += "; the time limit was over";
        reason += "; status " + std::to_string(command_->status) + "; the end of the log:\n";
        constexpr std::size_t shown = 3000;
        const std::string& log = command_->output;
        return reason + (log.size() > shown ? log.substr(log.size() - shown) : log);
    }

    RemoteSuite suite_;
    std::optional<CommandResult> command_;
    std::map<std::string, TestResult, std::less<>> results_;
};

class RemoteTest : public testing::Test {
public:
    RemoteTest(std::shared_ptr<Execution> execution, std::string name)
        : execution_{std::move(execution)}, name_{std::move(name)}
    {
    }

    void TestBody() override
    {
        const TestResult result = execution_->result_of(name_);
        if (result.verdict != TestResult::Verdict::Passed)
            FAIL() << result.reason;
    }

private:
    std::shared_ptr<Execution> execution_;
    std::string name_;
};

}  // namespace

void register_suite(RemoteSuite suite)
{
    const auto execution = std::make_shared<Execution>(std::move(suite));
    for (const std::string& name : execution->names()) {
        const std::size_t dot = name.find('.');
        testing::RegisterTest(execution->shown_suite(name.substr(0, dot)).c_str(),
                              name.substr(dot + 1).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [execution, name]() -> RemoteTest* { return new RemoteTest{execution, name}; });
    }
}

}  // namespace portico::harness
