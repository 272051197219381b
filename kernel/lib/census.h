// kernel/lib/census.h
//
// Counts what is alive on a kernel stack and must not be there when the stack is given up (design D6): guards, counted
// references, rights.  A type of that kind calls census_note(this, +1) when it begins to hold something and
// census_note(this, -1) when it stops; objects that do not lie on the running stack are not counted.  Blocking with a
// continuation calls census_assert_none().  Debug builds only.
#ifndef PORTICO_LIB_CENSUS_H
#define PORTICO_LIB_CENSUS_H

#if PORTICO_DEBUG_CHECKS
void census_note(const void* object, int change);
void census_assert_none(const char* where);
#else
inline void census_note(const void*, int) {}
inline void census_assert_none(const char*) {}
#endif

#endif
