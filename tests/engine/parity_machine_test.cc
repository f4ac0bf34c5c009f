// Every dynamically linked executable of this machine: its link closure, from a package database written of the same
// files, is what the machine's own loader maps for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "engine/parity_compare.h"
#include "engine/parity_loader.h"
#include "engine/parity_machine.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

Strings machine_directories() {
  const Strings wanted = {"/bin",         "/sbin",    "/usr/bin",   "/usr/sbin",  "/usr/local",
                          "/usr/libexec", "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/libx32",
                          "/lib",         "/lib64",   "/lib32",     "/opt"};
  std::set<std::string> canonical;
  for (const std::string& directory : wanted) {
    std::error_code absent;
    const fs::path path = fs::canonical(directory, absent);
    if (!absent) canonical.insert(path.string());
  }
  // What lies below another of them is scanned with that.
  Strings directories;
  for (const std::string& directory : canonical) {
    const bool below = std::any_of(directories.begin(), directories.end(),
                                   [&](const std::string& other) { return directory.starts_with(other + '/'); });
    if (!below) directories.push_back(directory);
  }
  return directories;
}

bool is_glibc(const std::string& interpreter) {
  const std::string name = interpreter.substr(interpreter.rfind('/') + 1);
  return name.starts_with("ld-linux") || name.starts_with("ld.so") || name.starts_with("ld64.so");
}

TEST(Parity, EveryExecutableOfThisMachine) {
  if (!support::have_program("scanelf")) GTEST_SKIP() << "no scanelf, which writes the database";
  const std::vector<parity::Scanned> objects = parity::scan(machine_directories());
  ASSERT_FALSE(objects.empty());
  const support::TempDir database;
  parity::write_database(database.path(), objects);

  engine::LoadOptions options;
  options.source = engine::Source::vdb;
  options.vdb = database.string();
  auto loaded = engine::System::load(options);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  engine::System& system = **loaded;

  const parity::Root root("/");
  std::size_t equal = 0;
  std::size_t different = 0;
  Strings failures;
  for (const parity::Scanned& object : objects) {
    const std::string& interpreter = object.interpreter;
    std::error_code error;
    const fs::perms mode = fs::status(object.path, error).permissions();
    if (interpreter.empty() || error || (mode & fs::perms(0111)) == fs::perms::none) continue;
    const bool musl = interpreter.find("ld-musl-") != std::string::npos;
    if (!musl && !is_glibc(interpreter)) {
      failures.push_back(object.path + ": its loader " + interpreter + " is not asked");
      continue;
    }
    const parity::Answer answer =
        musl ? parity::ask_musl(root, interpreter, object.path) : parity::ask_glibc(root, object.path);
    const std::string difference = parity::compare(system, root, object.path, answer);
    if (answer.fails) {
      failures.push_back(object.path + ": " + answer.text);
      // Whether the kernel runs this ABI is not for the closure to say.
      if (answer.text.find("Exec format error") == std::string::npos) {
        EXPECT_EQ(difference, "");
      }
      continue;
    }
    ++(difference.empty() ? equal : different);
    EXPECT_EQ(difference, "");
  }
  EXPECT_EQ(parity::compare_with_simulation(system), "");
  std::cout << equal << " executables equal, " << different << " different, " << failures.size()
            << " loader failures\n";
  for (const std::string& failure : failures) std::cout << "  " << failure << '\n';
  EXPECT_GT(equal, 0U);
}

}  // namespace
}  // namespace revdep
