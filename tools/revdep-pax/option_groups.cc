#include "revdep-pax/option_groups.h"

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace revdep::tool {

namespace po = boost::program_options;
using Names = std::vector<std::string>;

po::options_description mode_options() {
  po::options_description group("Modes, one of");
  auto add = group.add_options();
  add("forward,f", "every object and the libraries it loads");
  add("reverse,r", "every library and its consumers");
  add("object,b", po::value<std::string>()->value_name("OBJECT"), "one object and the libraries it loads");
  add("soname,s", po::value<std::string>()->value_name("SONAME"), "the libraries of that soname and their consumers");
  add("library,l", po::value<std::string>()->value_name("LIBRARY"), "one library file and its consumers");
  add("tree", po::value<std::string>()->value_name("OBJECT"), "where each needed soname leads, and why");
  add("chain", po::value<std::vector<std::string>>()->multitoken()->value_name("EXECUTABLE LIBRARY"),
      "the shortest way from one to the other");
  add("audit,a", "what is inconsistent, why, and the command that mends it");
  add("suggest", po::value<Names>()->multitoken()->zero_tokens()->value_name("[NAME...]"),
      "objects that need a marking and have none, by their ELF files or by experience; all, or those of such a path or "
      "soname; with -m: set it");
  add("running", "what running processes load and may do; as --audit");
  add("from-log", po::value<std::string>()->value_name("FILE"),
      "what a kernel log says was denied; - for standard input");
  add("graph", po::value<std::string>()->value_name("OBJECT"), "an executable's closure, or who is beside a library");
  add("export", "the whole graph as JSON");
  add("image", po::value<std::string>()->value_name("DIR"),
      "mark a package's image as if it were merged into the root already");
  add("status", "what revdep-paxd has done, if one keeps this system");
  add("verdict", po::value<Names>()->multitoken()->value_name("FILE..."),
      "what the kernel makes of the files' stores, and why");
  add("why", po::value<std::string>()->value_name("PATH"), "who asks for each letter of a file, and which run set it");
  add("set", po::value<Names>()->multitoken()->value_name("FLAGS FILE..."), "give the files exactly these flags");
  add("clear", po::value<Names>()->multitoken()->value_name("FILE..."), "take the files' flags away");
  add("sync", po::value<Names>()->multitoken()->value_name("FILE..."), "bring header and xattr into step");
  add("sync-all", "the same for every object");
  add("history", "the runs that changed files; with -v each edit");
  add("undo", po::value<std::string>()->implicit_value("")->value_name("RUN"),
      "take back what a run (the last one) changed, and hold it back from then on");
  add("release", po::value<std::string>()->implicit_value("")->value_name("PATH"),
      "drop the holds on a file (on all) that undoing made");
  add("withdraw-all", "take back every letter that was set and still stands");
  add("help,h", "this text");
  add("version", "the version");
  return group;
}

po::options_description report_options() {
  po::options_description group("Modifiers");
  auto add = group.add_options();
  add("verbose,v", "all lines, not only those that differ");
  add("executables,e", "only what lies in a directory of $PATH");
  add("quiet,q", "no report, only the exit code");
  add("root", po::value<std::string>()->value_name("DIR"), "the system below DIR; default /");
  add("vdb", po::value<std::string>()->value_name("DIR"), "the package database; default var/db/pkg below the root");
  add("source", po::value<std::string>()->value_name("auto|vdb|filesystem"), "where the objects are listed");
  add("scan", po::value<std::vector<std::string>>()->value_name("DIR"),
      "with --source=filesystem: DIR and all below it as well; can be repeated");
  add("facts", po::value<std::string>()->value_name("vdb|elf"), "whose word counts; default vdb");
  add("no-dlopen", "leave out what is opened at run time only");
  add("severity", po::value<std::string>()->value_name("note|warning|error"),
      "with -a, --running, --from-log: from which on a finding is shown and counts; default warning");
  add("rule", po::value<Names>()->value_name("ID"), "only findings of this rule; can be repeated");
  add("ignore-file", po::value<std::string>()->value_name("FILE"), "known findings: RULE-ID GLOB  # reason");
  add("output", po::value<std::string>()->value_name("FILE"), "write the report there, in one step");
  add("format", po::value<std::string>()->value_name("FORMAT"),
      "text (default) or json; findings also sarif, prometheus, dot; --graph dot");
  add("color", po::value<std::string>()->value_name("auto|always|never"), "default auto");
  add("log-level", po::value<std::string>()->value_name("LEVEL"), "trace, debug, info, warn, error or off");
  return group;
}

po::options_description edit_options() {
  po::options_description group("Editing");
  auto add = group.add_options();
  add("mark,m", "with -b, -s, -l: carry the flags; with -f, -r: grant what libraries ask for");
  add("yes,y", "don't ask for each file");
  add("pretend,p", "change nothing, show what would be changed");
  add("force", "what is carried wins over what a file says itself");
  add("only", po::value<Names>()->value_name("GLOB"), "change only such paths; can be repeated");
  add("exclude", po::value<Names>()->value_name("GLOB"), "leave such paths alone; can be repeated");
  add("markings", po::value<std::string>()->value_name("auto|xattr|pt|both"), "which kinds may be made; default auto");
  add("kernel", po::value<std::string>()->value_name("KEY=VALUE,..."),
      "the kernel that runs the files: pageexec, segmexec, emutramp, mprotect, randmmap, header, xattr, ei, softmode, "
      "nx, "
      "randomize, up_to_3_11, each yes or no");
  add("no-withdraw", "keep letters of ours that nobody asks for any more");
  add("nonroot", "change files that root does not own as well");
  add("no-wait", "give up when another run is writing");
  add("state", po::value<std::string>()->value_name("FILE"), "the journal; default var/lib/revdep-pax/state.db");
  return group;
}

}  // namespace revdep::tool
