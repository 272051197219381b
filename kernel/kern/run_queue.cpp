// kernel/kern/run_queue.cpp

#include <kern/run_queue.h>

#include <bit>

#include <kern/thread.h>

Priority RunQueue::highest() const
{
    const uint64_t high = occupied_[1].load(std::memory_order_relaxed);
    if (high != 0)
        return 127 - std::countl_zero(high);
    const uint64_t low = occupied_[0].load(std::memory_order_relaxed);
    return low != 0 ? 63 - std::countl_zero(low) : -1;
}

void RunQueue::mark(Priority priority, bool occupied)
{
    const auto word = static_cast<size_t>(priority / 64);
    const uint64_t bit = uint64_t{1} << (priority % 64);
    const uint64_t old = occupied_[word].load(std::memory_order_relaxed);
    occupied_[word].store(occupied ? old | bit : old & ~bit, std::memory_order_relaxed);
}

void RunQueue::enqueue(Thread& thread, bool at_front)
{
    Guard guard{lock_};
    KASSERT(thread.run_queue_ == nullptr, "Q2: a thread is in one run queue");
    const Priority priority = thread.priority_;
    auto& list = lists_[static_cast<size_t>(priority)];
    if (at_front)
        list.push_front(thread.run_link_);
    else
        list.push_back(thread.run_link_);
    thread.run_queue_ = this;
    thread.queued_priority_ = priority;
    mark(priority, true);
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void RunQueue::unlink(Thread& thread)
{
    KASSERT(thread.run_queue_ == this, "Q2: the thread is in this run queue");
    auto& list = lists_[static_cast<size_t>(thread.queued_priority_)];
    list.erase(list.iterator_to(thread.run_link_));
    thread.run_queue_ = nullptr;
    if (list.empty())
        mark(thread.queued_priority_, false);
    count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

Thread* RunQueue::dequeue_highest()
{
    if (count() == 0)
        return nullptr;
    Guard guard{lock_};
    const Priority priority = highest();
    if (priority < 0)
        return nullptr;
    Thread& thread = lists_[static_cast<size_t>(priority)].front().thread;
    unlink(thread);
    return &thread;
}

Thread* RunQueue::steal()
{
    if (count() == 0)
        return nullptr;
    Guard guard{lock_};
    for (Priority priority = highest(); priority >= 0; --priority) {
        for (auto& link : lists_[static_cast<size_t>(priority)]) {
            if (link.thread.bound_processor_ == nullptr) {
                unlink(link.thread);
                return &link.thread;
            }
        }
    }
    return nullptr;
}

bool RunQueue::remove(Thread& thread)
{
    Guard guard{lock_};
    if (thread.run_queue_ != this)
        return false;
    unlink(thread);
    return true;
}
