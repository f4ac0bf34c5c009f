// The root of the keeper's tests: libjit asks for "m", /usr/bin/a loads it; and turns on it, spelled.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/keeper.h"
#include "support/elf_builder.h"
#include "support/portage_root.h"
#include "support/temp_dir.h"

namespace revdep::engine {

using elf_builder::library;
using elf_builder::program;
using report::Outcome;
using support::TestPackage;

inline constexpr Keeper::TimePoint start{};

inline vdb::PackageName package_name(const std::string& text) {
  return {text.substr(0, text.find('/')), text.substr(text.find('/') + 1)};
}

inline std::vector<vdb::PackageName> package_names(const std::vector<std::string>& texts) {
  std::vector<vdb::PackageName> names;
  names.reserve(texts.size());
  for (const std::string& text : texts) names.push_back(package_name(text));
  return names;
}

class KeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can mark";
    if (::setxattr(directory_.path().c_str(), "user.probe", "1", 1, 0) != 0) GTEST_SKIP() << "no user xattrs here";
    root_.emplace(directory_.path());
    root_->merge(jit("m"));
    root_->merge(user("app/a-1", "/usr/bin/a"));
  }

  static TestPackage jit(const std::string& flags, const std::string& version = "1") {
    return {"lib/jit-" + version, {{"/usr/lib64/libjit.so.1", library("libjit.so.1"), flags, {}}}, {}};
  }
  static TestPackage user(const std::string& name, const std::string& path) {
    return {name, {{path, program({"libjit.so.1"}), "", {}}}, {}};
  }

  KeeperOptions options() const {
    KeeperOptions options;
    options.load.root = root_->directory();
    options.load.source = Source::vdb;
    options.command = "test";
    return options;
  }

  Keeper& keeper() {
    if (!keeper_) keeper_.emplace(options());
    return *keeper_;
  }
  Turn turn(const std::vector<std::string>& packages = {}, const std::vector<std::string>& files = {}) {
    return keeper().turn({false, package_names(packages), files}, start);
  }
  void configure(const std::string& rules) {
    KeeperOptions with = options();
    ASSERT_THAT(config::parse_rules(rules, "rules", with.load.rules), testing::IsEmpty());
    keeper().configure(std::move(with));
  }

  [[nodiscard]] std::string flags(const std::string& path) const {
    std::array<char, 16> value{};
    const ssize_t length = ::getxattr(root_->file(path).c_str(), "user.pax.flags", value.data(), value.size());
    return length < 0 ? "none" : std::string(value.data(), static_cast<std::size_t>(length));
  }
  void set_flags(const std::string& path, const std::string& flags) const {
    ASSERT_EQ(::setxattr(root_->file(path).c_str(), "user.pax.flags", flags.data(), flags.size(), 0), 0);
  }

  static std::string brief(const Turn& turn) {
    std::string text;
    for (const report::Mark& mark : turn.marks) {
      const char* const outcome = mark.outcome == Outcome::marked      ? "marked "
                                  : mark.outcome == Outcome::withdrawn ? "withdrawn "
                                  : mark.outcome == Outcome::pending   ? "pending "
                                  : mark.outcome == Outcome::refused   ? "refused "
                                                                       : "failed ";
      text += outcome + mark.path + '\n';
    }
    for (const base::Error& problem : turn.problems) text += problem.to_string() + '\n';
    return text;
  }

  support::TempDir directory_{TEST_DIRECTORY};
  std::optional<support::PortageRoot> root_;
  std::optional<Keeper> keeper_;
};

}  // namespace revdep::engine
