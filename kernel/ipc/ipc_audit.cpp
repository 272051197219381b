// kernel/ipc/ipc_audit.cpp: see ipc_audit.h.
#include <ipc/ipc_audit.h>

#include <ipc/ipc_kmsg.h>

IpcAuditPort* IpcAudit::record(IpcPort& port)
{
    for (IpcAuditPort& known : table_.first(used_))
        if (known.port == &port)
            return &known;
    if (used_ == table_.size()) {
        overflowed_ = true;
        return nullptr;
    }
    IpcAuditPort& fresh = table_[used_++];
    fresh = {&port, 0, 0, 0};
    add_queue(port);
    return &fresh;
}

void IpcAudit::add_right(const IpcPort* port, RightKind kind)
{
    if (!ipc_port_valid(port) || kind == RightKind::None)
        return;
    IpcAuditPort* found = record(*const_cast<IpcPort*>(port));
    if (found == nullptr)
        return;
    found->send += kind == RightKind::Send;
    found->send_once += kind == RightKind::SendOnce;
    found->receive += kind == RightKind::Receive;
}

// What hangs on a port: its queue, and the notifications registered with it.
void IpcAudit::add_queue(IpcPort& port) NO_THREAD_SAFETY_ANALYSIS
{
    for (IpcKmsg& message : port.queue_.messages)
        add_message(message);
    for (uint32_t i = 0; i < port.queue_.send_once_notices; ++i)
        add_right(&port, RightKind::SendOnce);
    add_notification(port.no_senders_);
    add_notification(port.port_destroyed_);
    for (IpcNameRequest& request : port.name_requests_)
        add_notification(request.notification);
}

void IpcAudit::add_notification(const IpcNotification& notification)
{
    add_right(notification.target(), RightKind::SendOnce);
}

void IpcAudit::add_message(IpcKmsg& message)
{
    add_right(message.destination.raw(), message.destination.kind());
    add_right(message.reply.raw(), message.reply.kind());
    for (KmsgDescriptor& descriptor : message.descriptors()) {
        if (const IpcRight* right = std::get_if<IpcRight>(&descriptor))
            add_right(right->raw(), right->kind());
        else if (KmsgPorts* ports = std::get_if<KmsgPorts>(&descriptor))
            for (uint32_t i = 0; i < ports->rights.size(); ++i)
                add_right(ports->rights[i].raw(), ports->rights[i].kind());
    }
}

void IpcAudit::add_space(IpcSpace& space) NO_THREAD_SAFETY_ANALYSIS
{
    for (IpcEntry* entry = space.next_in_use(0); entry != nullptr;
         entry = space.next_in_use(entry->index() + 1)) {
        if (!entry->has_port())
            continue;
        if (entry->has(IpcEntry::Send))
            add_right(entry->port, RightKind::Send);
        if (entry->has(IpcEntry::SendOnce))
            add_right(entry->port, RightKind::SendOnce);
        if (entry->has(IpcEntry::Receive))
            add_right(entry->port, RightKind::Receive);
    }
}

const IpcAuditPort* IpcAudit::first_difference()
{
    for (IpcAuditPort& found : table_.first(used_)) {
        Guard guard{found.port->lock()};
        const bool kernels = found.port->in_kernel() != nullptr;  // Its object holds the receive right.
        const uint32_t receivers = found.port->active() && !kernels ? 1 : 0;
        if (found.send != found.port->send_rights() || found.send_once != found.port->send_once_rights() ||
            found.receive != receivers)
            return &found;
    }
    return nullptr;
}
