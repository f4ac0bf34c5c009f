// What the clock makes the daemon look for where it cannot watch.
#include "revdep-paxd/watcher.h"

#include <sched.h>

#include "daemon/daemon_fixture.h"
#include "support/child.h"

namespace revdep::daemon {
namespace {

using WatcherTest = DaemonTest;

TEST_F(WatcherTest, WithoutWatchesALookFindsWhatChanged) {
  const auto said = support::in_namespaces(CLONE_NEWUSER, [&]() -> std::string {
    if (!support::set_user_limit("max_inotify_watches", 3)) return "no limit set";
    auto tree = base::Tree::open(root());
    const auto watcher = *Watcher::create(*tree, {file("/var/db/pkg"), {"/usr/bin/plain"}, [](auto) { return false; }});
    std::string text = watcher->polling() ? "polls\n" : "watches\n";
    for (const base::Error& problem : watcher->take().problems) text += problem.reason + '\n';
    root_->merge(user("app/b-1", "/usr/bin/b"));
    text += *watcher->read() ? "noticed\n" : "not noticed\n";
    text += watcher->look() ? "found\n" : "not found\n";
    const Watcher::News news = watcher->take();
    for (const vdb::PackageName& package : news.occasion.packages) text += to_string(package) + '\n';
    for (const std::string& path : news.occasion.files) text += path + '\n';
    return text;
  });
  if (!said) GTEST_SKIP() << "no user namespaces";
  const std::string reason = "no watch is left; the sysctl fs.inotify.max_user_watches says how many there are\n";
  EXPECT_EQ(*said, "polls\n" + reason + reason + "not noticed\nfound\napp/b-1\n/usr/bin/plain\n");
}

}  // namespace
}  // namespace revdep::daemon
