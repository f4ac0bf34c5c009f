// The small root of the tests on what is opened at run time: /usr/bin/app says in a note that it opens libplug, which asks for
// "m"; /usr/bin/plain opens nothing. Expects nothing.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tools/small_root.h"

namespace revdep::tool {

inline constexpr const char* plug = "/usr/lib64/libplug.so.1";

class DlopenTest : public testing::Test {
 protected:
  void SetUp() override;

  /// The same object with a note: it opens the first of these that is there. "": no priority is given.
  static elf_builder::Object opening(elf_builder::Object object, const std::vector<std::string>& sonames,
                                     const std::string& priority = "");
  /// Adds a library of that name to /usr/lib64, without a marking.
  void add_library(const std::string& soname, const std::vector<std::string>& needed = {},
                   const std::vector<std::string>& opens = {});

  using Paths = std::set<std::string>;
  /// Which files -r -m would change.
  [[nodiscard]] Paths pending(const std::vector<std::string>& more = {}) const;
  /// Which programs --audit has an unmet-requirement for.
  [[nodiscard]] Paths unmet(const std::vector<std::string>& more = {}) const;
  /// What --chain says of the way to libplug: "libmid.so.1 libplug.so.1"; "none".
  [[nodiscard]] std::string way(const std::string& program, std::vector<std::string> more = {}) const;
  /// The chain of the one unmet requirement of `program`: "/usr/lib64/libmid.so.1 dlopen:/usr/lib64/libplug.so.1".
  [[nodiscard]] std::string audited_way(const std::string& program) const;

  SmallRoot root_;
};

}  // namespace revdep::tool
