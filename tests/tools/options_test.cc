#include "revdep-pax/options.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace revdep::tool {
namespace {

Parsed parse(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  return parse_options(arguments);
}

Options good(const std::string& line) {
  const Parsed parsed = parse(line);
  EXPECT_EQ(parsed.complaint, "") << line;
  return parsed.options;
}

std::string complaint(const std::string& line) { return parse(line).complaint; }

TEST(Modes, HaveTheOriginalsLettersAndLongForms) {
  for (const char* const line : {"-f", "--forward"}) EXPECT_EQ(good(line).mode, Mode::forward) << line;
  for (const char* const line : {"-r", "--reverse"}) EXPECT_EQ(good(line).mode, Mode::reverse) << line;
  for (const char* const line : {"-b /x", "-b/x", "--object /x", "--object=/x"}) {
    EXPECT_EQ(good(line).mode, Mode::object) << line;
    EXPECT_EQ(good(line).subject, "/x") << line;
  }
  for (const char* const line : {"-s a.so", "-sa.so", "--soname a.so", "--soname=a.so"}) {
    EXPECT_EQ(good(line).mode, Mode::soname) << line;
    EXPECT_EQ(good(line).subject, "a.so") << line;
  }
  for (const char* const line : {"-l /x", "--library=/x"}) EXPECT_EQ(good(line).mode, Mode::library) << line;
  EXPECT_EQ(good("--tree /x").mode, Mode::tree);
  EXPECT_EQ(good("--export").mode, Mode::export_graph);
  EXPECT_EQ(good("--sync-all -y").mode, Mode::sync_all);
  EXPECT_EQ(good("--history").mode, Mode::history);
  EXPECT_EQ(good("--withdraw-all -y").mode, Mode::withdraw_all);
  EXPECT_EQ(good("--why /x").mode, Mode::why);
  EXPECT_EQ(good("--why /x").subject, "/x");
  EXPECT_EQ(good("-h").mode, Mode::help);
  EXPECT_EQ(good("--help").mode, Mode::help);
  EXPECT_EQ(good("--version").mode, Mode::version);
}

TEST(Modes, ChainTakesExactlyTwoValues) {
  const Options options = good("--chain /bin/x /lib/y -q");
  EXPECT_EQ(options.mode, Mode::chain);
  EXPECT_EQ(options.subject, "/bin/x");
  EXPECT_EQ(options.library, "/lib/y");
  EXPECT_EQ(complaint("--chain /bin/x"), "--chain needs exactly two values, EXECUTABLE and LIBRARY");
  EXPECT_EQ(complaint("--chain /bin/x /lib/y /lib/z"), "--chain needs exactly two values, EXECUTABLE and LIBRARY");
}

TEST(Modes, NoneOrSeveralAreUsageErrors) {
  EXPECT_EQ(complaint(""), "no mode is given");
  EXPECT_EQ(complaint("-v"), "no mode is given");
  EXPECT_EQ(complaint("-f -r"), "only one of --forward, --reverse can be given");
  EXPECT_EQ(complaint("-s a -l b"), "only one of --soname, --library can be given");
}

TEST(Modes, OfFilesTakeOneOrMore) {
  for (const auto& [line, mode] : {std::pair{"--clear /x /y -y", Mode::clear},
                                   {"-y --sync /x /y", Mode::sync},
                                   {"--verdict /x /y --format=json", Mode::verdict},
                                   {"--set em /x /y -y", Mode::set}}) {
    const Options options = good(line);
    EXPECT_EQ(options.mode, mode) << line;
    EXPECT_EQ(options.files, (std::vector<std::string>{"/x", "/y"})) << line;
  }
  for (const char* const line : {"--clear", "--sync", "--verdict", "--set", "--why"})
    EXPECT_NE(complaint(line), "") << line;
  EXPECT_EQ(parse_options({"--clear", "/x", ""}).complaint, "--clear needs values that are not empty");
}

TEST(Modes, SetTakesFlagsFirst) {
  const Options options = good("--set mPe /x -y");
  EXPECT_EQ(pax::format_letters(options.letters), "Pem");
  EXPECT_EQ(options.files, std::vector<std::string>{"/x"});
  EXPECT_EQ(complaint("--set em"), "--set needs FLAGS and at least one FILE");
  for (const char* const flags : {"-em--", "mm", "mM", "x", "PEMRSp", "/x"}) {
    EXPECT_EQ(
        parse_options({"--set=" + std::string(flags), "/x"}).complaint,
        "--set " + std::string(flags) + ": flags are up to five of PEMRS, upper case on, lower case off, each once");
  }
}

TEST(Modes, UndoAndReleaseTakeTheirValueInTheSameWordOrNone) {
  EXPECT_EQ(good("--undo -y").mode, Mode::undo);
  EXPECT_EQ(good("--undo -y").run, std::nullopt);
  EXPECT_EQ(good("--undo=12 -y").run, 12);
  for (const char* const run : {"0", "-1", "x", "1x", "99999999999999999999"}) {
    EXPECT_EQ(complaint(std::string("-y --undo=") + run),
              std::string("--undo=") + run + ": RUN is a number that --history shows");
  }
  EXPECT_EQ(good("--release").mode, Mode::release);
  EXPECT_EQ(good("--release").subject, "");
  EXPECT_EQ(good("--release=/usr/bin/x").subject, "/usr/bin/x");
}

TEST(Letters, CanBeCombinedInOneWord) {
  for (const char* const line : {"-mys a.so", "-m -y -s a.so", "-ymsa.so", "-s a.so -my", "-s a.so -ym"}) {
    const Options options = good(line);
    EXPECT_EQ(options.mode, Mode::soname) << line;
    EXPECT_EQ(options.subject, "a.so") << line;
    EXPECT_TRUE(options.mark && options.yes) << line;
    EXPECT_FALSE(options.verbose || options.executables) << line;
  }
  const Options all = good("-myves a.so");
  EXPECT_TRUE(all.mark && all.yes && all.verbose && all.executables);
  const Options reverse = good("-rve");
  EXPECT_EQ(reverse.mode, Mode::reverse);
  EXPECT_TRUE(reverse.verbose && reverse.executables);
  EXPECT_EQ(good("-s libGL.so.1 -me").subject, "libGL.so.1");
}

TEST(Letters, TheRestOfAWordIsTheArgumentOfALetterThatTakesOne) { EXPECT_EQ(good("-sm").subject, "m"); }

TEST(LongForms, AreNotGuessed) {
  EXPECT_EQ(complaint("--forw"), "unrecognised option '--forw'");
  EXPECT_EQ(complaint("-f --verb"), "unrecognised option '--verb'");
}

TEST(Values, AreChecked) {
  EXPECT_EQ(complaint("-f --format xml"), "--format=xml is none of text, json, sarif, prometheus, dot");
  EXPECT_EQ(complaint("-f --source=rpm"), "--source=rpm is none of auto, vdb, filesystem");
  EXPECT_EQ(complaint("-f --facts=x"), "--facts=x is none of vdb, elf");
  EXPECT_EQ(complaint("-f --color=x"), "--color=x is none of auto, always, never");
  EXPECT_EQ(complaint("-f --log-level=x"), "--log-level=x is none of trace, debug, info, warn, error, off");
  EXPECT_EQ(parse_options({"-s", ""}).complaint, "--soname needs a value that is not empty");
  EXPECT_EQ(parse_options({"-f", "--root", ""}).complaint, "--root needs a value that is not empty");
  EXPECT_NE(complaint("-s"), "");
}

TEST(Values, ReachTheLoader) {
  const Options options = good("-f --root /r --source=filesystem --scan /opt --scan /srv --facts=elf");
  EXPECT_EQ(options.load.root, "/r");
  EXPECT_EQ(options.load.source, engine::Source::filesystem);
  EXPECT_EQ(options.load.facts, engine::FactsFrom::elf);
  EXPECT_EQ(options.load.trees, (std::vector<std::string>{"/opt", "/srv"}));
  const Options usual = good("-f");
  EXPECT_EQ(usual.load.root, "/");
  EXPECT_EQ(usual.load.vdb, "");
  EXPECT_EQ(usual.load.source, engine::Source::automatic);
  EXPECT_EQ(usual.load.facts, engine::FactsFrom::vdb);
  EXPECT_EQ(good("-f --vdb /v").load.vdb, "/v");
}

TEST(Values, OfEditingReachThePlanner) {
  const Options options = good(
      "-rmyp --force --nonroot --no-wait --no-withdraw --markings=pt --kernel softmode=yes,xattr=no --only /a* --only "
      "/b "
      "--exclude /c --state /s");
  EXPECT_TRUE(options.pretend && options.force && options.nonroot);
  EXPECT_FALSE(options.wait || options.withdraw);
  EXPECT_EQ(options.markings, Markings::pt);
  ASSERT_TRUE(options.kernel);
  EXPECT_TRUE(options.kernel->softmode && !options.kernel->reads_xattr && options.kernel->reads_header);
  EXPECT_EQ(options.only, (std::vector<std::string>{"/a*", "/b"}));
  EXPECT_EQ(options.exclude, std::vector<std::string>{"/c"});
  EXPECT_EQ(options.state, "/s");
  const Options usual = good("-rmy");
  EXPECT_FALSE(usual.pretend || usual.force || usual.nonroot || usual.kernel);
  EXPECT_TRUE(usual.wait && usual.withdraw);
  EXPECT_EQ(usual.markings, Markings::automatic);
  EXPECT_EQ(usual.state, "");
  EXPECT_EQ(good("-rmy --markings both").markings, Markings::both);
  EXPECT_EQ(good("-rmy --markings xattr").markings, Markings::xattr);
}

TEST(Values, OfEditingAreChecked) {
  EXPECT_EQ(complaint("-rmy --markings=ei"), "--markings=ei is none of auto, xattr, pt, both");
  EXPECT_EQ(parse_options({"-rmy", "--state", ""}).complaint, "--state needs a value that is not empty");
  EXPECT_EQ(complaint("-rmy --kernel nx=maybe"),
            "cannot parse kernel description: unknown value 'maybe' of 'nx', known are yes, no, 1, 0");
}

TEST(Command, IsKeptForTheJournal) {
  EXPECT_EQ(parse_options({"-rmy", "--only", "/a b"}).options.command, "revdep-pax -rmy --only /a b");
}

TEST(Editing, IsWhatChangesFiles) {
  for (const char* const line : {"-fm", "-rm", "-m -b x", "-m -s x", "-m -l x", "--set e x", "--clear x", "--sync x",
                                 "--sync-all", "--undo", "--withdraw-all"}) {
    EXPECT_TRUE(is_editing(good(line))) << line;
    EXPECT_TRUE(good(line + std::string(" -y")).yes) << line;
    EXPECT_TRUE(good(line + std::string(" -p")).pretend) << line;
  }
  for (const char* const line : {"-f", "-r", "-s x", "--verdict x", "--why x", "--history", "--tree x", "--export"}) {
    EXPECT_FALSE(is_editing(good(line))) << line;
    EXPECT_EQ(complaint(line + std::string(" -y")), "-y needs -m or another mode that edits") << line;
    EXPECT_EQ(complaint(line + std::string(" -p")), "-p needs -m or another mode that edits") << line;
  }
}

TEST(Combinations, WithoutMeaningAreUsageErrors) {
  for (const char* const line : {"-m --tree x", "-m --export", "-m --set e x", "-m --why x", "-m --undo"}) {
    EXPECT_EQ(complaint(line), "-m needs one of -f, -r, -b, -s, -l, --suggest") << line;
  }
  for (const char* const line : {"-e -b x", "-e --tree x", "-e --chain x y", "-e --export", "-e --sync-all"}) {
    EXPECT_EQ(complaint(line), "-e needs one of -f, -r, -s, -l") << line;
  }
  EXPECT_EQ(complaint("-v --export"), "-v needs one of -f, -r, -b, -s, -l, -a, --running, --from-log, --history");
  EXPECT_EQ(complaint("-v --history"), "");
  for (const char* const line : {"-m -s x", "-fm", "--set e x", "--undo"}) {
    const std::string text = line;
    EXPECT_EQ(complaint(text + " --format json"), "editing with --format=json needs -y") << line;
    EXPECT_EQ(complaint(text + " -q"), "editing with -q needs -y") << line;
    for (const char* const answer : {" -y", " -p"}) {
      EXPECT_EQ(complaint(text + answer + " --format json"), "") << line;
      EXPECT_EQ(complaint(text + answer + " -q"), "") << line;
    }
  }
  EXPECT_EQ(complaint("-f --scan /opt"), "--scan needs --source=filesystem");
  EXPECT_EQ(complaint("-f --vdb /v --source filesystem"), "--vdb and --source=filesystem exclude each other");
  EXPECT_EQ(complaint("-f --facts vdb --source filesystem"), "--facts=vdb and --source=filesystem exclude each other");
}

TEST(AuditOptions, HasModesAndModifiersOfItsOwn) {
  for (const char* const line : {"-a", "--audit"}) EXPECT_EQ(good(line).mode, Mode::audit) << line;
  EXPECT_EQ(good("--running").mode, Mode::running);
  EXPECT_EQ(good("--from-log -").mode, Mode::from_log);
  EXPECT_EQ(good("--from-log /x").subject, "/x");
  const Options options = good(
      "-av --severity=error --rule refused --rule=no-xattr --ignore-file /i --output /o --format sarif --no-dlopen");
  EXPECT_EQ(options.severity, audit::Severity::error);
  EXPECT_EQ(options.rules, (std::vector{audit::Rule::refused, audit::Rule::no_xattr}));
  EXPECT_EQ(options.ignore_file, "/i");
  EXPECT_EQ(options.output_file, "/o");
  EXPECT_EQ(options.format, Format::sarif);
  EXPECT_FALSE(options.load.dlopen);
  EXPECT_EQ(good("-a").severity, audit::Severity::warning);
  EXPECT_TRUE(good("-a").load.dlopen);
}

TEST(AuditOptions, SuggestTakesNamesOrNone) {
  EXPECT_EQ(good("--suggest").mode, Mode::suggest);
  EXPECT_EQ(good("--suggest").files, std::vector<std::string>());
  EXPECT_EQ(good("-my --suggest /x liba.so").files, (std::vector<std::string>{"/x", "liba.so"}));
  EXPECT_TRUE(is_editing(good("--suggest -my")));
  EXPECT_FALSE(is_editing(good("--suggest")));
}

TEST(AuditOptions, ModifiersAreRefusedElsewhere) {
  EXPECT_EQ(complaint("-f --severity note"), "--severity needs one of -a, --running, --from-log");
  EXPECT_EQ(complaint("--suggest --rule refused"), "--rule needs one of -a, --running, --from-log");
  EXPECT_EQ(complaint("-f --format prometheus"), "--format=prometheus needs one of -a, --running, --from-log");
  EXPECT_EQ(complaint("-a --rule refuse"), "--rule=refuse: there is no such rule; the manual lists them");
  EXPECT_EQ(complaint("-a --severity=fatal"), "--severity=fatal is none of note, warning, error");
  EXPECT_EQ(complaint("--running --root /x"), "--running looks at this system: no --root");
}

TEST(GraphOptions, IsDrawnAsDotOnly) {
  EXPECT_EQ(good("--graph /x").format, Format::dot);
  EXPECT_EQ(good("--graph /x --format dot").subject, "/x");
  EXPECT_EQ(complaint("--graph /x --format json"), "--graph needs --format=dot");
}

TEST(Arguments, ThatBelongToNoOptionAreUsageErrors) {
  EXPECT_EQ(complaint("-f /usr/bin/x"), "'/usr/bin/x' belongs to no option");
  EXPECT_EQ(complaint("x"), "'x' belongs to no option");
}

TEST(HelpText, NamesEveryOption) {
  const std::string help = help_text();
  for (const char* const name : {"-f [ --forward ]",
                                 "-r [ --reverse ]",
                                 "-b [ --object ] OBJECT",
                                 "-s [ --soname ] SONAME",
                                 "-l [ --library ] LIBRARY",
                                 "-a [ --audit ]",
                                 "--suggest [NAME...]",
                                 "--running",
                                 "--from-log FILE",
                                 "--graph OBJECT",
                                 "--no-dlopen",
                                 "--severity note|warning|error",
                                 "--rule ID",
                                 "--ignore-file FILE",
                                 "--output FILE",
                                 "--tree OBJECT",
                                 "--chain EXECUTABLE LIBRARY",
                                 "--export",
                                 "-v [ --verbose ]",
                                 "-e [ --executables ]",
                                 "-m [ --mark ]",
                                 "-y [ --yes ]",
                                 "-h [ --help ]",
                                 "--version",
                                 "-q [ --quiet ]",
                                 "--root DIR",
                                 "--vdb DIR",
                                 "--source auto|vdb|filesystem",
                                 "--scan DIR",
                                 "--facts vdb|elf",
                                 "--format FORMAT",
                                 "--color auto|always|never",
                                 "--log-level LEVEL",
                                 "--verdict FILE...",
                                 "--why PATH",
                                 "--set FLAGS FILE...",
                                 "--clear FILE...",
                                 "--sync FILE...",
                                 "--sync-all",
                                 "--history",
                                 "--undo RUN",
                                 "--release PATH",
                                 "--withdraw-all",
                                 "-p [ --pretend ]",
                                 "--force",
                                 "--only GLOB",
                                 "--exclude GLOB",
                                 "--markings auto|xattr|pt|both",
                                 "--kernel KEY=VALUE,...",
                                 "--no-withdraw",
                                 "--nonroot",
                                 "--no-wait",
                                 "--state FILE"}) {
    EXPECT_NE(help.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(help.find("stray"), std::string::npos);
}

}  // namespace
}  // namespace revdep::tool
