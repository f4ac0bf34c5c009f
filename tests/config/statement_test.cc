#include "config/statement.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace revdep::config {
namespace {

std::string fault(std::string_view line) {
  StatementLine parsed = parse_statement(line);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(parsed.statement));
  return std::move(parsed.fault);
}

template <class Rule>
Rule rule(std::string_view line) {
  StatementLine parsed = parse_statement(line);
  EXPECT_EQ(parsed.fault, "");
  return std::get<Rule>(std::move(parsed.statement));
}

TEST(Statement, MarkGivesAPathOrGlobItsWholeMarking) {
  const auto mark = rule<Mark>("mark \"/opt/My Game/*\" PMer  # says its manual");
  EXPECT_EQ(mark.glob, "/opt/My Game/*");
  EXPECT_EQ(pax::format_letters(mark.letters), "PeMr");
  EXPECT_FALSE(mark.nonroot);
  EXPECT_TRUE(rule<Mark>("mark /home/u/x em nonroot").nonroot);
}

TEST(Statement, AMarkSaysWhichPartIsMissingOrTooMuch) {
  const std::string meant = "; meant is: mark PATH-OR-GLOB FLAGS [nonroot]";
  EXPECT_EQ(fault("mark"), "path and flags are missing" + meant);
  EXPECT_EQ(fault("mark /usr/bin/x"), "the flags are missing" + meant);
  EXPECT_EQ(fault("mark /usr/bin/x em nonrot"), "'nonrot' stands where only 'nonroot' can" + meant);
  EXPECT_EQ(fault("mark /usr/bin/x em nonroot m"), "'m' is too much" + meant);
  EXPECT_EQ(fault("mark /opt/My Game/run em"),
            "more than one name before the flags; a name with blanks is put in double quotes" + meant);
  EXPECT_EQ(fault("mark /usr/bin/x -> em"), "'->' is for load rules" + meant);
  EXPECT_EQ(fault("mark bin/x em"), "'bin/x' is no absolute path: it must begin with /");
}

TEST(Statement, FlagsBeforeThePathAreNamedWithTheRightOrder) {
  EXPECT_EQ(fault("mark em /usr/bin/x"), "the path comes before the flags: mark /usr/bin/x em");
  EXPECT_EQ(fault("mark em \"/opt/My Game/x\" nonroot"), "the path comes before the flags: mark \"/opt/My Game/x\" em");
  EXPECT_EQ(fault("require m /usr/lib/x.so"), "the path comes before the flags: require /usr/lib/x.so m");
}

TEST(Statement, FlagsAreLettersOfPEMRSEachOnce) {
  const std::string each = "they are one to five of PEMRS, upper case on, lower case off, each once";
  EXPECT_EQ(fault("mark /x mx"), "'mx' are no flags: " + each);
  EXPECT_EQ(fault("mark /x nonroot"), "'nonroot' are no flags: " + each);
  EXPECT_EQ(fault("mark /x pemrsm"), "'pemrsm' are no flags: 'm' stands twice");
  EXPECT_EQ(fault("mark /x emM"), "'emM' are no flags: 'm' and 'M' contradict each other");
  EXPECT_EQ(fault("mark /x \"\""), "'' are no flags: there are none");
}

TEST(Statement, FlagsInColumnsAreNamedWithoutTheirDashes) {
  EXPECT_EQ(fault("mark /x -em--"), "'-em--' are no flags: leave out the dashes, as in 'em'");
  EXPECT_EQ(fault("mark /x -----"),
            "'-----' are no flags: they are one to five of PEMRS, upper case on, lower case off, each once");
}

TEST(Statement, RequireNamesWhatALibraryAsksFor) {
  const auto require = rule<Require>("require /usr/lib*/libffi.so.* mE");
  EXPECT_EQ(require.glob, "/usr/lib*/libffi.so.*");
  EXPECT_EQ(pax::format_letters(pax::as_marking(require.asked)), "Em");
  EXPECT_EQ(pax::format_letters(pax::as_marking(rule<Require>("require /x srp").asked)), "prs");
}

TEST(Statement, ALetterThatRelaxesNothingCannotBeRequired) {
  const std::string known = " relaxes nothing: what can be asked for is p, E, m, r and s";
  EXPECT_EQ(fault("require /x em"), "'e' in 'em'" + known);
  EXPECT_EQ(fault("require /x PmR"), "'PR' in 'PmR'" + known);
  EXPECT_EQ(fault("require /x mm"), "'mm' are no flags: 'm' stands twice");
}

TEST(Statement, ARequireTakesNothingMore) {
  const std::string meant = "; meant is: require LIBRARY-GLOB FLAGS";
  EXPECT_EQ(fault("require /x"), "the flags are missing" + meant);
  EXPECT_EQ(fault("require /x m nonroot"), "'nonroot' is too much" + meant);
  EXPECT_EQ(fault("require libjvm.so m"), "'libjvm.so' is no absolute path: it must begin with /");
}

TEST(Statement, IgnoreHasOneName) {
  const std::string meant = "; meant is: ignore PATH-OR-GLOB";
  EXPECT_EQ(rule<Ignore>("ignore /opt/*/bin/*").glob, "/opt/*/bin/*");
  EXPECT_EQ(fault("ignore"), "the path is missing" + meant);
  EXPECT_EQ(fault("ignore /opt/My Game"), "more than one name; a name with blanks is put in double quotes" + meant);
  EXPECT_EQ(fault("ignore /opt/"), "'/opt/' fits no file: paths have no //, . or .., and do not end in /");
}

TEST(Statement, ABlankLineIsNone) {
  for (const char* const line : {"", " \t", "# mark /x em", "  # x"}) {
    const StatementLine parsed = parse_statement(line);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(parsed.statement));
    EXPECT_EQ(parsed.fault, "");
  }
}

}  // namespace
}  // namespace revdep::config
