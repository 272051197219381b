// kernel/arch/x86_64/vector_state.cpp: see include/arch/vector_state.h.
#include <arch/vector_state.h>

#include <kern/thread.h>

#include <cstring>

#include <arch/cpu.h>
#include <machine/processor.h>

namespace machine {

using Area = UserState::VectorArea;

namespace {

void save(Area& area)
{
    const auto low = static_cast<uint32_t>(x86::features.xcr0);
    if (x86::features.xsaveopt)
        asm volatile("xsaveopt64 %0" : "+m"(area) : "a"(low), "d"(0));
    else if (x86::features.xsave)
        asm volatile("xsave64 %0" : "+m"(area) : "a"(low), "d"(0));
    else
        asm volatile("fxsave64 %0" : "+m"(area));
}

// The registers as a new thread finds them, with the control words given.
void make_initial(Area& area, uint16_t x87_control, uint32_t mxcsr)
{
    area = {};
    memcpy(area.fxsave.data(), &x87_control, sizeof x87_control);
    memcpy(area.fxsave.data() + 24, &mxcsr, sizeof mxcsr);
    area.header[0] = 3;
}

// XSAVE leaves out what is in its initial state: for a reader of the image it has to be there.
void fill_in(Area& area)
{
    if (!x86::features.xsave)
        return;
    if ((area.header[0] & 1) == 0) {
        uint32_t mxcsr;
        memcpy(&mxcsr, area.fxsave.data() + 24, sizeof mxcsr);
        memset(area.fxsave.data(), 0, 160);
        const uint16_t control = 0x37f;
        memcpy(area.fxsave.data(), &control, sizeof control);
        memcpy(area.fxsave.data() + 24, &mxcsr, sizeof mxcsr);
    }
    if ((area.header[0] & 2) == 0)
        memset(area.fxsave.data() + 160, 0, 256);
    if ((area.header[0] & 4) == 0)
        memset(area.ymm_high.data(), 0, area.ymm_high.size());
    area.header[0] |= 3;
}

}  // namespace

uint32_t mxcsr_mask()
{
    static const uint32_t mask = [] {
        alignas(64) Area area{};
        asm volatile("fxsave64 %0" : "+m"(area));
        uint32_t found;
        memcpy(&found, area.fxsave.data() + 28, sizeof found);
        return found != 0 ? found : 0xffbf;
    }();
    return mask;
}

bool is_loaded(const UserState& user)
{
    const Thread* const thread = current_processor().arch.thread;
    return thread != nullptr && &thread->user == &user;
}

void store_vector_state(UserState& user)
{
    if (user.entry == ENTRY_TRAP) {
        store_control_words(user);
        return;
    }
    save(user.vector);
    user.vector_valid = true;
}

alignas(64) constinit const Area initial_vector_state = [] {
    Area area{};
    area.fxsave[0] = 0x7f;
    area.fxsave[1] = 0x03;
    area.fxsave[24] = 0x80;
    area.fxsave[25] = 0x1f;
    area.header[0] = 0;  // All in the initial state: nothing is read but MXCSR.
    return area;
}();

void load_vector_state(UserState& user)
{
    if (user.vector_valid) {
        restore_vector_state(user.vector);
        user.vector_valid = false;
        return;
    }
    load_control_words(user);
}

void store_if_loaded(UserState& user)
{
    if (is_loaded(user))
        store_segment_bases(user);
}

void reload_if_loaded(UserState& user)
{
    if (!is_loaded(user))
        return;
    load_segment_bases(user);
    if (user.vector_valid)
        load_vector_state(user);
}

void make_vector_valid(UserState& user)
{
    if (!user.vector_valid) {
        if (is_loaded(user) && user.entry != ENTRY_TRAP)
            save(user.vector);
        else
            make_initial(user.vector, user.x87_control, user.mxcsr);
        // Loaded: the processor's registers go on to count, and reload_if_loaded() brings changes back.
        user.vector_valid = !is_loaded(user) || user.entry == ENTRY_TRAP;
    }
    fill_in(user.vector);
}

}  // namespace machine
