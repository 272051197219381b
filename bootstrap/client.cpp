// bootstrap/client.cpp: what a running task may ask for, by its own port.
#include <algorithm>
#include <string>

#include <mach/mach.h>

#include "guardian.h"

namespace boot {

using mach::Async;
using mach::failure;
using mach::ReceiveRight;
using mach::Result;
using mach::SendRight;

namespace {

bool names(const std::vector<Named>& list, std::string_view name)
{
    return std::ranges::find(list, name, &Named::name) != list.end();
}

}  // namespace

Result<Service*> Client::served(std::string_view name) const
{
    Service* service = services_.find(name);
    if (service == nullptr)
        return failure(KERN_INVALID_NAME);
    if (!names(task_.serves, name) && !names(task_.registers, name))
        return failure(KERN_NO_ACCESS);
    return service;
}

Async<Result<ReceiveRight>> Client::check_in(std::string_view name)
{
    Service* service = CO_TRY(served(name));
    co_return co_await service->check_in(this);
}

Async<Result<void>> Client::register_(std::string_view name, SendRight port)
{
    Service* service = CO_TRY(served(name));
    co_return service->register_port(std::move(port));
}

Async<Result<SendRight>> Client::look_up(std::string_view name, boolean_t wait)
{
    Service* service = services_.find(name);
    if (service == nullptr)
        co_return failure(KERN_INVALID_NAME);
    if (!names(task_.uses, name))
        co_return failure(KERN_NO_ACCESS);
    co_return co_await service->look_up(wait);
}

Async<Result<bootstrap::GetRightReply>> Client::get_right(std::string_view name)
{
    const auto grant = std::ranges::find(task_.grants, name, &Grant::name);
    if (grant == task_.grants.end())
        co_return failure(KERN_NO_ACCESS);
    GrantedRight granted = CO_TRY(host_.make(*grant));
    co_return bootstrap::GetRightReply{std::move(granted.right), granted.value};
}

void Client::log(std::span<const char> text)
{
    std::string_view rest{text.data(), text.size()};
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('\n'), rest.size());
        host_.log(task_.name + ": " + std::string{rest.substr(0, end)} + "\n");
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

}  // namespace boot
