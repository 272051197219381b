#include "driver/output.h"

#include "codegen/backend.h"
#include "codegen/writer.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace migc {

namespace {

bool write_file(const std::string& path, const std::string& text, Reporter& reporter)
{
    std::ofstream out{path, std::ios::binary};
    out << text;
    out.close();
    if (out)
        return true;
    reporter.report({std::make_shared<const std::string>(path), 0, 0, nullptr}, err_cannot_write, path,
                    std::strerror(errno));
    return false;
}

GeneratedFiles generate(const ir::Interface& interface, const std::string& language)
{
    if (language == "c")
        return interface.dialect == ir::Dialect::Gnu ? generate_gnu_c(interface) : generate_c(interface);
    if (language == "c++")
        return generate_cpp(interface);
    if (language == "kernel")
        return generate_kernel(interface);
    if (language == "trap-user")
        return generate_trap_user(interface);
    if (language == "trap-kernel")
        return generate_trap_kernel(interface);
    if (language == "description")
        return generate_description(interface);
    if (language == "doc")
        return generate_doc(interface);
    return generate_json(interface);
}

bool write_into_folder(const ir::Interface& interface, const Options& options, Reporter& reporter)
{
    std::error_code ignored;  // Writing fails if this does.
    std::filesystem::create_directories(options.output_folder, ignored);
    for (const GeneratedFile& file : generate(interface, options.language)) {
        if (!write_file(options.output_folder + "/" + file.name, file.text, reporter))
            return false;
    }
    return true;
}

// ---- The classic form

// Subsystem, first id, routine, its place, its id and that of its reply.
std::string list_of_ids(const ir::Interface& interface)
{
    std::string text;
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        const uint32_t reply = routine->simple ? 0 : routine->id + ir::reply_id_offset;
        text += interface.name + " " + std::to_string(interface.base) + " " + routine->name + " " +
                std::to_string(routine->id - interface.base) + " " + std::to_string(routine->id) + " " +
                std::to_string(reply) + "\n";
    }
    return text;
}

std::string header_of_ids(const ir::Interface& interface)
{
    Writer out;
    const std::string guard = "_" + interface.name + "_defs_";
    out("#ifndef $", guard);
    out("#define $", guard).blank();
    for (const std::string& file : interface.definition_imports)
        out("#include $", file);
    for (const auto& routine : interface.routines) {
        if (routine)
            out("#define MIG_ID_$ $", routine->name, routine->id);
    }
    out.blank();
    out("#endif");
    return out.str();
}

std::string default_name(const std::string& name, const std::string& kind)
{
    if (kind == "user")
        return name + "User.c";
    if (kind == "server")
        return name + "Server.c";
    return kind == "header" ? name + ".h" : name + "_server.h";
}

// Where a kind of file goes; nothing if it is not wanted.
std::optional<std::string> path_of(const std::string& name, const std::string& kind, const Options& options)
{
    if (const auto chosen = options.outputs.find(kind); chosen != options.outputs.end())
        return chosen->second;
    const bool by_default = kind == "user" || kind == "server" || kind == "header";
    if (!by_default || options.only_named_outputs)
        return std::nullopt;
    return default_name(name, kind);
}

class ClassicOutputs {
public:
    ClassicOutputs(const ir::Interface& interface, const Options& options, Reporter& reporter)
        : interface_{interface}, options_{options}, reporter_{reporter}
    {
    }

    bool write()
    {
        const bool gnu = interface_.dialect == ir::Dialect::Gnu;
        for (GeneratedFile& file : gnu ? generate_gnu_c(interface_) : generate_c(interface_)) {
            const std::string kind = kind_of(file.name);
            if (kind == "user" && options_.parts_prefix)
                continue;
            if (!put(kind, file.text) || (kind == "header" && !put("iheader", file.text)))
                return false;
        }
        if (!put("list", list_of_ids(interface_)) || !put("dheader", header_of_ids(interface_)))
            return false;
        if (!options_.parts_prefix)
            return true;
        for (GeneratedFile& file : gnu ? generate_gnu_c_parts(interface_) : generate_c_parts(interface_)) {
            if (!write_file(*options_.parts_prefix + file.name, with_headers(file.text), reporter_))
                return false;
        }
        return true;
    }

private:
    std::string kind_of(const std::string& file) const
    {
        for (const char* kind : {"user", "server", "header"}) {
            if (file == default_name(interface_.name, kind))
                return kind;
        }
        return "sheader";
    }

    bool put(const std::string& kind, const std::string& text)
    {
        const std::optional<std::string> path = path_of(interface_.name, kind, options_);
        return !path || write_file(*path, with_headers(text), reporter_);
    }

    // The sources include the headers by the names these have been given.
    std::string with_headers(std::string text) const
    {
        const std::string user_header = options_.outputs.contains("iheader") ? "iheader" : "header";
        rename(text, interface_.name + ".h", user_header);
        rename(text, interface_.name + "_server.h", "sheader");
        return text;
    }

    void rename(std::string& text, const std::string& from, const std::string& kind) const
    {
        const auto chosen = options_.outputs.find(kind);
        const std::string quoted = '"' + from + '"';
        const size_t at = text.find(quoted);
        if (chosen != options_.outputs.end() && at != std::string::npos)
            text.replace(at, quoted.size(),
                         '"' + std::filesystem::path{chosen->second}.filename().string() + '"');
    }

    const ir::Interface& interface_;
    const Options& options_;
    Reporter& reporter_;
};

}  // namespace

std::vector<std::string> classic_outputs(const std::string& name, const Options& options)
{
    std::vector<std::string> paths;
    for (const char* kind : {"header", "user", "server", "sheader", "iheader", "dheader", "list"}) {
        const std::optional<std::string> path = path_of(name, kind, options);
        if (path && *path != "/dev/null")
            paths.push_back(*path);
    }
    return paths;
}

bool speaks_dialect(const ir::Interface& interface, const std::string& language, Reporter& reporter)
{
    const bool speaks_gnu = language == "c" || language == "json";
    if (interface.dialect != ir::Dialect::Gnu || speaks_gnu)
        return true;
    const Position start{std::make_shared<const std::string>(interface.file), 1, 0, nullptr};
    reporter.report(start, err_back_end_dialect, language);
    return false;
}

namespace {

// What only the C back end has stubs for; null if the others have them, too.
const char* word_for_c(const ir::Argument& argument)
{
    if (argument.type->kind == ir::Type::Rights)
        return "the array of rights in the message";
    if (argument.overwrite || argument.automatic)
        return argument.overwrite ? "`overwrite`" : "`auto`";
    return argument.counter != nullptr ? "`sameCount`" : nullptr;
}

bool speaks_words(const ir::Interface& interface, const std::string& language, Reporter& reporter)
{
    bool speaks = true;
    for (const auto& routine : interface.routines) {
        if (!routine || (language != "c++" && language != "kernel"))
            continue;
        for (const auto& argument : routine->arguments) {
            const char* word = word_for_c(*argument);
            if (word != nullptr)
                reporter.report(argument->position, err_back_end_word, word, argument->name, language);
            speaks &= word == nullptr;
        }
    }
    return speaks;
}

}  // namespace

bool write_outputs(const ir::Interface& interface, const Options& options, Reporter& reporter)
{
    if (options.command == Options::Classic)
        return ClassicOutputs{interface, options, reporter}.write();
    return speaks_dialect(interface, options.language, reporter) &&
           speaks_words(interface, options.language, reporter) &&
           write_into_folder(interface, options, reporter);
}

}  // namespace migc
