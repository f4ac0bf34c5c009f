// The sources of bytes: how they end, and how they fail.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <limits>
#include <string>

#include "base/fd.h"
#include "elf/facts.h"
#include "support/temp_dir.h"

namespace revdep::elf {
namespace {

constexpr std::string_view content = "0123456789";

// What read_at gives for 4 bytes from `offset`; "error" when it fails.
std::string read(const ByteSource& source, std::uint64_t offset) {
  std::array<std::byte, 4> buffer{};
  const std::ptrdiff_t got = source.read_at(offset, buffer);
  if (got < 0) return "error";
  std::string text;
  for (std::ptrdiff_t i = 0; i < got; ++i) text += static_cast<char>(buffer.at(static_cast<std::size_t>(i)));
  return text;
}

void expect_reads(const ByteSource& source) {
  EXPECT_EQ(read(source, 0), "0123");
  EXPECT_EQ(read(source, 5), "5678");
  EXPECT_EQ(read(source, 8), "89");
  EXPECT_EQ(read(source, 10), "");
  EXPECT_EQ(read(source, 1000), "");
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  for (const std::uint64_t offset : {last - 1, last, last + 1, std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(read(source, offset), "") << offset;
  }
}

TEST(MemorySource, EndsWhereItsBytesEnd) { expect_reads(MemorySource(std::as_bytes(std::span(content)))); }

TEST(FileSource, EndsWhereTheFileEnds) {
  const support::TempDir directory;
  support::write_file(directory / "file", content);
  const base::Fd fd(::open((directory / "file").c_str(), O_RDONLY | O_CLOEXEC));
  expect_reads(FileSource(fd.get()));
}

TEST(FileSource, KeepsErrno) {
  errno = 0;
  EXPECT_EQ(read(FileSource(-1), 0), "error");
  EXPECT_EQ(errno, EBADF);
}

}  // namespace
}  // namespace revdep::elf
