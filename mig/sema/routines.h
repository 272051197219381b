// mig/sema/routines.h
//
// Resolves one routine or trap.  The name and the id are the caller's matter.
#pragma once

#include "sema/types.h"

namespace migc {

class RoutineAnalyzer {
public:
    RoutineAnalyzer(TypeTable& types, Reporter& reporter, ir::Dialect dialect)
        : types_{types}, reporter_{reporter}, dialect_{dialect}
    {
    }

    std::unique_ptr<ir::Routine> analyze(const ast::Routine& source, uint32_t id);

private:
    std::unique_ptr<ir::Argument> argument(const ast::Argument& source, const ir::Routine& routine);
    void add_value(ir::Routine& routine, const ast::Routine& source);
    void set_role(ir::Argument& argument, const ast::Argument& source, const ir::Routine& routine);
    bool refuse_in_gnu(const Position& position, const std::string& word);
    ir::Role implicit_role(const ir::Argument& argument, const char* word);
    void set_flags(ir::Argument& argument, const ast::Argument& source);
    void share_count(ir::Argument& argument, const ast::Argument& source, const ir::Routine& routine);
    void check_data(const ir::Argument& argument, const ast::Argument& source, const ir::Routine& routine);
    void check_trap(const ir::Routine& routine, const ast::Routine& source);
    void check_trap_argument(const ir::Argument& argument, const ir::Routine& routine);
    void check_special(const ir::Routine& routine);
    void check_message_size(const ir::Routine& routine, const ir::Message& message, const char* which);

    bool is_gnu() const { return dialect_ == ir::Dialect::Gnu; }

    TypeTable& types_;
    Reporter& reporter_;
    const ir::Dialect dialect_;
};

}  // namespace migc
