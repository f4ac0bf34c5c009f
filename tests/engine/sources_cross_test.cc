// Roots of other machines, without a loader: their own ld.so.conf counts, another class or machine never does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/sample_root.h"
#include "support/elf_builder.h"

namespace revdep::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr elf::Abi aarch64{183, elf::Class::elf64, elf::ByteOrder::little};

struct Machine {
  std::string name;
  elf::Abi abi;
  std::string arch;
  std::string category;
  elf::Abi other;  ///< which the loader skips: of another class, or another machine of the same byte order
};
void PrintTo(const Machine& machine, std::ostream* out) { *out << machine.name; }

class CrossRoot : public testing::TestWithParam<Machine> {
 protected:
  CrossRoot() {
    const Machine& machine = GetParam();
    // The foreign one comes first.
    support::write_file(root_ / "etc/ld.so.conf", "/opt/first\n/opt/second\n");
    elf_builder::write_object(root_ / "opt/first/libx.so.1", elf_builder::library("libx.so.1", {}, machine.other));
    elf_builder::write_object(root_ / "opt/second/libx.so.1", elf_builder::library("libx.so.1", {}, machine.abi));
    elf_builder::write_object(root_ / "opt/second/liby.so.1",
                              elf_builder::library("liby.so.1", {"libx.so.1"}, machine.abi));
    elf_builder::Object program = elf_builder::program({"liby.so.1"}, machine.abi);
    program.interpreter = "/lib/ld-absent.so.1";
    elf_builder::write_object(root_ / "usr/bin/app", program);
    const std::string tail = ";" + machine.category + "\n";
    support::write_file(root_ / "var/db/pkg/a/b-1/NEEDED.ELF.2",
                        machine.arch + ";/opt/second/libx.so.1;libx.so.1;;" + tail + machine.arch +
                            ";/opt/second/liby.so.1;liby.so.1;;libx.so.1" + tail + machine.arch +
                            ";/usr/bin/app;;;liby.so.1" + tail);
  }
  support::TempDir root_;
};
INSTANTIATE_TEST_SUITE_P(Of, CrossRoot,
                         testing::Values(Machine{"i386", elf_builder::i386, "386", "x86_32", elf_builder::x86_64},
                                         Machine{"x32", elf_builder::x32, "X86_64", "x86_x32", elf_builder::i386},
                                         Machine{"aarch64", aarch64, "AARCH64", "arm_64", elf_builder::x86_64},
                                         Machine{"ppc", elf_builder::ppc, "PPC", "ppc_32", elf_builder::s390x},
                                         Machine{"s390x", elf_builder::s390x, "S390", "s390_64", elf_builder::i386}),
                         [](const auto& test) { return test.param.name; });

TEST_P(CrossRoot, ItsOwnConfigurationCountsAndTheOtherAbiIsSkipped) {
  for (const engine::FactsFrom facts : {engine::FactsFrom::vdb, engine::FactsFrom::elf}) {
    engine::LoadOptions options;
    options.root = root_.string();
    options.facts = facts;
    const auto system = load(options);
    const Answer app = ask(*system, "/usr/bin/app");
    EXPECT_THAT(app.closure, ElementsAre("/opt/second/liby.so.1", "/opt/second/libx.so.1"));
    EXPECT_THAT(app.unresolved, ElementsAre("/lib/ld-absent.so.1"));
    EXPECT_THAT(ask(*system, "/opt/second/libx.so.1").consumers, ElementsAre("/opt/second/liby.so.1", "/usr/bin/app"));
    // Met on the way, it may be known, but nobody loads it.
    if (system->graph().find("/opt/first/libx.so.1").valid()) {
      EXPECT_THAT(ask(*system, "/opt/first/libx.so.1").consumers, IsEmpty());
    }
    const graph::Object& object = system->graph().object(system->graph().find("/usr/bin/app"));
    EXPECT_EQ(object.image.abi, GetParam().abi);
    EXPECT_EQ(system->names().view(object.arch), GetParam().arch);
    EXPECT_EQ(system->names().view(object.category), GetParam().category);
    EXPECT_THAT(problem_lines(*system), IsEmpty());
  }
}

}  // namespace
}  // namespace revdep::engine_test
