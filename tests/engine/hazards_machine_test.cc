// What the objects of this machine have of text relocations, writable and executable segments, and executable stacks: for
// every one of them what scanelf and readelf find.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "base/tree.h"
#include "engine/elf_reading.h"
#include "engine/hazards_answers.h"

namespace revdep::fixtures {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

bool begins_as_elf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic(4, ' ');
  return file.read(magic.data(), 4) && magic ==
                                           "\x7f"
                                           "ELF";
}

// Programs and libraries in the usual places, each once, sorted by path; if there are more than `limit`, every second,
// third, ... of them.
Strings choose_objects(std::size_t limit) {
  std::set<std::string> places;
  for (const char* const place : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/bin", "/usr/sbin",
                                  "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec"}) {
    std::error_code error;
    const fs::path canonical = fs::canonical(place, error);
    if (!error) places.insert(canonical.string());
  }
  std::set<std::string> found;
  for (const std::string& place : places) {
    std::error_code error;
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator entry(place, options, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code gone;
      const fs::file_status status = entry->symlink_status(gone);
      if (gone || status.type() != fs::file_type::regular) continue;
      const bool is_run = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
      const bool is_named_so = entry->path().filename().string().find(".so") != std::string::npos;
      if ((is_run || is_named_so) && begins_as_elf(entry->path())) found.insert(entry->path().string());
    }
  }
  const std::size_t step = (found.size() + limit - 1) / limit;
  Strings chosen;
  std::size_t index = 0;
  for (const std::string& path : found) {
    if (index++ % step == 0) chosen.push_back(path);
  }
  return chosen;
}

TEST(HazardsOfThisMachine, AreWhatScanelfAndReadelfFind) {
  if (const std::string tool = missing_tool(); !tool.empty()) GTEST_SKIP() << "no " << tool;
  constexpr std::size_t limit = 1500;
  const Strings objects = choose_objects(limit);
  ASSERT_FALSE(objects.empty());
  const auto tree = base::Tree::open("/");
  ASSERT_TRUE(tree);
  const HazardAnswers scanelf = ask_scanelf(objects);
  const HazardAnswers readelf = ask_readelf(objects);
  std::map<std::string, std::size_t> counts;
  for (const std::string& path : objects) {
    const engine::ElfReading reading = engine::read_elf(*tree, path);
    if (reading.kind != engine::ElfReading::Kind::object) continue;  // neither run nor loaded, or gone by now
    const std::string ours = spell(elf::hazards_of(reading.facts));
    ++counts[ours];
    SCOPED_TRACE(path);
    ASSERT_TRUE(scanelf.contains(path) && readelf.contains(path));
    EXPECT_EQ(ours, scanelf.at(path));
    EXPECT_EQ(ours, readelf.at(path));
  }
  for (const auto& [hazards, count] : counts) std::cout << count << " objects: " << hazards << '\n';
}

}  // namespace
}  // namespace revdep::fixtures
