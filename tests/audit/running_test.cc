#include "audit/running.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include "audit/cases.h"

namespace revdep::audit {
namespace {

pax::Effective flags(std::string_view text) {
  pax::Effective effective;
  for (std::size_t index = 0; index < pax::letters.size(); ++index) {
    effective.set(pax::letters[index], text[index] >= 'A' && text[index] <= 'Z');
  }
  return effective;
}

// A process that was started at second 1000 from a file that was last changed long before.
RunningProcess process(pid_t pid, pax::Stores stores = {}, const char* shown = nullptr) {
  RunningProcess process;
  process.pid = pid;
  process.executable = "/usr/bin/app";
  process.package = "app-misc/app-1";
  process.stores = std::move(stores);
  process.verdict = pax::judge(process.stores, {});
  if (shown != nullptr) process.shown = flags(shown);
  process.started = 1000;
  process.changed = 500;
  return process;
}

RunningProcess with(RunningProcess process, const char* letters, bool known = true,
                    const std::string& path = "/usr/lib64/libjit.so.1") {
  process.libraries.push_back({path, asking(letters), known, known ? Chain{{path, false}} : Chain{}});
  return process;
}

RunningProcess changed_at(std::int64_t second, RunningProcess process) {
  process.changed = second;
  return process;
}

using Lines = std::vector<std::string>;

// "running-unmet /usr/bin/app: MESSAGE -> MEND"
Lines check(const std::vector<RunningProcess>& processes, const Context& context = {}) {
  std::vector<Finding> findings;
  check_running(context, processes, findings);
  Lines lines;
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.severity, info(finding.rule).severity);
    EXPECT_FALSE(finding.cause.empty());
    EXPECT_EQ(finding.package, processes[0].package);
    lines.push_back(std::string(info(finding.rule).id) + ' ' + finding.object + ": " + finding.message +
                    (finding.mend ? " -> " + spell_mend(finding.mend) : ""));
  }
  return lines;
}

TEST(RunningUnmet, ALibraryOfTheClosureThatAsksInVainIsMendedByCarryingOn) {
  EXPECT_EQ(
      check({with(process(12, {}, "PeMRs"), "m")}),
      Lines{"running-unmet /usr/bin/app: runs as PeMRs, and /usr/lib64/libjit.so.1 asks for m (pid 12) -> revdep-pax "
            "-r -m"});
}

TEST(RunningUnmet, TheMendHasTheOptionsOfEveryMend) {
  Context context;
  context.options = {"--kernel", "emutramp=no"};
  std::vector<Finding> findings;
  const std::vector<RunningProcess> processes = {with(process(12, {}, "PeMRs"), "m")};
  check_running(context, processes, findings);
  ASSERT_EQ(findings.size(), 1U);
  ASSERT_TRUE(findings[0].mend);
  EXPECT_EQ(findings[0].mend->words, (Lines{"revdep-pax", "--kernel", "emutramp=no", "-r", "-m"}));
  EXPECT_EQ(findings[0].chains, (std::vector<Chain>{{{"/usr/lib64/libjit.so.1", false}}}));
}

TEST(RunningUnmet, APluginThatTheClosureLacksGetsARule) {
  EXPECT_EQ(
      check({with(process(12, {}, "PeMRs"), "m", false, "/usr/lib64/my plugin.so")}),
      (Lines{"running-unmet /usr/bin/app: runs as PeMRs, and /usr/lib64/my plugin.so asks for m, though no file says "
             "that it is loaded; the rule for that: load /usr/bin/app -> \"/usr/lib64/my plugin.so\" (pid 12)",
             "unknown-plugin /usr/bin/app: has loaded /usr/lib64/my plugin.so; the rule for that: load /usr/bin/app "
             "-> \"/usr/lib64/my plugin.so\" (pid 12)"}));
}

TEST(RunningUnmet, WhatTheProcessHasIsMet) {
  const pax::Stores em = xattr_only("em");
  EXPECT_EQ(check({with(process(12, em, "PemRs"), "m")}), Lines{});
  EXPECT_EQ(check({with(process(12, em), "m")}), Lines{});
  EXPECT_EQ(check({with(process(12, {}, "PeMRs"), "")}), Lines{});
  // Without PAGEEXEC there is nothing to emulate.
  EXPECT_EQ(check({with(process(12, xattr_only("pem"), "pemRs"), "E")}), Lines{});
}

TEST(RunningUnmet, OnlyTheMissingLettersAreNamed) {
  EXPECT_EQ(
      check({with(process(12, xattr_only("er"), "PeMrs"), "mr")}),
      Lines{"running-unmet /usr/bin/app: runs as PeMrs, and /usr/lib64/libjit.so.1 asks for m (pid 12) -> revdep-pax "
            "-r -m"});
}

TEST(RunningUnmet, TheFlagsShownOverruleTheVerdict) {
  EXPECT_EQ(
      check({with(process(12, xattr_only("em"), "PeMRs"), "m")}),
      Lines{"running-unmet /usr/bin/app: runs as PeMRs, and /usr/lib64/libjit.so.1 asks for m: restart it (pid 12)"});
}

TEST(RunningUnmet, WithoutFlagsShownTheVerdictCountsUnlessItIsRefused) {
  EXPECT_EQ(check({with(process(12), "m")}).size(), 1U);
  RunningProcess refused = with(process(12), "m");
  refused.verdict.refused = true;
  EXPECT_EQ(check({refused}), Lines{});
}

TEST(RunningUnmet, WhatItsOwnMarkingDeniesIsNotCarried) {
  EXPECT_EQ(
      check({with(process(12, xattr_only("eM"), "PeMRs"), "m")}),
      Lines{"running-unmet /usr/bin/app: runs as PeMRs, and /usr/lib64/libjit.so.1 asks for m, which its own marking "
            "denies (pid 12)"});
}

TEST(RunningUnmet, AFeatureThatTheKernelLacksIsNotMissed) {
  const RunningProcess asks = with(process(12, {}, "PeMRs"), "E");
  EXPECT_EQ(check({asks}).size(), 1U);
  EXPECT_EQ(check({asks}, under("emutramp=no")), Lines{});
}

TEST(RunningUnmet, AnExecutableIsNotItsOwnLibrary) {
  EXPECT_EQ(check({with(process(12, {}, "PeMRs"), "m", false, "/usr/bin/app")}), Lines{});
}

TEST(RunningUnmet, AnExecutableWithoutANameIsLeftOut) {
  RunningProcess memory = with(process(12, {}, "PeMRs"), "m");
  memory.executable = "/memfd:app";
  memory.deleted = true;
  EXPECT_EQ(check({memory}), Lines{});
}

TEST(RunningStale, AnExecutableThatIsDeletedIsToBeRestarted) {
  RunningProcess gone = with(process(12, {}, "PeMRs"), "m");
  gone.deleted = true;
  EXPECT_EQ(
      check({gone}),
      (Lines{"running-unmet /usr/bin/app: runs as PeMRs, and /usr/lib64/libjit.so.1 asks for m: restart it (pid 12)",
             "running-stale /usr/bin/app: its file was removed or replaced: restart it (pid 12)"}));
}

TEST(RunningStale, FlagsOtherThanTheVerdictTellThatTheMarkingIsYounger) {
  const std::string stale =
      "running-stale /usr/bin/app: runs as PeMRs, and its marking gives PemRs now: restart it (pid 12)";
  EXPECT_EQ(check({changed_at(2000, process(12, xattr_only("em"), "PeMRs"))}), Lines{stale});
  // The clock's seconds are cut.
  EXPECT_EQ(check({changed_at(999, process(12, xattr_only("em"), "PeMRs"))}), Lines{stale});
  EXPECT_EQ(check({changed_at(998, process(12, xattr_only("em"), "PeMRs"))}), Lines{});
}

TEST(RunningStale, TheSameFlagsTellThatNothingChangedWhateverTheTime) {
  EXPECT_EQ(check({changed_at(2000, process(12, xattr_only("em"), "PemRs"))}), Lines{});
  EXPECT_EQ(check({changed_at(2000, process(12, {}, "PeMRs"))}), Lines{});
}

TEST(RunningStale, AMarkingThatIsRefusedNowIsMendedFirst) {
  EXPECT_EQ(
      check({changed_at(2000, process(12, both("em", header("e")), "PeMRs"))}),
      Lines{"running-stale /usr/bin/app: runs as PeMRs, and its marking is refused now: restart it once that is mended "
            "(pid 12)"});
}

TEST(RunningStale, WithoutFlagsShownAChangeAfterTheStartMayBeTheMarkings) {
  const std::string stale =
      "running-stale /usr/bin/app: its file was changed since, and may have got its marking then: restart it (pid 12)";
  EXPECT_EQ(check({changed_at(1002, process(12, xattr_only("em")))}), Lines{stale});
  EXPECT_EQ(check({changed_at(1001, process(12, xattr_only("em")))}), Lines{});
  EXPECT_EQ(check({changed_at(1002, process(12))}), Lines{}) << "no marking";
  EXPECT_EQ(check({changed_at(1002, process(12, xattr_only("m-")))}), Lines{}) << "a void one";
}

TEST(UnknownPlugin, ALibraryOfTheClosureIsKnown) {
  EXPECT_EQ(check({with(process(12, {}, "PeMRs"), "", true)}), Lines{});
  EXPECT_EQ(
      check({with(process(12, {}, "PeMRs"), "", false)}),
      Lines{"unknown-plugin /usr/bin/app: has loaded /usr/lib64/libjit.so.1; the rule for that: load /usr/bin/app -> "
            "/usr/lib64/libjit.so.1 (pid 12)"});
}

TEST(Running, ProcessesOfOneExecutableAreOneFinding) {
  const auto plugin = [](pid_t pid) { return with(process(pid, {}, "PeMRs"), "", false); };
  const std::string text =
      "unknown-plugin /usr/bin/app: has loaded /usr/lib64/libjit.so.1; the rule for that: load /usr/bin/app -> "
      "/usr/lib64/libjit.so.1 ";
  EXPECT_EQ(check({plugin(34), plugin(12)}), Lines{text + "(pids 12 and 34)"});
  EXPECT_EQ(check({plugin(12), plugin(34), plugin(5)}), Lines{text + "(pids 5, 12 and 34)"});
  EXPECT_EQ(check({plugin(1), plugin(2), plugin(3), plugin(4)}), Lines{text + "(pids 1, 2 and 2 more)"});
}

TEST(Running, ProcessesWithOtherFlagsAreAnotherFinding) {
  EXPECT_EQ(check({with(process(1, {}, "PeMRs"), "m"), with(process(2, {}, "PeMrs"), "m")}).size(), 2U);
  RunningProcess other = with(process(2, {}, "PeMRs"), "m");
  other.executable = "/usr/bin/other";
  EXPECT_EQ(check({with(process(1, {}, "PeMRs"), "m"), other}).size(), 2U);
}

TEST(Running, NamesInMessagesAreOneLine) {
  for (const std::string& line : check({with(process(12, {}, "PeMRs"), "m", false, "/tmp/a\nb\x1b[2J.so")})) {
    EXPECT_EQ(line.find_first_of("\n\x1b"), std::string::npos) << line;
  }
}

TEST(LoadRule, PlainNamesStandAsTheyAre) {
  EXPECT_EQ(load_rule("/usr/bin/x", "/usr/lib64/y_1.2-r3+z,a:b@c%d=e~.so"),
            "load /usr/bin/x -> /usr/lib64/y_1.2-r3+z,a:b@c%d=e~.so");
}

TEST(LoadRule, WhateverElseIsQuotedAndPatternCharactersAreEscaped) {
  EXPECT_EQ(load_rule("/opt/My App/a", "/b"), R"(load "/opt/My App/a" -> /b)");
  EXPECT_EQ(load_rule("/a#b", "/b"), R"(load "/a#b" -> /b)");
  EXPECT_EQ(load_rule("/a\"b", "/b"), R"(load "/a\"b" -> /b)");
  EXPECT_EQ(load_rule("/a*b", "/b?c[d]"), R"(load "/a\\*b" -> "/b\\?c\\[d]")");
  EXPECT_EQ(load_rule("/a\\b", "/b"), R"(load "/a\\\\b" -> /b)");
  EXPECT_EQ(load_rule("/a\nb\x7f", "/b"), R"(load "/a?b?" -> /b)");
}

// The quoted word behind "load ", read back as the grammar says.
std::string read_back(const std::string& rule) {
  std::string text;
  std::size_t at = std::string_view("load \"").size();
  for (; at < rule.size() && rule[at] != '"'; ++at) {
    if (rule[at] == '\\') ++at;
    text += rule[at];
  }
  return text;
}

TEST(LoadRule, ThePatternMatchesTheNameAndNoOtherByItsPatternCharacters) {
  for (const std::string name : {"/a*b c", "/a?[b-d]", "/a\\b\\", R"(/a"\")", "/a \nb", "/[!x]*\\?"}) {
    const std::string pattern = read_back(load_rule(name, "/b"));
    EXPECT_EQ(::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME), 0) << pattern;
  }
  EXPECT_NE(::fnmatch(read_back(load_rule("/a*b c", "/b")).c_str(), "/axxb c", FNM_PATHNAME), 0);
  EXPECT_NE(::fnmatch(read_back(load_rule("/[ab]", "/b")).c_str(), "/a", FNM_PATHNAME), 0);
}

}  // namespace
}  // namespace revdep::audit
