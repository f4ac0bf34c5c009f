// Whose marking counts when a system is migrated.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/marking_root.h"

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::program;

class Askers : public MarkingTest {
 protected:
  std::string not_followed(const std::string& why) const {
    return "cannot follow the marking of " + root_.file(jit) + ": " + why + '\n';
  }
};

TEST_F(Askers, ALibraryOfAnotherUserDoesNotAskAndIsNamed) {
  ASSERT_EQ(::chown(root_.file(jit).c_str(), 65534, 0), 0);
  const auto outcome = migrate();
  EXPECT_EQ(flags(), "none none none");
  EXPECT_EQ(outcome.err, not_followed("it belongs to user 65534"));
  EXPECT_EQ(brief(outcome), summary(1, 0, 0));
}

TEST_F(Askers, ALibraryThatOthersCanWriteDoesNotAsk) {
  ASSERT_EQ(::chmod(root_.file(jit).c_str(), 0757), 0);
  EXPECT_EQ(migrate().err, not_followed("it can be written by everyone"));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, ALibraryBelowADirectoryThatItsGroupCanWriteDoesNotAsk) {
  ASSERT_EQ(::chmod(root_.file("/usr/lib64").c_str(), 0775), 0);
  const auto outcome = migrate();
  EXPECT_EQ(outcome.err, not_followed("its directory /usr/lib64 can be written by group 0"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, ALibraryBelowADirectoryOfAnotherUserDoesNotAsk) {
  ASSERT_EQ(::chown(root_.file("/usr/lib64").c_str(), 65534, 65534), 0);
  EXPECT_EQ(migrate().err, not_followed("its directory /usr/lib64 belongs to user 65534"));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, AnUntrustedLibraryWithoutAMarkingIsNotWorthAWord) {
  ASSERT_EQ(::chown(root_.file("/usr/lib64/libmid.so.1").c_str(), 65534, 0), 0);
  EXPECT_EQ(brief(migrate()), summary(0, 3, 0));
}

TEST_F(Askers, WhatWasGrantedIsWithdrawnFromALibraryThatIsNoLongerTrusted) {
  migrate();
  ASSERT_EQ(::chown(root_.file(jit).c_str(), 65534, 0), 0);
  EXPECT_EQ(brief(migrate()), summary(1, 0, 0, 3));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, TheInterpreterDoesNotAsk) {
  root_.remove_flags(jit);
  root_.set_flags("/lib64/ld-linux-x86-64.so.2", "m");
  EXPECT_EQ(brief(migrate()), summary(0, 0, 0));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, ALibraryWithAnEiByteOnlyDoesNotAsk) {
  elf_builder::Object ei = library("libjit.so.1");
  ei.ident_padding[5] = 4;  // MPROTECT off
  root_.replace(jit, ei);
  EXPECT_EQ(brief(migrate({"--kernel", "ei=yes"})), summary(0, 0, 0));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, AVoidMarkingAsksForNothing) {
  root_.set_flags(jit, "--m--");
  EXPECT_EQ(brief(migrate()), summary(0, 0, 0));
  EXPECT_EQ(flags(), "none none none");
}

TEST_F(Askers, AHeaderAsksAsAnXattrDoes) {
  elf_builder::Object marked = library("libjit.so.1");
  marked.pax_flags = {0x2a00};
  root_.replace(jit, marked);
  migrate();
  EXPECT_EQ(flags(), "em em em");
}

TEST_F(Askers, AProgramThatIsALibraryTooAsksItsConsumersAndIsAsked) {
  elf_builder::Object both = program({"libjit.so.1"});
  both.soname = "libboth.so.1";
  both.flags_1 = 0;  // the loader takes no PIE for a library
  root_.add("/usr/lib64/libboth.so.1", both);
  root_.set_flags("/usr/lib64/libboth.so.1", "er");
  root_.add("/usr/bin/user", program({"libboth.so.1"}));
  EXPECT_EQ(brief(migrate({"--pretend", "--facts=elf"})),
            "1: 5 to change, 0 already right, 0 refused to change, 0 failed");
  EXPECT_EQ(brief(migrate()), summary(0, 5, 0));
  EXPECT_EQ(root_.flags("/usr/lib64/libboth.so.1"), "emr");
  EXPECT_EQ(root_.flags("/usr/bin/user"), "emr");
}

}  // namespace
}  // namespace revdep::tool
