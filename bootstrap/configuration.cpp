// bootstrap/configuration.cpp: a parser of lines, then the checks that need the whole.
#include "configuration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include <portico/bootstrap_types.h>

namespace boot {

namespace {

using Words = std::vector<std::string>;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool is_name(std::string_view word)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    return !word.empty() && word.size() < BOOTSTRAP_NAME_MAX && std::ranges::all_of(word, allowed);
}

std::optional<uint32_t> number(std::string_view word)
{
    int base = 10;
    if (word.starts_with("0x")) {
        word.remove_prefix(2);
        base = 16;
    }
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
    if (error != std::errc{} || end != word.data() + word.size())
        return std::nullopt;
    return value;
}

// ---- one pass over the lines ----

class Parser {
public:
    explicit Parser(std::string_view text) : rest_{text} {}

    void run();
    Configuration configuration;
    std::vector<ConfigurationError> errors;

private:
    // What a statement of a task looks like, and who takes it.
    struct Statement {
        std::string_view keyword;
        size_t fewest, most;  // Words after the keyword.
        std::string_view form;
        void (Parser::*take)(const Words& words);
    };
    static const std::array<Statement, 12> statements;

    std::optional<Words> split(std::string_view line);
    void take_line(const Words& words);
    void take_statement(const Words& words);
    void open_task(const Words& words);

    void take_program(const Words& words);
    void take_arguments(const Words& words);
    void take_wiring(const Words& words);
    void take_serves(const Words& words);
    void take_registers(const Words& words);
    void take_uses(const Words& words);
    void take_io_ports(const Words& words);
    void take_interrupt(const Words& words);
    void take_module(const Words& words);
    void take_port(const Words& words);
    void take_group(const Words& words);
    void take_restart(const Words& words);

    void take_services(const Words& words, std::vector<Named>& to);
    void add_grant(Grant grant);
    std::optional<uint32_t> number_up_to(const std::string& word, uint32_t largest);
    void error(std::string text) { errors.push_back({line_, std::move(text)}); }
    TaskDescription& task() { return configuration.tasks.back(); }

    std::string_view rest_;
    int line_ = 0;
    bool in_task_ = false;
};

constexpr size_t any_number = 1000;

const std::array<Parser::Statement, 12> Parser::statements = {{
    {"program", 1, 1, "program PATH", &Parser::take_program},
    {"arguments", 1, any_number, "arguments WORD...", &Parser::take_arguments},
    {"wiring", 1, any_number, "wiring NAME...", &Parser::take_wiring},
    {"serves", 1, any_number, "serves SERVICE...", &Parser::take_serves},
    {"registers", 1, any_number, "registers SERVICE...", &Parser::take_registers},
    {"uses", 1, any_number, "uses SERVICE...", &Parser::take_uses},
    {"io-ports", 3, 3, "io-ports NAME FIRST COUNT", &Parser::take_io_ports},
    {"interrupt", 2, 2, "interrupt NAME LINE", &Parser::take_interrupt},
    {"module", 2, 2, "module NAME INDEX", &Parser::take_module},
    {"port", 2, 2, "port NAME host-priv|host-security|device-master", &Parser::take_port},
    {"group", 1, 1, "group NAME", &Parser::take_group},
    {"restart", 1, 1, "restart alone|group|never", &Parser::take_restart},
}};

void Parser::run()
{
    while (!rest_.empty()) {
        const size_t end = rest_.find('\n');
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++line_;
        if (const auto words = split(line); words && !words->empty())
            take_line(*words);
    }
    if (in_task_)
        error("task '" + task().name + "' of line " + std::to_string(task().line) + " has no closing '}'");
}

std::optional<Words> Parser::split(std::string_view line)
{
    Words words;
    size_t at = 0;
    while (at < line.size()) {
        if (is_space(line[at])) {
            ++at;
        } else if (line[at] == '#') {
            break;
        } else if (line[at] == '"') {
            const size_t end = line.find('"', at + 1);
            if (end == std::string_view::npos) {
                error("a quotation mark is missing at the end of " + std::string{line.substr(at)});
                return std::nullopt;
            }
            words.emplace_back(line.substr(at + 1, end - at - 1));
            at = end + 1;
        } else {
            size_t end = at;
            while (end < line.size() && !is_space(line[end]) && line[end] != '#')
                ++end;
            words.emplace_back(line.substr(at, end - at));
            at = end;
        }
    }
    return words;
}

void Parser::take_line(const Words& words)
{
    if (words[0] == "task") {
        open_task(words);
    } else if (words[0] == "}") {
        if (!in_task_ || words.size() != 1)
            error("'}' stands alone, at the end of a task");
        in_task_ = false;
    } else if (!in_task_) {
        error("expected 'task NAME {', found '" + words[0] + "'");
    } else {
        take_statement(words);
    }
}

void Parser::open_task(const Words& words)
{
    if (in_task_)
        error("'}' is missing before the next task");
    if (words.size() != 3 || words[2] != "{" || !is_name(words[1])) {
        error("expected 'task NAME {', with a name of a-z, 0-9, '-', '_' and '.'");
        if (words.size() < 2)
            return;
    }
    configuration.tasks.push_back(TaskDescription{});
    task().name = words[1];
    task().line = line_;
    in_task_ = true;
}

void Parser::take_statement(const Words& words)
{
    const auto* statement = std::ranges::find(statements, std::string_view{words[0]}, &Statement::keyword);
    if (statement == statements.end()) {
        error("unknown statement '" + words[0] + "'");
        return;
    }
    const size_t count = words.size() - 1;
    if (count < statement->fewest || count > statement->most) {
        error("expected '" + std::string{statement->form} + "'");
        return;
    }
    (this->*statement->take)(words);
}

void Parser::take_program(const Words& words)
{
    if (!task().program.empty())
        error("task '" + task().name + "' has a program already");
    else if (words[1].front() != '/')
        error("a program's path starts with '/'");
    else
        task().program = words[1];
}

void Parser::take_arguments(const Words& words)
{
    task().arguments.insert(task().arguments.end(), words.begin() + 1, words.end());
}

void Parser::take_wiring(const Words& words)
{
    task().wirings.insert(task().wirings.end(), words.begin() + 1, words.end());
}

void Parser::take_services(const Words& words, std::vector<Named>& to)
{
    for (size_t i = 1; i < words.size(); ++i) {
        if (!is_name(words[i]))
            error("'" + words[i] + "' cannot be a service's name");
        else if (std::ranges::find(to, words[i], &Named::name) != to.end())
            error("service '" + words[i] + "' is named twice");
        else
            to.push_back({words[i], line_});
    }
}

void Parser::take_serves(const Words& words) { take_services(words, task().serves); }

void Parser::take_registers(const Words& words) { take_services(words, task().registers); }

void Parser::take_uses(const Words& words) { take_services(words, task().uses); }

std::optional<uint32_t> Parser::number_up_to(const std::string& word, uint32_t largest)
{
    const auto value = number(word);
    if (value && *value <= largest)
        return value;
    error("'" + word + "' is not a number from 0 to " + std::to_string(largest));
    return std::nullopt;
}

void Parser::add_grant(Grant grant)
{
    if (!is_name(grant.name))
        error("'" + grant.name + "' cannot be a right's name");
    else if (std::ranges::find(task().grants, grant.name, &Grant::name) != task().grants.end())
        error("task '" + task().name + "' has a right '" + grant.name + "' already");
    else
        task().grants.push_back(std::move(grant));
}

void Parser::take_io_ports(const Words& words)
{
    const auto first = number_up_to(words[2], 0xffff);
    const auto count = number_up_to(words[3], 0x10000);
    if (!first || !count)
        return;
    if (*count == 0 || *first + *count > 0x10000)
        error("there are I/O ports from 0 to 0xffff only");
    else
        add_grant({.kind = Grant::Kind::io_ports, .name = words[1], .first = *first, .count = *count});
}

void Parser::take_interrupt(const Words& words)
{
    if (const auto line = number_up_to(words[2], 255))
        add_grant({.kind = Grant::Kind::interrupt, .name = words[1], .first = *line});
}

void Parser::take_module(const Words& words)
{
    if (const auto index = number_up_to(words[2], 255))
        add_grant({.kind = Grant::Kind::module, .name = words[1], .first = *index});
}

void Parser::take_port(const Words& words)
{
    static const std::map<std::string_view, Grant::Port> ports = {
        {"host-priv", Grant::Port::host_priv},
        {"host-security", Grant::Port::host_security},
        {"device-master", Grant::Port::device_master},
    };
    if (const auto port = ports.find(words[2]); port != ports.end())
        add_grant({.kind = Grant::Kind::port, .name = words[1], .port = port->second});
    else
        error("no such port: '" + words[2] + "'");
}

void Parser::take_group(const Words& words)
{
    if (!is_name(words[1]))
        error("'" + words[1] + "' cannot be a group's name");
    task().group = words[1];
}

void Parser::take_restart(const Words& words)
{
    static const std::map<std::string_view, Restart> policies = {
        {"alone", Restart::alone}, {"group", Restart::group}, {"never", Restart::never}};
    if (const auto policy = policies.find(words[1]); policy != policies.end())
        task().restart = policy->second;
    else
        error("expected 'restart alone|group|never'");
}

// ---- checks of the whole ----

class Checker {
public:
    Checker(const Configuration& configuration, std::vector<ConfigurationError>& errors)
        : configuration_{configuration}, errors_{errors}
    {
    }

    void run()
    {
        for (const TaskDescription& task : configuration_.tasks)
            check_task(task);
        for (const std::string& wiring : wirings())
            check_wiring(wiring);
    }

private:
    void error(int line, std::string text) { errors_.push_back({line, std::move(text)}); }

    void check_task(const TaskDescription& task)
    {
        if (!names_.insert(task.name).second)
            error(task.line, "there is a task '" + task.name + "' already");
        if (task.program.empty())
            error(task.line, "task '" + task.name + "' has no program");
        if (task.restart == Restart::group && task.group.empty())
            error(task.line, "task '" + task.name + "' restarts its group, but is in none");
    }

    // Every wiring that is named anywhere; one without a name stands for all if none is.
    std::set<std::string> wirings() const
    {
        std::set<std::string> all;
        for (const TaskDescription& task : configuration_.tasks)
            all.insert(task.wirings.begin(), task.wirings.end());
        if (all.empty())
            all.insert("");
        return all;
    }

    void check_wiring(const std::string& wiring)
    {
        const std::string where = wiring.empty() ? "" : " in wiring '" + wiring + "'";
        std::map<std::string, std::string> server_of;
        for (const TaskDescription& task : configuration_.tasks) {
            if (!task.starts_in(wiring))
                continue;
            for (const auto* list : {&task.serves, &task.registers}) {
                for (const Named& service : *list)
                    enter(service, task, server_of, where);
            }
        }
        for (const TaskDescription& task : configuration_.tasks) {
            if (!task.starts_in(wiring))
                continue;
            for (const Named& service : task.uses) {
                if (!server_of.contains(service.name))
                    error(service.line, "nobody serves '" + service.name + "'" + where);
            }
        }
    }

    void enter(const Named& service, const TaskDescription& task,
               std::map<std::string, std::string>& server_of, const std::string& where)
    {
        const auto [server, is_new] = server_of.emplace(service.name, task.name);
        if (!is_new)
            error(service.line,
                  "service '" + service.name + "' is served by '" + server->second + "', too" + where);
    }

    const Configuration& configuration_;
    std::vector<ConfigurationError>& errors_;
    std::set<std::string> names_;
};

}  // namespace

bool TaskDescription::starts_in(std::string_view wiring) const
{
    return wirings.empty() || std::ranges::find(wirings, wiring) != wirings.end();
}

std::expected<Configuration, std::vector<ConfigurationError>> Configuration::parse(std::string_view text)
{
    Parser parser{text};
    parser.run();
    if (parser.errors.empty())
        Checker{parser.configuration, parser.errors}.run();
    if (parser.errors.empty())
        return std::move(parser.configuration);
    std::ranges::sort(parser.errors, {}, &ConfigurationError::line);
    return std::unexpected(std::move(parser.errors));
}

}  // namespace boot
