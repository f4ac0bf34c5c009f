// LdCache on caches built by hand after sysdeps/generic/dl-cache.h, and on those that the machine's ldconfig writes.
#include "loader/ld_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/tree.h"
#include "loader/platform.h"
#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::loader {
namespace {

using elf_builder::i386;
using elf_builder::s390x;
using elf_builder::x32;
using elf_builder::x86_64;

constexpr elf::Abi arm{40, elf::Class::elf32, elf::ByteOrder::little};
constexpr std::uint64_t named = std::uint64_t{1} << 62;

struct Library {
  std::string name;
  std::string path;
  std::int32_t flags = 0x303;
  std::uint64_t hwcap = 0;
};

// A writer of both formats, apart from the reader under test: fields appended one by one.
class Bytes {
 public:
  explicit Bytes(elf::ByteOrder order) : order_(order) {}
  Bytes& text(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  Bytes& field(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
      const int byte = order_ == elf::ByteOrder::little ? i : size - 1 - i;
      bytes_ += static_cast<char>(value >> (8 * byte));
    }
    return *this;
  }
  Bytes& u32(std::uint64_t value) { return field(value, 4); }
  Bytes& u64(std::uint64_t value) { return field(value, 8); }
  [[nodiscard]] const std::string& get() const { return bytes_; }

 private:
  elf::ByteOrder order_;
  std::string bytes_;
};

struct Options {
  elf::ByteOrder order = elf::ByteOrder::little;
  int flags = 2;                      // endianness byte
  std::vector<std::string> hwcaps{};  // names of the extension section
};

std::string new_cache(const std::vector<Library>& libraries, const Options& options = {}) {
  const std::size_t strings_at = 48 + 24 * libraries.size();
  std::string strings;
  const auto add = [&](const std::string& text) {
    const std::size_t offset = strings_at + strings.size();
    strings += text + '\0';
    return offset;
  };
  Bytes entries(options.order);
  for (const Library& library : libraries) {
    const std::size_t key = add(library.name);
    const std::size_t value = add(library.path);
    entries.u32(static_cast<std::uint32_t>(library.flags)).u32(key).u32(value).u32(0).u64(library.hwcap);
  }
  std::vector<std::size_t> names;
  for (const std::string& name : options.hwcaps) names.push_back(add(name));
  while (strings.size() % 4 != 0) strings += '\0';
  const std::size_t extension_at = options.hwcaps.empty() ? 0 : strings_at + strings.size();

  Bytes file(options.order);
  file.text("glibc-ld.so.cache1.1").u32(libraries.size()).u32(strings.size());
  file.field(static_cast<std::uint64_t>(options.flags), 1).field(0, 1).field(0, 1).field(0, 1);
  file.u32(extension_at).u32(0).u32(0).u32(0).text(entries.get()).text(strings);
  if (extension_at != 0) {
    file.u32(0xeaa42174).u32(1).u32(1).u32(0).u32(extension_at + 24).u32(4 * names.size());
    for (const std::size_t offset : names) file.u32(offset);
  }
  return file.get();
}

std::string old_cache(const std::vector<Library>& libraries, elf::ByteOrder order = elf::ByteOrder::little) {
  std::string strings;
  Bytes file(order);
  file.text("ld.so-1.7.0").field(0, 1).u32(libraries.size());
  for (const Library& library : libraries) {
    const std::size_t key = strings.size();
    strings += library.name + '\0';
    file.u32(static_cast<std::uint32_t>(library.flags)).u32(key).u32(strings.size());
    strings += library.path + '\0';
  }
  return file.text(strings).get();
}

LdCache parsed(std::string bytes) {
  base::Result<LdCache> cache = LdCache::parse(std::move(bytes), "ld.so.cache");
  EXPECT_TRUE(cache.ok()) << cache.error().to_string();
  return cache.ok() ? std::move(*cache) : LdCache();
}

std::string reason_of_refusal(std::string bytes) {
  const base::Result<LdCache> cache = LdCache::parse(std::move(bytes), "ld.so.cache");
  return cache.ok() ? "" : cache.error().to_string();
}

TEST(CompareCacheNames, DigitsCompareAsNumbers) {
  EXPECT_GT(compare_cache_names("libw.so.10", "libw.so.9"), 0);
  EXPECT_EQ(compare_cache_names("libw.so.1", "libw.so.01"), 0);
  EXPECT_LT(compare_cache_names("lib9.so", "lib10.so"), 0);
}

TEST(CompareCacheNames, DigitSortsAfterAnyOtherByte) {
  EXPECT_GT(compare_cache_names("lib1", "libz"), 0);
  EXPECT_LT(compare_cache_names("libz", "lib1"), 0);
}

TEST(CompareCacheNames, PrefixSortsFirst) {
  EXPECT_LT(compare_cache_names("libz.so", "libz.so.1"), 0);
  EXPECT_GT(compare_cache_names("libz.so.1", "libz.so"), 0);
  EXPECT_EQ(compare_cache_names("", ""), 0);
}

TEST(CompareCacheNames, NumbersWrapAsTheLoadersIntDoes) { EXPECT_EQ(compare_cache_names("lib4294967297", "lib1"), 0); }

TEST(LdCache, EmptyOneFindsNothing) { EXPECT_EQ(LdCache().find("libc.so.6", x86_64, {}), ""); }

TEST(LdCache, FindsInTheNewFormat) {
  const LdCache cache = parsed(new_cache({{"libz.so.1", "/lib64/libz.so.1"}, {"liba.so", "/usr/lib64/liba.so"}}));
  ASSERT_EQ(cache.entries().size(), 2U);
  EXPECT_EQ(cache.entries()[0].name, "libz.so.1");
  EXPECT_EQ(cache.entries()[0].flags, 0x303);
  EXPECT_EQ(cache.find("libz.so.1", x86_64, {}), "/lib64/libz.so.1");
  EXPECT_EQ(cache.find("liba.so", x86_64, {}), "/usr/lib64/liba.so");
  EXPECT_EQ(cache.find("libq.so", x86_64, {}), "");
}

TEST(LdCache, EqualNumbersMatchWhateverTheirSpelling) {
  const LdCache cache = parsed(new_cache({{"libw.so.01", "/lib64/libw.so.01"}}));
  EXPECT_EQ(cache.find("libw.so.1", x86_64, {}), "/lib64/libw.so.01");
}

TEST(LdCache, FindsInTheOldFormat) {
  const LdCache cache = parsed(old_cache({{"libz.so.1", "/lib/libz.so.1", 3}, {"liba.so", "/lib/liba.so", 3}}));
  EXPECT_EQ(cache.find("liba.so", i386, {}), "/lib/liba.so");
  EXPECT_EQ(cache.find("libz.so.1", i386, {}), "/lib/libz.so.1");
}

TEST(LdCache, NewFormatInsideTheOldOneCounts) {
  for (const std::size_t alignment : {std::size_t{8}, std::size_t{4}}) {
    std::string bytes = old_cache({{"libo.so", "", 3}});
    bytes.resize(16 + 12);
    while (bytes.size() % alignment != 0) bytes += '\0';
    bytes += new_cache({{"libn.so", "/lib/libn.so"}});
    const LdCache cache = parsed(bytes);
    EXPECT_EQ(cache.find("libn.so", x86_64, {}), "/lib/libn.so") << alignment;
    EXPECT_EQ(cache.entries().size(), 1U) << alignment;
  }
}

TEST(LdCache, AbisOfOneMachineAreKeptApart) {
  const LdCache cache = parsed(new_cache({{"libc.so.6", "/libx32/libc.so.6", 0x803},
                                          {"libc.so.6", "/lib64/libc.so.6", 0x303},
                                          {"libc.so.6", "/lib32/libc.so.6", 3}}));
  EXPECT_EQ(cache.find("libc.so.6", x86_64, {}), "/lib64/libc.so.6");
  EXPECT_EQ(cache.find("libc.so.6", x32, {}), "/libx32/libc.so.6");
  EXPECT_EQ(cache.find("libc.so.6", i386, {}), "/lib32/libc.so.6");
  EXPECT_EQ(cache.find("libc.so.6", s390x, {}), "");
}

TEST(LdCache, GenericElfFlagIsTakenByI386Only) {
  const LdCache cache = parsed(new_cache({{"libg.so", "/lib/libg.so", 1}}));
  EXPECT_EQ(cache.find("libg.so", i386, {}), "/lib/libg.so");
  EXPECT_EQ(cache.find("libg.so", x86_64, {}), "");
}

TEST(LdCache, Libc6IsPreferredToGenericInTheOldFormat) {
  const LdCache cache = parsed(old_cache({{"libg.so", "/generic/libg.so", 1}, {"libg.so", "/libc6/libg.so", 3}}));
  EXPECT_EQ(cache.find("libg.so", i386, {}), "/libc6/libg.so");
}

TEST(LdCache, ArmTakesAnyFloatAbiAndUnmarkedOnes) {
  const LdCache cache = parsed(
      new_cache({{"libs.so", "/s", 0xb03}, {"libp.so", "/p", 3}, {"libh.so", "/h", 0x903}, {"libg.so", "/g", 1}}));
  EXPECT_EQ(cache.find("libh.so", arm, {}), "/h");
  EXPECT_EQ(cache.find("libs.so", arm, {}), "/s");
  EXPECT_EQ(cache.find("libp.so", arm, {}), "/p");
  EXPECT_EQ(cache.find("libg.so", arm, {}), "");
}

TEST(LdCache, StrongestUsableHwcapsSubdirectoryWins) {
  const LdCache cache = parsed(new_cache({{"libh.so", "/v2/libh.so", 0x303, named | 0},
                                          {"libh.so", "/v3/libh.so", 0x303, named | 1},
                                          {"libh.so", "/base/libh.so"}},
                                         {.hwcaps = {"x86-64-v2", "x86-64-v3"}}));
  EXPECT_EQ(cache.entries()[1].hwcap_name, "x86-64-v3");
  const std::vector<std::string> both{"x86-64-v3", "x86-64-v2"};
  EXPECT_EQ(cache.find("libh.so", x86_64, both), "/v3/libh.so");
  EXPECT_EQ(cache.find("libh.so", x86_64, std::vector<std::string>{"x86-64-v2"}), "/v2/libh.so");
  EXPECT_EQ(cache.find("libh.so", x86_64, {}), "/base/libh.so");
}

TEST(LdCache, NamedEntryNeedsTheIsaLevelOfItsObject) {
  const std::uint64_t level_v3 = std::uint64_t{2} << 32;
  const LdCache cache = parsed(new_cache({{"libh.so", "/v2/libh.so", 0x303, named | level_v3}, {"libh.so", "/libh.so"}},
                                         {.hwcaps = {"x86-64-v2"}}));
  EXPECT_EQ(cache.find("libh.so", x86_64, std::vector<std::string>{"x86-64-v2"}), "/libh.so");
  EXPECT_EQ(cache.find("libh.so", x86_64, std::vector<std::string>{"x86-64-v3", "x86-64-v2"}), "/v2/libh.so");
}

TEST(LdCache, NamedEntryWithoutItsNameIsNotUsed) {
  const LdCache cache = parsed(
      new_cache({{"libh.so", "/v2/libh.so", 0x303, named | 7}, {"libh.so", "/libh.so"}}, {.hwcaps = {"x86-64-v2"}}));
  EXPECT_EQ(cache.find("libh.so", x86_64, std::vector<std::string>{"x86-64-v2"}), "/libh.so");
}

TEST(LdCache, LegacyEntryNeedsAllItsBits) {
  const std::uint64_t tls = std::uint64_t{1} << 63;
  const LdCache cache = parsed(new_cache({{"libt.so", "/tls/x86_64/libt.so", 0x303, tls | 2},
                                          {"libt.so", "/tls/libt.so", 0x303, tls},
                                          {"libt.so", "/libt.so"}}));
  EXPECT_EQ(cache.find("libt.so", x86_64, {}), "/libt.so");
  EXPECT_EQ(cache.find("libt.so", x86_64, {}, tls), "/tls/libt.so");
  EXPECT_EQ(cache.find("libt.so", x86_64, {}, tls | 2), "/tls/x86_64/libt.so");
}

TEST(LdCache, BigEndianCacheIsReadByItsFlagsByte) {
  const std::vector<Library> libraries{{"libc.so.6", "/lib64/libc.so.6", 0x403}};
  const LdCache cache = parsed(new_cache(libraries, {.order = elf::ByteOrder::big, .flags = 3}));
  EXPECT_EQ(cache.find("libc.so.6", s390x, {}), "/lib64/libc.so.6");
}

TEST(LdCache, ByteOrderThatIsNotToldIsTheOneThatFits) {
  const std::vector<Library> libraries{{"libc.so.6", "/lib64/libc.so.6", 0x403}};
  EXPECT_EQ(parsed(new_cache(libraries, {.order = elf::ByteOrder::big, .flags = 0})).find("libc.so.6", s390x, {}),
            "/lib64/libc.so.6");
  EXPECT_EQ(parsed(new_cache(libraries, {.flags = 0})).find("libc.so.6", s390x, {}), "/lib64/libc.so.6");
  EXPECT_EQ(parsed(old_cache({{"libc.so.6", "/lib/libc.so.6", 3}}, elf::ByteOrder::big))
                .find("libc.so.6", elf_builder::ppc, {}),
            "/lib/libc.so.6");
}

TEST(LdCache, MarkedInvalidIsRefused) {
  EXPECT_EQ(reason_of_refusal(new_cache({{"liba.so", "/liba.so"}}, {.flags = 1})),
            "cannot parse ld.so.cache: marked as invalid");
}

TEST(LdCache, OtherFilesAreRefused) {
  EXPECT_EQ(reason_of_refusal("\177ELF"), "cannot parse ld.so.cache: not a cache of the dynamic loader");
  EXPECT_EQ(reason_of_refusal(""), "cannot parse ld.so.cache: not a cache of the dynamic loader");
}

TEST(LdCache, EveryTruncationIsRefusedOrHarmless) {
  const std::string whole =
      new_cache({{"libz.so.1", "/lib64/libz.so.1", 0x303, named}, {"liba.so", "/lib64/liba.so"}}, {.hwcaps = {"h"}});
  const std::string old = old_cache({{"libz.so.1", "/lib/libz.so.1", 3}});
  for (const std::string& bytes : {whole, old}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const base::Result<LdCache> cache = LdCache::parse(bytes.substr(0, size), "c");
      if (!cache) continue;
      // Only the extension section, 28 bytes, can be missing, and up to 3 before that align it.
      EXPECT_GE(size, bytes.size() - 28 - 3) << size;
      EXPECT_TRUE(cache->entries().front().hwcap_name.empty()) << size;
    }
  }
}

TEST(LdCache, StringOutsideTheFileIsRefused) {
  std::string bytes = new_cache({{"liba.so", "/lib64/liba.so"}});
  bytes[48 + 4 + 2] = '\x7f';  // the entry's key
  EXPECT_EQ(reason_of_refusal(bytes), "cannot parse ld.so.cache: a name of entry 0 lies outside the file");
}

TEST(LdCache, StringWithoutAnEndIsRefused) {
  std::string bytes = new_cache({{"liba.so", "/lib64/liba.so"}});
  while (bytes.ends_with('\0')) bytes.pop_back();
  EXPECT_EQ(reason_of_refusal(bytes), "cannot parse ld.so.cache: a name of entry 0 lies outside the file");
}

TEST(LdCache, HugeCountIsRefusedBeforeItIsAllocated) {
  std::string bytes = new_cache({{"liba.so", "/lib64/liba.so"}});
  bytes.replace(20, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(reason_of_refusal(bytes), "cannot parse ld.so.cache: more entries than its size allows");
}

TEST(LdCache, ViewsSurviveAMove) {
  auto first = std::make_unique<LdCache>(parsed(new_cache({{"liba.so", "/lib64/liba.so"}})));
  const LdCache second = std::move(*first);
  first.reset();
  EXPECT_EQ(second.find("liba.so", x86_64, {}), "/lib64/liba.so");
}

// A root with libraries whose names are hard to sort, and the cache that the machine's ldconfig makes of it.
class RealLdconfig : public testing::Test {
 protected:
  void SetUp() override {
    if (!support::have_program("ldconfig")) GTEST_SKIP() << "no ldconfig here";
    support::write_file(root_ / "etc/ld.so.conf", "/one\n/two\n");
    for (const std::string& name : names_) {
      elf_builder::write_object(root_ / ("one/" + name), elf_builder::library(name));
    }
    elf_builder::write_object(root_ / "two/lib1.so", elf_builder::library("lib1.so"));
    elf_builder::write_object(root_ / "two/libonly.so.2", elf_builder::library("libonly.so.2"));
    elf_builder::write_object(root_ / "two/glibc-hwcaps/x86-64-v2/libhw.so", elf_builder::library("libhw.so"));
    elf_builder::write_object(root_ / "one/libhw.so", elf_builder::library("libhw.so"));
    elf_builder::write_object(root_ / "one/libboth.so", elf_builder::library("libboth.so"));
    elf_builder::write_object(root_ / "two/libboth.so", elf_builder::library("libboth.so", {}, i386));
  }

  std::string make_cache(const std::string& format) {
    const support::Outcome made =
        support::run({"ldconfig", "-X", "-c", format, "-C", "/etc/cache", "-r", root_.string()});
    EXPECT_EQ(made.status, 0) << made.err;
    return support::read_file(root_ / "etc/cache");
  }

  const std::vector<std::string> names_{"lib1.so",   "lib10.so",   "lib9.so",     "lib01x.so",   "libw.so.01",
                                        "libw.so.2", "libw.so.10", "libw-1.so.1", "libW.so.1",   "lib+.so",
                                        "lib.so",    "liba.so.1a", "liba.so.1.2", "liba.so.1.10"};
  support::TempDir root_;
};

TEST_F(RealLdconfig, EveryEntryIsFoundInEveryFormat) {
  for (const std::string format : {"new", "compat"}) {
    const LdCache cache = parsed(make_cache(format));
    for (const std::string& name : names_) EXPECT_EQ(cache.find(name, x86_64, {}), "/one/" + name) << format;
    EXPECT_EQ(cache.find("libonly.so.2", x86_64, {}), "/two/libonly.so.2") << format;
    EXPECT_EQ(cache.find("libw.so.1", x86_64, {}), "/one/libw.so.01") << format;
    EXPECT_EQ(cache.find("libw.so.002", x86_64, {}), "/one/libw.so.2") << format;
    EXPECT_EQ(cache.find("libw.so.3", x86_64, {}), "") << format;
    EXPECT_EQ(cache.find("libboth.so", x86_64, {}), "/one/libboth.so") << format;
    EXPECT_EQ(cache.find("libboth.so", i386, {}), "/two/libboth.so") << format;
  }
}

TEST_F(RealLdconfig, OrderOfTheFileIsThatOfTheComparison) {
  const LdCache cache = parsed(make_cache("new"));
  const std::vector<CacheEntry>& entries = cache.entries();
  ASSERT_GT(entries.size(), names_.size());
  EXPECT_TRUE(std::is_sorted(entries.begin(), entries.end(), [](const CacheEntry& left, const CacheEntry& right) {
    return compare_cache_names(left.name, right.name) > 0;
  }));
}

TEST_F(RealLdconfig, HwcapsSubdirectoryOfALaterDirectoryWins) {
  const LdCache cache = parsed(make_cache("new"));
  EXPECT_EQ(cache.find("libhw.so", x86_64, std::vector<std::string>{"x86-64-v3", "x86-64-v2"}),
            "/two/glibc-hwcaps/x86-64-v2/libhw.so");
  EXPECT_EQ(cache.find("libhw.so", x86_64, {}), "/one/libhw.so");
}

TEST_F(RealLdconfig, PrintsTheEntriesThatAreParsed) {
  const LdCache cache = parsed(make_cache("new"));
  const support::Outcome printed = support::run({"ldconfig", "-p", "-C", "/etc/cache", "-r", root_.string()});
  ASSERT_EQ(printed.status, 0) << printed.err;
  std::size_t position = 0;
  for (const CacheEntry& entry : cache.entries()) {
    const std::size_t name = printed.out.find("\t" + std::string(entry.name) + " (", position);
    ASSERT_NE(name, std::string::npos) << entry.name;
    const std::string end = ") => " + std::string(entry.path) + "\n";
    position = printed.out.find(end, name);
    ASSERT_NE(position, std::string::npos) << entry.path;
    EXPECT_LT(position, printed.out.find('\n', name)) << entry.path;
  }
}

}  // namespace
}  // namespace revdep::loader
