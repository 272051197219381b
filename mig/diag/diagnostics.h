// mig/diag/diagnostics.h
//
// The one table of everything mig can complain about.  A number is forever: it is never reused, and a test pins number
// and position of each.  `remedy` says how to mend the fault; docs/mig.md lists the table.
#pragma once

namespace migc {

enum class Severity { Error, Warning };

// `text` holds one {} per argument.
struct Diagnostic {
    const char* number;
    Severity severity;
    const char* text;
    const char* remedy;
};

#define MIG_ERROR(name, number, text, remedy)                                                                \
    inline constexpr Diagnostic name { number, Severity::Error, text, remedy }
#define MIG_WARNING(name, number, text, remedy)                                                              \
    inline constexpr Diagnostic name { number, Severity::Warning, text, remedy }

// ---- M00xx: reading the file
MIG_ERROR(err_cannot_read, "M0001", "cannot read '{}': {}", "check the name and the permissions");
MIG_ERROR(err_preprocessor_failed, "M0002", "the preprocessor failed on '{}' with status {}",
          "its own messages, above, say why; -cpp PROGRAM names another preprocessor");
MIG_ERROR(err_syntax, "M0003", "syntax error: {}", "see docs/mig.md for the form of this statement");
MIG_ERROR(err_number_too_large, "M0004", "the number {} does not fit into 32 bits", "use a smaller number");
MIG_ERROR(err_division_by_zero, "M0005", "division by zero", "correct the expression");
MIG_ERROR(err_cannot_write, "M0006", "cannot write '{}': {}",
          "check that the folder exists and can be written");

// ---- M01xx: the subsystem and its statements
MIG_ERROR(err_no_subsystem, "M0100", "the file declares neither `subsystem` nor `traps`",
          "begin it with `subsystem <name> <first id>;`");
MIG_ERROR(err_second_subsystem, "M0101", "a second subsystem, '{}': a file describes one interface",
          "move it into a file of its own");
MIG_ERROR(err_routine_before_subsystem, "M0102", "'{}' comes before the `subsystem` statement",
          "put `subsystem <name> <first id>;` before the first routine");
MIG_ERROR(err_duplicate_routine, "M0104", "routine '{}' was already declared at {}",
          "rename or remove one of them");
MIG_ERROR(err_duplicate_type, "M0105", "type '{}' was already declared differently at {}",
          "rename one, or make both the same");
MIG_ERROR(err_id_overflow, "M0106", "the message id of '{}' is beyond 2147483547",
          "choose a smaller first id");
MIG_WARNING(warn_prefix_ignored, "M0107", "'{}' appears twice; the later one counts", "remove one of them");
MIG_ERROR(err_skip_too_many, "M0108", "`skip {}` leaves out more than {} ids",
          "give the number of ids to leave out");
MIG_ERROR(err_trap_in_subsystem, "M0109", "`trap` belongs into a file of `traps`, not into a subsystem",
          "write `routine`, or begin the file with `traps`");
MIG_ERROR(err_routine_in_traps, "M0110", "`routine` belongs into a subsystem, not into a file of `traps`",
          "write `trap`");
MIG_ERROR(err_not_supported, "M0111", "{} is not supported yet",
          "leave it out; docs/mig.md says what replaces it");
MIG_ERROR(err_back_end_dialect, "M0114", "interfaces in the GNU dialect have no {} stubs",
          "use --lang c; or write the interface in OSF's dialect");
MIG_ERROR(err_back_end_word, "M0121", "{} of '{}' has no {} stubs",
          "use --lang c, or arguments of another kind");
MIG_WARNING(warn_wider_name, "M0115", "'{}' is a keyword of the GNU dialect, used as a name",
            "choose another name if GNU's compiler is to read the file");
MIG_WARNING(warn_wider_c_type, "M0116", "'{}' is more than one word: GNU's compiler takes one as a C type",
            "declare a name for it in C if GNU's compiler is to read the file");
MIG_WARNING(warn_wider_expression, "M0117", "'{}' is an expression: GNU's compiler takes one word or number",
            "#define a name for it in C if GNU's compiler is to read the file");
MIG_WARNING(warn_wider_semicolon, "M0118",
            "a semicolon after the last argument, which GNU's compiler does not take",
            "remove it if GNU's compiler is to read the file");
MIG_WARNING(warn_wider_word, "M0119", "GNU's compiler does not know `{}`",
            "leave it out if GNU's compiler is to read the file");
MIG_WARNING(warn_wider_type, "M0120", "the type '{}' has no name, as GNU's compiler wants it",
            "declare it with `type`, or name it in place: argument : name = {}");
MIG_WARNING(warn_no_effect, "M0113", "{} is accepted and has no effect",
            "remove it, unless another compiler needs it");
MIG_WARNING(warn_reply_id_collides, "M0112",
            "the id {} of '{}' is also the reply id of '{}' (request id + 100)",
            "keep a subsystem below 100 ids, or leave the colliding id out with `skip`");

// ---- M02xx: types
MIG_ERROR(err_unknown_type, "M0201", "'{}' is not a type",
          "declare it with `type`, or include <mach/std_types.defs>");
MIG_ERROR(err_basic_size, "M0202", "'{}' cannot be {} bits wide",
          "use 8, 16, 32 or 64 bits, and 32 for a port");
MIG_ERROR(err_size_required, "M0203", "'{}' needs a size", "write ({}, <bits>)");
MIG_ERROR(err_empty_array, "M0204", "an array of no elements", "give a positive number");
MIG_ERROR(err_array_of_varying, "M0205", "the elements of an array cannot vary in size",
          "make the element a fixed array, or send the inner array out of line in a routine of its own");
MIG_ERROR(err_pointer_to_fixed, "M0206", "`^` needs an array: only arrays travel out of line",
          "write ^array[] of <type>");
MIG_ERROR(err_struct_of, "M0207", "`struct[N] of` needs a plain element of fixed size",
          "use a scalar element, as in struct[2] of uint32_t");
MIG_ERROR(err_inline_ports, "M0208", "`struct[N] of` cannot hold ports",
          "make it array[N] of <port type>, or send it out of line: ^array[] of <port type>");
MIG_ERROR(err_too_large, "M0209", "the type is larger than a message may be ({} bytes)",
          "send it out of line: ^array[] of <type>");
MIG_ERROR(err_ctype_conflict, "M0211", "`ctype` together with `{}`",
          "use `ctype` alone, or both of the other two");
MIG_ERROR(err_native_pointer, "M0212",
          "PointerTo and ValueOf are for a number or a structure, and PointerToIfNot is not supported",
          "name the type alone; what may be missing is an array[*:1] of it");
MIG_ERROR(err_user_pointer_outside_trap, "M0213", "pointer_to() is for traps: a message carries values",
          "send the value itself, as `{}`");
MIG_ERROR(err_struct_member, "M0214", "member '{}' is not plain data of fixed size",
          "send ports, memory and varying arrays as arguments of their own");

MIG_ERROR(err_sides_differ, "M0215", "'{}' and '{}' are not of one size, or only one of them is a right",
          "give both sides types of the same kind");

// ---- M03xx: routines and their arguments
MIG_ERROR(err_no_request_port, "M0301", "routine '{}' has no argument that could be its request port",
          "make the first argument a port, or mark one `requestport`");
MIG_ERROR(err_duplicate_argument, "M0302", "argument '{}' was already declared at {}", "rename one of them");
MIG_ERROR(err_special_twice, "M0303", "a routine has at most one `{}` argument", "remove one of them");
MIG_ERROR(err_out_in_simple, "M0304", "simpleroutine '{}' has no reply, so '{}' cannot be {}",
          "make it a routine, or the argument `in`");
MIG_ERROR(err_special_type, "M0305", "`{}` argument '{}' must be {}", "declare it with that kind of type");
MIG_WARNING(warn_flag_useless, "M0306", "`{}` means nothing for '{}'", "remove the flag");
MIG_ERROR(err_trap_argument, "M0307", "trap argument '{}' must be a scalar or pointer_to(...)",
          "pass a pointer to it: pointer_to(<type>)");
MIG_ERROR(err_trap_too_many, "M0308", "trap '{}' has {} arguments; six fit into registers",
          "put them into a parameter block and pass its address");
MIG_ERROR(err_trap_out_scalar, "M0309", "trap argument '{}' is `{}` but no pointer",
          "return it in rax, or make it pointer_to(<type>)");
MIG_ERROR(err_extent_unknown, "M0310", "'{}' is no argument that counts the elements of '{}'",
          "name an integer argument of this trap, or a number");
MIG_ERROR(err_trap_return, "M0311", "'{}' is not a type that fits into rax", "return a scalar");
MIG_WARNING(warn_unbounded, "M0312", "out-of-line '{}' has no limit", "give one: ^array[*:N] of <type>");
MIG_ERROR(err_inout_varying, "M0315",
          "'{}' varies in size inline, and so cannot be `inout` in the GNU dialect",
          "use one argument `in` and one `out`, or send it out of line");
MIG_ERROR(err_same_count, "M0316", "no array before '{}' has a count for all of its messages",
          "put it behind the array whose count it shares, both with the same direction");
MIG_ERROR(err_same_count_limit, "M0317", "'{}' has a smaller limit than '{}', whose count it shares",
          "give both the same limit");
MIG_ERROR(err_token_without_reply, "M0318", "simpleroutine '{}' has no reply whose trailer could tell '{}'",
          "make it a routine, or the argument the server's alone");
MIG_ERROR(err_function_value, "M0319", "function '{}' must return a number, a structure or a right",
          "make it a routine with an `out` argument");
MIG_ERROR(err_message_too_large, "M0314", "the {} of '{}' can be {} bytes, more than a message may be ({})",
          "send the large argument out of line");

// ---- M04xx: what `mig diff` finds
MIG_ERROR(err_diff_kind, "M0401", "the interface was {} and is {}", "make it an interface of its own");
MIG_ERROR(err_diff_removed, "M0402", "'{}', id {}, is gone: its callers get MIG_BAD_ID",
          "keep it, and answer with an error, while programs call it");
MIG_ERROR(err_diff_moved, "M0403", "'{}' had the id {} and has {}",
          "give it its old place; `skip` holds the place of a routine that is gone");
MIG_ERROR(err_diff_reply, "M0404", "'{}' had {} reply and has {}", "add a routine instead");
MIG_ERROR(err_diff_form, "M0405", "the {} of '{}' has {} where it had {}",
          "add a routine for the new form, and keep this one");
MIG_ERROR(err_diff_right, "M0406", "'{}' in the {} of '{}' arrived as {} and arrives as {}",
          "add a routine instead, or declare it polymorphic from the beginning");
MIG_ERROR(err_diff_limit, "M0407",
          "the limit of '{}' in the {} of '{}' was {} and is {}: one side sends more than the other takes",
          "keep the limit, or add a routine with the new one");
MIG_ERROR(err_diff_order, "M0408", "'{}' in the {} of '{}' stands where '{}' stood",
          "keep the order of the arguments");
MIG_WARNING(warn_diff_renamed, "M0409", "the routine with the id {} was '{}' and is '{}'",
            "fine if only the name has changed; else `skip` the id");
MIG_WARNING(warn_diff_reused, "M0410", "the id {} of '{}' was left out before",
            "make sure that no program is left that knows the id's former routine, or choose a new id");
MIG_WARNING(warn_diff_argument, "M0411", "'{}' in the {} of '{}' was called '{}'",
            "fine if only the name has changed; else add a routine");
MIG_WARNING(warn_diff_meaning, "M0412", "the bytes of '{}' in the {} of '{}' were {} and are {}",
            "make sure that both sides read them alike");

#undef MIG_ERROR
#undef MIG_WARNING

}  // namespace migc
