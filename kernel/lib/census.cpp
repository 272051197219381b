// kernel/lib/census.cpp: see lib/census.h.  The count is kept in the stack itself, so it moves with the stack.
#include <lib/census.h>

#include <lib/assert.h>
#include <machine/context.h>

#if PORTICO_DEBUG_CHECKS

void census_note(const void* object, int change)
{
    machine::KernelStack* stack = machine::current_stack();
    if (stack != nullptr && stack->contains(object))
        stack->live_objects += change;
}

void census_assert_none(const char* where)
{
    const machine::KernelStack* stack = machine::current_stack();
    if (stack != nullptr && stack->live_objects != 0)
        panic("%s: %d guards, references or rights live on the stack that is given up", where,
              stack->live_objects);
}

#endif
