#include "faults/trial.h"

#include <spawn.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace revdep::faults {
namespace {

const std::string in_root = "/root";
constexpr std::string_view left_over_ending = ".revdep-pax";

// What a migration makes for itself.
bool is_ours(const std::string& path) {
  static const std::set<std::string> ours = {"/root/run",
                                             "/root/run/revdep-pax.lock",
                                             "/root/var/lib",
                                             "/root/var/lib/revdep-pax",
                                             "/root/var/lib/revdep-pax/state.db",
                                             "/root/var/lib/revdep-pax/state.db-journal"};
  return ours.contains(path);
}

bool is_temporary(const std::string& path) {
  return path.find("/.") != std::string::npos && path.ends_with(left_over_ending);
}

// What differs in all but the markings; "" for nothing.
std::string_view compare(const FileState& before, const FileState& now) {
  if (before.mode != now.mode) return "its mode";
  if (before.owner != now.owner || before.group != now.group) return "its owner";
  if (S_ISDIR(before.mode)) return "";
  if (before.links != now.links || before.first_name != now.first_name) return "its links";
  if (before.xattrs != now.xattrs) return "its extended attributes";
  if (before.content != now.content) return "its content";
  const auto time = [](const FileState& state) { return std::pair(state.modified.tv_sec, state.modified.tv_nsec); };
  if (time(before) != time(now)) return "its time";
  return "";
}

// Where an fsync costs nothing, if programs and xattrs can be kept there.
std::string find_fast_directory() {
  constexpr const char* memory = "/dev/shm";
  struct statvfs status {};
  if (::statvfs(memory, &status) != 0 || (status.f_flag & ST_NOEXEC) != 0) return TEST_DIRECTORY;
  const support::TempDir probe(memory);
  return ::setxattr(probe.path().c_str(), "user.probe", "1", 1, 0) == 0 ? memory : TEST_DIRECTORY;
}

}  // namespace

Trial::Trial(const Template& original) : original_(original), directory_(find_fast_directory()) {
  const auto copied = support::run({"cp", "-a", "--reflink=auto", original.root(), root()});
  if (copied.status != 0) throw std::runtime_error("cp: " + copied.err);
  support::write_file(directory_ / "outside/file", "nobody's business\n");
  before_ = take_picture(directory_.path());
  for (const Specimen& specimen : original.specimens()) {
    if (specimen.busy) start(root() + specimen.names.front());
  }
}

Trial::~Trial() {
  for (const pid_t process : busy_) {
    ::kill(process, SIGKILL);
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) continue;
  }
}

void Trial::start(const std::string& program) {
  std::string name = program;
  char wait[] = "wait";
  const std::array<char*, 3> arguments = {name.data(), wait, nullptr};
  std::string search = "LD_LIBRARY_PATH=" + root() + "/usr/lib64";
  const std::array<char*, 2> environment = {search.data(), nullptr};
  pid_t process = 0;
  // Returns once it is executed.
  const int error = ::posix_spawn(&process, program.c_str(), nullptr, nullptr, arguments.data(), environment.data());
  if (error != 0) throw std::system_error(error, std::generic_category(), program);
  busy_.push_back(process);
}

support::Outcome Trial::run(std::vector<std::string> in_front, const std::vector<std::string>& arguments) const {
  for (const std::string& word : {std::string(REVDEP_PAX), std::string("--root"), root()}) in_front.push_back(word);
  in_front.insert(in_front.end(), arguments.begin(), arguments.end());
  // LeakSanitizer cannot work under ptrace.
  return support::run(in_front, {{"ASAN_OPTIONS", "detect_leaks=0"}});
}

support::Outcome Trial::migrate(const std::vector<std::string>& in_front,
                                const std::vector<std::string>& more_options) const {
  std::vector<std::string> arguments = original_.migration();
  arguments.insert(arguments.end(), more_options.begin(), more_options.end());
  return run(in_front, arguments);
}

std::vector<std::string> Trial::find_damage() {
  check(Stage::interrupted);
  return std::exchange(damage_, {});
}

std::vector<std::string> Trial::complete() {
  const auto second = migrate();
  if (second.status != 0) damage_.push_back("the next run: " + std::to_string(second.status) + ": " + second.err);
  check(Stage::complete);
  check_journal();
  const auto third = migrate();
  const std::string nothing_done = "0 marked, " + std::to_string(original_.specimens().size()) +
                                   " already right, 0 withdrawn, 0 refused to change, 0 failed\n";
  if (third.status != 0 || !third.out.ends_with(nothing_done) || !third.err.empty()) {
    damage_.push_back("the run after that: " + std::to_string(third.status) + ": " + third.out + third.err);
  }
  return std::exchange(damage_, {});
}

void Trial::check(Stage stage) {
  const Picture now = take_picture(directory_.path());
  for (const Specimen& specimen : original_.specimens()) check_specimen(specimen, now, stage);
  check_rest(now, stage);
}

void Trial::check_specimen(const Specimen& specimen, const Picture& now, Stage stage) {
  for (const std::string& name : specimen.names) {
    const auto found = now.find(in_root + name);
    if (found == now.end()) continue;  // check_rest() tells
    const Markings& markings = found->second.markings;
    if (markings == specimen.after) continue;
    if (stage == Stage::interrupted && (markings == specimen.before || is_journalled_step(specimen, markings)))
      continue;
    damage_.push_back(name + " has " + describe(markings));
  }
  if (specimen.build != Build::real) return;
  for (const std::string& name : specimen.names) {
    const auto said = support::run({root() + name}, {{"LD_LIBRARY_PATH", root() + "/usr/lib64"}});
    if (said.status == 0 && said.out == real_output) continue;
    damage_.push_back(name + " does not run: " + std::to_string(said.status) + ' ' + said.out + said.err);
  }
}

// Of several names: the xattr goes before the header changes, and comes back after it.
bool Trial::is_journalled_step(const Specimen& specimen, const Markings& now) {
  const auto& [names, build, dress, busy, before, after] = specimen;
  const bool has_steps = names.size() > 1 && before.header != after.header && before.letters != after.letters;
  const bool is_step = !now.letters && (now.header == before.header || now.header == after.header);
  return has_steps && is_step && read_history()["open"].contains(names.front());
}

bool Trial::is_being_edited(const std::string& path) {
  const std::set<std::string> open = read_history()["open"];
  return std::any_of(original_.specimens().begin(), original_.specimens().end(), [&](const Specimen& specimen) {
    const auto is_it = [&](const std::string& name) { return in_root + name == path; };
    return specimen.before.header != specimen.after.header && open.contains(specimen.names.front()) &&
           std::any_of(specimen.names.begin(), specimen.names.end(), is_it);
  });
}

void Trial::check_rest(const Picture& now, Stage stage) {
  std::set<std::string> to_edit;
  for (const Specimen& specimen : original_.specimens()) {
    for (const std::string& name : specimen.names) to_edit.insert(in_root + name);
  }
  for (const auto& [path, was] : before_) {
    ++checked_;
    const auto found = now.find(path);
    if (found == now.end()) {
      damage_.push_back(path + " is gone");
      continue;
    }
    const std::string_view changed = compare(was, found->second);
    // A killed header edit leaves the time of its write, and the journal the one to be put back.
    if (changed == "its time" && stage == Stage::interrupted && is_being_edited(path)) continue;
    if (!changed.empty()) damage_.push_back(path + " changed: " + std::string(changed));
    if (!to_edit.contains(path) && found->second.markings != was.markings) {
      damage_.push_back(path + " has " + describe(found->second.markings) + ", and nobody asked");
    }
  }
  for (const auto& [path, state] : now) {
    if (before_.contains(path) || is_ours(path)) continue;
    if (stage == Stage::interrupted && is_temporary(path)) continue;
    damage_.push_back(path + " is left over");
  }
}

// By state, the paths that an edit of the journal was begun for.
std::map<std::string, std::set<std::string>> Trial::read_history() {
  std::map<std::string, std::set<std::string>> paths;
  const auto history = run({}, {"--history", "--format=json"});
  if (history.status != 0) {
    damage_.push_back("--history: " + history.err);
    return paths;
  }
  const auto document = nlohmann::json::parse(history.out);
  for (const auto& run : document.at("runs")) {
    for (const auto& edit : run.at("edits")) {
      paths[edit.at("state").get<std::string>()].insert(edit.at("path").get<std::string>());
    }
  }
  return paths;
}

void Trial::check_journal() {
  auto history = read_history();
  for (const std::string& path : history["open"]) damage_.push_back("the journal has " + path + " open");
  for (const Specimen& specimen : original_.specimens()) {
    // The first name that the run which edited it knew: a listing may have been what failed.
    const bool known = std::any_of(specimen.names.begin(), specimen.names.end(),
                                   [&](const std::string& name) { return history["done"].contains(name); });
    if (!known) damage_.push_back("the journal does not know " + specimen.names.front() + " as done");
  }
}

}  // namespace revdep::faults
