// The file system in memory and the walk along paths: unix-server/fs/{memfs,name_space}.h, on an event loop that lets
// other work go first at every suspension point, as its seed says (0: never).
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <random>
#include <set>

#include <fs/file_room.h>
#include <fs/memfs.h>
#include <fs/name_space.h>
#include <mach/mach_host.h>
#include <mach/mig.h>
#include <portico/event_loop.h>

#include "fake_kernel.h"

// Only data asks for these.
extern "C" {
mach_port_t mach_host_self() { std::abort(); }
kern_return_t memory_object_establish(mach_port_t, mach_port_t, memory_object_flavor_t, const int*,
                                      mach_msg_type_number_t, mach_port_t*)
{
    std::abort();
}
kern_return_t mach_memory_object_memory_entry(mach_port_t, boolean_t, vm_size_t, vm_prot_t, mach_port_t,
                                              mach_port_t*)
{
    std::abort();
}
mach_port_t mig_get_reply_port() { std::abort(); }
void mig_put_reply_port(mach_port_t) { std::abort(); }
void mig_dealloc_reply_port(mach_port_t) { std::abort(); }
}

namespace portico {

uint64_t current_time_ns()
{
    static uint64_t now = 1'000'000'000;
    return ++now;
}
bool take_file_pages(uint64_t) { std::abort(); }

}  // namespace portico

namespace {

using namespace portico;
using mach::Async;
using mach::Result;

class MemFs : public testing::TestWithParam<uint64_t> {
protected:
    void SetUp() override
    {
        fake::reset();
        mach::EventLoop::Options options;
        options.suspension_seed = GetParam();
        loop = std::make_unique<mach::EventLoop>(options);
        file_system = std::make_unique<MemFileSystem>(1);
        user.euid = user.ruid = 1000;
        user.egid = user.rgid = 100;
    }
    void TearDown() override
    {
        file_system.reset();
        loop.reset();
        fake::reset();
    }

    void settle()
    {
        while (loop->run_once()) {
        }
    }
    template <class T>
    static Async<void> keep(Async<T> work, std::optional<T>& result)
    {
        result.emplace(co_await std::move(work));
    }
    // To its end.
    template <class T>
    T run(Async<T> work)
    {
        std::optional<T> result;
        EXPECT_TRUE(loop->spawn(keep(std::move(work), result)));
        settle();
        EXPECT_TRUE(result.has_value()) << "an operation waits for ever";
        return std::move(*result);
    }

    std::shared_ptr<Directory> root() { return shared(file_system->root()); }
    static std::shared_ptr<Directory> shared(Directory& directory)
    {
        return std::static_pointer_cast<Directory>(directory.shared_from_this());
    }
    WalkContext context(const Credentials& who) { return {root(), root(), who, 1}; }
    Result<InodeRef> find(std::string path, FinalLink final_link = FinalLink::follow)
    {
        return run(walk(context(admin), std::move(path), final_link));
    }
    int error_of(std::string path, const Credentials& who)
    {
        const Result<InodeRef> found = run(walk(context(who), std::move(path), FinalLink::follow));
        return found ? 0 : UNIX_ERROR_NUMBER(found.error());
    }
    int error_of(std::string path) { return error_of(std::move(path), admin); }

    InodeRef make(std::string path, uint32_t mode, std::string target = {})
    {
        const Result<NamedPlace> place = run(walk_to_place(context(admin), path, FinalLink::keep));
        EXPECT_TRUE(place) << path;
        InodeAttributes attributes;
        attributes.mode = mode;
        const Result<InodeRef> made = run(place->directory->create(place->name, attributes, target));
        EXPECT_TRUE(made) << path;
        return made ? *made : nullptr;
    }

    std::unique_ptr<mach::EventLoop> loop;
    std::unique_ptr<MemFileSystem> file_system;
    Credentials admin;
    Credentials user;
};

TEST_P(MemFs, WalksThroughDirectoriesDotsAndSlashes)
{
    make("/a", S_IFDIR | 0755);
    const InodeRef file = make("/a/f", S_IFIFO | 0644);
    EXPECT_EQ(find("/a/f"), file);
    EXPECT_EQ(find("a//./f"), file);
    EXPECT_EQ(find("/a/../../../a/f"), file) << "the root's parent is the root";
    EXPECT_EQ(find("/"), root());
    EXPECT_EQ(error_of("/a/f/"), ENOTDIR);
    EXPECT_EQ(error_of("/a/f/x"), ENOTDIR);
    EXPECT_EQ(error_of("/b/f"), ENOENT);
    EXPECT_EQ(error_of(""), ENOENT);
    EXPECT_EQ(error_of("/" + std::string(UNIX_NAME_MAX + 1, 'n')), ENAMETOOLONG);
    EXPECT_EQ(error_of("/" + std::string(UNIX_PATH_MAX, '/')), ENAMETOOLONG);
}

TEST_P(MemFs, FollowsLinksAndStopsInACircle)
{
    make("/d", S_IFDIR | 0755);
    const InodeRef file = make("/d/f", S_IFIFO | 0644);
    const InodeRef link = make("/up", S_IFLNK | 0777, "d");
    make("/d/abs", S_IFLNK | 0777, "/up/f");
    EXPECT_EQ(find("/up/f"), file);
    EXPECT_EQ(find("/up/abs"), file);
    EXPECT_EQ(find("/up", FinalLink::keep), link);
    EXPECT_EQ((*find("/up/", FinalLink::keep))->type(), uint32_t{S_IFDIR})
        << "a slash behind it asks for what it means";
    make("/circle", S_IFLNK | 0777, "circle");
    EXPECT_EQ(error_of("/circle"), ELOOP);
    EXPECT_EQ(error_of("/circle/x"), ELOOP);
}

TEST_P(MemFs, WithoutSearchPermissionNothingBehindADirectoryIsSeen)
{
    make("/shut", S_IFDIR | 0600);
    make("/shut/f", S_IFIFO | 0666);
    EXPECT_EQ(error_of("/shut/f", user), EACCES);
    EXPECT_EQ(error_of("/shut/none", user), EACCES) << "nor that it does not exist";
    EXPECT_EQ(error_of("/shut", user), 0);
    EXPECT_EQ(error_of("/shut/f"), 0) << "root may";
}

TEST_P(MemFs, PathsOfDirectoriesAreFoundAgainUntilTheyAreRemoved)
{
    make("/a", S_IFDIR | 0755);
    const InodeRef b = make("/a/b", S_IFDIR | 0755);
    const auto directory = shared(*b->as_directory());
    EXPECT_EQ(path_of(directory, root()), "/a/b");
    EXPECT_EQ(path_of(root(), root()), "/");
    Directory& a = *(*find("/a"))->as_directory();
    EXPECT_TRUE(run(a.remove_directory("b")));
    EXPECT_EQ(path_of(directory, root()).error(), UNIX_ERROR(ENOENT));
    EXPECT_EQ(run(b->as_directory()->create("x", {}, "")).error(), UNIX_ERROR(ENOENT))
        << "nothing grows in it";
}

TEST_P(MemFs, ADirectoryDoesNotMoveIntoItself)
{
    make("/a", S_IFDIR | 0755);
    make("/a/b", S_IFDIR | 0755);
    Directory& b = *(*find("/a/b"))->as_directory();
    EXPECT_EQ(run(b.rename_from(*root(), "a", "c")).error(), UNIX_ERROR(EINVAL));
    EXPECT_EQ(error_of("/a/b"), 0);
}

TEST_P(MemFs, ReadingADirectoryMeetsEachEntryThatStayedOnce)
{
    for (int i = 0; i < 20; ++i)
        make("/f" + std::to_string(i), S_IFIFO | 0644);
    std::multiset<std::string> seen;
    DirectoryEntry entry;
    int step = 0;
    for (uint64_t at = 0; root()->entry_at(at, entry); at = entry.next) {
        seen.insert(entry.name);
        if (++step == 5) {
            EXPECT_TRUE(run(root()->unlink("f1"))) << "has been read";
            EXPECT_TRUE(run(root()->unlink("f15"))) << "has not";
            make("/new", S_IFIFO | 0644);
        }
    }
    EXPECT_EQ(seen.count("."), 1u);
    EXPECT_EQ(seen.count(".."), 1u);
    EXPECT_EQ(seen.count("f15"), 0u);
    for (int i = 0; i < 20; ++i)
        if (i != 15) {
            EXPECT_EQ(seen.count("f" + std::to_string(i)), 1u) << i;
        }
}

// ---- Random operations, compared with a model: what stands where, and how many links each has.

class Tree {
public:
    struct Node {
        bool is_directory = false;
        std::map<std::string, Node*> entries;
        Node* parent = nullptr;
        unsigned links = 0;  // Of files.
        InodeRef inode;

        bool holds(const Node* other) const
        {
            for (; other != nullptr; other = other->parent)
                if (other == this)
                    return true;
            return false;
        }
        unsigned expected_links() const
        {
            unsigned count = 2;
            for (const auto& [name, child] : entries)
                count += child->is_directory;
            return is_directory ? count : links;
        }
    };

    Node& add(bool is_directory)
    {
        nodes_.push_back(std::make_unique<Node>());
        nodes_.back()->is_directory = is_directory;
        return *nodes_.back();
    }

    int rename(Node& from, const std::string& old_name, Node& to, const std::string& new_name)
    {
        if (!from.entries.contains(old_name))
            return ENOENT;
        Node* moved = from.entries[old_name];
        if (moved->is_directory && moved->holds(&to))
            return EINVAL;
        if (const auto found = to.entries.find(new_name); found != to.entries.end()) {
            Node* target = found->second;
            if (target == moved)
                return 0;
            if (!moved->is_directory && target->is_directory)
                return EISDIR;
            if (moved->is_directory && !target->is_directory)
                return ENOTDIR;
            if (!target->entries.empty())
                return ENOTEMPTY;
            remove(to, new_name);
        }
        from.entries.erase(old_name);
        to.entries[new_name] = moved;
        if (moved->is_directory)
            moved->parent = &to;
        return 0;
    }
    static void remove(Node& from, const std::string& name)
    {
        Node* gone = from.entries[name];
        from.entries.erase(name);
        gone->parent = nullptr;
        gone->links -= !gone->is_directory;
    }

private:
    std::vector<std::unique_ptr<Node>> nodes_;
};

class MemFsModel : public MemFs {
protected:
    static constexpr int steps = 400;

    void SetUp() override
    {
        MemFs::SetUp();
        top = &tree.add(true);
        top->inode = root();
        random.seed(GetParam());
    }

    unsigned any(unsigned below) { return static_cast<unsigned>(random() % below); }
    std::string any_name() { return std::string(1, static_cast<char>('a' + any(4))); }
    Tree::Node& any_directory()
    {
        Tree::Node* at = top;
        for (unsigned depth = any(4); depth > 0; --depth) {
            const auto found = at->entries.find(any_name());
            if (found != at->entries.end() && found->second->is_directory)
                at = found->second;
        }
        return *at;
    }
    static Directory& of(Tree::Node& node) { return *node.inode->as_directory(); }
    template <class T>
    static int code(const Result<T>& result)
    {
        return result ? 0 : UNIX_ERROR_NUMBER(result.error());
    }

    void make_one(Tree::Node& in, const std::string& name, bool directory)
    {
        InodeAttributes attributes;
        attributes.mode = (directory ? S_IFDIR : S_IFIFO) | 0755;
        const Result<InodeRef> made = run(of(in).create(name, attributes, ""));
        EXPECT_EQ(code(made), in.entries.contains(name) ? EEXIST : 0);
        if (!made)
            return;
        Tree::Node& node = tree.add(directory);
        node.inode = *made;
        node.links = 1;
        node.parent = directory ? &in : nullptr;
        in.entries[name] = &node;
    }
    void link_one(Tree::Node& from, const std::string& old_name, Tree::Node& to, const std::string& name)
    {
        const auto found = from.entries.find(old_name);
        if (found == from.entries.end() || found->second->is_directory)
            return;
        const int wanted = to.entries.contains(name) ? EEXIST : 0;
        EXPECT_EQ(code(run(of(to).link(name, found->second->inode))), wanted);
        if (wanted != 0)
            return;
        ++found->second->links;
        to.entries[name] = found->second;
    }
    void remove_one(Tree::Node& in, const std::string& name, bool as_directory)
    {
        const auto found = in.entries.find(name);
        const Tree::Node* node = found != in.entries.end() ? found->second : nullptr;
        const int wanted = node == nullptr                       ? ENOENT
                           : node->is_directory && !as_directory ? EISDIR
                           : !node->is_directory && as_directory ? ENOTDIR
                           : !node->entries.empty()              ? ENOTEMPTY
                                                                 : 0;
        EXPECT_EQ(code(as_directory ? run(of(in).remove_directory(name)) : run(of(in).unlink(name))), wanted);
        if (wanted == 0)
            Tree::remove(in, name);
    }
    void step()
    {
        Tree::Node& first = any_directory();
        Tree::Node& second = any_directory();
        const std::string name = any_name();
        const std::string other = any_name();
        switch (any(7)) {
        case 0:
        case 1:
            return make_one(first, name, true);
        case 2:
            return make_one(first, name, false);
        case 3:
            return link_one(first, name, second, other);
        case 4:
            return remove_one(first, name, any(2) == 0);
        default: {
            const int kernel = code(run(of(second).rename_from(of(first), name, other)));
            EXPECT_EQ(kernel, tree.rename(first, name, second, other)) << name << " to " << other;
        }
        }
    }
    void compare(Tree::Node& node)
    {
        EXPECT_EQ(node.inode->attributes().nlink, node.expected_links());
        std::set<std::string> listed;
        DirectoryEntry entry;
        for (uint64_t at = 2; of(node).entry_at(at, entry); at = entry.next)
            EXPECT_TRUE(listed.insert(entry.name).second);
        EXPECT_EQ(listed.size(), node.entries.size());
        for (auto& [name, child] : node.entries) {
            const Result<InodeRef> found = run(of(node).lookup(name));
            ASSERT_TRUE(found);
            EXPECT_EQ(*found, child->inode);
            if (child->is_directory)
                compare(*child);
            else
                EXPECT_EQ(child->inode->attributes().nlink, child->links);
        }
    }

    Tree tree;
    Tree::Node* top = nullptr;
    std::mt19937_64 random;
};

TEST_P(MemFsModel, AgreesWithATreeAfterEveryOperation)
{
    for (int i = 0; i < steps && !HasFailure(); ++i) {
        step();
        compare(*top);
    }
}

// Many clients at once: whoever comes first wins, and nothing is lost or counted twice.
TEST_P(MemFs, OfManyWhoMoveOneFileEachFindsItOrDoesNot)
{
    make("/from", S_IFDIR | 0755);
    make("/to", S_IFDIR | 0755);
    const InodeRef file = make("/from/f", S_IFIFO | 0644);
    Directory& from = *(*find("/from"))->as_directory();
    Directory& to = *(*find("/to"))->as_directory();
    constexpr int clients = 8;
    std::array<std::optional<Result<void>>, clients> results;
    const auto names = [](int i) { return "f" + std::to_string(i); };
    std::array<std::string, clients> targets;
    for (int i = 0; i < clients; ++i)
        targets[i] = names(i);
    for (int i = 0; i < clients; ++i)
        ASSERT_TRUE(loop->spawn(keep(to.rename_from(from, "f", targets[i]), results[i])));
    settle();
    int moved = 0;
    for (int i = 0; i < clients; ++i) {
        ASSERT_TRUE(results[i]);
        moved += results[i]->has_value();
        EXPECT_EQ(error_of("/to/" + targets[i]), results[i]->has_value() ? 0 : ENOENT);
    }
    EXPECT_EQ(moved, 1);
    EXPECT_EQ(file->attributes().nlink, 1u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MemFs, testing::Range<uint64_t>(0, 8));
INSTANTIATE_TEST_SUITE_P(Seeds, MemFsModel, testing::Range<uint64_t>(0, 12));

}  // namespace
