// Databases with a fault: the rest of the answers is that of the sound one, and each fault has its one message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "engine/sample_root.h"
#include "support/elf_builder.h"
#include "vdb/database.h"

namespace revdep::engine_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view libplain = "app-test/libplain-1/NEEDED.ELF.2";

class BrokenDatabase : public testing::Test {
 protected:
  BrokenDatabase() { before_ = ask(*load(root_.path())); }

  /// Loads what the test made of the root, and asks it everything.
  void ask_again() {
    system_ = load(root_.path());
    after_ = ask(*system_);
    problems_ = problem_lines(*system_);
    // The owner of a file with mode 0000 may not read it unless it is root.
    std::erase_if(problems_, [](const std::string& line) { return line.find("/usr/bin/mode0") != std::string::npos; });
  }

  void expect_all_answers_with(const std::vector<std::string>& messages) {
    ask_again();
    EXPECT_EQ(after_, before_);
    EXPECT_EQ(problems_, messages);
  }

  void cut(std::string_view name, std::string_view from) const {
    const std::string text = support::read_file(root_.database(name));
    support::write_file(root_.database(name), text.substr(0, text.find(from)));
  }

  SampleRoot root_;
  Answers before_;
  std::unique_ptr<engine::System> system_;
  Answers after_;
  std::vector<std::string> problems_;
};

TEST_F(BrokenDatabase, ALineThatIsCutBeforeItsFieldsLosesItsObjectOnly) {
  cut(libplain, "bin/plainabs;");
  ask_again();
  EXPECT_EQ(after_, without(before_, {"/usr/bin/plainabs"}));
  EXPECT_THAT(problems_, ElementsAre("cannot use line 3 of /var/db/pkg/app-test/libplain-1/NEEDED.ELF.2: fewer than 5 "
                                     "fields"));
}

TEST_F(BrokenDatabase, ALineThatIsCutInItsNeededEntriesIsMadeGoodByTheObject) {
  cut(libplain, "plain.so,libc.so.6;x86_64\nX86_64;/usr/bin/plainabs");
  ask_again();
  // plainabs stood behind the cut.
  EXPECT_EQ(after_, without(before_, {"/usr/bin/plainabs"}));
  EXPECT_THAT(problems_,
              ElementsAre("cannot use line 2 of /var/db/pkg/app-test/libplain-1/NEEDED.ELF.2: cut short; the "
                          "object itself is read"));
}

TEST_F(BrokenDatabase, ANulByteInAPathLosesThatObjectOnly) {
  root_.replace_in(root_.database(libplain), "bin/plainabs", std::string_view("bin/pl\0inabs", 12));
  ask_again();
  EXPECT_EQ(after_, without(before_, {"/usr/bin/plainabs"}));
  EXPECT_THAT(problems_,
              ElementsAre("cannot use line 3 of /var/db/pkg/app-test/libplain-1/NEEDED.ELF.2: NUL byte in the "
                          "path"));
}

TEST_F(BrokenDatabase, ANulByteInTheNeededEntriesIsMadeGoodByTheObject) {
  root_.replace_in(root_.database(libplain), ";libplain.so,libc", std::string_view(";libpl\0in.so,libc", 17));
  expect_all_answers_with(
      {"cannot use line 2 of /var/db/pkg/app-test/libplain-1/NEEDED.ELF.2: NUL byte; the object "
       "itself is read"});
}

TEST_F(BrokenDatabase, ARunOfZeroBytesAfterACrashIsOneMessage) {
  support::write_file(root_.database(libplain), std::string(4096, '\0'));
  ask_again();
  EXPECT_EQ(without(after_, {"/usr/lib64/libplain.so"}),
            without(before_, {"/usr/lib64/libplain.so", "/usr/bin/plainuser", "/usr/bin/plainabs"}));
  EXPECT_EQ(problems_.size(), 1U) << testing::PrintToString(problems_);
}

TEST_F(BrokenDatabase, ManyBadLinesInARowAreOneMessage) {
  std::string garbage;
  for (int line = 0; line < 1000; ++line) garbage += "no such line\n";
  root_.append(libplain, garbage);
  expect_all_answers_with(
      {"cannot use lines 4 to 1003 of /var/db/pkg/app-test/libplain-1/NEEDED.ELF.2: fewer than 5 "
       "fields"});
}

TEST_F(BrokenDatabase, AnInstalledFileThatIsGoneIsNoFault) {
  std::filesystem::remove(root_ / "usr/lib64/libmid.so.0");
  ask_again();
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_FALSE(after_.contains("/usr/lib64/libmid.so.0"));
  EXPECT_THAT(after_["/usr/bin/foouser"].closure, ElementsAre("/usr/lib64/libfoo.so.1.0"));
  EXPECT_THAT(after_["/usr/bin/foouser"].unresolved,
              ElementsAre("/lib64/ld-linux-x86-64.so.2", "libmid.so.0", "libc.so.6"));
}

TEST_F(BrokenDatabase, APackageThatGoesBetweenListingAndReadingIsNoFault) {
  auto database = vdb::Database::open(root_.database("").string());
  ASSERT_TRUE(database);
  std::vector<base::Error> problems;
  const std::vector<vdb::PackageName> packages = database->list(problems);
  ASSERT_THAT(packages, testing::Contains(vdb::PackageName{"app-test", "foouser-1"}));
  std::filesystem::remove_all(root_.database("app-test/foouser-1"));
  std::filesystem::remove_all(root_.database("app-solo"));  // the last one with its category
  for (const vdb::PackageName& package : packages) {
    const auto text = database->read(package, "NEEDED.ELF.2");
    ASSERT_TRUE(text) << text.error().to_string();
    const bool gone = package.pf == "foouser-1" || package.category == "app-solo";
    const bool expected =
        !gone && package.category == "app-test" && package.pf != "noelf-1" && package.pf != "baselayout-2";
    EXPECT_EQ(text->has_value(), expected) << to_string(package);
    database->read_metadata(package, problems);
  }
  EXPECT_THAT(problems, IsEmpty());
}

// As Portage does it: files one by one, then the directory; written under -MERGING-, then renamed.
[[noreturn]] void merge_and_unmerge_for_ever(const std::filesystem::path& category, const std::string& package) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::filesystem::path live = category / package;
  const std::filesystem::path merging = category / ("-MERGING-" + package);
  std::error_code ignored;
  while (true) {
    std::filesystem::create_directory(merging, ignored);
    std::filesystem::copy(live, merging, std::filesystem::copy_options::overwrite_existing, ignored);
    for (const auto& file : std::filesystem::directory_iterator(live, ignored)) std::filesystem::remove(file, ignored);
    std::filesystem::remove(live, ignored);
    std::filesystem::rename(merging, live, ignored);
  }
}

TEST_F(BrokenDatabase, LoadingWhileAPackageComesAndGoesGivesTheCompleteRest) {
  const Answers rest = without(before_, {"/usr/bin/foouser"});
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) merge_and_unmerge_for_ever(root_.database("app-test"), "foouser-1");
  for (int round = 0; round < 50 && !HasFailure(); ++round) {
    ask_again();
    EXPECT_EQ(without(after_, {"/usr/bin/foouser"}), rest);
    EXPECT_THAT(problems_, IsEmpty());
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

// A file of a package that is something else: the older NEEDED has the names, and the objects the rest.
class BrokenNeededFile : public BrokenDatabase {
 protected:
  std::filesystem::path remove_needed() const {
    const std::filesystem::path file = root_.database(libplain);
    std::filesystem::remove(file);
    return file;
  }
  void expect_one_message_with(std::string_view reason) {
    expect_all_answers_with({"cannot read /var/db/pkg/app-test/libplain-1/NEEDED.ELF.2: " + std::string(reason)});
  }
};

TEST_F(BrokenNeededFile, ADirectory) {
  std::filesystem::create_directory(remove_needed());
  expect_one_message_with("not a regular file");
}

TEST_F(BrokenNeededFile, AFifoThatNobodyWrites) {
  ASSERT_EQ(::mkfifo(remove_needed().c_str(), 0644), 0);
  expect_one_message_with("not a regular file");
}

TEST_F(BrokenNeededFile, ASymlink) {
  std::filesystem::create_symlink("../foouser-1/NEEDED.ELF.2", remove_needed());
  expect_one_message_with("is a symbolic link");
}

TEST_F(BrokenDatabase, ContentsWithBlanksAndNewlinesInNamesGiveTheRest) {
  const std::string package = "app-test/spaces-1/";
  std::filesystem::remove(root_.database(package + "NEEDED.ELF.2"));
  std::filesystem::remove(root_.database(package + "NEEDED"));
  const std::string contents = support::read_file(root_.database(package + "CONTENTS"));
  support::write_file(root_.database(package + "CONTENTS"),
                      "obj /opt/new\nline/my app d41d8cd98f00b204e9800998ecf8427e 1795321728\n"
                      "sym /opt/a -> b -> c 1795321728\n"
                      "obj /opt/  two blanks  d41d8cd98f00b204e9800998ecf8427e 1795321728\n" +
                          contents);
  expect_all_answers_with(
      {"cannot use lines 1 to 2 of /var/db/pkg/app-test/spaces-1/CONTENTS: not a whole 'obj' entry"});
}

TEST_F(BrokenDatabase, ACategoryThatIsAFileIsPassedOverAsLockFilesAre) {
  std::filesystem::remove_all(root_.database("app-solo"));
  support::write_file(root_.database("app-solo"), "text");
  ask_again();
  EXPECT_EQ(after_, without(before_, {"/usr/bin/only"}));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(BrokenDatabase, ALeftOverOfACutMergeIsPassedOver) {
  root_.append("app-test/-MERGING-libplain-2/NEEDED.ELF.2", "X86_64;/usr/bin/foouser;;;libgone.so.7;x86_64\n");
  root_.append("app-test/-MERGING-new-1/NEEDED.ELF.2", "broken\n");
  expect_all_answers_with({});
}

constexpr std::string_view registry = "../../lib/portage/preserved_libs_registry";

TEST_F(BrokenDatabase, AnEmptyRegistryIsNoFaultAndTheLoaderFindsWhatWasInIt) {
  support::write_file(root_.database(registry), "");
  expect_all_answers_with({});
}

TEST_F(BrokenDatabase, ARegistryThatIsNoJsonIsOneMessage) {
  support::write_file(root_.database(registry), "{\"app-test/libfoo:0\": [\"app-te");
  expect_all_answers_with({"cannot parse /var/lib/portage/preserved_libs_registry: not valid JSON"});
}

TEST_F(BrokenDatabase, ARegistryEntryOfAnotherShapeIsOneMessageAndTheOthersCount) {
  // Nobody needs it by this name: only the registry says that it is there.
  std::filesystem::copy(root_ / "usr/lib64/libfoo.so.1.0", root_ / "opt/kept.so.1");
  support::write_file(
      root_.database(registry),
      R"({"a/b:0": ["a/b-1", "1", "/usr/lib64/libfoo.so.1.0"], "a/c:0": ["a/c-1", "2", ["/opt/kept.so.1"]]})");
  ask_again();
  EXPECT_TRUE(after_.contains("/opt/kept.so.1"));
  EXPECT_EQ(without(after_, {"/opt/kept.so.1"}), before_);
  EXPECT_THAT(problems_,
              ElementsAre(HasSubstr("cannot use entry \"a/b:0\" of /var/lib/portage/preserved_libs_registry")));
}

TEST_F(BrokenDatabase, ASemicolonInASonameShiftsTheFieldsAndTheObjectsTell) {
  const auto write = [&](std::string_view path, const std::string& soname, std::vector<std::string> needed) {
    elf_builder::Object object =
        soname.empty() ? elf_builder::program(std::move(needed)) : elf_builder::library(soname, std::move(needed));
    elf_builder::write_object(root_ / path, object);
  };
  write("usr/lib64/libsemi.so", "lib;semi.so.1", {"libmid.so.0"});
  write("usr/bin/usesemi", "", {"lib;semi.so.1", "libc.so.6"});
  std::filesystem::create_symlink("libsemi.so", root_ / "usr/lib64/lib;semi.so.1");
  root_.append("virtual/empty-1/NEEDED.ELF.2",
               "X86_64;/usr/lib64/libsemi.so;lib;semi.so.1;;libmid.so.0;x86_64\n"
               "X86_64;/usr/bin/usesemi;;;lib;semi.so.1,libc.so.6;x86_64\n");
  ask_again();
  EXPECT_THAT(after_["/usr/bin/usesemi"].closure,
              ElementsAre("/usr/lib64/libsemi.so", "/usr/lib64/libmid.so.0", "/usr/lib64/libfoo.so.2.0"));
  EXPECT_THAT(after_["/usr/lib64/libsemi.so"].consumers, ElementsAre("/usr/bin/usesemi"));
  EXPECT_EQ(without(after_, {"/usr/bin/usesemi", "/usr/lib64/libsemi.so"}), before_);
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(BrokenDatabase, AnEmptyDatabaseHasThePreservedLibrariesOnly) {
  for (const char* const category : {"app-test", "app-solo", "virtual"}) {
    std::filesystem::remove_all(root_.database(category));
  }
  ask_again();
  ASSERT_EQ(after_.size(), 1U);
  EXPECT_EQ(after_.begin()->first, "/usr/lib64/libfoo.so.1.0");
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(BrokenDatabase, WithoutADatabaseTheFilesystemIsTheSourceUnlessToldOtherwise) {
  std::filesystem::remove_all(root_ / "var/db");
  engine::LoadOptions options;
  options.root = root_.path();
  options.source = engine::Source::vdb;
  const auto refused = engine::System::load(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().to_string(),
            "cannot open package database " + root_.path() + "/var/db/pkg: No such file or directory");
  options.source = engine::Source::automatic;
  options.path = {"/usr/bin"};
  const auto system = load(options);
  EXPECT_EQ(system->database(), nullptr);
  EXPECT_EQ(ask(*system, "/usr/bin/foouser").closure, before_["/usr/bin/foouser"].closure);
}

TEST_F(BrokenDatabase, ADatabaseThatIsNamedHasToBeThere) {
  engine::LoadOptions options;
  options.root = root_.path();
  options.vdb = root_.path() + "/no/such";
  EXPECT_FALSE(engine::System::load(options));
  options.vdb = root_.path() + "/etc/ld.so.conf";
  EXPECT_FALSE(engine::System::load(options));
  options.vdb = root_.path() + "/var/db/pkg";
  EXPECT_EQ(ask(*load(options)), before_);
}

TEST(BrokenRoot, ARootThatIsNotThereIsAnErrorThatNamesIt) {
  engine::LoadOptions options;
  options.root = "/no/such/root";
  const auto system = engine::System::load(options);
  ASSERT_FALSE(system);
  EXPECT_EQ(system.error().to_string(), "cannot open root /no/such/root: No such file or directory");
}

}  // namespace
}  // namespace revdep::engine_test
