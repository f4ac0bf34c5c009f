// A migration in which each system call fails once, and is the last one once. Usually some of them, spread over all;
// REVDEP_FAULT_POINTS=all tries all, which takes about two hours; 2/8 the second of eight parts of them, to be run beside
// the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "faults/strace.h"
#include "faults/trial.h"

namespace revdep::faults {
namespace {

// A prime, so that it meets every kind of fault.
constexpr std::size_t usual_stride = 397;

class Faults : public testing::TestWithParam<Creates> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can set owners and write the journal";
    if (!support::have_program("strace")) GTEST_SKIP() << "no strace";
    template_ = std::make_unique<Template>(GetParam());
    if (!template_->lacks().empty()) GTEST_SKIP() << template_->lacks();
  }

  // What can happen to a migration.
  std::vector<Point> find_all_points() const {
    const Trial trial(*template_);
    const std::string log = trial.file("log");
    const auto outcome = trial.migrate({"strace", "-f", "-qq", "-s", "4096", "-o", log});
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    return find_points(parse_log(support::read_file(log)), trial.root());
  }

  std::unique_ptr<Template> template_;
};

TEST_P(Faults, NothingHappensToAMigrationWithoutAny) {
  Trial trial(*template_);
  const auto outcome = trial.migrate();
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ(trial.complete(), std::vector<std::string>());
}

TEST_P(Faults, DamageWouldBeSeen) {
  const std::string name = template_->specimens().front().names.front();
  const std::vector<std::pair<std::string, std::string>> harm = {
      {R"(chmod 700 "$0")", "its mode"},
      {R"(chown 1:1 "$0")", "its owner"},
      {R"(touch "$0")", "its time"},
      {R"(ln "$0" "$0"2)", "its links"},
      {R"(ln "$0" "$0"2)", "is left over"},
      {R"(rm "$0")", "is gone"},
      {R"(setfattr -n user.other -v 1 "$0")", "its extended attributes"},
      {R"(setfattr -n user.pax.flags -v x "$0")", "has xattr x"},
      {R"(printf x | dd of="$0" bs=1 seek=9 conv=notrunc)", "its content"},
  };
  for (const auto& [command, expected] : harm) {
    Trial trial(*template_);
    ASSERT_EQ(support::run({"sh", "-c", command, trial.root() + name}).status, 0) << command;
    EXPECT_THAT(trial.find_damage(), testing::Contains(testing::HasSubstr(expected))) << command;
  }
}

// Whether it came to that: the two reading threads share their work differently each time.
bool happened(const Point& point, const std::string& log) {
  return log.find(point.fault == killed ? "+++ killed by SIGKILL" : "(INJECTED)") != std::string::npos;
}

std::vector<Point> choose_wished_points(const std::vector<Point>& points) {
  const char* const wish = std::getenv("REVDEP_FAULT_POINTS");
  if (wish == nullptr) return choose_points(points, usual_stride);
  if (std::string(wish) == "all") return points;
  std::istringstream words(wish);
  std::size_t part = 0;
  std::size_t parts = 0;
  char slash = ' ';
  if (!(words >> part >> slash >> parts) || slash != '/' || part == 0 || part > parts) {
    throw std::invalid_argument(std::string("REVDEP_FAULT_POINTS: neither all nor K/N: ") + wish);
  }
  std::vector<Point> chosen;
  for (std::size_t index = part - 1; index < points.size(); index += parts) chosen.push_back(points[index]);
  return chosen;
}

TEST_P(Faults, EveryFileIsOldOrNewOrBetweenAndTheNextRunCompletes) {
  std::size_t tried = 0;
  std::size_t checked = 0;
  std::size_t damaged = 0;
  const std::vector<Point> points = find_all_points();
  for (const Point& point : choose_wished_points(points)) {
    Trial trial(*template_);
    const std::string log = trial.file("log");
    std::vector<std::string> strace = {
        "strace",
        "-f",
        "-qq",
        "-o",
        log,
        "-e",
        "trace=" + point.call,
        "-e",
        "inject=" + point.call + ':' + point.fault + ":when=" + std::to_string(point.ordinal)};
    // Faster, but with it strace 6.1 injects no signals.
    if (point.fault != killed) strace.emplace_back("--seccomp-bpf");
    const auto outcome = trial.migrate(strace);
    if (!happened(point, support::read_file(log))) continue;
    std::filesystem::remove(log);
    ++tried;
    // 127: the same call of the dynamic loader, where a thread of the program makes fewer of them than that.
    const bool said = outcome.status <= 2 || outcome.status == 127;
    const bool ended = point.fault == killed ? outcome.status == 128 + SIGKILL : said;
    EXPECT_TRUE(ended) << describe(point) << ": " << outcome.status << ' ' << outcome.out << outcome.err;
    for (const auto& damage : {trial.find_damage(), trial.complete()}) {
      damaged += damage.size();
      EXPECT_EQ(damage, std::vector<std::string>())
          << "after " << describe(point) << ": " << outcome.status << ' ' << outcome.out << outcome.err;
    }
    checked += trial.checked();
  }
  std::cout << "points tried " << tried << " of " << points.size() << ", files checked " << checked << ", " << damaged
            << " damaged\n";
  EXPECT_GT(tried, 0U);
}

INSTANTIATE_TEST_SUITE_P(, Faults, testing::Values(Creates::nothing, Creates::xattr), [](const auto& each) {
  return each.param == Creates::nothing ? "OfStoresThatAreThere" : "OfNewXattrs";
});

}  // namespace
}  // namespace revdep::faults
