// Packages come and go as Portage does it, step by step, and the marks follow.
#include <filesystem>

#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using support::MergeStep;
using Json = DaemonProcess::Json;

class Install : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonTest::SetUp();
    if (IsSkipped()) return;
    daemon_.emplace(root());
    turns_ = daemon_->wait_for_turn().at("turns");
    ASSERT_EQ(marked("/usr/bin/a"), "em");
  }

  /// Until what happened was taken up.
  Json take_up() {
    const Json status = daemon_->wait_for_turn(turns_);
    turns_ = status.at("turns");
    return status;
  }

  static TestPackage jit_version(const std::string& version, const std::string& flags) {
    return {"lib/jit-" + version, {{jit, library("libjit.so.1"), flags, {}}}, {}};
  }

  std::optional<DaemonProcess> daemon_;
  std::uint64_t turns_ = 0;
};

TEST_F(Install, ANewExecutableIsMarked) {
  root_->merge(user("app/b-1", "/usr/bin/b"));
  const Json status = take_up();
  EXPECT_EQ(marked("/usr/bin/b"), "em");
  EXPECT_EQ(status.at("last_turn").at("full"), false);
  EXPECT_EQ(status.at("last_turn").at("packages"), 1);
}

TEST_F(Install, ConsumersFollowAnUpgradedLibrary) {
  root_->merge(jit_version("2", "mr"), "lib/jit-1");
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "emr");
}

TEST_F(Install, WhatARemovedLibraryAskedForIsWithdrawn) {
  root_->unmerge("lib/jit-1");
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "none");
}

TEST_F(Install, AReinstalledExecutableGetsItsMarkBack) {
  root_->merge(user("app/a-1", "/usr/bin/a"), "app/a-1");
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "em");
}

TEST_F(Install, TheLastPackageOfACategoryAndAnotherCategory) {
  root_->unmerge("lib/jit-1");
  take_up();
  ASSERT_FALSE(std::filesystem::exists(file("/var/db/pkg/lib")));
  TestPackage again = jit_version("1", "r");
  again.name = "new-cat/jit-1";
  root_->merge(again);
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "er");
  root_->merge({"new-cat/jit-2", {{jit, library("libjit.so.1"), "mr", {}}}, {}}, "new-cat/jit-1");
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "emr");
}

TEST_F(Install, APackageThatMovesToAnotherCategoryKeepsItsMarks) {
  root_->move("app/a-1", "moved/a-1");
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "em");
  // And is known under its new name.
  root_->unmerge("lib/jit-1");
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "none");
  EXPECT_EQ(daemon_->count_in_log("/usr/bin/a [moved/a-1]"), 1U) << daemon_->log();
}

TEST_F(Install, APackageThatABlockerEdited) {
  root_->edit_record("lib/jit-1", jit);
  std::filesystem::remove(file(jit));
  // Two changes: a turn may come between them.
  daemon_->wait_until([this](const Json&) { return marked("/usr/bin/a") == "none"; });
}

TEST_F(Install, APreservedLibraryGoesOnAskingUntilItIsDropped) {
  const TestPackage next{"lib/jit-2", {{"/usr/lib64/libjit.so.2", library("libjit.so.2"), "", {}}}, {}};
  root_->merge(next, "lib/jit-1", nullptr, {jit});
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "em");
  root_->drop_preserved(jit);
  take_up();
  EXPECT_EQ(marked("/usr/bin/a"), "none");
}

TEST_F(Install, ManyPackagesAreTakenUpTogether) {
  daemon_.emplace(root(), std::vector<std::string>{"--settle=500ms"});
  turns_ = daemon_->wait_for_turn().at("turns");
  constexpr int many = 200;
  for (int number = 0; number < many; ++number) {
    const std::string name = "many" + std::to_string(number);
    root_->merge(user("app/" + name + "-1", "/usr/bin/" + name));
  }
  const Json status = daemon_->wait_until(
      [](const Json& now) { return now.at("totals").at("packages") >= many && now.at("idle") == true; });
  for (int number = 0; number < many; ++number) {
    ASSERT_EQ(marked("/usr/bin/many" + std::to_string(number)), "em") << number;
  }
  EXPECT_LE(status.at("turns").get<std::uint64_t>() - turns_, 10U);
}

// A merge can end at any step and be begun again; what the database says then is what counts.
class KilledMerge : public Install, public testing::WithParamInterface<MergeStep> {};

TEST_P(KilledMerge, IsNoHindranceAndTheNextOneCounts) {
  const auto killed = [](MergeStep step) { return step != GetParam(); };
  TestPackage next = user("app/a-2", "/usr/bin/a");
  next.files.push_back({"/usr/bin/b", program({"libjit.so.1"}), "", {}});
  root_->merge(next, "app/a-1", killed);
  // Another package shows that the daemon goes on.
  root_->merge(user("app/c-1", "/usr/bin/c"));
  daemon_->wait_for_file(file("/usr/bin/c"), [this] { return marked("/usr/bin/c") == "em"; });
  std::string there;
  for (const char* const name : {"app/a-1", "app/a-2"}) {
    if (root_->packages().contains(name)) there = name;
  }
  root_->merge(next, there);
  daemon_->wait_for_file(file("/usr/bin/b"), [this] { return marked("/usr/bin/b") == "em"; });
  daemon_->wait_for_file(file("/usr/bin/a"), [this] { return marked("/usr/bin/a") == "em"; });
}

INSTANTIATE_TEST_SUITE_P(, KilledMerge,
                         testing::Values(MergeStep::directory, MergeStep::files, MergeStep::old_files,
                                         MergeStep::old_record, MergeStep::record, MergeStep::registry));

}  // namespace
}  // namespace revdep::daemon
