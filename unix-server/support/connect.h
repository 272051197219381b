// unix-server/support/connect.h
//
// From a right that a service was given to the object behind it: the object itself if it lives in this task (single
// wiring), a remote otherwise.  Nobody but this file asks which wiring it is.
//
// An object that others may be given a right to says so with LocalObject<Interface>; Object::make_send() gives the right.
#pragma once

#include <map>
#include <memory>
#include <portico/event_loop.h>
#include <portico/rights.h>

namespace portico {

// The objects of this task that implement `Interface`, by the name of their port.
template <class Interface>
class LocalObjects {
public:
    static void add(mach_port_t name, const std::shared_ptr<Interface>& object)
    {
        // Names of dead objects are swept out when they are as many as the living.
        if (objects().size() >= sweep_at()) {
            std::erase_if(objects(), [](const auto& entry) { return entry.second.expired(); });
            sweep_at() = 2 * objects().size() + 64;
        }
        objects()[name] = object;
    }
    static std::shared_ptr<Interface> find(mach_port_t name)
    {
        const auto found = objects().find(name);
        return found == objects().end() ? nullptr : found->second.lock();
    }

private:
    static size_t& sweep_at()
    {
        static size_t size = 64;
        return size;
    }
    static std::map<mach_port_t, std::weak_ptr<Interface>>& objects()
    {
        static std::map<mach_port_t, std::weak_ptr<Interface>> map;
        return map;
    }
};

// A send right to `object`'s port, by which connect() in this task will find the object.
template <class Interface, class Implementation>
mach::Result<mach::SendRight> make_local_right(const std::shared_ptr<Implementation>& object)
{
    mach::SendRight right = TRY(object->make_send());
    LocalObjects<Interface>::add(right.name(), object);
    return right;
}

// The object behind a right.  The right is kept as long as the connection: its owner sees by no-senders when nobody has
// one any more.
template <class Interface>
class Connection {
public:
    template <class Remote>
    static Connection to(mach::EventLoop& loop, mach::SendRight right)
    {
        Connection connection;
        connection.object_ = LocalObjects<Interface>::find(right.name());
        if (connection.object_ != nullptr)
            connection.right_ = std::move(right);
        else
            connection.object_ = std::make_shared<Remote>(loop, std::move(right));
        return connection;
    }

    Interface* operator->() const { return object_.get(); }
    Interface& operator*() const { return *object_; }

private:
    std::shared_ptr<Interface> object_;
    mach::SendRight right_;
};

}  // namespace portico
