// tests/bench/guest/vm.cpp
//
// Memory: rows of the table "Kernels" in docs/benchmarks.md.
//
// boot: kernel + this task.  The pager lives in a copy of this task and holds filled pages: what it does to get them is
// not counted.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <mach/mach.h>
#include <mach/memory_object_types.h>

#include "bench.h"
#include "memory_object_server.h"
#include "partner.h"

namespace bench {
namespace {

constexpr std::size_t page = MACH_PAGE_SIZE;
constexpr std::size_t cluster_pages = 16;

void touch(vm_address_t address) { *reinterpret_cast<volatile std::uint64_t*>(address) = address; }

void read_from(vm_address_t address) { (void)*reinterpret_cast<volatile std::uint64_t*>(address); }

vm_address_t allocate(std::size_t size)
{
    vm_address_t address = 0;
    require(vm_allocate(mach_task_self(), &address, size, VM_FLAGS_ANYWHERE), "vm_allocate");
    return address;
}

void deallocate(vm_address_t address, std::size_t size)
{
    require(vm_deallocate(mach_task_self(), address, size), "vm_deallocate");
}

// ---- Zeros

void measure_zero_fill()
{
    const std::size_t size = (default_samples + 16) * page;
    const vm_address_t memory = allocate(size);
    vm_address_t next = memory;
    measure("vm.fault.zero", [&next] {
        touch(next);
        next += page;
        return 0;
    });
    deallocate(memory, size);

    measure("vm.allocate_touch_deallocate", [] {
        vm_address_t address = 0;
        kern_return_t code = vm_allocate(mach_task_self(), &address, page, VM_FLAGS_ANYWHERE);
        touch(address);
        code |= vm_deallocate(mach_task_self(), address, page);
        return code;
    });
}

// ---- Copies on write

// What writing one page of a copy, or of its source, costs when there are `pages` of them.
void measure_copy(const char* of_copy, const char* of_source, std::size_t pages)
{
    const std::size_t size = pages * page;
    const vm_address_t source = allocate(size);
    const auto write_all = [size](vm_address_t memory) {
        for (std::size_t at = 0; at < size; at += page)
            touch(memory + at);
        return 0;
    };
    write_all(source);
    vm_address_t copy = 0;
    const auto make_copy = [&] {
        if (copy != 0)
            deallocate(copy, size);
        mach_msg_type_number_t copied = 0;
        return vm_read(mach_task_self(), source, size, &copy, &copied);
    };
    measure_prepared<11>(of_copy, {.parts = pages}, make_copy, [&] { return write_all(copy); });
    measure_prepared<11>(of_source, {.parts = pages}, make_copy, [&] { return write_all(source); });
    if (copy != 0)
        deallocate(copy, size);
    deallocate(source, size);
}

// ---- A pager in another task

// All that the pager has to say to each request, in its own task.
struct PagerState {
    vm_address_t data;       // Filled pages: what the object holds.
    natural_t cluster_size;  // What it asks the kernel to ask for; more than a page moves to the kernel.
    memory_object_control_t control;
};
PagerState pager;

constexpr std::size_t object_clusters = default_samples + 16;
constexpr std::size_t object_size = object_clusters * cluster_pages * page;

[[noreturn]] void serve_object(mach_port_t port)
{
    mach_init_after_fork();
    pager.data = allocate(object_size);
    std::memset(reinterpret_cast<void*>(pager.data), 1, object_size);
    union {
        mach_msg_header_t header;
        char room[256];
    } request, reply;
    for (;;) {
        require(mach_msg(&request.header, MACH_RCV_MSG, 0, sizeof request, port, 0, MACH_PORT_NULL),
                "receive");
        if (!memory_object_server(&request.header, &reply.header))
            give_up("memory_object_server", request.header.msgh_id);
    }
}

// A copy of this task that serves one object; where it is mapped here.
vm_address_t map_object(natural_t cluster_size)
{
    pager.cluster_size = cluster_size;
    const mach_port_t object = Side::elsewhere().serve(serve_object);
    vm_address_t address = 0;
    require(vm_map(mach_task_self(), &address, object_size, 0, VM_FLAGS_ANYWHERE, object, 0, FALSE,
                   VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE),
            "vm_map");
    return address;
}

void measure_pager()
{
    vm_address_t single = map_object(page);
    measure("vm.fault.pager", [&single] {
        read_from(single);
        single += page;
        return 0;
    });

    vm_address_t clustered = map_object(cluster_pages * page);
    measure_prepared(
        "vm.fault.pager.cluster", {.parts = cluster_pages}, [] { return 0; },
        [&clustered] {
            for (std::size_t i = 0; i < cluster_pages; i++)
                read_from(clustered + i * page);
            clustered += cluster_pages * page;
            return 0;
        });
}

}  // namespace
}  // namespace bench

// ---- The pager's answers.  Those that no benchmark asks for are not answered.

extern "C" kern_return_t memory_object_init(memory_object_t, memory_object_control_t control,
                                            memory_object_cluster_size_t)
{
    memory_object_attr_info_data_t attributes = {MEMORY_OBJECT_COPY_DELAY, bench::pager.cluster_size, FALSE,
                                                 FALSE};
    bench::pager.control = control;
    return memory_object_change_attributes(control, MEMORY_OBJECT_ATTRIBUTE_INFO,
                                           reinterpret_cast<memory_object_info_t>(&attributes),
                                           MEMORY_OBJECT_ATTR_INFO_COUNT);
}

extern "C" kern_return_t memory_object_data_request(memory_object_t, memory_object_offset_t offset,
                                                    memory_object_cluster_size_t length, vm_prot_t)
{
    const boolean_t move = bench::pager.cluster_size > bench::page ? TRUE : FALSE;
    return memory_object_data_supply(bench::pager.control, offset, bench::pager.data + offset,
                                     static_cast<mach_msg_type_number_t>(length), move, VM_PROT_NONE, FALSE);
}

extern "C" kern_return_t memory_object_terminate(memory_object_t) { return KERN_SUCCESS; }

extern "C" kern_return_t memory_object_data_unlock(memory_object_t, memory_object_offset_t,
                                                   memory_object_cluster_size_t, vm_prot_t)
{
    return KERN_FAILURE;
}

extern "C" kern_return_t memory_object_lock_completed(memory_object_t, memory_object_offset_t,
                                                      memory_object_size_t)
{
    return KERN_FAILURE;
}

extern "C" kern_return_t memory_object_data_return(memory_object_t, memory_object_offset_t, vm_offset_t,
                                                   mach_msg_type_number_t, boolean_t, boolean_t)
{
    return KERN_FAILURE;
}

extern "C" kern_return_t memory_object_synchronize(memory_object_t, memory_object_offset_t,
                                                   memory_object_size_t, natural_t)
{
    return KERN_FAILURE;
}

int main(int argument_count, char** arguments)
{
    bench::start(argument_count, arguments);
    bench::measure_zero_fill();
    bench::measure_copy("vm.copy.16", "vm.copy.16.source", 16);
    bench::measure_copy("vm.copy.2048", "vm.copy.2048.source", 2048);
    bench::measure_pager();
    bench::end();
}
