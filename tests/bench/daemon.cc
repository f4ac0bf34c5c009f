// The time from the rename that completes a package in the database to the mark on its executable, under a running daemon
// that does not wait for bursts to settle; its processor time for a package beside that of a full pass, its own and that of
// a process that does nothing else; its size. The root is changed: give it a copy.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/portage_root.h"
#include "support/temp_dir.h"

namespace {

using Clock = std::chrono::steady_clock;
using revdep::support::MergeStep;

constexpr int packages = 200;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "bench-daemon: %s\n", why.c_str());
  std::exit(2);
}

// Waits for any change in the directory until `is_so`.
template <class Condition>
void wait_in(const std::string& directory, Condition is_so) {
  const int inotify = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify < 0 || ::inotify_add_watch(inotify, directory.c_str(), IN_ATTRIB | IN_MOVED_TO | IN_CREATE) < 0)
    fail("cannot watch " + directory);
  char events[65536];
  while (!is_so()) {
    pollfd ready{inotify, POLLIN, 0};
    if (::poll(&ready, 1, 60'000) <= 0) fail("waited in vain in " + directory);
    while (::read(inotify, events, sizeof events) > 0) continue;
  }
  ::close(inotify);
}

nlohmann::json status(const std::string& root) {
  std::ifstream stream(root + "/run/revdep-pax/status.json");
  return stream ? nlohmann::json::parse(stream, nullptr, false) : nlohmann::json();
}

// User and system time of the process, in ms.
double cpu_ms(pid_t process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stream)), {});
  std::istringstream words(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) words >> skipped;
  double user = 0;
  double system = 0;
  words >> user >> system;
  return (user + system) * 1000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double to_ms(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_usec) / 1000;
}

// Of `revdep-paxd --once` from its start to its end, in ms.
double once_ms(const char* program, const std::string& root) {
  const pid_t pass = ::fork();
  if (pass == 0) {
    ::execl(program, program, "--root", root.c_str(), "--once", "--log-level=error", nullptr);
    ::_exit(127);
  }
  int ended = 0;
  rusage usage{};
  if (::wait4(pass, &ended, 0, &usage) != pass || ended != 0) fail("--once failed");
  return to_ms(usage.ru_utime) + to_ms(usage.ru_stime);
}

std::string status_line(pid_t process, const std::string& key) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(key)) return line.substr(line.find_first_not_of("\t ", key.size()));
  }
  return "?";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) fail("usage: bench-daemon REVDEP_PAXD ROOT");
  const std::string root = arguments[2];
  // As on every system /run is in memory.
  std::filesystem::create_directories(root + "/run");
  const bool is_private =
      ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!is_private || ::mount("tmpfs", (root + "/run").c_str(), "tmpfs", 0, "mode=0755") != 0) fail("cannot mount /run");
  std::filesystem::create_directories(root + "/run/revdep-pax");
  std::filesystem::create_directories(root + "/usr/bin");
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    ::execl(arguments[1], arguments[1], "--root", root.c_str(), "--settle=0", "--log-level=error", nullptr);
    ::_exit(127);
  }
  const auto turns_over = [&](std::uint64_t turns) {
    const nlohmann::json now = status(root);
    return now.is_object() && now["pid"] == daemon && now["turns"] > turns && now["idle"] == true;
  };
  wait_in(root + "/run/revdep-pax", [&] { return turns_over(0); });

  revdep::support::PortageRoot portage(root, revdep::support::PortageRoot::Existing{});
  const revdep::support::TestPackage jit{
      "bench/jit-1", {{"/usr/lib/libbenchjit.so.1", revdep::elf_builder::library("libbenchjit.so.1"), "m", {}}}, {}};
  std::uint64_t turns = status(root)["turns"];
  portage.merge(jit);
  wait_in(root + "/run/revdep-pax", [&] { return turns_over(turns); });

  revdep::elf_builder::Object program = revdep::elf_builder::program({"libbenchjit.so.1"});
  program.runpath = "/usr/lib";
  std::vector<double> latencies;
  const double before = cpu_ms(daemon);
  for (int number = 0; number < packages; ++number) {
    const std::string name = "bench" + std::to_string(number);
    const std::string path = root + "/usr/bin/" + name;
    Clock::time_point renamed;
    turns = status(root)["turns"];
    portage.merge({"bench/" + name + "-1", {{"/usr/bin/" + name, program, "", {}}}, {}}, {}, [&](MergeStep step) {
      if (step == MergeStep::registry) renamed = Clock::now();
      return true;
    });
    wait_in(root + "/usr/bin", [&] { return ::getxattr(path.c_str(), "user.pax.flags", nullptr, 0) > 0; });
    latencies.push_back(std::chrono::duration<double, std::milli>(Clock::now() - renamed).count());
    wait_in(root + "/run/revdep-pax", [&] { return turns_over(turns); });
  }
  const double each = (cpu_ms(daemon) - before) / packages;
  std::ranges::sort(latencies);

  // A tick is too coarse for one of them.
  constexpr int passes = 20;
  const double start = cpu_ms(daemon);
  for (int pass = 0; pass < passes; ++pass) {
    turns = status(root)["turns"];
    ::kill(daemon, SIGUSR1);
    wait_in(root + "/run/revdep-pax", [&] { return turns_over(turns); });
  }
  const double full = (cpu_ms(daemon) - start) / passes;
  std::printf("%d packages on %d objects: from rename to mark p50 %.1f ms, p99 %.1f ms\n", packages,
              status(root)["last_turn"]["objects"].get<int>(), latencies[latencies.size() / 2],
              latencies[latencies.size() * 99 / 100]);
  std::printf("resident: %s, at most %s; voluntary switches so far: %s\n", status_line(daemon, "VmRSS:").c_str(),
              status_line(daemon, "VmHWM:").c_str(), status_line(daemon, "voluntary_ctxt_switches:").c_str());
  ::kill(daemon, SIGTERM);
  ::waitpid(daemon, nullptr, 0);
  std::array<double, 5> alone{};
  for (double& pass : alone) pass = once_ms(arguments[1], root);
  std::ranges::sort(alone);
  const double once = alone[alone.size() / 2];
  std::printf(
      "processor time: %.2f ms a package; a full pass %.1f ms on SIGUSR1 (1/%.0f), %.1f ms with --once (1/%.0f)\n",
      each, full, full / each, once, once / each);
  return 0;
}
