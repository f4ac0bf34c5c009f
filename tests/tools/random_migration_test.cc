// Random systems, migrated, migrated again, and taken back: nothing but what is asked changes, the second run has nothing to
// do, and the undo brings back every byte. What is asked is found by the test's own walk along the needed entries.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <set>

#include "elf/marking_reader.h"
#include "pax/relax.h"
#include "pax/verdict.h"
#include "tools/small_root.h"

namespace revdep::tool {
namespace {

using pax::Letter;
using pax::Setting;
using pax::Stores;

// All that an undo has to bring back.
struct Picture {
  Stores stores;
  std::string content;
  std::int64_t mtime_ns = 0;
  mode_t mode = 0;
  nlink_t links = 0;
  friend bool operator==(const Picture&, const Picture&) = default;
};

class RandomSystem {
 public:
  explicit RandomSystem(unsigned seed) : random_(seed) {
    const unsigned libraries = below(6) + 1;
    for (unsigned index = 0; index < libraries; ++index) {
      const std::string name = "libr" + std::to_string(index) + ".so.1";
      elf_builder::Object object = elf_builder::library(name, some_libraries(index + 1, libraries));
      place("/usr/lib64/" + name, object, {"m", "em", "E", "r", "mr", "pem", "M", "", "x", "Pe"});
    }
    const unsigned programs = below(5) + 1;
    for (unsigned index = 0; index < programs; ++index) {
      elf_builder::Object object = elf_builder::program(some_libraries(0, libraries));
      place("/usr/bin/p" + std::to_string(index), object, {"e", "em", "m", "PeM", "PeMRS", "r", "E", "mm", "pem", ""});
    }
    if (chance(50)) link_again("/usr/bin/p0", "/opt/again");
  }

  std::map<std::string, Picture> pictures() const {
    std::map<std::string, Picture> all;
    for (const auto& [path, needed] : needed_) all.emplace(path, picture(path));
    return all;
  }
  support::Outcome run(const std::vector<std::string>& arguments) const { return root_.run(arguments); }

  // What the libraries that `path` reaches ask for, hard links taken together.
  pax::Relaxations asked_of(const std::string& path) const {
    pax::Relaxations asked;
    std::vector<std::string> queue = needed_.at(path);
    std::set<std::string> seen(queue.begin(), queue.end());
    while (!queue.empty()) {
      const std::string library = "/usr/lib64/" + queue.back();
      queue.pop_back();
      if (const auto own = pax::own_marking(picture(library).stores)) asked.add(pax::asked_by(*own));
      for (const std::string& name : needed_.at(library)) {
        if (seen.insert(name).second) queue.push_back(name);
      }
    }
    return asked;
  }
  static bool is_program(const std::string& path) { return !path.starts_with("/usr/lib64/"); }

 private:
  unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_); }
  bool chance(unsigned percent) { return below(100) < percent; }

  std::vector<std::string> some_libraries(unsigned from, unsigned to) {
    std::vector<std::string> names;
    for (unsigned index = from; index < to; ++index) {
      if (chance(40)) names.push_back("libr" + std::to_string(index) + ".so.1");
    }
    return names;
  }

  void place(const std::string& path, elf_builder::Object& object, const std::vector<std::string>& flags) {
    constexpr std::array<std::uint32_t, 6> headers = {0x2800, 0, 0x2a00, 0x300, 0x2900, 0xaa00};
    if (chance(35)) object.pax_flags = {headers.at(below(headers.size()))};
    root_.add(path, object);
    needed_[path] = object.needed;
    if (chance(40)) root_.set_flags(path, flags[below(static_cast<unsigned>(flags.size()))]);
  }

  void link_again(const std::string& path, const std::string& other) {
    root_.add(other, elf_builder::program(needed_.at(path)));
    std::filesystem::remove(root_.file(other));
    std::filesystem::create_hard_link(root_.file(path), root_.file(other));
    needed_[other] = needed_.at(path);
  }

  Picture picture(const std::string& path) const {
    const std::string file = root_.file(path);
    const base::Result<base::Tree> tree = base::Tree::open(std::filesystem::path(file).parent_path());
    auto marked = elf::read_marked_object(*tree, "/" + std::filesystem::path(file).filename().string());
    std::ifstream stream(file, std::ios::binary);
    const struct stat& status = marked->status;
    const std::int64_t mtime = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    return {marked->stores, {std::istreambuf_iterator<char>(stream), {}}, mtime, status.st_mode, status.st_nlink};
  }

  std::mt19937 random_;
  SmallRoot root_;
  std::map<std::string, std::vector<std::string>> needed_;
};

// What is wrong with what became of one program; "" when nothing is.
std::string check(const Stores& before, const Stores& after, pax::Relaxations asked) {
  const auto own = pax::own_marking(before);
  const bool toolchain = before.header == 0x2800U && !before.xattr;
  bool contradicted = false;
  for (const Letter letter : pax::letters) {
    const Setting said = own.value_or(pax::Marking{}).get(letter);
    const bool is_word = said != Setting::unset && !(letter == Letter::E && toolchain);
    const Setting now = pax::own_marking(after).value_or(pax::Marking{}).get(letter);
    if (is_word && now != said) return "a letter that stood there was changed";
    const bool dropped = asked.asks(Letter::P) && (letter == Letter::M || letter == Letter::E);
    const bool wanted = asked.asks(letter) || dropped;
    contradicted = contradicted || (is_word && wanted && said != pax::relaxed(letter));
    // A `p` leaves E nothing to stand on.
    contradicted = contradicted || (is_word && dropped && letter == Letter::E && said == Setting::on);
  }
  // What runs in one mode only, whatever is added to it, is left alone and named.
  const bool runs = std::ranges::none_of(
      std::array{false, true}, [&](bool softmode) { return pax::judge(before, {.softmode = softmode}).refused; });
  for (const bool softmode : {false, true}) {
    const pax::Kernel kernel{.softmode = softmode};
    const pax::Verdict was = pax::judge(before, kernel);
    const pax::Verdict is = pax::judge(after, kernel);
    if (is.refused && !was.refused) return "a kernel refuses it now";
    if (was.refused) continue;
    const pax::Effective wanted = pax::relax(was.configured, asked);
    for (const Letter letter : pax::letters) {
      const bool changed = is.configured.on(letter) != was.configured.on(letter);
      if (changed && is.configured.on(letter) != wanted.on(letter)) return "more changed than was asked";
    }
    if (runs && !contradicted && is.configured != wanted && before.xattr != "mm")
      return "it does not have what was asked";
  }
  return "";
}

unsigned cases() {
  const char* const given = std::getenv("REVDEP_CASES");
  return given == nullptr ? 60 : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

TEST(RandomMigration, ChangesWhatIsAskedOnceAndGoesBackWhole) {
  if (::getuid() != 0) GTEST_SKIP() << "only root may mark";
  std::size_t marked = 0;
  for (unsigned seed = 1; seed <= cases(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomSystem system(seed);
    const auto before = system.pictures();
    const auto first = system.run({"-r", "-m", "-y"});
    const auto after = system.pictures();
    for (const auto& [path, was] : before) {
      const Picture& is = after.at(path);
      EXPECT_EQ(was.mtime_ns, is.mtime_ns) << path;
      EXPECT_EQ(was.mode, is.mode) << path;
      EXPECT_EQ(was.links, is.links) << path;
      if (!RandomSystem::is_program(path)) {
        EXPECT_EQ(was, is) << path;
        continue;
      }
      pax::Relaxations asked = system.asked_of(path);
      if (was.links > 1) asked.add(system.asked_of("/usr/bin/p0"));
      EXPECT_EQ(check(was.stores, is.stores, asked), "") << path << '\n' << first.out << first.err;
      marked += was == is ? 0U : 1U;
    }
    system.run({"-f", "-m", "-y"});
    EXPECT_EQ(system.pictures(), after) << "a second run has nothing to do";
    if (after == before) continue;
    const auto undone = system.run({"--undo", "-y"});
    EXPECT_EQ(system.pictures(), before) << undone.out << undone.err;
    system.run({"-r", "-m", "-y"});
    EXPECT_EQ(system.pictures(), before) << "what was undone is held back";
    if (HasFailure()) break;
  }
  std::cout << cases() << " systems, " << marked << " files changed\n";
  EXPECT_GT(marked, cases() / 4);
}

}  // namespace
}  // namespace revdep::tool
