// tests/unit/vm/vm_fixture.h
//
// Address maps as a processor sees them: a load or store goes by the Pmap, and faults like a machine does
// when the Pmap does not allow it.  So a mapping that is left behind when its page changes hands shows as a
// wrong byte.
#ifndef PORTICO_TESTS_UNIT_VM_VM_FIXTURE_H
#define PORTICO_TESTS_UNIT_VM_VM_FIXTURE_H

#include <cstring>
#include <functional>
#include <utility>

#include "kernel_fixture.h"

#include <machine/memory.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_user.h>

class VmFixture : public KernelFixture {
protected:
    void TearDown() override
    {
        in_kernel([](Thread&) {});  // At its end the reaper hears of what the test's own body has dropped.
        KernelFixture::TearDown();
    }

    static VmMapRef make_map()
    {
        mach::Result<VmMapRef> map = VmMap::create(nullptr);
        EXPECT_TRUE(map.has_value());
        return *map;
    }

    static VmMapRef fork(VmMap& map)
    {
        mach::Result<VmMapRef> child = map.fork(nullptr);
        EXPECT_TRUE(child.has_value());
        return *child;
    }

    static vm_address_t allocate(VmMap& map, vm_size_t size)
    {
        return map.allocate(0, size, VM_FLAGS_ANYWHERE).value_or(0);
    }

    // The byte at an address, for this kind of access; faults as often as it must.
    static std::byte* reach(Thread& self, VmMap& map, vm_address_t address, vm_prot_t access,
                            kern_return_t& code)
    {
        for (int tries = 0; tries != 4; ++tries) {
            auto& entries = map.pmap().state().entries;
            const auto mapping = entries.find(trunc_page(address));
            if (mapping != entries.end() && (mapping->second.protection & access) == access) {
                if (mapping->second.page != nullptr && (access & VM_PROT_WRITE) != 0)
                    mapping->second.page->pmap_attributes |= 2;  // Modified: what the hardware would set.
                return static_cast<std::byte*>(machine::phys_to_virt(mapping->second.physical)) +
                       (address & page_mask);
            }
            code = mach::code_of(vm_fault_wait(self, map, address, access));
            if (code != KERN_SUCCESS)
                return nullptr;
        }
        ADD_FAILURE() << "a resolved fault did not give access";
        return nullptr;
    }

    struct Loaded {
        kern_return_t code = KERN_SUCCESS;
        int value = -1;
    };
    static Loaded load(Thread& self, VmMap& map, vm_address_t address)
    {
        Loaded loaded;
        if (const std::byte* at = reach(self, map, address, VM_PROT_READ, loaded.code))
            loaded.value = static_cast<int>(*at);
        return loaded;
    }
    static int value_at(Thread& self, VmMap& map, vm_address_t address)
    {
        return load(self, map, address).value;
    }

    static kern_return_t store(Thread& self, VmMap& map, vm_address_t address, int value)
    {
        kern_return_t code = KERN_SUCCESS;
        if (std::byte* at = reach(self, map, address, VM_PROT_READ | VM_PROT_WRITE, code))
            *at = static_cast<std::byte>(value);
        return code;
    }
};

#endif
