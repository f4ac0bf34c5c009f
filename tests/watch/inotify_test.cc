#include "watch/inotify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/inotify.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/child.h"
#include "support/temp_dir.h"
#include "watch/events.h"

namespace revdep::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class InotifyTest : public testing::Test {
 protected:
  Watch add(const std::string& path, std::uint32_t mask) {
    auto watch = inotify_->add(path, mask);
    EXPECT_TRUE(watch && *watch) << path;
    return **std::move(watch);
  }
  void make(const std::string& name) const { std::filesystem::create_directory(root_ / name); }
  std::vector<std::string> texts() {
    std::vector<std::string> texts;
    const auto events = inotify_->read();
    for (const RawEvent& event : *events) texts.push_back(to_text(event));
    return texts;
  }

  support::TempDir root_;
  std::unique_ptr<Inotify> inotify_ = *Inotify::create();
};

TEST_F(InotifyTest, WithoutEventsReadReturnsAtOnce) {
  const Watch watch = add(root_.string(), IN_CREATE);
  EXPECT_THAT(texts(), IsEmpty());
}

TEST_F(InotifyTest, NamesComeWithoutTheirPadding) {
  const Watch watch = add(root_.string(), IN_CREATE);
  std::vector<std::string> names;
  for (std::size_t length = 1; length <= 40; ++length) names.emplace_back(length, 'x');
  for (const std::string& name : names) make(name);
  std::vector<std::string> seen;
  for (const RawEvent& event : wait_for_events(*inotify_)) seen.push_back(event.name);
  EXPECT_EQ(seen, names);
}

TEST_F(InotifyTest, OneReadGivesAllEventsHoweverMany) {
  const std::string one(200, 'x');
  const std::string other(200, 'y');
  make(one);
  const Watch watch = add(root_.string(), IN_MOVED_FROM | IN_MOVED_TO);
  constexpr std::size_t times = 500;
  for (std::size_t count = 0; count < times; ++count) {
    std::filesystem::rename(root_ / one, root_ / other);
    std::filesystem::rename(root_ / other, root_ / one);
  }
  EXPECT_EQ(wait_for_events(*inotify_).size(), 4 * times);
}

TEST_F(InotifyTest, BothHalvesOfARenameHaveOneCookie) {
  make("a");
  const Watch watch = add(root_.string(), IN_MOVED_FROM | IN_MOVED_TO);
  std::filesystem::rename(root_ / "a", root_ / "b");
  const std::vector<RawEvent> events = wait_for_events(*inotify_);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(to_text(events[0]), "MOVED_FROM,ISDIR a");
  EXPECT_EQ(to_text(events[1]), "MOVED_TO,ISDIR b");
  EXPECT_EQ(events[0].cookie, events[1].cookie);
  EXPECT_NE(events[0].cookie, 0U);
}

TEST_F(InotifyTest, WhereNothingSuitableIsThereIsNoWatchAndNoError) {
  support::write_file(root_ / "file", "");
  for (const char* const name : {"missing", "file/below", "file"}) {
    const auto watch = inotify_->add((root_ / name).string(), IN_CREATE | IN_ONLYDIR);
    ASSERT_TRUE(watch.ok()) << name;
    EXPECT_FALSE(watch->has_value()) << name;
  }
}

TEST_F(InotifyTest, AWatchLastsAsLongAsItsLastShare) {
  auto one = std::make_unique<Watch>(add(root_.string(), IN_CREATE));
  auto other = std::make_unique<Watch>(add(root_.string() + "/.", IN_CREATE));
  EXPECT_EQ(one->id(), other->id());
  one.reset();
  make("a");
  EXPECT_THAT(texts(), ElementsAre("CREATE,ISDIR a"));
  other.reset();
  make("b");
  EXPECT_THAT(texts(), ElementsAre("IGNORED"));
}

TEST_F(InotifyTest, ASecondShareDoesNotNarrowTheEventsOfTheFirst) {
  const Watch one = add(root_.string(), IN_CREATE);
  const Watch other = add(root_.string(), IN_DELETE);
  make("a");
  std::filesystem::remove(root_ / "a");
  EXPECT_THAT(texts(), ElementsAre("CREATE,ISDIR a", "DELETE,ISDIR a"));
}

TEST_F(InotifyTest, AWatchThatTheKernelEndedDisturbsNoLaterOne) {
  make("a");
  auto old = std::make_unique<Watch>(add((root_ / "a").string(), IN_CREATE));
  std::filesystem::remove(root_ / "a");
  make("a");
  const Watch next = add((root_ / "a").string(), IN_CREATE);
  EXPECT_NE(next.id(), old->id());
  EXPECT_THAT(texts(), ElementsAre("IGNORED"));
  old.reset();
  make("a/b");
  EXPECT_THAT(texts(), ElementsAre("CREATE,ISDIR b"));
}

TEST_F(InotifyTest, TheSysctlIsNamedWhenNoWatchIsLeft) {
  const auto said = support::in_namespaces(CLONE_NEWUSER, [this]() -> std::string {
    if (!support::set_user_limit("max_inotify_watches", 0)) return "no limit set";
    const auto inotify = Inotify::create();
    const auto watch = (*inotify)->add(root_.string(), IN_CREATE);
    return watch ? "watched" : watch.error().to_string();
  });
  if (!said) GTEST_SKIP() << "no user namespaces";
  EXPECT_EQ(*said, "cannot watch " + root_.string() +
                       ": no watch is left; the sysctl fs.inotify.max_user_watches says how many there are");
}

TEST_F(InotifyTest, TheSysctlIsNamedWhenNoInstanceIsLeft) {
  const auto said = support::in_namespaces(CLONE_NEWUSER, []() -> std::string {
    if (!support::set_user_limit("max_inotify_instances", 0)) return "no limit set";
    const auto inotify = Inotify::create();
    return inotify ? "created" : inotify.error().to_string();
  });
  if (!said) GTEST_SKIP() << "no user namespaces";
  EXPECT_EQ(*said,
            "cannot start inotify: none is left for this user; the sysctl fs.inotify.max_user_instances says how many");
}

}  // namespace
}  // namespace revdep::watch
