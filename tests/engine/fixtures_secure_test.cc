// Programs that the kernel runs with AT_SECURE, in a chroot and as an ordinary user: what they say to have mapped is what
// their closures say.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "engine/fixtures_build.h"
#include "engine/parity_machine.h"
#include "engine/system.h"
#include "support/command.h"

namespace revdep {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr unsigned nobody = 65534;

// Prints its own maps, and its AT_SECURE.
constexpr auto talking_program = R"(
#include <stdio.h>
#include <sys/auxv.h>
int main(void) {
  char line[4096];
  FILE* maps = fopen("/proc/self/maps", "r");
  printf("secure %lu\n", getauxval(AT_SECURE));
  while (maps && fgets(line, sizeof line, maps)) fputs(line, stdout);
  return maps == 0;
}
)";

class SecureFixtures : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = parity::enter_private_mounts(); !reason.empty()) GTEST_SKIP() << reason;
    if (const std::string reason = fixtures::hindrance({"gcc"}); !reason.empty()) GTEST_SKIP() << reason;
    if (!support::have_program("scanelf")) GTEST_SKIP() << "no scanelf, which writes the database";
    if (!parity::find_glibc()) GTEST_SKIP() << "/bin/true is not linked with a glibc of 2.33 or later";
    fs::permissions(root(), fs::perms(0755));
    // The C library and its loader, where they are on the machine.
    workshop_.compile("probe", talking_program, {});
    const parity::Root machine("/");
    const std::string interpreter = parity::interpreter_of(workshop_.path("probe"));
    copy_in(interpreter, interpreter);
    for (const std::string& file : parity::ask_glibc(machine, workshop_.path("probe")).files) copy_in(file, file);
    fs::remove(workshop_.path("probe"));
    trusted_ = parity::find_glibc()->system_directories.back();
  }

  [[nodiscard]] fs::path root() const { return workshop_.directory().path(); }

  void copy_in(const std::string& from, const std::string& to) {
    fs::create_directories(root().string() + to.substr(0, to.rfind('/')));
    const std::string place = root().string() + to;
    if (!fs::exists(place)) fs::copy_file(fs::canonical(from), place);
  }

  // A program in `directory` that needs liba.so.1, which lies in its subdirectory "private", by that search path.
  std::string install(const std::string& directory, const std::string& search_path, const Strings& tags) {
    workshop_.library(directory.substr(1) + "/private/liba.so.1", "liba.so.1");
    workshop_.compile(
        directory.substr(1) + "/app", talking_program,
        Strings{workshop_.path(directory.substr(1) + "/private/liba.so.1"), "-Wl,-rpath," + search_path, tags.front()});
    return directory + "/app";
  }

  // What `program` has mapped when an ordinary user runs it; what it cannot do without is in `message` when it fails.
  struct Told {
    bool runs = false;
    bool secure = false;
    std::set<std::string> files;
    std::string text;
  };
  [[nodiscard]] Told run(const std::string& program) const {
    const parity::Root place(root().string());
    parity::Run how;
    how.uid = nobody;
    how.new_privileges = true;
    const support::Outcome outcome = place.run(program, how);
    Told told;
    told.runs = outcome.status == 0;
    told.text = outcome.out + outcome.err;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
      if (line == "secure 1") told.secure = true;
      const std::size_t path = line.find('/');
      if (path != std::string::npos) told.files.insert(place.canonical(line.substr(path)).value_or(line));
    }
    told.files.erase(program);
    return told;
  }

  // Compares, from the facts of the files and from a package database; says whether the program finds all that it needs.
  bool runs_as_told(const std::string& program, bool secure) {
    const Told told = run(program);
    EXPECT_EQ(told.secure, told.runs && secure) << told.text;
    std::vector<parity::Scanned> objects = parity::scan({root().string()});
    for (parity::Scanned& object : objects) object.path.erase(0, root().string().size());
    fs::remove_all(root() / "var");
    parity::write_database(root() / "var/db/pkg", objects);
    for (const auto source : {engine::Source::vdb, engine::Source::filesystem}) {
      engine::LoadOptions options;
      options.root = root().string();
      options.source = source;
      options.trees = {"/"};
      auto system = engine::System::load(options);
      EXPECT_TRUE(system) << system.error().to_string();
      if (!system) return false;
      const graph::Closure closure = (*system)->closure((*system)->find_or_read(program));
      const bool complete = closure.unresolved.empty() && !closure.fails;
      EXPECT_EQ(complete, told.runs) << told.text;
      if (!told.runs) continue;
      std::set<std::string> files;
      for (const loader::Mapped& mapped : closure.objects) files.emplace((*system)->path(mapped.object));
      EXPECT_EQ(files, told.files) << told.text;
    }
    return told.runs;
  }

  void set_user_id(const std::string& program) { fs::permissions(root().string() + program, fs::perms(04755)); }

  bool set_capability(const std::string& program) {
    return support::run({"setcap", "cap_net_raw+ep", root().string() + program}).status == 0;
  }

  fixtures::Workshop workshop_;
  std::string trusted_;
};

const Strings rpath = {"-Wl,--disable-new-dtags"};
const Strings runpath = {"-Wl,--enable-new-dtags"};

TEST_F(SecureFixtures, OrdinaryProgramUsesOriginAnywhere) {
  EXPECT_TRUE(runs_as_told(install("/opt/app", "$ORIGIN/private", runpath), false));
}

TEST_F(SecureFixtures, SetUserIdProgramUsesOriginBelowASystemDirectory) {
  const std::string program = install(trusted_ + "/app", "$ORIGIN/private", runpath);
  set_user_id(program);
  EXPECT_TRUE(runs_as_told(program, true));
}

TEST_F(SecureFixtures, SetUserIdProgramUsesNoOriginElsewhere) {
  for (const Strings& tags : {rpath, runpath}) {
    const std::string program = install("/opt/app" + tags.front().substr(6, 3), "$ORIGIN/private", tags);
    set_user_id(program);
    EXPECT_FALSE(runs_as_told(program, true));
  }
}

TEST_F(SecureFixtures, SetUserIdProgramUsesOriginOnlyAtTheFront) {
  const std::string program = install(trusted_ + "/app", "/usr/..$ORIGIN/private", runpath);
  set_user_id(program);
  EXPECT_FALSE(runs_as_told(program, true));
}

TEST_F(SecureFixtures, SetUserIdProgramUsesAbsoluteDirectoriesAnywhere) {
  const std::string program = install("/opt/app", "/opt/app/private", rpath);
  set_user_id(program);
  EXPECT_TRUE(runs_as_told(program, true));
}

TEST_F(SecureFixtures, LibraryOfASetUserIdProgramUsesItsOrigin) {
  workshop_.library("opt/lib/deep/libb.so.1", "libb.so.1");
  workshop_.library("opt/lib/liba.so.1", "liba.so.1",
                    {workshop_.path("opt/lib/deep/libb.so.1"), "-Wl,-rpath,$ORIGIN/deep"});
  workshop_.compile("opt/app/app", talking_program,
                    {workshop_.path("opt/lib/liba.so.1"), "-Wl,-rpath,/opt/lib", "-Wl,--allow-shlib-undefined"});
  set_user_id("/opt/app/app");
  EXPECT_TRUE(runs_as_told("/opt/app/app", true));
}

TEST_F(SecureFixtures, LibraryOfASetUserIdProgramUsesItsOriginOnlyAtTheFront) {
  workshop_.library("opt/lib/deep/libb.so.1", "libb.so.1");
  workshop_.library("opt/lib/liba.so.1", "liba.so.1",
                    {workshop_.path("opt/lib/deep/libb.so.1"), "-Wl,-rpath,/opt/..$ORIGIN/deep", runpath.front()});
  workshop_.compile("opt/app/app", talking_program,
                    {workshop_.path("opt/lib/liba.so.1"), "-Wl,-rpath,/opt/lib", "-Wl,--allow-shlib-undefined"});
  EXPECT_TRUE(runs_as_told("/opt/app/app", false));
  set_user_id("/opt/app/app");
  EXPECT_FALSE(runs_as_told("/opt/app/app", true));
}

TEST_F(SecureFixtures, NeededTokensStopASetUserIdProgram) {
  workshop_.library("opt/app/private/liba.so.1", "$ORIGIN/private/liba.so.1");
  workshop_.compile("opt/app/app", talking_program, {workshop_.path("opt/app/private/liba.so.1")});
  EXPECT_TRUE(runs_as_told("/opt/app/app", false));
  set_user_id("/opt/app/app");
  EXPECT_FALSE(runs_as_told("/opt/app/app", true));
}

TEST_F(SecureFixtures, FileCapabilitiesAreAsSetUserId) {
  const std::string outside = install("/opt/app", "$ORIGIN/private", runpath);
  const std::string inside = install(trusted_ + "/app", "$ORIGIN/private", runpath);
  if (!set_capability(outside) || !set_capability(inside)) GTEST_SKIP() << "setcap cannot set a file capability";
  EXPECT_FALSE(runs_as_told(outside, true));
  EXPECT_TRUE(runs_as_told(inside, true));
}

TEST_F(SecureFixtures, PreloadByPathIsForAllAndByNameForOrdinaryOnes) {
  workshop_.library("opt/preload/libp.so.1", "libp.so.1");
  workshop_.library(trusted_.substr(1) + "/libq.so.1", "libq.so.1");
  support::write_file(root() / "etc/ld.so.preload", "/opt/preload/libp.so.1 libq.so.1\n");
  EXPECT_TRUE(runs_as_told(install("/opt/plain", "/opt/plain/private", rpath), false));
  const std::string program = install("/opt/app", "/opt/app/private", rpath);
  set_user_id(program);
  EXPECT_TRUE(runs_as_told(program, true));
}

TEST_F(SecureFixtures, PreloadByNameIsNotForProgramsWithCapabilities) {
  workshop_.library(trusted_.substr(1) + "/libq.so.1", "libq.so.1");
  workshop_.compile("opt/app", talking_program, {});
  support::write_file(root() / "etc/ld.so.preload", "libq.so.1\n");
  EXPECT_TRUE(runs_as_told("/opt/app", false));
  if (!set_capability("/opt/app")) GTEST_SKIP() << "setcap cannot set a file capability";
  EXPECT_TRUE(runs_as_told("/opt/app", true));
}

TEST_F(SecureFixtures, PreloadByNameOfASetUserIdProgramIsNotInItsRpathEither) {
  workshop_.library("opt/app/private/libp.so.1", "libp.so.1");
  support::write_file(root() / "etc/ld.so.preload", "libp.so.1\n");
  const std::string program = install("/opt/app", "/opt/app/private", rpath);
  set_user_id(program);
  EXPECT_TRUE(runs_as_told(program, true));
}

}  // namespace
}  // namespace revdep
