// The small root of the tests that migrate, and what other programs say of it. /usr/bin/a and /usr/bin/b load libjit, which
// asks for "m"; /opt/c loads libmid and so libjit; /usr/bin/plain loads neither.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/small_root.h"

namespace revdep::tool {

inline constexpr const char* jit = "/usr/lib64/libjit.so.1";

class MarkingTest : public testing::Test {
 protected:
  void SetUp() override;

  /// A program that loads libjit and has a PT_PAX_FLAGS.
  static elf_builder::Object with_header(std::uint32_t p_flags);
  /// With that EI_PAX byte.
  static elf_builder::Object with_ei(std::uint8_t ei_pax);

  /// -r -m -y and more.
  support::Outcome migrate(std::vector<std::string> more = {}) const;
  /// The flags of a, b and c.
  [[nodiscard]] std::string flags() const;
  /// `outcome` in short: "0: 3 marked, 0 already right, ...", exit status and summary line.
  static std::string brief(const support::Outcome& outcome);
  /// "cannot mark ROOT/path: why\n".
  [[nodiscard]] std::string cannot_mark(const std::string& path, const std::string& why) const;

  SmallRoot root_;
};

/// "0: 3 marked, 1 already right, 0 withdrawn, 0 refused to change, 0 failed".
std::string summary(int status, int marked, int right, int withdrawn = 0, int refused = 0, int failed = 0);

/// `text` with each "2026-01-01T00:00:00Z" as TIME.
std::string without_times(const std::string& text);

}  // namespace revdep::tool
