#include "config/read_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/temp_dir.h"

namespace revdep::config {
namespace {

using testing::ElementsAre;

TEST(ReadRules, ComeFromBothDirectoriesInTheOrderOfFileNamesWithAllThatIsWrong) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has files of root";
  const support::TempDir root;
  support::write_file(root / "usr/lib/revdep-pax/rules.d/10-a.conf", "mark /a em\nmark /b\n", 0644);
  support::write_file(root / "usr/lib/revdep-pax/rules.d/20-b.conf", "mark /hidden em\n", 0644);
  support::write_file(root / "etc/revdep-pax/rules.d/20-b.conf", "ignore /a\nmark /c m\n", 0644);
  support::write_file(root / "etc/revdep-pax/rules.d/05-z.conf", "mark /d em\n", 0666);
  for (const char* const path : {"usr", "usr/lib", "usr/lib/revdep-pax", "usr/lib/revdep-pax/rules.d", "etc",
                                 "etc/revdep-pax", "etc/revdep-pax/rules.d"}) {
    ASSERT_EQ(::chmod((root / path).c_str(), 0755), 0);
  }
  base::Result<base::Tree> tree = base::Tree::open(root.string());
  const ReadRules read = read_rules(tree.value());
  std::vector<std::string> marks;
  for (const Mark& mark : read.rules.marks) marks.push_back(format_rule(mark));
  EXPECT_THAT(marks, ElementsAre("mark /a em", "mark /c m"));
  const std::string vendor = root.string() + "/usr/lib/revdep-pax/rules.d/";
  const std::string admin = root.string() + "/etc/revdep-pax/rules.d/";
  std::vector<std::string> errors;
  for (const base::Error& error : read.errors) errors.push_back(error.to_string());
  EXPECT_THAT(errors, ElementsAre("cannot use " + vendor +
                                      "10-a.conf:2: the flags are missing; meant is: mark "
                                      "PATH-OR-GLOB FLAGS [nonroot]",
                                  "cannot use " + admin + "20-b.conf:1: it contradicts " + vendor +
                                      "10-a.conf:1, which holds: mark /a em",
                                  "cannot read " + admin + "05-z.conf: it is writable by group or others"));
}

}  // namespace
}  // namespace revdep::config
