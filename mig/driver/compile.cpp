// mig/driver/compile.cpp
#include "driver/compile.h"

#include "ast/parse.h"

namespace migc {

std::unique_ptr<const ir::Interface> compile_text(const std::string& text, const std::string& file,
                                                  Reporter& reporter, const Choices& choices)
{
    const ast::Specification specification = parse(text, file, reporter);
    std::unique_ptr<const ir::Interface> interface = analyze(specification, file, choices, reporter);
    return reporter.has_errors() ? nullptr : std::move(interface);
}

std::unique_ptr<const ir::Interface> compile_file(const std::string& file, const PreprocessorCall& call,
                                                  Reporter& reporter, const Choices& choices)
{
    const std::optional<std::string> text = preprocess(file, call, reporter);
    return text ? compile_text(*text, file, reporter, choices) : nullptr;
}

}  // namespace migc
