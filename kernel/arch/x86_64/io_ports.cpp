// kernel/arch/x86_64/io_ports.cpp: see machine/io_ports.h and include/arch/io_bitmap.h.
#include <machine/io_ports.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include <arch/io_bitmap.h>
#include <kern/task.h>
#include <kern/zone.h>
#include <lib/lock.h>
#include <machine/processor.h>

namespace machine {

class IoBitmap {
public:
    IoBitmap() { forbidden.fill(0xff); }

    std::array<uint8_t, x86::io_port_count / 8 + 1> forbidden;
    uint16_t first = 0xffff;  // Bytes [first, last] are not all ones.
    uint16_t last = 0;
    uint64_t version = 0;  // A new one at each change: never the same for two contents.

    void set(uint32_t from, uint32_t count, bool enable)
    {
        for (uint32_t port = from; port < from + count; ++port) {
            const auto bit = static_cast<uint8_t>(1 << port % 8);
            uint8_t& byte = forbidden[port / 8];
            byte = static_cast<uint8_t>(enable ? byte & ~bit : byte | bit);
        }
        first = std::min<uint16_t>(first, static_cast<uint16_t>(from / 8));
        last = std::max<uint16_t>(last, static_cast<uint16_t>((from + count - 1) / 8));
    }
};

namespace {

Zone<IoBitmap> zone{"I/O port bitmaps"};
SpinLock<LockRank::IoBitmap> bitmap_lock;
uint64_t versions GUARDED_BY(bitmap_lock) = 0;

// The task's bitmap, made if need be; null: no memory.
IoBitmap* bitmap_of(Task& task)
{
    if (IoBitmap* bitmap = task.io_bitmap.load(std::memory_order_acquire))
        return bitmap;
    IoBitmap* made = zone.create();
    IoBitmap* expected = nullptr;
    if (made == nullptr || task.io_bitmap.compare_exchange_strong(expected, made, std::memory_order_acq_rel))
        return made;
    zone.destroy(made);
    return expected;
}

// Threads made later are marked when they first run.
void mark_threads(Task& task)
{
    Guard guard{task.lock()};
    for (Thread& thread : task.threads())
        thread.set_pending(Thread::ParticularMachine);
}

void copy_into_tss(x86::TaskState& tss, const ProcessorArch& cpu, const IoBitmap& bitmap)
{
    if (cpu.io_bitmap != nullptr)  // What the last one allowed.
        tss.io_bitmap.fill(0xff);
    if (bitmap.first <= bitmap.last)
        memcpy(tss.io_bitmap.data() + bitmap.first, bitmap.forbidden.data() + bitmap.first,
               size_t{bitmap.last} - bitmap.first + 1);
}

}  // namespace

void load_own_io_bitmap(ProcessorArch& cpu, Thread& thread, const IoBitmap& allowed)
{
    thread.set_pending(Thread::ParticularMachine);
    x86::TaskState& tss = cpu.tables.tss;
    const IoBitmap* bitmap = &allowed;
    Guard guard{bitmap_lock};
    if (cpu.io_bitmap_version != bitmap->version) {
        copy_into_tss(tss, cpu, *bitmap);
        cpu.io_bitmap = bitmap;
        cpu.io_bitmap_version = bitmap->version;
    }
    tss.io_bitmap_offset = offsetof(x86::TaskState, io_bitmap);
}

void refresh_io_bitmap(ProcessorArch& cpu)
{
    if (cpu.thread != nullptr)
        load_io_bitmap(cpu, *cpu.thread);
}

mach::Result<void> io_ports_set(Task& task, uint16_t first, uint32_t count, bool enable)
{
    if (count == 0 || uint64_t{first} + count > x86::io_port_count)
        return mach::failure(KERN_INVALID_ARGUMENT);
    IoBitmap* bitmap = bitmap_of(task);
    if (bitmap == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    {
        Guard guard{bitmap_lock};
        bitmap->set(first, count, enable);
        bitmap->version = ++versions;
    }
    mark_threads(task);
    // A thread of the task that runs here sees it at once, one elsewhere when that processor has looked up.
    refresh_io_bitmap(current_processor().arch);
    for (uint32_t id = 0; id < processor_count(); ++id)
        wake_processor(id);
    return {};
}

void io_ports_destroy(Task& task)
{
    if (IoBitmap* bitmap = task.io_bitmap.exchange(nullptr))
        zone.destroy(bitmap);
}

}  // namespace machine
