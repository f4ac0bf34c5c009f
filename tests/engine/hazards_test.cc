// What objects show that a PaX kernel objects to: text relocations, segments that are writable and executable, executable
// stacks. As gcc and ld make them; readelf and scanelf are asked what is there, kernel-semantics.md 19-22 what it needs.
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "audit/rules.h"
#include "engine/audit.h"
#include "engine/fixtures_build.h"
#include "engine/hazards_answers.h"
#include "engine/system.h"

namespace revdep::fixtures {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

// One segment for all with these flags, and what else PHDRS shall hold.
std::string linker_script(bool program, const std::string& flags, const std::string& stack) {
  return "PHDRS {" + std::string(program ? " interp PT_INTERP;" : "") + " text PT_LOAD FILEHDR PHDRS FLAGS(" + flags +
         "); data PT_LOAD FLAGS(6); dynamic PT_DYNAMIC FLAGS(6); " + stack +
         " }\n"
         "SECTIONS {\n  . = SIZEOF_HEADERS;\n" +
         std::string(program ? "  .interp : { *(.interp) } :text :interp\n" : "") +
         "  .text : { *(.hash) *(.gnu.hash) *(.dynsym) *(.dynstr) *(.rel*) *(.text*) *(.rodata*) *(.note*) "
         "*(.eh_frame*) }"
         " :text\n"
         "  . = ALIGN(0x1000);\n"
         "  .dynamic : { *(.dynamic) } :data :dynamic\n"
         "  .data : { *(.got*) *(.data*) *(.bss*) } :data\n}\n";
}

struct Fixture {
  std::string path;       // below the root
  std::string hazards;    // spelled
  std::string suggested;  // under a kernel with EMUTRAMP
  std::string otherwise;  // under one without
};

// A compiler ("gcc", "-m32") and the directory that its ABI's libraries are in.
struct Abi {
  const char* name;
  Strings compiler;
  const char* arch;
  const char* category;
  const char* interpreter;
  Strings absolute;  // how to compile code with absolute addresses that the loader can relocate
};

std::ostream& operator<<(std::ostream& out, const Abi& abi) { return out << abi.name; }

class Hazard : public testing::TestWithParam<Abi> {
 protected:
  void SetUp() override {
    if (const std::string tool = missing_tool(); !tool.empty()) GTEST_SKIP() << "no " << tool;
    if (const std::string reason = hindrance(GetParam().compiler); !reason.empty()) GTEST_SKIP() << reason;
    support::write_file(workshop_.path("etc/ld.so.conf"), "/usr/lib\n");
  }

  void library(const std::string& name, const char* source, Strings arguments, const char* hazards,
               const char* suggested) {
    arguments.insert(arguments.end(), {"-shared", "-Wl,-soname," + name});
    make("/usr/lib/" + name, source, arguments, hazards, suggested, suggested);
  }
  void program(const std::string& name, const char* source, const Strings& arguments, const char* hazards,
               const char* suggested, const char* otherwise = nullptr) {
    make("/usr/bin/" + name, source, arguments, hazards, suggested, otherwise == nullptr ? suggested : otherwise);
  }
  // "-Wl,-T,FILE".
  std::string script(const std::string& text) {
    const std::string file = workshop_.path("scripts/" + std::to_string(++scripts_));
    support::write_file(file, text);
    return "-Wl,-T," + file;
  }

  void make_libraries();
  void make_programs();

  // What is found in each object and what is suggested for it, by both sources and both kinds of kernel.
  void expect_all() {
    Strings paths;
    for (const Fixture& fixture : fixtures_) paths.push_back(workshop_.path(fixture.path.substr(1)));
    const HazardAnswers scanelf = ask_scanelf(paths);
    const HazardAnswers readelf = ask_readelf(paths);
    write_database();
    for (const engine::Source source : {engine::Source::filesystem, engine::Source::vdb}) {
      for (const bool emutramp : {true, false}) {
        const auto subjects = ask(source, emutramp);
        for (const Fixture& fixture : fixtures_) {
          const std::string file = workshop_.path(fixture.path.substr(1));
          SCOPED_TRACE(fixture.path + (source == engine::Source::vdb ? ", database" : ", filesystem"));
          EXPECT_EQ(readelf.at(file), fixture.hazards);
          EXPECT_EQ(scanelf.at(file), fixture.hazards);
          ASSERT_TRUE(subjects.contains(fixture.path));
          EXPECT_EQ(subjects.at(fixture.path).first, fixture.hazards);
          EXPECT_EQ(subjects.at(fixture.path).second, emutramp ? fixture.suggested : fixture.otherwise);
        }
      }
    }
  }

  // By path: the hazards and the suggestion, both spelled.
  std::map<std::string, std::pair<std::string, std::string>> ask(engine::Source source, bool emutramp) {
    engine::LoadOptions options;
    options.root = workshop_.directory().string();
    options.source = source;
    options.facts = engine::FactsFrom::elf;
    if (source == engine::Source::filesystem) options.trees = {"/usr"};
    std::map<std::string, std::pair<std::string, std::string>> found;
    const auto system = engine::System::load(options);
    const auto journal = migrate::Journal::open("/nonexistent/journal", migrate::Journal::Access::read);
    if (!system || !journal) {
      ADD_FAILURE() << "nothing is loaded";
      return found;
    }
    EXPECT_TRUE((*system)->problems().empty());
    engine::AuditInput input;
    input.context.kernel.emutramp = emutramp;
    input.journal = &*journal;
    engine::for_each_subject(**system, input, [&](base::ObjectId, const audit::Subject& subject) {
      const audit::Suggestion suggestion = audit::suggest(input.context, subject);
      EXPECT_EQ(suggestion.flags.empty(), suggestion.evidence.empty()) << subject.path;
      found[subject.path] = {spell(subject.hazards), pax::format_letters(pax::as_marking(suggestion.flags))};
    });
    return found;
  }

  std::vector<Fixture> fixtures_;
  Workshop workshop_;

 private:
  void make(const std::string& path, const char* source, const Strings& arguments, const char* hazards,
            const char* suggested, const char* otherwise) {
    workshop_.compile(path.substr(1), source, arguments, GetParam().compiler);
    fixtures_.push_back({path, hazards, suggested, otherwise});
  }

  void write_database() {
    std::string needed;
    for (const Fixture& fixture : fixtures_) {
      const bool is_library = fixture.path.starts_with("/usr/lib/");
      needed += std::string(GetParam().arch) + ';' + fixture.path + ';' +
                (is_library ? fs::path(fixture.path).filename().string() : "") + ";;;" + GetParam().category + '\n';
    }
    support::write_file(workshop_.path("var/db/pkg/app/one-1/NEEDED.ELF.2"), needed);
  }

  int scripts_ = 0;
};

constexpr auto plain_library = "static int value; int *address(void) { return &value; }\n";
constexpr auto plain_program = "int main(void) { return 0; }\n";
constexpr auto bare_program = "void _start(void) { for (;;); }\n";
// An absolute address in the code.
constexpr auto not_pic = "int value; int *address(void) { return &value; }\nint main(void) { return *address(); }\n";
constexpr auto mixed_section =
    "__asm__(\".pushsection .mixed,\\\"awx\\\",@progbits\\n.long 0\\n.popsection\");\nint main(void) { return 0; }\n";
// A nested function whose address is taken: gcc asks for an executable stack of its own accord.
constexpr auto trampoline =
    "int call(int (*function)(void)) { return function(); }\n"
    "int outer(int x) { int inner(void) { return x; } return call(inner); }\n"
    "int main(int argc, char **argv) { (void)argv; return outer(argc); }\n";

constexpr auto m = "m";
constexpr auto e = "E";
constexpr auto nothing = "";
constexpr auto stack_header = "stack PT_GNU_STACK FLAGS(6);";

// kernel-semantics.md 19-21.
void Hazard::make_libraries() {
  library("libclean.so.1", plain_library, {"-fPIC"}, "-", nothing);
  Strings arguments = GetParam().absolute;
  arguments.insert(arguments.end(), {"-Wl,-z,notext"});
  library("libtextrel.so.1", not_pic, arguments, "textrel", m);
  library("libomagic.so.1", plain_library, {"-fPIC", "-nostdlib", "-Wl,--omagic"}, "wx", m);
  library("libscript.so.1", plain_library, {"-fPIC", "-nostdlib", script(linker_script(false, "7", stack_header))},
          "wx", m);
  library("libstack.so.1", plain_library, {"-fPIC", "-Wl,-z,execstack"}, "stack", m);
  library("libtrampoline.so.1", trampoline, {"-fPIC", "-O0"}, "stack", m);
  library("libnostack.so.1", plain_library, {"-fPIC", "-nostdlib", script(linker_script(false, "5", ""))}, "nostack",
          m);
  library("libnothing.so.1", plain_library, {"-fPIC", "-nostdlib", script(linker_script(false, "5", stack_header))},
          "-", nothing);
  arguments.insert(arguments.end(), {"-Wl,-z,execstack"});
  library("liball.so.1", not_pic, arguments, "textrel stack", m);
}

// kernel-semantics.md 19, 20, 22.
void Hazard::make_programs() {
  program("clean", plain_program, {"-pie", "-fPIE"}, "-", nothing);
  program("fixed", plain_program, {"-no-pie", "-fno-pie"}, "-", nothing);
  Strings arguments = GetParam().absolute;
  arguments.insert(arguments.end(), {"-pie", "-Wl,-z,notext"});
  program("textrel", not_pic, arguments, "textrel", m);
  program("section", mixed_section, {"-pie", "-fPIE"}, "wx", m);
  program("script", bare_program, {"-pie", "-fPIE", "-nostdlib", script(linker_script(true, "7", stack_header))}, "wx",
          m);
  program("omagic", bare_program, {"-static", "-no-pie", "-fno-pie", "-nostdlib", "-Wl,--omagic"}, "wx", m);
  program("stack", plain_program, {"-Wl,-z,execstack"}, "stack", e, m);
  program("trampoline", trampoline, {"-O0"}, "stack", e, m);
  program("nostack", bare_program, {"-pie", "-fPIE", "-nostdlib", script(linker_script(true, "5", ""))}, "nostack",
          nothing);
  arguments.insert(arguments.end(), {"-Wl,-z,execstack"});
  program("all", not_pic, arguments, "textrel stack", "Em", m);
}

TEST_P(Hazard, OfLibrariesAreFoundAndNeedMprotectOff) {
  make_libraries();
  expect_all();
}

TEST_P(Hazard, OfProgramsAreFoundAndAnExecutableStackNeedsTrampolines) {
  make_programs();
  expect_all();
}

// One file that is run and loaded needs what a library needs; nobody loads the other.
TEST_P(Hazard, OfALibraryThatIsAProgramAreALibrarysIfSomeoneLoadsIt) {
  const std::string source = std::string(plain_library) +
                             R"(const char interpreter[] __attribute__((section(".interp"))) = ")" +
                             GetParam().interpreter + "\";\n";
  library("libloaded.so.1", source.c_str(), {"-fPIC", "-nostdlib", "-Wl,-z,execstack"}, "stack", m);
  library("libalone.so.1", source.c_str(), {"-fPIC", "-nostdlib", "-Wl,-z,execstack"}, "stack", e);
  fixtures_.back().otherwise = m;
  program("consumer", plain_program, {workshop_.path("usr/lib/libloaded.so.1")}, "-", nothing);
  expect_all();
}

TEST_P(Hazard, OfWhatIsMarkedOrDeniesItAreFoundAndSuggestNothing) {
  make_libraries();
  make_programs();
  for (const bool denies : {false, true}) {
    const std::string flags = denies ? "PeM" : "Em";
    for (Fixture& fixture : fixtures_) {
      const std::string file = workshop_.path(fixture.path.substr(1));
      if (::setxattr(file.c_str(), "user.pax.flags", flags.data(), flags.size(), 0) != 0) {
        GTEST_SKIP() << "no user xattrs where the tests run";
      }
      fixture.suggested = fixture.otherwise = nothing;
    }
    expect_all();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Compiled, Hazard,
    testing::Values(Abi{"amd64",
                        {"gcc", "-m64"},
                        "X86_64",
                        "x86_64",
                        "/lib64/ld-linux-x86-64.so.2",
                        {"-fno-pic", "-mcmodel=large"}},
                    Abi{"i386", {"gcc", "-m32"}, "386", "x86_32", "/lib/ld-linux.so.2", {"-fno-pic"}}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace revdep::fixtures
