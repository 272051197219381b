/* libc/posix/signals.c: handlers, masks, and the running of handlers (docs/signals.md).
 *
 * The process service knows for each signal whether it is ignored, caught or left to its default; only this file knows
 * the handler. */
#include "internal.h"

#include <errno.h>
#include <mach/mach.h>
#include <portico/process.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* As __portico_signal_trampoline pushes it. */
struct portico_signal_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t sp; /* where to go on: the interrupted sp less 8, with ip stored there */
    uint64_t flags;
    uint64_t place_of_ip; /* sp less 8, unless the handlers run on the alternate stack */
};

extern char __portico_signal_trampoline[] HIDDEN;
extern char __portico_trap_check[] HIDDEN;
extern char __portico_trap_begin[] HIDDEN;
extern char __portico_trap_end[] HIDDEN;
HIDDEN void __portico_signal_entry(struct portico_signal_frame* frame, void* vector_state);

static struct sigaction actions[NSIG];
static int entry_is_known;
static __thread void* current_vector_state;

static kern_return_t make_entry_known(void)
{
    if (entry_is_known)
        return KERN_SUCCESS;
    kern_return_t code = process_set_entry(__portico_process_port(), (uintptr_t)__portico_signal_trampoline,
                                           (uintptr_t)__portico_trap_begin, (uintptr_t)__portico_trap_end);
    entry_is_known = code == KERN_SUCCESS;
    return code;
}

/* The process record of a child knows what its parent's knew. */
void __portico_signals_after_fork(void) {}

int sigaction(int signal, const struct sigaction* restrict new, struct sigaction* restrict old)
{
    if (signal < 1 || signal >= NSIG) {
        errno = EINVAL;
        return -1;
    }
    struct sigaction previous = actions[signal];
    if (new) {
        int disposition = new->sa_handler == SIG_DFL   ? UNIX_SIGNAL_DEFAULT
                          : new->sa_handler == SIG_IGN ? UNIX_SIGNAL_IGNORE
                                                       : UNIX_SIGNAL_CATCH;
        kern_return_t code = disposition == UNIX_SIGNAL_CATCH ? make_entry_known() : KERN_SUCCESS;
        if (code != KERN_SUCCESS)
            return __portico_fail(code);
        actions[signal] = *new; /* before the service can send us here for it */
        code = process_set_action(__portico_process_port(), signal, disposition, (uint32_t)new->sa_flags,
                                  new->sa_mask);
        if (code != KERN_SUCCESS) {
            actions[signal] = previous;
            return __portico_fail(code);
        }
    }
    if (old)
        *old = previous;
    return 0;
}

static void fill_info(siginfo_t* info, const unix_signal_t* taken)
{
    memset(info, 0, sizeof *info);
    info->si_signo = taken->number;
    info->si_code = taken->code;
    info->si_pid = taken->sender_pid;
    info->si_uid = taken->sender_uid;
    info->si_status = taken->status;
    info->si_addr = (void*)taken->address;
    info->si_value.sival_ptr = (void*)taken->value;
}

static void fill_context(ucontext_t* context, const struct portico_signal_frame* frame,
                         const unix_signal_t* taken)
{
    greg_t* registers = context->uc_mcontext.gregs;

    memset(context, 0, sizeof *context);
    context->uc_sigmask = taken->saved_mask;
    if (!frame)
        return;
    registers[REG_R8] = (greg_t)frame->r8;
    registers[REG_R9] = (greg_t)frame->r9;
    registers[REG_R10] = (greg_t)frame->r10;
    registers[REG_R11] = (greg_t)frame->r11;
    registers[REG_R12] = (greg_t)frame->r12;
    registers[REG_R13] = (greg_t)frame->r13;
    registers[REG_R14] = (greg_t)frame->r14;
    registers[REG_R15] = (greg_t)frame->r15;
    registers[REG_RDI] = (greg_t)frame->rdi;
    registers[REG_RSI] = (greg_t)frame->rsi;
    registers[REG_RBP] = (greg_t)frame->rbp;
    registers[REG_RBX] = (greg_t)frame->rbx;
    registers[REG_RDX] = (greg_t)frame->rdx;
    registers[REG_RAX] = (greg_t)frame->rax;
    registers[REG_RCX] = (greg_t)frame->rcx;
    registers[REG_EFL] = (greg_t)frame->flags;
    registers[REG_RSP] = (greg_t)taken->saved_sp;
    registers[REG_RIP] = (greg_t)taken->saved_ip;
    registers[REG_CR2] = (greg_t)taken->address;
    context->uc_mcontext.fpregs = current_vector_state;
}

/* A handler may change where the interrupted code goes on. */
static void take_back_context(const ucontext_t* context, struct portico_signal_frame* frame,
                              unix_signal_t* taken)
{
    const greg_t* registers = context->uc_mcontext.gregs;

    frame->r8 = (uint64_t)registers[REG_R8];
    frame->r9 = (uint64_t)registers[REG_R9];
    frame->r10 = (uint64_t)registers[REG_R10];
    frame->r11 = (uint64_t)registers[REG_R11];
    frame->r12 = (uint64_t)registers[REG_R12];
    frame->r13 = (uint64_t)registers[REG_R13];
    frame->r14 = (uint64_t)registers[REG_R14];
    frame->r15 = (uint64_t)registers[REG_R15];
    frame->rdi = (uint64_t)registers[REG_RDI];
    frame->rsi = (uint64_t)registers[REG_RSI];
    frame->rbp = (uint64_t)registers[REG_RBP];
    frame->rbx = (uint64_t)registers[REG_RBX];
    frame->rdx = (uint64_t)registers[REG_RDX];
    frame->rax = (uint64_t)registers[REG_RAX];
    frame->rcx = (uint64_t)registers[REG_RCX];
    taken->saved_sp = (uint64_t)registers[REG_RSP];
    taken->saved_ip = (uint64_t)registers[REG_RIP];
}

static void run_handler(const struct sigaction* action, struct portico_signal_frame* frame,
                        unix_signal_t* taken)
{
    siginfo_t info;
    ucontext_t context;

    if (!(action->sa_flags & SA_SIGINFO)) {
        action->sa_handler(taken->number);
        return;
    }
    fill_info(&info, taken);
    fill_context(&context, frame, taken);
    action->sa_sigaction(taken->number, &info, &context);
    if (frame)
        take_back_context(&context, frame, taken);
}

void __portico_run_signals(struct portico_signal_frame* frame)
{
    struct portico_call* interrupted = __portico_current_call;
    int saved_errno = errno;
    unix_signal_t taken;
    uint64_t ip = 0, sp = 0;

    __portico_current_call = NULL; /* what a handler asks is a request of its own */
    while (process_take_signal(__portico_process_port(), &taken) == KERN_SUCCESS && taken.number != 0) {
        const struct sigaction action = actions[taken.number];
        if (taken.flags & (uint32_t)SA_RESETHAND)
            actions[taken.number].sa_handler = SIG_DFL;
        if (interrupted) {
            interrupted->handlers_run++;
            interrupted->handlers_without_restart += !(action.sa_flags & SA_RESTART);
        }
        if (taken.saved_ip) {
            ip = taken.saved_ip;
            sp = taken.saved_sp;
        }
        taken.saved_ip = ip;
        taken.saved_sp = sp;
        run_handler(&action, frame, &taken);
        ip = taken.saved_ip;
        sp = taken.saved_sp;
        process_finish_signal(__portico_process_port(), taken.saved_mask);
    }
    /* Between the check for handlers and the trap: the check has to see that one has run. */
    if (ip > (uintptr_t)__portico_trap_check && ip <= (uintptr_t)__portico_trap_begin)
        ip = (uintptr_t)__portico_trap_check;
    if (frame && ip) {
        frame->sp = sp - sizeof(uint64_t);
        *(uint64_t*)frame->sp = ip;
    }
    __portico_current_call = interrupted;
    errno = saved_errno;
}

void __portico_signal_entry(struct portico_signal_frame* frame, void* vector_state)
{
    void* outer = current_vector_state;

    current_vector_state = vector_state;
    __portico_run_signals(frame);
    current_vector_state = outer;
}

_sig_func_ptr signal(int number, _sig_func_ptr handler)
{
    struct sigaction new = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;

    return sigaction(number, &new, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int sigprocmask(int how, const sigset_t* restrict set, sigset_t* restrict old)
{
    uint64_t previous = 0;
    kern_return_t code =
        process_set_mask(__portico_process_port(), set ? how : SIG_BLOCK, set ? *set : 0, &previous);

    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    if (old)
        *old = previous;
    return 0;
}

int pthread_sigmask(int how, const sigset_t* restrict set, sigset_t* restrict old)
{
    return sigprocmask(how, set, old) == 0 ? 0 : errno;
}

int sigpending(sigset_t* set)
{
    uint64_t pending = 0;
    kern_return_t code = process_pending(__portico_process_port(), &pending);

    if (code == KERN_SUCCESS)
        *set = pending;
    return __portico_finish(code);
}

int sigsuspend(const sigset_t* set)
{
    struct portico_call call;
    kern_return_t code;

    __portico_call_begin(&call, __portico_process_port(), process_cancel);
    code = process_suspend(__portico_process_port(), call.number, *set);
    __portico_call_again(&call, code);
    __portico_run_signals(NULL); /* a signal that was pending already does not interrupt the request */
    return __portico_fail(code == KERN_SUCCESS ? UNIX_ERROR(EINTR) : code);
}

int pause(void)
{
    sigset_t mask;

    if (sigprocmask(SIG_BLOCK, NULL, &mask) != 0)
        return -1;
    return sigsuspend(&mask);
}

static int wait_for_signal(const sigset_t* set, siginfo_t* info, uint64_t limit_ns)
{
    struct portico_call call;
    unix_signal_t taken;
    kern_return_t code;

    do {
        __portico_call_begin(&call, __portico_process_port(), process_cancel);
        code = process_wait_signal(__portico_process_port(), call.number, *set, limit_ns, &taken);
    } while (__portico_call_again(&call, code));
    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    if (info)
        fill_info(info, &taken);
    return taken.number;
}

int sigtimedwait(const sigset_t* restrict set, siginfo_t* restrict info,
                 const struct timespec* restrict limit)
{
    uint64_t limit_ns = UINT64_MAX;

    if (limit) {
        if (limit->tv_nsec < 0 || limit->tv_nsec >= 1000000000) {
            errno = EINVAL;
            return -1;
        }
        limit_ns = (uint64_t)limit->tv_sec * 1000000000u + (uint64_t)limit->tv_nsec;
    }
    return wait_for_signal(set, info, limit_ns);
}

int sigwaitinfo(const sigset_t* restrict set, siginfo_t* restrict info)
{
    return wait_for_signal(set, info, UINT64_MAX);
}

int sigwait(const sigset_t* restrict set, int* restrict number)
{
    int result = wait_for_signal(set, NULL, UINT64_MAX);

    if (result < 0)
        return errno;
    *number = result;
    return 0;
}

static int send_signal(pid_t pid, int number, uint64_t value)
{
    return __portico_finish(process_kill(__portico_process_port(), pid, number, value));
}

int kill(pid_t pid, int number) { return send_signal(pid, number, 0); }

int killpg(pid_t group, int number)
{
    if (group < 0) {
        errno = EINVAL;
        return -1;
    }
    return send_signal(group == 0 ? 0 : -group, number, 0);
}

int sigqueue(pid_t pid, int number, const union sigval value)
{
    return send_signal(pid, number, (uint64_t)value.sival_ptr);
}

int raise(int number) { return kill(getpid(), number); }

int sigaltstack(const stack_t* restrict new, stack_t* restrict old)
{
    uint64_t base = 0, size = 0;

    if (new && !(new->ss_flags& SS_DISABLE) && new->ss_size < MINSIGSTKSZ) {
        errno = ENOMEM;
        return -1;
    }
    int disable = new && (new->ss_flags& SS_DISABLE);
    kern_return_t code =
        process_set_signal_stack(__portico_process_port(), new != NULL, new ? (uintptr_t)new->ss_sp : 0,
                                 new && !disable ? new->ss_size : 0, &base, &size);
    if (code == KERN_SUCCESS && old) {
        uintptr_t here = (uintptr_t)__builtin_frame_address(0);
        old->ss_sp = (void*)base;
        old->ss_size = size;
        old->ss_flags = size == 0 ? SS_DISABLE : here - base < size ? SS_ONSTACK : 0;
    }
    return __portico_finish(code);
}

int siginterrupt(int number, int flag)
{
    struct sigaction action;

    if (sigaction(number, NULL, &action) != 0)
        return -1;
    if (flag)
        action.sa_flags &= ~SA_RESTART;
    else
        action.sa_flags |= SA_RESTART;
    return sigaction(number, &action, NULL);
}
