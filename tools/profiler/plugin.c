/* tools/profiler/plugin.c: counts executed guest instructions by address, one counter per processor.
 *
 * A processor counts from the instruction `xchg %bx, %bx` that it executes until its next `xchg %cx, %cx`; both do
 * nothing, and no compiler makes them (tests/bench/guest/bench.h does). With begin=ADDRESS and end=ADDRESS it counts
 * from the one instruction until the other. When the emulator ends, the text file of output=FILE says
 *     windows COUNT...                 how often each processor began
 *     ADDRESS BYTES COUNT...           an instruction, its bytes in hexadecimal, how often each processor executed it
 * The bytes tell programs apart that lie at one address (tools/benchmark/profile.py).
 *
 * Owns        places: every instruction that was ever translated, by address and bytes; they live as long as QEMU.
 * Lock        places_lock: the table. Processors are threads of QEMU's, and any may translate. A counter belongs to
 *             its processor alone.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

#define LONGEST_INSTRUCTION 15
#define BUCKETS (1u << 16)

struct Place {
    struct Place* next;
    uint64_t address;
    uint8_t size;
    uint8_t bytes[LONGEST_INSTRUCTION];
    uint64_t counts[]; /* by processor */
};

struct Window {
    _Alignas(64) bool open;
    uint64_t begun;
};

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static const uint8_t begin_marker[] = {0x66, 0x87, 0xdb};
static const uint8_t end_marker[] = {0x66, 0x87, 0xc9};

static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static struct Place* places[BUCKETS];
static struct Window* windows;
static unsigned processors;
static const char* output_path;
static uint64_t begin_address, end_address; /* 0: at the markers */

static void executed(unsigned processor, void* place)
{
    if (windows[processor].open)
        ((struct Place*)place)->counts[processor]++;
}

static void begun(unsigned processor, void* unused)
{
    (void)unused;
    windows[processor].open = true;
    windows[processor].begun++;
}

static void ended(unsigned processor, void* unused)
{
    (void)unused;
    windows[processor].open = false;
}

static struct Place* find_place(uint64_t address, const void* bytes, size_t size)
{
    struct Place** bucket = &places[(address ^ (address >> 16)) % BUCKETS];

    pthread_mutex_lock(&places_lock);
    struct Place* place = *bucket;
    while (place && !(place->address == address && place->size == size && !memcmp(place->bytes, bytes, size)))
        place = place->next;
    if (!place) {
        place = calloc(1, sizeof *place + processors * sizeof place->counts[0]);
        if (!place)
            abort();
        place->address = address;
        place->size = (uint8_t)size;
        memcpy(place->bytes, bytes, size);
        place->next = *bucket;
        *bucket = place;
    }
    pthread_mutex_unlock(&places_lock);
    return place;
}

static bool is_border(uint64_t border, const uint8_t* marker, const struct Place* place)
{
    if (border != 0)
        return place->address == border;
    return place->size == sizeof begin_marker && !memcmp(marker, place->bytes, place->size);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(tb, i);
        struct Place* place =
            find_place(qemu_plugin_insn_vaddr(instruction), qemu_plugin_insn_data(instruction),
                       qemu_plugin_insn_size(instruction));

        if (is_border(begin_address, begin_marker, place))
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, begun, QEMU_PLUGIN_CB_NO_REGS, NULL);
        else if (is_border(end_address, end_marker, place))
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, ended, QEMU_PLUGIN_CB_NO_REGS, NULL);
        else
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, QEMU_PLUGIN_CB_NO_REGS, place);
    }
}

static void print_place(FILE* output, const struct Place* place)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < processors; i++)
        all += place->counts[i];
    if (all == 0)
        return;
    fprintf(output, "%" PRIx64 " ", place->address);
    for (unsigned i = 0; i < place->size; i++)
        fprintf(output, "%02x", place->bytes[i]);
    for (unsigned i = 0; i < processors; i++)
        fprintf(output, " %" PRIu64, place->counts[i]);
    fputc('\n', output);
}

static void finished(qemu_plugin_id_t id, void* unused)
{
    FILE* output = fopen(output_path, "w");

    (void)id;
    (void)unused;
    if (!output) {
        perror(output_path);
        return;
    }
    fputs("windows", output);
    for (unsigned i = 0; i < processors; i++)
        fprintf(output, " %" PRIu64, windows[i].begun);
    fputc('\n', output);
    for (unsigned i = 0; i < BUCKETS; i++)
        for (const struct Place* place = places[i]; place; place = place->next)
            print_place(output, place);
    fclose(output);
}

static bool take_option(const char* option)
{
    if (strncmp(option, "output=", 7) == 0)
        output_path = option + 7;
    else if (strncmp(option, "begin=", 6) == 0)
        begin_address = strtoull(option + 6, NULL, 0);
    else if (strncmp(option, "end=", 4) == 0)
        end_address = strtoull(option + 4, NULL, 0);
    else
        return false;
    return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv)
{
    bool good = info->system_emulation;

    for (int i = 0; i < argc; i++)
        good = take_option(argv[i]) && good;
    if (!good || !output_path) {
        fprintf(stderr,
                "profiler: needs a whole machine, output=FILE, and at most begin=ADDRESS and end=ADDRESS\n");
        return -1;
    }
    processors = (unsigned)info->system.max_vcpus;
    windows = aligned_alloc(_Alignof(struct Window), processors * sizeof *windows);
    if (!windows)
        return -1;
    memset(windows, 0, processors * sizeof *windows);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
