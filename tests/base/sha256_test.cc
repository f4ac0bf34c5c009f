#include "base/sha256.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::base {
namespace {

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.finish();
}

// NIST's examples for FIPS 180-4 and its predecessor.
TEST(Sha256, NothingAtAll) {
  EXPECT_EQ(Sha256().finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, OneBlock) { EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); }

TEST(Sha256, TwoBlocksBecauseOfThePadding) {
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, TwoBlocks) {
  EXPECT_EQ(
      sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrs"
             "tnopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

TEST(Sha256, AMillionTimesA) {
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AnyLengthInAnyPiecesIsWhatSha256sumSays) {
  if (!support::have_program("sha256sum")) GTEST_SKIP() << "no sha256sum";
  std::mt19937 random(1);
  const support::TempDir directory;
  std::vector<std::size_t> lengths = {511, 512, 513, 65535, 65536, 65537, 200'003};
  for (std::size_t length = 0; length <= 130; ++length) lengths.push_back(length);

  std::vector<std::string> command = {"sha256sum"};
  std::vector<std::vector<std::byte>> contents;
  for (const std::size_t length : lengths) {
    auto& content = contents.emplace_back(length);
    for (std::byte& byte : content) byte = static_cast<std::byte>(random() & 0xffU);
    command.push_back((directory / std::to_string(length)).string());
    support::write_file(command.back(), content);
  }
  const auto outcome = support::run(command);
  ASSERT_EQ(outcome.status, 0);

  std::string ours;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    Sha256 hash;
    std::span<const std::byte> rest = contents[i];
    while (!rest.empty()) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), random() % 200);
      hash.update(rest.first(piece));
      rest = rest.subspan(piece);
    }
    ours += hash.finish() + "  " + command[i + 1] + "\n";
  }
  EXPECT_EQ(ours, outcome.out);
}

}  // namespace
}  // namespace revdep::base
