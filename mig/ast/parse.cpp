// mig/ast/parse.cpp
//
// Runs the generated parser and turns its parse tree into the AST.  A subtree in which the parser met an error is left
// out: it has been reported, and what it would have said is not known.
#include "ast/parse.h"

#include "ast/source_map.h"
#include "ast/tree_builder.h"

namespace migc {

namespace {

class ErrorListener final : public antlr4::BaseErrorListener {
public:
    ErrorListener(const SourceMap& map, Reporter& reporter) : map_{map}, reporter_{reporter} {}

    void syntaxError(antlr4::Recognizer*, antlr4::Token*, size_t line, size_t column,
                     const std::string& message, std::exception_ptr) override
    {
        // Recovery may stumble over the same token again.
        if (line == last_line_ && column == last_column_)
            return;
        last_line_ = line;
        last_column_ = column;
        reporter_.report(map_.position(line, column), err_syntax, message);
    }

private:
    const SourceMap& map_;
    Reporter& reporter_;
    size_t last_line_ = 0, last_column_ = 0;
};

}  // namespace

ast::Specification parse(const std::string& text, const std::string& file, Reporter& reporter)
{
    const SourceMap map{text, file};
    ErrorListener listener{map, reporter};

    antlr4::ANTLRInputStream input{text};
    grammar::MigLexer lexer{&input};
    lexer.removeErrorListeners();
    lexer.addErrorListener(&listener);
    antlr4::CommonTokenStream tokens{&lexer};

    grammar::MigParser parser{&tokens};
    parser.removeErrorListeners();
    parser.addErrorListener(&listener);
    grammar::MigParser::SpecificationContext* tree = parser.specification();
    return TreeBuilder{map, tokens, reporter}.build(*tree);
}

}  // namespace migc
