// Where the facts come from must not change what is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "engine/sample_root.h"
#include "support/elf_builder.h"

namespace revdep::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void remove_from_packages(const SampleRoot& root, std::initializer_list<std::string_view> files) {
  for (const auto& category : std::filesystem::directory_iterator(root.database(""))) {
    for (const auto& package : std::filesystem::directory_iterator(category)) {
      for (const std::string_view file : files) std::filesystem::remove(package.path() / file);
    }
  }
}

// Of one package, and of a whole database as other package managers write it.
class Sources : public testing::Test {
 protected:
  void expect_same_answers() {
    const auto system = load(root_.path());
    EXPECT_EQ(ask(*system), before_);
    EXPECT_EQ(::geteuid() == 0 ? problem_lines(*system) : std::vector<std::string>(), std::vector<std::string>());
  }
  SampleRoot root_;
  const Answers before_ = ask(*load(root_.path()));
};

TEST_F(Sources, APackageWithTheOldNeededOnly) {
  std::filesystem::remove(root_.database("app-test/libfoo-2/NEEDED.ELF.2"));
  expect_same_answers();
}

TEST_F(Sources, APackageWithContentsOnly) {
  std::filesystem::remove(root_.database("app-test/origin-1/NEEDED.ELF.2"));
  std::filesystem::remove(root_.database("app-test/origin-1/NEEDED"));
  expect_same_answers();
}

TEST_F(Sources, ADatabaseWithTheOldNeededOnly) {
  remove_from_packages(root_, {"NEEDED.ELF.2"});
  expect_same_answers();
}

TEST_F(Sources, ADatabaseWithContentsOnly) {
  if (::geteuid() != 0) GTEST_SKIP() << "mode0 has no word but its own, which only root can read";
  remove_from_packages(root_, {"NEEDED.ELF.2", "NEEDED"});
  expect_same_answers();
}

TEST_F(Sources, LinesOfFiveFieldsAreReadFromTheObject) {
  for (const char* const package : {"app-test/libfoo-2", "app-test/lib32-1"}) {
    const std::string name = std::string(package) + "/NEEDED.ELF.2";
    std::string text = support::read_file(root_.database(name));
    for (const std::string category : {";x86_64\n", ";x86_32\n"}) {
      for (std::size_t at = text.find(category); at != std::string::npos; at = text.find(category)) {
        text.replace(at, category.size(), "\n");
      }
    }
    support::write_file(root_.database(name), text);
  }
  expect_same_answers();
}

TEST_F(Sources, TheFilesystemHasTheLoadersDirectoriesThePathAndTheTrees) {
  engine::LoadOptions options;
  options.root = root_.path();
  options.source = engine::Source::filesystem;
  options.path = {"/usr/bin"};
  options.trees = {"/opt", "/no/such/tree"};
  const auto system = load(options);
  EXPECT_EQ(system->database(), nullptr);
  EXPECT_THAT(system->packages(), IsEmpty());
  const Answers answers = ask(*system);
  // Neither below /usr/lib64, nor in /usr/real.
  EXPECT_EQ(answers, without(before_, {"/usr/lib64/lab/plugins/plug_a.so", "/usr/lib64/lab/plugins/plug_b.so",
                                       "/usr/real/inreal"}));
  EXPECT_THAT(problem_lines(*system), testing::Contains("cannot search /no/such/tree: no such directory"));
}

// What ElfBuilder writes, with the line that scanelf would have written.
class SoundSystem {
 public:
  explicit SoundSystem(std::uint32_t seed) : engine_(seed) {
    support::write_file(root_ / "etc/ld.so.conf", "/usr/lib64\n/usr/lib\n/opt/extra\n");
    elf_builder::write_object(root_ / "lib64/ld-linux-x86-64.so.2", elf_builder::library("ld-linux-x86-64.so.2"));
    elf_builder::write_object(root_ / "lib/ld-linux.so.2",
                              elf_builder::library("ld-linux.so.2", {}, elf_builder::i386));
    list("X86_64;/lib64/ld-linux-x86-64.so.2;ld-linux-x86-64.so.2;;;x86_64");
    list("386;/lib/ld-linux.so.2;ld-linux.so.2;;;x86_32");
    for (std::uint32_t index = 0; index < names; ++index) add_library(index);
    for (std::uint32_t index = 0; index < 8; ++index) add_program(index);
    support::write_file(root_ / "var/db/pkg/app/all-1/NEEDED.ELF.2", lines_);
  }
  [[nodiscard]] std::string path() const { return root_.string(); }

 private:
  static constexpr std::uint32_t names = 10;

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  static std::string name(std::uint32_t index) { return "lib" + std::to_string(index) + ".so.1"; }
  void list(const std::string& line) { lines_ += line + '\n'; }

  void write(const std::string& path, elf_builder::Object object) {
    if (chance(20)) object.runpath = chance(50) ? "$ORIGIN/../extra" : "/opt/extra:/opt/other";
    if (!object.runpath && chance(15)) object.rpath = "/opt/other";
    elf_builder::write_object(root_ / path, object);
    std::string needed;
    for (const std::string& entry : object.needed) needed += (needed.empty() ? "" : ",") + entry;
    // Portage puts the base name where a library has no soname.
    const std::string base_name = path.substr(path.rfind('/') + 1);
    const std::string soname = object.interpreter ? "" : object.soname.value_or(base_name);
    const bool is_i386 = object.abi == elf_builder::i386;
    list((is_i386 ? "386;" : "X86_64;") + path + ';' + soname + ';' +
         object.runpath.value_or(object.rpath.value_or("")) + ';' + needed + (is_i386 ? ";x86_32" : ";x86_64"));
  }
  std::vector<std::string> pick_needed() {
    std::vector<std::string> needed;
    for (std::uint32_t count = below(4); count > 0; --count) needed.push_back(name(below(names + 1)));
    if (chance(5)) needed.push_back("/opt/other/" + name(below(names)));
    return needed;
  }
  void add_library(std::uint32_t index) {
    for (const char* const directory : {"/usr/lib64/", "/opt/extra/", "/opt/other/", "/usr/lib/"}) {
      if (!chance(40)) continue;
      const bool is_i386 = std::string_view(directory) == "/usr/lib/";
      auto object = elf_builder::library(name(index), pick_needed(), is_i386 ? elf_builder::i386 : elf_builder::x86_64);
      if (chance(15)) object.soname.reset();
      write(directory + name(index), object);
    }
  }
  void add_program(std::uint32_t index) {
    const bool is_i386 = chance(20);
    write("/usr/bin/program" + std::to_string(index),
          elf_builder::program(pick_needed(), is_i386 ? elf_builder::i386 : elf_builder::x86_64));
  }

  support::TempDir root_;
  std::mt19937 engine_;
  std::string lines_;
};

TEST(SoundSystem, TheDatabasesWordAndTheObjectsOwnGiveTheSameAnswers) {
  std::size_t closures = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SoundSystem root(seed);
    engine::LoadOptions options;
    options.root = root.path();
    const auto from_vdb = load(options);
    options.facts = engine::FactsFrom::elf;
    const auto from_elf = load(options);
    const Answers answers = ask(*from_vdb);
    Answers expected = ask(*from_elf);
    ASSERT_EQ(answers.size(), expected.size());
    for (const auto& [path, answer] : answers) ASSERT_EQ(answer, expected[path]) << path;
    ASSERT_THAT(problem_lines(*from_vdb), IsEmpty());
    ASSERT_THAT(problem_lines(*from_elf), IsEmpty());
    for (const auto& [path, answer] : answers) closures += answer.closure.size();
  }
  EXPECT_GT(closures, 1000U);
}

}  // namespace
}  // namespace revdep::engine_test
