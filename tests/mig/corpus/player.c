#include "player.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { rounds = 12, message_room = 1 << 17, arena_room = 1 << 20 };

static uint64_t state;
static char *arena_start, *arena_next;
int is_probing;

void begin_round(unsigned routine, unsigned round)
{
    state = routine * 0x9e3779b97f4a7c15u + round * 0xbf58476d1ce4e5b9u + 1;
    arena_next = arena_start;
}

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

uint64_t some(uint64_t below) { return next() % below; }

void fill(void* bytes, size_t size)
{
    for (size_t at = 0; at < size; ++at)
        ((unsigned char*)bytes)[at] = (unsigned char)(next() >> 24);
}

unsigned some_count(unsigned limit)
{
    switch (some(4)) {
    case 0:
        return 0;
    case 1:
        return limit < 1 ? limit : 1;
    case 2:
        return limit;
    default:
        return (unsigned)some(limit + 1);
    }
}

mach_msg_type_name_t some_right(void) { return (mach_msg_type_name_t)(MACH_MSG_TYPE_MOVE_RECEIVE + some(6)); }

void fill_string(char* string, size_t limit)
{
    const size_t length = some(limit + 4);
    for (size_t at = 0; at < length; ++at)
        string[at] = (char)('a' + some(26));
    string[length] = '\0';
}

void* arena(size_t size)
{
    void* const result = arena_next;
    arena_next += (size + 15) / 16 * 16;
    if (arena_next > arena_start + arena_room)
        abort();
    return result;
}

void show(const char* what, const void* bytes, size_t size)
{
    if (is_probing)
        return;
    printf("  %s %zu:", what, size);
    for (size_t at = 0; at < size; ++at)
        printf("%s%02x", at % 4 == 0 ? " " : "", ((const unsigned char*)bytes)[at]);
    putchar('\n');
}

void show_number(const char* what, uint64_t number)
{
    if (!is_probing)
        printf("  %s %llx\n", what, (unsigned long long)number);
}

/* ---- The kernel's part */

static unsigned received(unsigned right)
{
    if (right == MACH_MSG_TYPE_COPY_SEND || right == MACH_MSG_TYPE_MAKE_SEND)
        return MACH_MSG_TYPE_MOVE_SEND;
    return right == MACH_MSG_TYPE_MAKE_SEND_ONCE ? MACH_MSG_TYPE_MOVE_SEND_ONCE : right;
}

/* Calls `visit` for each description of the message; stops if it says so. */
static void each_item(mach_msg_header_t* message, void (*visit)(mach_msg_type_t* type, unsigned size))
{
    unsigned at = sizeof *message;
    while (at + sizeof(mach_msg_type_t) <= message->msgh_size) {
        mach_msg_type_t* const type = (mach_msg_type_t*)((char*)message + at);
        const mach_msg_type_long_t* const longer = (const mach_msg_type_long_t*)type;
        const int is_long = type->msgt_longform;
        const uint64_t bits = is_long ? (uint64_t)longer->msgtl_size * longer->msgtl_number
                                      : (uint64_t)type->msgt_size * type->msgt_number;
        const unsigned header = is_long ? sizeof *longer : sizeof *type;
        visit(type, header);
        at += header + (type->msgt_inline ? (unsigned)((bits / 8 + 3) / 4 * 4) : 8);
    }
}

static void receive_item(mach_msg_type_t* type, unsigned size)
{
    mach_msg_type_long_t* const longer = (mach_msg_type_long_t*)type;
    (void)size;
    if (!type->msgt_inline)
        type->msgt_deallocate = TRUE;
    if (type->msgt_longform)
        longer->msgtl_name = (unsigned short)received(longer->msgtl_name);
    else
        type->msgt_name = received(type->msgt_name) & 0xff;
}

static void deliver(mach_msg_header_t* message)
{
    const mach_port_t destination = message->msgh_remote_port, reply = message->msgh_local_port;
    const unsigned bits = message->msgh_bits;
    each_item(message, receive_item);
    message->msgh_bits =
        (bits & MACH_MSGH_BITS_COMPLEX) |
        MACH_MSGH_BITS(received(MACH_MSGH_BITS_LOCAL(bits)), received(MACH_MSGH_BITS_REMOTE(bits)));
    message->msgh_remote_port = reply;
    message->msgh_local_port = destination;
    message->msgh_seqno = 77;
}

/* ---- Which requests does the server refuse? */

static char request_bytes[message_room] __attribute__((aligned(16)));
static char probe_bytes[message_room] __attribute__((aligned(16)));
static char reply_bytes[message_room] __attribute__((aligned(16)));
static unsigned probe_at[4096], probes;

static void note_item(mach_msg_type_t* type, unsigned size)
{
    for (unsigned byte = 0; byte < size && probes < 4096; ++byte)
        probe_at[probes++] = (unsigned)((char*)type + byte - request_bytes);
}

/* Turns over each bit of each description, of the size and of the complex bit. */
static void probe(void)
{
    const mach_msg_header_t* const request = (const mach_msg_header_t*)request_bytes;
    const uint64_t saved = state;
    char* const saved_arena = arena_next;
    probes = 0;
    each_item((mach_msg_header_t*)request_bytes, note_item);
    for (unsigned byte = 3; byte < 8; ++byte)
        probe_at[probes++] = byte;
    is_probing = 1;
    for (unsigned at = 0; at < probes; ++at) {
        for (unsigned bit = probe_at[at] == 3 ? 7 : 0; bit < 8; ++bit) {
            memcpy(probe_bytes, request_bytes, request->msgh_size);
            memset(probe_bytes + request->msgh_size, 0, 64);
            probe_bytes[probe_at[at]] ^= (char)(1 << bit);
            memset(reply_bytes, 0, 64);
            arena_next = saved_arena;
            serve((mach_msg_header_t*)probe_bytes, (mach_msg_header_t*)reply_bytes);
            printf("?%u.%u %s\n", probe_at[at], bit,
                   ((mig_reply_header_t*)reply_bytes)->RetCode == MIG_BAD_ARGUMENTS ? "refused" : "taken");
        }
    }
    is_probing = 0;
    state = saved;
    arena_next = saved_arena;
}

mach_msg_return_t mach_msg(mach_msg_header_t* message, mach_msg_option_t option, mach_msg_size_t send_size,
                           mach_msg_size_t receive_size, mach_port_name_t receive_name,
                           mach_msg_timeout_t timeout, mach_port_name_t notify)
{
    mach_msg_header_t* const request = (mach_msg_header_t*)request_bytes;
    mach_msg_header_t* const reply = (mach_msg_header_t*)reply_bytes;
    show_number("option", (unsigned)option);
    show_number("receive on", receive_name);
    show_number("time", timeout);
    show_number("notify", notify);
    show("request", message, send_size);
    memset(request_bytes, 0, sizeof request_bytes);
    memcpy(request_bytes, message, send_size);
    deliver(request);
    probe();
    memset(reply_bytes, 0, sizeof reply_bytes);
    show_number("served", (uint64_t)serve(request, reply));
    show("reply", reply, reply->msgh_size);
    if (option & MACH_RCV_MSG) {
        deliver(reply);
        memcpy(message, reply, reply->msgh_size < receive_size ? reply->msgh_size : receive_size);
    }
    return MACH_MSG_SUCCESS;
}

/* ---- libmach's part */

mach_port_t mig_get_reply_port(void) { return 0x7e9; }
void mig_put_reply_port(mach_port_t port) { show_number("put", port); }
void mig_dealloc_reply_port(mach_port_t port) { show_number("dealloc", port); }
void mach_msg_destroy(mach_msg_header_t* message) { (void)message; }

/* The stubs of this compiler expect the length without the NUL, as the Hurd's library gives it. */
vm_size_t mig_strncpy(char* to, const char* from, vm_size_t limit)
{
    for (vm_size_t at = 0; at + 1 < limit; ++at) {
        if ((to[at] = from[at]) == '\0')
            return at;
    }
    to[limit - 1] = '\0';
    return limit;
}

void mig_allocate(vm_offset_t* address, vm_size_t size)
{
    show_number("allocate", size);
    *address = (vm_offset_t)arena(size);
}

void mig_deallocate(vm_offset_t address, vm_size_t size)
{
    show_number("deallocate", address);
    show_number("of", size);
}

int main(void)
{
    arena_start = mmap((void*)0x200000000000, arena_room, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (arena_start == MAP_FAILED)
        return 1;
    for (unsigned round = 0; round < rounds; ++round)
        call_all(round);
    return 0;
}
