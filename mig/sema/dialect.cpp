// mig/sema/dialect.cpp
//
// Two things mark the GNU dialect: an array of ports inside the message without a limit, which every copy of CMU's
// <mach/std_types.defs> declares, and `intranpayload`.
#include "sema/dialect.h"

#include "sema/builtin.h"

#include <algorithm>
#include <set>

namespace migc {

namespace {

class Recogniser {
public:
    bool is_gnu(const ast::Specification& specification)
    {
        return std::any_of(specification.statements.begin(), specification.statements.end(),
                           [this](const ast::Statement& each) {
                               return std::visit([this](const auto& s) { return sees(s); }, each);
                           });
    }

private:
    bool sees(const ast::TypeDeclaration& declaration)
    {
        if (const auto* basic = std::get_if<ast::BasicType>(&declaration.type->form);
            basic != nullptr && is_port(*basic))
            ports_.insert(declaration.name.text);
        return is_typed_only(*declaration.type);
    }
    bool sees(const ast::Routine& routine)
    {
        return std::any_of(routine.arguments.begin(), routine.arguments.end(),
                           [this](const ast::Argument& each) { return is_typed_only(*each.type); });
    }
    template <class Other>
    bool sees(const Other&)
    {
        return false;
    }

    bool is_port(const ast::BasicType& basic) const
    {
        const Builtin* builtin = find_builtin(basic.first.text);
        return ports_.contains(basic.first.text) || (builtin != nullptr && builtin->is_port);
    }

    bool is_typed_only(const ast::TypeSpec& spec) const
    {
        for (const ast::Translation& each : spec.translations) {
            if (each.kind == ast::Translation::InTranPayload)
                return true;
        }
        const auto* array = std::get_if<ast::ArrayType>(&spec.form);
        if (array == nullptr || array->bound != ast::ArrayType::Unlimited)
            return false;
        const auto* element = std::get_if<ast::BasicType>(&array->element->form);
        return element != nullptr && is_port(*element);
    }

    std::set<std::string> ports_;
};

}  // namespace

ir::Dialect recognise_dialect(const ast::Specification& specification)
{
    return Recogniser{}.is_gnu(specification) ? ir::Dialect::Gnu : ir::Dialect::Osf;
}

}  // namespace migc
