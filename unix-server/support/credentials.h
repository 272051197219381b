// unix-server/support/credentials.h
//
// Who a process is for the purposes of access checks.  The process service is the authority; others keep the copy
// that it announced last (design D16).
#pragma once

#include <algorithm>
#include <cstdint>
#include <portico/unix_types.h>
#include <vector>

namespace portico {

struct Credentials {
    uint32_t ruid = 0, euid = 0, suid = 0;
    uint32_t rgid = 0, egid = 0, sgid = 0;
    std::vector<uint32_t> groups;

    static Credentials from(const unix_identity_t& identity)
    {
        return {identity.ruid, identity.euid, identity.suid, identity.rgid, identity.egid, identity.sgid, {}};
    }

    bool is_root() const { return euid == 0; }
    bool in_group(uint32_t gid) const
    {
        return gid == egid || std::ranges::find(groups, gid) != groups.end();
    }

    // The same process judged by its real ids, for access().
    Credentials as_real() const
    {
        Credentials real = *this;
        real.euid = ruid;
        real.egid = rgid;
        return real;
    }
};

}  // namespace portico
