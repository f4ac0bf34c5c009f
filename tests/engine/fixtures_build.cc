#include "engine/fixtures_build.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/parity_compare.h"
#include "engine/parity_machine.h"
#include "support/command.h"

namespace revdep::fixtures {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

std::string words(const Strings& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += text + ' ';
  return joined;
}

}  // namespace

std::string hindrance(const Strings& arguments) {
  if (!support::have_program(arguments.front())) return "no " + arguments.front();
  const support::TempDir directory;
  support::write_file(directory / "x.c", "int main(void) { return 0; }\n");
  Strings command = arguments;
  command.insert(command.end(), {"-o", (directory / "x").string(), (directory / "x.c").string()});
  return support::run(command).status == 0 ? "" : words(arguments) + "cannot link a program";
}

void Workshop::compile(const std::string& output, const std::string& source, const Strings& arguments,
                       const Strings& compiler) {
  fs::create_directories((directory_ / output).parent_path());
  const std::string file = path("source.c");
  support::write_file(file, source);
  Strings command = compiler;
  command.insert(command.end(), {"-o", path(output), file, "-Wl,--no-as-needed"});
  command.insert(command.end(), arguments.begin(), arguments.end());
  const support::Outcome outcome = support::run(command);
  fs::remove(file);
  ASSERT_EQ(outcome.status, 0) << words(command) << '\n' << outcome.err;
}

void Workshop::library(const std::string& output, const std::string& soname, Strings arguments,
                       const Strings& compiler) {
  arguments.insert(arguments.begin(), {"-shared", "-fPIC", "-nostdlib"});
  if (!soname.empty()) arguments.push_back("-Wl,-soname," + soname);
  compile(output, "void made_for_test(void) {}\n", arguments, compiler);
}

void Workshop::program(const std::string& output, Strings arguments, const Strings& compiler) {
  compile(output, "int main(void) { return 0; }\n", arguments, compiler);
}

Strings Workshop::closure_as_the_loader(const std::string& program) {
  const std::string where = path(program);
  const parity::Root root("/");
  const std::string interpreter = parity::interpreter_of(where);
  const bool musl = interpreter.find("ld-musl-") != std::string::npos;
  const parity::Answer answer = musl ? parity::ask_musl(root, interpreter, where) : parity::ask_glibc(root, where);
  EXPECT_FALSE(answer.fails) << answer.text;

  const support::TempDir database;
  parity::write_database(database.path(), parity::scan({directory_.string()}));
  Strings files;
  for (const bool from_database : {true, false}) {
    engine::LoadOptions options;
    options.source = from_database ? engine::Source::vdb : engine::Source::filesystem;
    options.facts = from_database ? engine::FactsFrom::vdb : engine::FactsFrom::elf;
    if (from_database) options.vdb = database.string();
    if (!from_database) options.trees = {directory_.string()};
    auto system = engine::System::load(options);
    if (!system) {
      ADD_FAILURE() << system.error().to_string();
      return files;
    }
    EXPECT_EQ(parity::compare(**system, root, where, answer), "") << (from_database ? "database" : "filesystem");
    EXPECT_EQ(parity::compare_with_simulation(**system), "");
    files.clear();
    const std::string prefix = fs::canonical(directory_.path()).string() + '/';
    for (const auto& mapped : (*system)->closure((*system)->find_or_read(where)).objects) {
      std::string file((*system)->path(mapped.object));
      files.push_back(file.starts_with(prefix) ? file.substr(prefix.size()) : std::move(file));
    }
  }
  return files;
}

}  // namespace revdep::fixtures
