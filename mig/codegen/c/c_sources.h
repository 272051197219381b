// mig/codegen/c/c_sources.h
#pragma once

#include "codegen/c/c_names.h"

namespace migc::c {

// Of all routines, or of one.
std::string user_source(const ir::Interface& interface, const ir::Routine* only = nullptr);
std::string server_source(const ir::Interface& interface);
std::string demux_name(const ir::Interface& interface);

// Prints how the user's stub takes a reply (c_user_reply.cpp).
void print_unpacking(Writer& out, const ir::Routine& routine);
// Prints how the server's stub answers (c_server_reply.cpp).
void print_reply_locals(Writer& out, const ir::Routine& routine);
void print_reply(Writer& out, const ir::Routine& routine);

}  // namespace migc::c
