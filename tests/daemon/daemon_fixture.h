// The root of the daemon's tests: libjit asks for "m", /usr/bin/a loads it, /usr/bin/plain does not.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "daemon/daemon_process.h"
#include "support/elf_builder.h"
#include "support/portage_root.h"
#include "support/temp_dir.h"

namespace revdep::daemon {

using elf_builder::library;
using elf_builder::program;
using support::TestPackage;

class DaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can mark";
    if (::setxattr(directory_.path().c_str(), "user.probe", "1", 1, 0) != 0) GTEST_SKIP() << "no user xattrs here";
    root_.emplace(directory_.path());
    root_->merge({"lib/jit-1", {{jit, library("libjit.so.1"), "m", {}}}, {}});
    root_->merge(user("app/a-1", "/usr/bin/a"));
    root_->merge({"app/plain-1", {{"/usr/bin/plain", program({}), "", {}}}, {}});
  }

  static TestPackage user(const std::string& name, const std::string& path) {
    return {name, {{path, program({"libjit.so.1"}), "", {}}}, {}};
  }

  [[nodiscard]] std::string root() const { return directory_.string(); }
  [[nodiscard]] std::string file(const std::string& path) const { return directory_.string() + path; }
  [[nodiscard]] std::string marked(const std::string& path) const { return flags(file(path)); }
  void write(const std::string& path, const std::string& text) const { support::write_file(file(path), text); }
  // What revdep-pax would still do; "" for nothing.
  [[nodiscard]] std::string find_left() const {
    const auto outcome = run_program(root(), {"-r", "-m", "-p", "--format=json"});
    const DaemonProcess::Json document = DaemonProcess::Json::parse(outcome.out);
    std::string left;
    for (const auto& mark : document.at("edits")) {
      if (mark.at("outcome") == "pending") left += mark.dump() + '\n';
    }
    return left;
  }
  void set_flags(const std::string& path, const std::string& letters) const {
    ASSERT_EQ(::setxattr(file(path).c_str(), "user.pax.flags", letters.data(), letters.size(), 0), 0);
  }

  static constexpr const char* jit = "/usr/lib64/libjit.so.1";
  static constexpr const char* rules = "/etc/revdep-pax/rules.d/test.conf";
  static constexpr const char* settings = "/etc/revdep-pax/revdep-pax.conf";

  support::TempDir directory_{TEST_DIRECTORY};
  std::optional<support::PortageRoot> root_;
};

}  // namespace revdep::daemon
