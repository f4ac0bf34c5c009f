// What accounts for a relaxation in --audit: the package that brought it, the admin's command, a rule, a claim.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tools/seeded_root.h"

namespace revdep::tool {
namespace {

using elf_builder::Object;
using elf_builder::program;

constexpr const char* x = "/usr/bin/x";
// p_flags of "em" and of "emr".
constexpr std::uint32_t em = 0x2200, emr = 0xa200;

class AuditOrigin : public testing::Test {
 protected:
  void SetUp() override {
    if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
    if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
  }
  static Object with_header(std::uint32_t p_flags) {
    Object object = program({});
    object.pax_flags = {p_flags};
    return object;
  }
  /// What the audit has of the relaxation: "m"; "" when it is accounted for.
  [[nodiscard]] std::string unjustified() const {
    std::string report = root_.run({"-a", "--rule", "unjustified"}).out;
    const std::string before = "nothing known asks for ";
    const std::size_t at = report.find(before);
    if (at == std::string::npos) return report;
    return report.substr(at + before.size(), report.find(':', at) - at - before.size());
  }

  SeededRoot root_;
};

TEST_F(AuditOrigin, AHeaderIsThePackagesWhileTheFileIs) {
  root_.add(x, with_header(em));
  EXPECT_EQ(unjustified(), "m");
  root_.list_md5(x);
  EXPECT_EQ(unjustified(), "");
}

TEST_F(AuditOrigin, AHeaderThatWasChangedSinceIsNobodys) {
  root_.add(x, with_header(em));
  root_.list_md5(x);
  root_.replace(x, with_header(emr));
  EXPECT_EQ(unjustified(), "mr");
}

TEST_F(AuditOrigin, AHeaderIsNobodysOnceAnyByteOfTheFileIsAnother) {
  root_.add(x, with_header(em));
  root_.list_md5(x);
  ASSERT_EQ(unjustified(), "");
  std::ofstream(root_.file(x), std::ios::app) << '\0';
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, AnXattrIsThePackagesIfItWasThereWhenThePackageWas) {
  root_.add(x, program({}));
  root_.mark_since(x, "em");
  EXPECT_EQ(unjustified(), "m");
  root_.finish_install("app/one-1");
  EXPECT_EQ(unjustified(), "");
  root_.remove_flags(x);
  root_.mark_since(x, "em");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, AnXattrOfAnotherPackagesTimeIsNobodys) {
  root_.add(x, program({}));
  root_.add("/usr/bin/y", program({}), "app/two-2");
  root_.mark_since(x, "em");
  root_.finish_install("app/two-2");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, AHeaderAndAnXattrThatBothCameLaterAreNobodys) {
  root_.add(x, with_header(em));
  root_.mark_since(x, "em");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, AFileOfNoPackageHasNoPackagesWord) {
  elf_builder::write_object(root_.file("/usr/local/bin/own"), with_header(em));
  const auto outcome = root_.run({"-a", "--rule", "unjustified", "--source", "filesystem", "--scan", "/usr/local/bin"});
  EXPECT_NE(outcome.out.find("/usr/local/bin/own: its own marking says m"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(AuditOrigin, WhatTheAdminSetByCommandIsTheAdmins) {
  root_.add(x, program({}));
  root_.mark_since(x, "em");
  ASSERT_EQ(unjustified(), "m");
  EXPECT_EQ(root_.run({"--set", "emr", x, "-y"}).status, 0);
  EXPECT_EQ(unjustified(), "");
}

TEST_F(AuditOrigin, WhatIsAddedToTheAdminsByHandIsNobodys) {
  root_.add(x, program({}));
  root_.run({"--set", "em", x, "-y"});
  ASSERT_EQ(unjustified(), "");
  root_.mark_since(x, "emr");
  EXPECT_EQ(unjustified(), "r");
}

TEST_F(AuditOrigin, TheAdminsLastWordCounts) {
  root_.add(x, program({}));
  root_.run({"--set", "em", x, "-y"});
  root_.run({"--set", "er", x, "-y"});
  root_.mark_since(x, "emr");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, TheAdminsWordIsForThatFileOnly) {
  root_.add(x, program({}));
  root_.run({"--set", "em", x, "-y"});
  root_.replace(x, program({"libclean.so.1"}));
  root_.mark_since(x, "em");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, WhatWasUndoneIsNobodysWord) {
  root_.add(x, program({}));
  root_.run({"--set", "em", x, "-y"});
  EXPECT_EQ(root_.run({"--undo", "-y"}).status, 0);
  ASSERT_EQ(root_.flags(x), "none");
  root_.mark_since(x, "em");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, WhatALibraryAsksForIsAccountedFor) {
  root_.seed_unmet_requirement();
  root_.mark_since("/usr/bin/a", "em");
  root_.mark_since("/usr/bin/opener", "emr");
  EXPECT_EQ(unjustified(), "r");
}

TEST_F(AuditOrigin, WhatALoadRuleAsksForIsAccountedFor) {
  root_.seed_unmet_requirement();
  root_.add(x, program({}));
  root_.mark_since(x, "em");
  EXPECT_EQ(unjustified(), "m");
  root_.write("/etc/revdep-pax/rules.d/x.conf", "load /usr/bin/x -> /usr/lib64/libplug*\n");
  EXPECT_EQ(unjustified(), "");
}

TEST_F(AuditOrigin, WhatWasCarriedIsStaleOnceNobodyAsksNotUnjustified) {
  root_.seed_stale_claim();
  EXPECT_EQ(unjustified(), "");
  EXPECT_EQ(root_.run({"-a", "--rule", "stale-claim"}).status, 1);
}

TEST_F(AuditOrigin, WhatTheFileItselfNeedsIsAccountedFor) {
  root_.seed_needs_marking();
  root_.mark_since("/usr/bin/nested", "E");
  EXPECT_EQ(unjustified(), "");
  root_.mark_since("/usr/bin/nested", "Em");
  EXPECT_EQ(unjustified(), "m");
}

TEST_F(AuditOrigin, OnASetIdProgramItIsAnError) {
  root_.add(x, program({}));
  root_.mark_since(x, "em");
  EXPECT_EQ(root_.run({"-a", "--severity", "error"}).status, 0);
  using std::filesystem::perms;
  std::filesystem::permissions(root_.file(x), perms(02755));
  EXPECT_EQ(root_.run({"-a", "--severity", "error"}).status, 1);
}

}  // namespace
}  // namespace revdep::tool
