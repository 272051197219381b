// tests/unit/ipc/ipc_fixture.h
//
// Two spaces without tasks, for tests of rights, and tasks with user threads, for tests of messages.  After
// each test every right that still exists is counted and compared with its port's own count.
#ifndef PORTICO_TESTS_UNIT_IPC_IPC_FIXTURE_H
#define PORTICO_TESTS_UNIT_IPC_IPC_FIXTURE_H

#include <cstring>
#include <map>
#include <vector>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <kernel_fixture.h>

class IpcFixture : public KernelFixture {
protected:
    void SetUp() override;
    void TearDown() override;

    IpcSpace& mine() { return *mine_; }
    IpcSpace& theirs() { return *theirs_; }

    // What a test's body, which is no thread, leaves to the reaper, it must say itself.
    void run_until_idle();

    // ---- Making.  Failures end the test.
    mach_port_name_t allocate_port(IpcSpace& space);
    mach_port_name_t allocate_set(IpcSpace& space);
    // A right made from `receive_name` of `from`, now named in `to`.
    mach_port_name_t give_send(IpcSpace& from, mach_port_name_t receive_name, IpcSpace& to);
    mach_port_name_t give_send_once(IpcSpace& from, mach_port_name_t receive_name, IpcSpace& to);
    // In mine(), to a port whose receiver is theirs().
    mach_port_name_t insert_send_right(unsigned user_references = 1);
    mach_port_name_t insert_send_once_right();
    mach_port_name_t insert_dead_name(unsigned user_references = 1);
    // The receive right, in theirs(), of what one of these three made.
    mach_port_name_t receiver_of(mach_port_name_t name) { return receivers_.at(name); }
    void kill_port(mach_port_name_t name);

    SendOnceRight make_send_once(IpcSpace& space, mach_port_name_t receive_name);
    SendRight make_send(IpcSpace& space, mach_port_name_t receive_name);

    // ---- Looking.
    static mach_port_type_t type_of(IpcSpace& space, mach_port_name_t name);  // 0: denotes nothing.
    static mach_port_urefs_t user_references(IpcSpace& space, mach_port_name_t name);
    bool is_in_use(mach_port_name_t name) { return type_of(mine(), name) != 0; }
    bool is_dead_name(mach_port_name_t name) { return type_of(mine(), name) == MACH_PORT_TYPE_DEAD_NAME; }
    static uint32_t names_in_use(IpcSpace& space);
    static RefPtr<IpcPort> port_of(IpcSpace& space, mach_port_name_t name);
    static uint32_t send_rights_of(IpcPort& port);
    static uint32_t send_once_rights_of(IpcPort& port);
    static bool is_alive(IpcPort& port);

    // The next message in the port's queue, without a thread that receives it; null if there is none.
    KmsgPtr take_message(IpcSpace& space, mach_port_name_t receive_name);
    // The word behind NDR that name and count notifications carry.
    static uint32_t word_of(IpcKmsg& notification);

    // Audits at the end see these spaces, too.
    void audit(IpcSpace& space) { audited_.push_back(&space); }

private:
    void expect_rights_add_up();

    RefPtr<IpcSpace> mine_;
    RefPtr<IpcSpace> theirs_;
    std::map<mach_port_name_t, mach_port_name_t> receivers_;
    std::vector<IpcSpace*> audited_;
};

#endif
