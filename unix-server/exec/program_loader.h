// unix-server/exec/program_loader.h
//
// From a path to a new task with a program in it, ready to run.
//
// States      opened → (script: its interpreter opened) → image checked → task made → segments mapped → stack filled → thread made.
//             A failure in any of them gives up what there is and is an errno for whoever asked; the old task, if any, knows
//             nothing of it.
#pragma once

#include <portico/rights.h>
#include <string>

#include <fs_admin_interface.h>
#include <portico/event_loop.h>

#include "program_stack.h"

namespace portico {

struct LoadedProgram {
    mach::SendRight task;
    mach::SendRight thread;  // Suspended once.
    unix_stat_t status;      // Of the program's file: set-user-id and set-group-id are the caller's business.
    std::string path;
};

struct ProgramRequest {
    int32_t pid;
    std::string path;
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    mach_port_t parent_task;  // The new task inherits its ledger and tokens.
};

// ENOENT, EACCES ... of the path; ENOEXEC; ENOMEM; E2BIG.
mach::Async<mach::Result<LoadedProgram>> load_program(mach::EventLoop& loop, fs_admin::Interface& fs,
                                                      ProgramRequest request);

}  // namespace portico
