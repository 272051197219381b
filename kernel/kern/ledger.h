// kernel/kern/ledger.h
//
// What tasks make the kernel hold, counted and limited (design D9).  Ledgers form a tree: a charge counts in the ledger
// and in every ancestor, and fails, without effect, if any of them would go over its limit.  Every task has one; who
// creates a task may name another, so that a process or a user can have its own.
//
// Lifetime    RefPtr; each LedgerCharge keeps its ledger, so what a dead task has in flight stays accounted.
//             A ledger that users made has a port, which keeps it until it ends.
// Lock        none: balances are atomic.  Two charges at once near a limit may both fail; neither overruns it.
// Invariants  (L1) A ledger's balance is the sum of the charges on it and on its descendants.
//             (L2) 0 <= balance, and a charge never takes a balance over its limit (a limit lowered later may).
#ifndef PORTICO_KERN_LEDGER_H
#define PORTICO_KERN_LEDGER_H

#include <array>
#include <atomic>
#include <cstdint>

#include <ipc/ipc_right.h>
#include <kern/reaper.h>
#include <lib/ref.h>
#include <mach/result.h>

class IpcPort;

enum class Resource : uint8_t {
    Tasks,
    Threads,
    Ports,           // Receive rights.
    Names,           // Entries of spaces.
    MessageBytes,    // In queues: charged to the sender.
    OutOfLinePages,  // In messages.
    MapEntries,
    KernelStacks,  // Beyond those of running threads.
    Count,
};
inline constexpr size_t resource_count = static_cast<size_t>(Resource::Count);

class Ledger final : public RefCounted<Ledger>, public Reapable {
public:
    static constexpr uint64_t unlimited = UINT64_MAX;
    static constexpr unsigned max_depth = 16;

    // Under `parent` (null: the root).  KERN_RESOURCE_SHORTAGE, or KERN_POLICY_LIMIT below max_depth.
    [[nodiscard]] static mach::Result<RefPtr<Ledger>> create(RefPtr<Ledger> parent);

    uint64_t balance(Resource r) const { return accounts_[index(r)].balance.load(std::memory_order_relaxed); }
    uint64_t limit(Resource r) const { return accounts_[index(r)].limit.load(std::memory_order_relaxed); }
    void set_limit(Resource r, uint64_t limit)
    {
        accounts_[index(r)].limit.store(limit, std::memory_order_relaxed);
    }
    const RefPtr<Ledger>& parent() const { return parent_; }

    // Below `parent`, charged to it as one port, with a port of its own: ledger_create().
    [[nodiscard]] static mach::Result<SendRight> create_with_port(Ledger& parent);
    // Its port dies, at the latest with the last right to it.
    void end();
    static void no_senders(IpcPort& port);
    // KERN_INVALID_LEDGER: it has no port, or no longer.
    [[nodiscard]] mach::Result<SendRight> port();
    [[nodiscard]] bool is_below(const Ledger& ancestor) const;

    // No task is made from here on that is charged to it or below it.  Relaxed: see Task::end_some_charged_to().
    void close_to_tasks() { closed_to_tasks_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool takes_tasks() const;

    // Prefer LedgerCharge, which cannot be forgotten.
    [[nodiscard]] bool charge(Resource r, uint64_t amount);
    void uncharge(Resource r, uint64_t amount);

    static void destroy_last_reference(Ledger* ledger);

private:
    template <class>
    friend class Zone;
    friend void ledger_init_port();

    struct Account {
        std::atomic<uint64_t> balance = 0;
        std::atomic<uint64_t> limit = unlimited;
    };
    static constexpr size_t index(Resource r) { return static_cast<size_t>(r); }
    bool charge_one(Resource r, uint64_t amount);

    Ledger(RefPtr<Ledger> parent, unsigned depth);
    ~Ledger() = default;
    Step reap() override;

    mach::Result<void> make_port();

    std::array<Account, resource_count> accounts_;
    RefPtr<Ledger> parent_;
    const unsigned depth_;
    RefPtr<IpcPort> port_;            // Set before anyone else knows the ledger.
    std::atomic<bool> ended_ = true;  // False while the port keeps a reference.
    bool charged_as_port_ = false;    // To the parent.
    std::atomic<bool> closed_to_tasks_ = false;
};
using LedgerRef = RefPtr<Ledger>;

// The root of the tree: the kernel's own.
RefPtr<Ledger> kernel_ledger();
[[nodiscard]] RefPtr<Ledger> convert_port_to_ledger(IpcPort* port);
void ledger_init();       // Start-up.
void ledger_init_port();  // The root's, when there are ports.

// An amount of one resource that is charged to one ledger, for as long as this object lives.  Move-only.
class LedgerCharge {
public:
    LedgerCharge() = default;
    [[nodiscard]] static mach::Result<LedgerCharge> take(RefPtr<Ledger> ledger, Resource r, uint64_t amount);
    LedgerCharge(LedgerCharge&& other) noexcept
        : ledger_{std::move(other.ledger_)},
          resource_{other.resource_},
          amount_{std::exchange(other.amount_, uint64_t{0})}
    {
    }
    LedgerCharge& operator=(LedgerCharge&& other) noexcept;
    ~LedgerCharge() { release(); }

    void release()
    {
        if (ledger_)
            give_back();
    }
    // The charge stays without this object: who has it now gives it back by Ledger::uncharge().
    void keep()
    {
        amount_ = 0;
        ledger_ = {};
    }
    uint64_t amount() const { return amount_; }

private:
    LedgerCharge(RefPtr<Ledger> ledger, Resource r, uint64_t amount);
    void give_back();

    RefPtr<Ledger> ledger_;
    Resource resource_ = Resource::Count;
    uint64_t amount_ = 0;
};

#endif
