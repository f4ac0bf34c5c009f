// A daemon that is kept busy: it does not drift from a full pass, and neither it nor its journal grows. REVDEP_SOAK: seconds.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "daemon/daemon_fixture.h"
#include "support/random_history.h"

namespace revdep::daemon {
namespace {

using std::chrono::steady_clock;

class Soak : public DaemonTest {
 protected:
  // Until all that happened before was taken up: the second time, the turn of the first one is over.
  void take_up(DaemonProcess& daemon) {
    const TestPackage signpost{
        "sys-libs/signpost-1", {{"/usr/bin/signpost", program({"libsignpost.so.1"}), "", {}}}, {}};
    for (int time = 0; time < 2; ++time) {
      root_->merge(signpost, "sys-libs/signpost-1");
      daemon.wait_for_file(file("/usr/bin/signpost"), [this] { return marked("/usr/bin/signpost") == "em"; });
    }
  }
};

std::chrono::seconds duration() {
  const char* const wish = std::getenv("REVDEP_SOAK");
  return std::chrono::seconds(wish != nullptr ? std::strtol(wish, nullptr, 10) : 5);
}

// In KiB.
std::size_t resident(pid_t process) {
  const std::string status = support::read_file("/proc/" + std::to_string(process) + "/status");
  const std::size_t at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::stoul(status.substr(at + 6));
}

TEST_F(Soak, ARandomLifeLeavesNothingToDoAndNothingGrows) {
  constexpr std::size_t steps_a_round = 20;
  constexpr std::size_t warm_up =
      300;  // rounds after which sizes are compared: by then all was loaded afresh a few times
  support::RandomHistory history(*root_, 5);
  std::mt19937 dice(5);
  root_->merge({"sys-libs/post-1", {{"/usr/lib64/libsignpost.so.1", library("libsignpost.so.1"), "m", {}}}, {}});
  DaemonProcess daemon(root());
  daemon.wait_for_turn();
  const auto end = steady_clock::now() + duration();
  std::size_t rounds = 0;
  std::size_t settled = 0;
  std::string story;
  for (; steady_clock::now() < end; ++rounds) {
    story.clear();
    for (std::size_t step = 0; step < steps_a_round; ++step) story += history.step().what + '\n';
    if (dice() % 4 == 0) {
      const std::vector<std::string> texts = {"", "require /usr/lib64/lib3.so.* r\n", "ignore /usr/bin/p1*\n",
                                              "mark /usr/bin/p2 em\n"};
      write(rules, texts[dice() % texts.size()]);
      daemon.send(SIGHUP);
    }
    take_up(daemon);
    ASSERT_EQ(find_left(), "") << "after\n" << story << daemon.log();
    if (rounds == warm_up) settled = resident(daemon.pid());
  }
  std::cout << rounds << " rounds of " << steps_a_round << " steps; resident " << settled << " -> "
            << resident(daemon.pid()) << " KiB; journal "
            << std::filesystem::file_size(file("/var/lib/revdep-pax/state.db")) / 1024 << " KiB\n";
  // A quarter and some room for what the allocator keeps.
  if (rounds > 2 * warm_up) {
    EXPECT_LT(resident(daemon.pid()), settled + settled / 4 + 4096);
  }
  EXPECT_LT(std::filesystem::file_size(file("/var/lib/revdep-pax/state.db")), std::uintmax_t{4} << 20U);
  // LeakSanitizer, where it is built in, has its say at the end.
  EXPECT_EQ(daemon.end(), 0);
}

}  // namespace
}  // namespace revdep::daemon
