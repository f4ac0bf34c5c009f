// A system that took up package after package is the one that a fresh load finds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "engine/system_description.h"
#include "support/file_clock.h"
#include "support/random_history.h"
#include "support/temp_dir.h"
#include "watch/entry_events.h"

namespace revdep::engine {
namespace {

using base::ObjectId;

vdb::PackageName package_name(const std::string& text) {
  return {text.substr(0, text.find('/')), text.substr(text.find('/') + 1)};
}

// REVDEP_CASES: how many steps.
std::size_t steps() {
  const char* const wish = std::getenv("REVDEP_CASES");
  return wish != nullptr ? std::strtoul(wish, nullptr, 10) : 150;
}

class Update : public testing::TestWithParam<unsigned> {};

TEST_P(Update, AfterAnyHistoryItIsAsAFreshLoad) {
  const support::TempDir directory(TEST_DIRECTORY);
  support::PortageRoot root(directory.path());
  support::RandomHistory history(root, GetParam());
  std::unique_ptr<System> system = load_system(root.directory());
  auto events = watch::EntryEvents::create();
  ASSERT_NE(events, nullptr);
  std::size_t taken_up = 0;
  std::string story;
  std::mt19937 dice(GetParam());
  for (std::size_t step = 0; step < steps(); ++step) {
    std::vector<vdb::PackageName> changed;
    std::vector<std::string> files;
    // Every other history is taken up in bursts.
    for (std::size_t left = GetParam() % 2 == 0 ? 1 : 1 + dice() % 20; left > 0; --left) {
      const support::Happening happening = history.step();
      story += happening.what + '\n';
      for (const std::string& package : happening.packages) changed.push_back(package_name(package));
      files.insert(files.end(), happening.files.begin(), happening.files.end());
    }
    // Seeds differ in what tells that nothing happened: nothing does, a time that is long ago, inotify.
    const unsigned teller = GetParam() % 4;
    const std::time_t age = teller == 2 ? 60 : 0;
    if (age != 0) support::await_file_clock_tick();
    if (system->update(changed, std::time(nullptr) + age, teller == 3 ? events.get() : nullptr)) {
      ++taken_up;
      for (const std::string& file : files) {
        if (const ObjectId id = system->graph().find(file); id.valid()) system->forget_marking(id);
      }
      system->finish_reading();
    } else {
      system = load_system(root.directory());
      events = watch::EntryEvents::create();
    }
    const std::unique_ptr<System> fresh = load_system(root.directory());
    ASSERT_EQ(describe_asked(*system), describe_asked(*fresh)) << "after\n" << story;
    if (dice() % 8 != 0) continue;
    ASSERT_EQ(describe(*system), describe(*fresh)) << "after\n" << story;
  }
  EXPECT_GT(taken_up, steps() / 2);
}

INSTANTIATE_TEST_SUITE_P(, Update, testing::Range(0U, 8U));

}  // namespace
}  // namespace revdep::engine
