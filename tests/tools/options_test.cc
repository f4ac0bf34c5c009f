#include "revdep-pax/options.h"

#include <gtest/gtest.h>

#include <sstream>

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
  EXPECT_EQ(complaint("-f --format xml"), "--format=xml is none of text, json");
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

TEST(Combinations, WithoutMeaningAreUsageErrors) {
  for (const char* const line : {"-fm", "-rm", "-my --tree x", "-m --export"}) {
    EXPECT_EQ(complaint(line), "-m needs one of -b, -s, -l") << line;
  }
  EXPECT_EQ(complaint("-fy"), "-y needs -m");
  for (const char* const line : {"-e -b x", "-e --tree x", "-e --chain x y", "-e --export"}) {
    EXPECT_EQ(complaint(line), "-e needs one of -f, -r, -s, -l") << line;
  }
  EXPECT_EQ(complaint("-v --export"), "-v needs one of -f, -r, -b, -s, -l");
  EXPECT_EQ(complaint("-m -s x --format json"), "-m with --format=json needs -y");
  EXPECT_EQ(complaint("-my -s x --format json"), "");
  EXPECT_EQ(complaint("-mq -s x"), "-m with -q needs -y");
  EXPECT_EQ(complaint("-f --scan /opt"), "--scan needs --source=filesystem");
  EXPECT_EQ(complaint("-f --vdb /v --source filesystem"), "--vdb and --source=filesystem exclude each other");
  EXPECT_EQ(complaint("-f --facts vdb --source filesystem"), "--facts=vdb and --source=filesystem exclude each other");
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
                                 "--format text|json",
                                 "--color auto|always|never",
                                 "--log-level LEVEL"}) {
    EXPECT_NE(help.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(help.find("stray"), std::string::npos);
}

}  // namespace
}  // namespace revdep::tool
