#include "sema/spelling.h"

namespace migc {

const char* spelling(ir::Role role)
{
    switch (role) {
    case ir::Role::RequestPort:
        return "requestport";
    case ir::Role::ReplyPort:
        return "replyport";
    case ir::Role::WaitTime:
        return "waittime";
    case ir::Role::SendTime:
        return "sendtime";
    case ir::Role::MsgOption:
        return "msgoption";
    case ir::Role::MsgSeqno:
        return "msgseqno";
    case ir::Role::RetCode:
        return "retcode";
    case ir::Role::AuditToken:
        return "ServerAuditToken";
    case ir::Role::SecurityToken:
        return "ServerSecToken";
    case ir::Role::ContextToken:
        return "ServerContextToken";
    case ir::Role::Data:
        break;
    }
    return "in";
}

const char* spelling(ast::Flag::Kind flag)
{
    constexpr const char* names[] = {"dealloc",   "dealloc[]",  "notdealloc", "servercopy", "physicalcopy",
                                     "overwrite", "auto",       "const",      "IsLong",     "IsNotLong",
                                     "sameCount", "countinout", "retcode"};
    return names[flag];
}

}  // namespace migc
