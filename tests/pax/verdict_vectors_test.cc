// Every row of data/vectors: 274 headers by 328 xattrs for each of four amd64 kernels, as the kernel's own loader code
// judged them. Columns: `pt`, the p_flags as letters (upper the enable bit, lower the disable bit), "0x..." or "-" for no
// header; `xattr`, its bytes with \xHH escapes, "empty" or "absent"; `verdict`, "EINVAL" for refused or the effective set.
#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "pax/verdict.h"
#include "support/command.h"

namespace revdep::pax {
namespace {

constexpr std::size_t headers = 274;
constexpr std::size_t xattrs = 328;

std::uint32_t parse_hex(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (code != std::errc() || end != digits.data() + digits.size()) {
    throw std::runtime_error("bad number " + std::string(digits));
  }
  return value;
}

// The bit numbers are restated here, so that a mistake in the codec under test cannot cancel itself out.
std::uint32_t parse_bits(std::string_view text) {
  constexpr std::string_view order = "PpSsMmXxEeRr";
  std::uint32_t p_flags = 0;
  for (const char letter : text) {
    const std::size_t index = order.find(letter);
    if (index == std::string_view::npos) throw std::runtime_error("bad header " + std::string(text));
    p_flags |= 1U << (4 + index);
  }
  return p_flags;
}

std::optional<std::uint32_t> parse_pt(std::string_view text) {
  if (text == "-") return std::nullopt;
  if (text == "0") return 0;
  if (text.starts_with("0x")) return parse_hex(text.substr(2));
  return parse_bits(text);
}

std::optional<std::string> parse_xattr(std::string_view text) {
  if (text == "absent") return std::nullopt;
  if (text == "empty") return "";
  std::string bytes;
  while (!text.empty()) {
    const bool escaped = text.starts_with("\\x");
    bytes += escaped ? static_cast<char>(parse_hex(text.substr(2, 2))) : text[0];
    text.remove_prefix(escaped ? 4 : 1);
  }
  return bytes;
}

std::string_view take(std::string_view& text, char end) {
  const std::size_t length = text.find(end);
  if (length == std::string_view::npos) throw std::runtime_error("cut row " + std::string(text.substr(0, 80)));
  const std::string_view field = text.substr(0, length);
  text.remove_prefix(length + 1);
  return field;
}

// Compares every row of one file; the number of rows.
std::size_t compare(const std::string& name, const Kernel& kernel) {
  const support::Outcome unpacked =
      support::run({"gzip", "-dc", std::string(REVDEP_TEST_DATA) + "/vectors/" + name + ".csv.gz"});
  EXPECT_EQ(unpacked.status, 0) << unpacked.err;
  if (unpacked.status != 0) return 0;

  std::string_view text = unpacked.out;
  EXPECT_EQ(take(text, '\n'), "pt,xattr,verdict");
  std::set<std::pair<std::string_view, std::string_view>> pairs;
  std::set<std::string_view> seen_headers;
  std::set<std::string_view> seen_xattrs;
  std::size_t rows = 0;
  std::size_t differences = 0;
  while (!text.empty()) {
    std::string_view row = take(text, '\n');
    const std::string_view pt = take(row, ',');
    const std::string_view xattr = take(row, ',');
    pairs.emplace(pt, xattr);
    seen_headers.insert(pt);
    seen_xattrs.insert(xattr);
    ++rows;
    const Verdict verdict = judge({parse_xattr(xattr), parse_pt(pt), 0}, kernel);
    const std::string ours = verdict.refused ? "EINVAL" : format_effective(verdict.effective);
    if (ours == row) continue;
    // A broken rule breaks thousands of rows.
    if (++differences <= 10) ADD_FAILURE() << name << ' ' << pt << ',' << xattr << ": " << row << ", ours " << ours;
  }
  EXPECT_EQ(differences, 0U) << name;
  EXPECT_EQ(seen_headers.size(), headers) << name;
  EXPECT_EQ(seen_xattrs.size(), xattrs) << name;
  EXPECT_EQ(pairs.size(), rows) << name << " has a row twice";
  return rows;
}

TEST(VerdictVectors, EveryRowIsTheKernelsOwnAnswer) {
  std::size_t rows = 0;
  rows += compare("amd64-both", {});
  rows += compare("amd64-both-softmode", {.softmode = true});
  rows += compare("amd64-xattr-only", {.reads_header = false});
  rows += compare("amd64-pt-only", {.reads_xattr = false});
  std::cout << rows << " rows compared\n";
  EXPECT_EQ(rows, 4 * headers * xattrs);
}

}  // namespace
}  // namespace revdep::pax
