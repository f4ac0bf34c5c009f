#include "migrate/identity.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/sha256.h"
#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::migrate {
namespace {

using Bytes = std::vector<std::byte>;

Bytes marked(std::uint32_t p_flags, elf::Abi abi = elf_builder::x86_64) {
  auto object = elf_builder::program({}, abi);
  object.pax_flags = {p_flags};
  return elf_builder::image(object);
}

// Where two images of the same program differ: the p_flags, found without the reader under test.
std::vector<std::size_t> differences(const Bytes& one, const Bytes& other) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (one[i] != other[i]) offsets.push_back(i);
  }
  return offsets;
}

Identity identity_of(const Bytes& bytes) { return read_identity(elf::MemorySource(bytes), bytes.size(), "/x").value(); }

class ReadIdentity : public testing::Test {
 protected:
  base::Result<Identity> read(std::string_view path) {
    return read_identity(base::Tree::open(directory_.string()).value(), path);
  }
  support::TempDir directory_;
};

TEST_F(ReadIdentity, IsTheSha256OfACopyWithoutPFlags) {
  if (!support::have_program("sha256sum")) GTEST_SKIP() << "no sha256sum";
  for (const elf::Abi abi : {elf_builder::x86_64, elf_builder::i386, elf_builder::ppc, elf_builder::s390x}) {
    const Bytes marking = marked(0xffffffff, abi);
    const Bytes zeroed = marked(0, abi);
    ASSERT_EQ(differences(marking, zeroed).size(), 4U);
    support::write_file(directory_ / "usr/bin/x", marking);
    support::write_file(directory_ / "zeroed", zeroed);
    const auto outcome = support::run({"sha256sum", (directory_ / "zeroed").string()});
    const auto identity = read("/usr/bin/x");
    ASSERT_TRUE(identity) << identity.error().to_string();
    EXPECT_EQ(identity->sha256, outcome.out.substr(0, 64));
    EXPECT_EQ(identity->size, marking.size());
    EXPECT_EQ(identity->path, "/usr/bin/x");
  }
}

TEST_F(ReadIdentity, IsTheSha256OfTheWholeFileWithoutAHeader) {
  if (!support::have_program("sha256sum")) GTEST_SKIP() << "no sha256sum";
  auto object = elf_builder::program({});
  object.gap = 300'000;  // several pieces
  elf_builder::write_object(directory_ / "x", object);
  const auto identity = read("/x");
  ASSERT_TRUE(identity) << identity.error().to_string();
  EXPECT_EQ(identity->sha256, support::run({"sha256sum", (directory_ / "x").string()}).out.substr(0, 64));
}

TEST_F(ReadIdentity, DiffersForEveryOtherByte) {
  const Bytes original = marked(0x2800);
  const auto p_flags = differences(original, marked(0xffffd7ff));
  ASSERT_EQ(p_flags.size(), 4U);
  const std::string expected = identity_of(original).sha256;
  // Beyond e_ident and the header's fields, which decide whether it can be read at all.
  for (std::size_t i = 0; i < original.size(); ++i) {
    Bytes changed = original;
    changed[i] ^= std::byte{0x10};
    const auto identity = read_identity(elf::MemorySource(changed), changed.size(), "/x");
    if (!identity) continue;
    const bool is_p_flags = std::ranges::find(p_flags, i) != p_flags.end();
    EXPECT_EQ(identity->sha256 == expected, is_p_flags) << "byte " << i;
  }
}

TEST_F(ReadIdentity, OnlyTheFirstHeaderIsMasked) {
  auto object = elf_builder::program({});
  object.pax_flags = {0x2800, 0x2800};
  const Bytes both = elf_builder::image(object);
  object.pax_flags = {0x4000, 0x2800};
  EXPECT_EQ(identity_of(elf_builder::image(object)), identity_of(both));
  object.pax_flags = {0x2800, 0x4000};
  EXPECT_NE(identity_of(elf_builder::image(object)), identity_of(both));
}

// p_flags on the border of what is read at once: the mask covers both sides.
TEST_F(ReadIdentity, PFlagsMayLieAcrossTwoPieces) {
  constexpr std::size_t border = 65536;
  const Bytes small = marked(0xffffffff);
  const auto p_flags = differences(small, marked(0));
  // The program headers moved behind, so that p_flags begins two bytes before the border.
  std::uint64_t old_table = 0;
  std::memcpy(&old_table, small.data() + 32, sizeof old_table);
  const std::uint64_t table = border - 2 - (p_flags.front() - old_table);
  Bytes moved(2 * border);
  std::ranges::copy(small, moved.begin());
  std::ranges::copy(small.begin() + static_cast<std::ptrdiff_t>(old_table), small.end(),
                    moved.begin() + static_cast<std::ptrdiff_t>(table));
  std::memcpy(moved.data() + 32, &table, sizeof table);
  Bytes zeroed = moved;
  for (std::size_t i = border - 2; i < border + 2; ++i) {
    ASSERT_EQ(moved[i], std::byte{0xff});
    zeroed[i] = std::byte{0};
  }
  base::Sha256 hash;
  hash.update(zeroed);
  EXPECT_EQ(identity_of(moved).sha256, hash.finish());
}

TEST_F(ReadIdentity, AFileThatShrinksOrGrowsMeanwhileIsAnError) {
  const Bytes bytes = marked(0);
  for (const std::size_t size : {bytes.size() - 1, bytes.size() + 1}) {
    const auto identity = read_identity(elf::MemorySource(bytes), size, "/x");
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().to_string(), "cannot read /x: its size changed meanwhile");
  }
}

TEST_F(ReadIdentity, AnIoErrorIsNamed) {
  class Failing final : public elf::ByteSource {
   public:
    explicit Failing(const Bytes& bytes) : memory_(bytes) {}
    std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      if (offset == 0) return memory_.read_at(offset, out);
      errno = EIO;
      return -1;
    }

   private:
    elf::MemorySource memory_;
  };
  const Bytes bytes = marked(0);
  const auto identity = read_identity(Failing(bytes), bytes.size(), "/x");
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().to_string(), "cannot read /x: Input/output error");
}

TEST_F(ReadIdentity, FollowsNoSymlinkAndWaitsForNoFifo) {
  support::write_file(directory_ / "x", marked(0));
  std::filesystem::create_symlink("x", directory_ / "link");
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0644), 0);
  EXPECT_EQ(read("/fifo").error().reason, "not a regular file");
  EXPECT_FALSE(read("/link"));
  EXPECT_EQ(read("/gone").error().to_string(),
            "cannot read " + directory_.string() + "/gone: No such file or directory");
}

TEST_F(ReadIdentity, WhatIsNoElfObjectHasNone) {
  support::write_file(directory_ / "script", "#!/bin/sh\n");
  EXPECT_EQ(read("/script").error().reason, "not an ELF object");
}

// Whether the file was opened is the kernel's word.
class IdentityCacheTest : public ReadIdentity {
 protected:
  IdentityCacheTest() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    support::write_file(directory_ / "x", marked(0x2800));
    ::inotify_add_watch(inotify_.get(), (directory_ / "x").c_str(), IN_OPEN);
  }
  // How often it was opened for one answer at that many seconds after the file's last change.
  std::pair<std::string, int> read_after(std::time_t age) {
    struct stat status {};
    EXPECT_EQ(::stat((directory_ / "x").c_str(), &status), 0);
    const auto identity = cache_.read(tree_, "/x", status.st_ctim.tv_sec + age);
    int opened = 0;
    inotify_event event{};
    while (::read(inotify_.get(), &event, sizeof event) == sizeof event) ++opened;
    return {identity ? identity->sha256 : identity.error().reason, opened};
  }

  base::Tree tree_ = base::Tree::open(directory_.string()).value();
  base::Fd inotify_;
  IdentityCache cache_;
};

TEST_F(IdentityCacheTest, AFileThatStaysIsReadOnce) {
  const auto [sha256, opened] = read_after(10);
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(sha256, read("/x")->sha256);
  read_after(10);  // the event of the line above
  EXPECT_EQ(read_after(10), std::pair(sha256, 0));
}

TEST_F(IdentityCacheTest, OneThatMayHaveChangedUnseenIsReadAgain) {
  EXPECT_EQ(read_after(0).second, 1);
  EXPECT_EQ(read_after(0).second, 1);
}

TEST_F(IdentityCacheTest, OneThatChangedIsReadAgain) {
  const std::string before = read_after(10).first;
  Bytes other = marked(0x2800);
  other.back() ^= std::byte{1};
  const base::Fd file(::open((directory_ / "x").c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::pwrite(file.get(), &other.back(), 1, static_cast<off_t>(other.size()) - 1), 1);
  EXPECT_NE(read_after(10).first, before);
}

TEST_F(IdentityCacheTest, WhatIsNotKeptIsForgotten) {
  read_after(10);
  cache_.keep_only({"/x", "/y"});
  EXPECT_EQ(cache_.size(), 1U);
  cache_.keep_only({"/y"});
  EXPECT_EQ(cache_.size(), 0U);
}

TEST_F(IdentityCacheTest, OneThatIsGoneIsAnError) {
  read_after(10);
  ASSERT_EQ(::rename((directory_ / "x").c_str(), (directory_ / "y").c_str()), 0);
  EXPECT_EQ(cache_.read(tree_, "/x", 1'000'000'000'000).error().reason, "No such file or directory");
}

}  // namespace
}  // namespace revdep::migrate
