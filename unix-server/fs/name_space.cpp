#include "name_space.h"

#include <algorithm>
#include <cerrno>

#include "../support/unix_error.h"

namespace portico {

namespace {

constexpr int symbolic_link_limit = 40;

// Splits the next component off `rest`; slashes before it are dropped.
std::string next_component(std::string& rest)
{
    const size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
    const size_t end = std::min(rest.find('/', begin), rest.size());
    std::string component = rest.substr(begin, end - begin);
    rest.erase(0, end);
    return component;
}

bool only_slashes(std::string_view rest) { return rest.find_first_not_of('/') == std::string_view::npos; }

mach::Result<void> check_length(std::string_view path)
{
    if (path.empty())
        return unix_failure(ENOENT);
    if (path.size() >= UNIX_PATH_MAX)
        return unix_failure(ENAMETOOLONG);
    return {};
}

// One walk: the directory it stands in and what is left of the path.
class Walk {
public:
    Walk(WalkContext context, std::string path) : context_{std::move(context)}, rest_{std::move(path)}
    {
        here_ = rest_.starts_with('/') ? context_.root : context_.start;
    }

    mach::Async<mach::Result<NamedPlace>> run(FinalLink final_link)
    {
        for (;;) {
            const std::string name = next_component(rest_);
            if (name.size() > UNIX_NAME_MAX)
                co_return unix_failure(ENAMETOOLONG);
            if (here_ == nullptr)
                co_return unix_failure(ENOENT);
            const bool last = only_slashes(rest_);
            const bool slash_after = last && !rest_.empty();

            if (name.empty() || name == "." || name == "..") {
                if (!name.empty())
                    CO_TRY(here_->check_access(context_.who, want_execute));
                if (name == "..")
                    go_up();
                if (last)
                    co_return special_place(name);
                continue;
            }

            CO_TRY(here_->check_access(context_.who, want_execute));
            mach::Result<InodeRef> found = co_await here_->lookup(name);
            if (!found) {
                if (found.error() != UNIX_ERROR(ENOENT) || !last)
                    co_return mach::failure(found.error());
                co_return NamedPlace{here_, name, nullptr, false, slash_after, nullptr};
            }
            if (SymbolicLink* link = (*found)->as_link();
                link != nullptr && (!last || slash_after || final_link == FinalLink::follow)) {
                std::optional<SymbolicLink::Jump> jump = CO_TRY(link->jump(context_.who));
                if (!jump) {
                    CO_TRY(follow(*link));
                    continue;
                }
                *found = std::move(jump->inode);
                description_ = std::move(jump->description);
            }
            if (last)
                co_return final_place(name, std::move(*found), slash_after);
            Directory* directory = (*found)->as_directory();
            if (directory == nullptr)
                co_return unix_failure(ENOTDIR);
            here_ = std::static_pointer_cast<Directory>(directory->shared_from_this());
        }
    }

private:
    void go_up()
    {
        if (here_ != context_.root)
            here_ = here_->parent();
    }

    mach::Result<NamedPlace> special_place(const std::string& name) const
    {
        if (here_ == nullptr)
            return unix_failure(ENOENT);
        return NamedPlace{here_, name.empty() ? "/" : name, here_, true, true, nullptr};
    }

    mach::Result<NamedPlace> final_place(const std::string& name, InodeRef inode, bool slash_after) const
    {
        if (slash_after && inode->as_directory() == nullptr)
            return unix_failure(ENOTDIR);
        return NamedPlace{here_, name, std::move(inode), false, slash_after, description_};
    }

    // What the link says is walked next, then what was left.
    mach::Result<void> follow(const SymbolicLink& link)
    {
        if (++links_followed_ > symbolic_link_limit)
            return unix_failure(ELOOP);
        const std::string target = TRY(link.target(context_.pid));
        if (target.empty())
            return unix_failure(ENOENT);
        if (target.size() + rest_.size() >= UNIX_PATH_MAX)
            return unix_failure(ENAMETOOLONG);
        if (target.starts_with('/'))
            here_ = context_.root;
        rest_ = target + rest_;
        return {};
    }

    WalkContext context_;
    std::string rest_;
    std::shared_ptr<Directory> here_;
    std::shared_ptr<Description> description_;  // Of the last step.
    int links_followed_ = 0;
};

}  // namespace

mach::Async<mach::Result<NamedPlace>> walk_to_place(WalkContext context, std::string path,
                                                    FinalLink final_link)
{
    CO_TRY(check_length(path));
    Walk walk{std::move(context), std::move(path)};
    co_return co_await walk.run(final_link);
}

mach::Async<mach::Result<InodeRef>> walk(WalkContext context, std::string path, FinalLink final_link)
{
    NamedPlace place = CO_TRY(co_await walk_to_place(std::move(context), std::move(path), final_link));
    if (place.inode == nullptr)
        co_return unix_failure(ENOENT);
    co_return std::move(place.inode);
}

mach::Result<std::string> path_of(const std::shared_ptr<Directory>& directory,
                                  const std::shared_ptr<Directory>& root)
{
    std::string path;
    for (std::shared_ptr<Directory> here = directory; here != root;) {
        const std::shared_ptr<Directory> up = here->parent();
        if (up == nullptr || up == here)
            return unix_failure(ENOENT);
        const std::string name = up->name_of(*here);
        if (name.empty())
            return unix_failure(ENOENT);
        path = "/" + name + path;
        if (path.size() >= UNIX_PATH_MAX)
            return unix_failure(ENAMETOOLONG);
        here = up;
    }
    return path.empty() ? std::string{"/"} : path;
}

}  // namespace portico
