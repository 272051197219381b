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

mach::Result<void> Ledger::make_port()
{
    port_ = TRY(ipc_kobject_create(IpcKobjectType::Ledger, this));
    ended_.store(false, std::memory_order_relaxed);
    reference();  // The port's, until end().
    return {};
}

mach::Result<SendRight> Ledger::create_with_port(Ledger& parent)
{
    LedgerCharge charge = TRY(LedgerCharge::take(RefPtr<Ledger>{parent}, Resource::Ports, 1));
    const RefPtr<Ledger> ledger = TRY(create(RefPtr<Ledger>{parent}));
    TRY(ledger->make_port());
    ledger->charged_as_port_ = true;
    charge.keep();  // The ledger's from here on: reap() gives it back.
    return ipc_kobject_make_send(*ledger->port_);
}

void Ledger::end()
{
    if (ended_.exchange(true, std::memory_order_acq_rel))
        return;
    ipc_kobject_destroy(*port_);
    release();
}

void Ledger::no_senders(IpcPort& port)
{
    const RefPtr<Ledger> ledger = convert_port_to_ledger(&port);
    if (ledger == nullptr || ledger.get() == root_ledger)
        return;
    {
        Guard guard{port.lock()};
        if (port.send_rights() != 0)
            return;  // Made again since.
    }
    ledger->end();
}

mach::Result<SendRight> Ledger::port()
{
    if (port_ == nullptr || ended_.load(std::memory_order_acquire))
        return mach::failure(KERN_INVALID_LEDGER);
    return ipc_kobject_make_send(*port_);
}

bool Ledger::is_below(const Ledger& ancestor) const
{
    for (const Ledger* ledger = parent_.get(); ledger != nullptr; ledger = ledger->parent_.get())
        if (ledger == &ancestor)
            return true;
    return false;
}

bool Ledger::takes_tasks() const
{
    for (const Ledger* ledger = this; ledger != nullptr; ledger = ledger->parent_.get())
        if (ledger->closed_to_tasks_.load(std::memory_order_relaxed))
            return false;
    return true;
}

void ledger_init_port()
{
    KVERIFY(root_ledger->make_port().has_value(), "there is memory for the root ledger's port");
    ipc_kobject_on_no_senders(IpcKobjectType::Ledger, Ledger::no_senders);
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
    if (charged_as_port_)
        parent_->uncharge(Resource::Ports, 1);
    for ([[maybe_unused]] const Account& account : accounts_)
        KASSERT(account.balance.load() == 0, "L1: a ledger goes when nothing is charged to it");
    ledger_zone.destroy(this);
    return Step::Done;
}

LedgerCharge::LedgerCharge(RefPtr<Ledger> ledger, Resource r, uint64_t amount)
    : ledger_{std::move(ledger)}, resource_{r}, amount_{amount}
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

void LedgerCharge::give_back()
{
    if (amount_ != 0)
        ledger_->uncharge(resource_, std::exchange(amount_, 0));
    ledger_ = {};
}
