// kernel/kern/ledger.cpp

#include <kern/ledger.h>

#include <ipc/ipc_kobject.h>
#include <kern/zone.h>

namespace {

constinit Zone<Ledger> ledger_zone{"ledgers"};
Ledger* root_ledger;  // Lives for ever.

}  // namespace

RefPtr<Ledger> kernel_ledger() { return RefPtr<Ledger>{root_ledger}; }

void ledger_init()
{
    mach::Result<RefPtr<Ledger>> root = Ledger::create({});
    KVERIFY(root.has_value(), "there is memory for the root ledger");
    root_ledger = root->leak();
}

RefPtr<Ledger> convert_port_to_ledger(IpcPort* port)
{
    return ipc_kobject_object<Ledger>(port, IpcKobjectType::Ledger);
}

Ledger::Ledger(RefPtr<Ledger> parent, unsigned depth) : parent_{std::move(parent)}, depth_{depth} {}

mach::Result<RefPtr<Ledger>> Ledger::create(RefPtr<Ledger> parent)
{
    const unsigned depth = parent ? parent->depth_ + 1 : 0;
    if (depth >= max_depth)
        return mach::failure(KERN_POLICY_LIMIT);
    Ledger* ledger = ledger_zone.create(std::move(parent), depth);
    if (ledger == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    return RefPtr<Ledger>::adopt(ledger);
}

bool Ledger::charge_one(Resource r, uint64_t amount)
{
    Account& account = accounts_[index(r)];
    const uint64_t limit = account.limit.load(std::memory_order_relaxed);
    uint64_t balance = account.balance.load(std::memory_order_relaxed);
    do {
        if (amount > limit || balance > limit - amount)
            return false;
    } while (!account.balance.compare_exchange_weak(balance, balance + amount, std::memory_order_relaxed));
    return true;
}

bool Ledger::charge(Resource r, uint64_t amount)
{
    for (Ledger* ledger = this; ledger != nullptr; ledger = ledger->parent_.get()) {
        if (ledger->charge_one(r, amount))
            continue;
        for (Ledger* charged = this; charged != ledger; charged = charged->parent_.get())
            charged->accounts_[index(r)].balance.fetch_sub(amount, std::memory_order_relaxed);
        return false;
    }
    return true;
}

void Ledger::uncharge(Resource r, uint64_t amount)
{
    for (Ledger* ledger = this; ledger != nullptr; ledger = ledger->parent_.get()) {
        [[maybe_unused]] const uint64_t before =
            ledger->accounts_[index(r)].balance.fetch_sub(amount, std::memory_order_relaxed);
        KASSERT(before >= amount, "L2: what is given back was charged");
    }
}

// The parent may lose its last reference with us: users build the tree, so it is taken down from the reap list.
void Ledger::destroy_last_reference(Ledger* ledger) { reaper_enqueue(*ledger); }

Reapable::Step Ledger::reap()
{
    for ([[maybe_unused]] const Account& account : accounts_)
        KASSERT(account.balance.load() == 0, "L1: a ledger goes when nothing is charged to it");
    ledger_zone.destroy(this);
    return Step::Done;
}

LedgerCharge::LedgerCharge(RefPtr<Ledger> ledger, Resource r, uint64_t amount)
    : ledger_{std::move(ledger)}, resource_{r}, amount_{amount}
{
}

LedgerCharge::LedgerCharge(LedgerCharge&& other) noexcept
    : ledger_{std::move(other.ledger_)}, resource_{other.resource_}, amount_{std::exchange(other.amount_, 0)}
{
}

LedgerCharge& LedgerCharge::operator=(LedgerCharge&& other) noexcept
{
    LedgerCharge old{std::move(*this)};
    ledger_ = std::move(other.ledger_);
    resource_ = other.resource_;
    amount_ = std::exchange(other.amount_, 0);
    return *this;
}

mach::Result<LedgerCharge> LedgerCharge::take(RefPtr<Ledger> ledger, Resource r, uint64_t amount)
{
    if (!ledger || amount == 0)
        return LedgerCharge{};
    if (!ledger->charge(r, amount))
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    return LedgerCharge{std::move(ledger), r, amount};
}

void LedgerCharge::release()
{
    if (ledger_ && amount_ != 0)
        ledger_->uncharge(resource_, std::exchange(amount_, 0));
    ledger_ = {};
}
