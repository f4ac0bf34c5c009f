// A system that took up package after package is the one that a fresh load finds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "engine/requirements.h"
#include "engine/system.h"
#include "support/random_history.h"
#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

using base::ObjectId;

vdb::PackageName package_name(const std::string& text) {
  return {text.substr(0, text.find('/')), text.substr(text.find('/') + 1)};
}

std::unique_ptr<System> load(const std::string& root) {
  LoadOptions options;
  options.root = root;
  options.source = Source::vdb;
  options.markings = ReadMarkings::ahead;
  auto system = System::load(options);
  if (!system) throw std::runtime_error(system.error().to_string());
  (*system)->finish_reading();
  return std::move(*system);
}

// All that can be asked of it, as lines: each object with its package, marking, closure, unresolved names and consumers.
std::string describe(System& system) {
  std::map<std::string, std::string> lines;
  const auto name = [&](ObjectId id) { return std::string(system.graph().path(id)); };
  system.read_all_markings();
  for (const ObjectId id : system.graph().objects()) {
    std::ostringstream line;
    const base::PackageId package = system.graph().object(id).package;
    line << name(id) << " of " << (package.valid() ? to_string(system.packages()[package.index()]) : "nobody");
    const ObjectMarking& marking = system.marking(id);
    line << " has " << static_cast<int>(marking.reading) << ' ' << marking.stores.xattr.value_or("none") << ' '
         << marking.stores.header.value_or(0);
    const graph::Closure closure = system.closure(id);
    line << "\n  loads";
    for (const loader::Mapped& mapped : closure.objects) line << ' ' << name(mapped.object);
    std::vector<std::string> unresolved;
    for (const graph::Unresolved& each : closure.unresolved) {
      unresolved.push_back(std::string(system.graph().names().view(each.name)) + "@" + name(each.requester));
    }
    line << "\n  lacks";
    for (const std::string& each : unresolved) line << ' ' << each;
    std::set<std::string> consumers;
    for (const ObjectId consumer : system.consumers(id)) consumers.insert(name(consumer));
    line << "\n  serves";
    for (const std::string& each : consumers) line << ' ' << each;
    lines[name(id)] = line.str();
  }
  std::string text;
  for (const auto& [path, line] : lines) text += line + '\n';
  return text;
}

// What is asked of each executable, found as for all at once: before anything else is asked, as that could set it right.
std::string describe_asked(System& system) {
  Claims claims(system, {});
  Askers askers(system, claims);
  askers.survey();
  std::map<std::string, std::string> lines;
  for (const ObjectId id : system.graph().objects()) {
    const std::string path(system.graph().path(id));
    lines[path] = path + " is asked for " + std::to_string(askers.asked_of(id).bits()) + '\n';
  }
  std::string text;
  for (const auto& [path, line] : lines) text += line;
  return text;
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
  std::unique_ptr<System> system = load(root.directory());
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
    if (const auto touched = system->update(changed)) {
      ++taken_up;
      for (const std::string& file : files) {
        if (const ObjectId id = system->graph().find(file); id.valid()) system->forget_marking(id);
      }
      system->finish_reading();
    } else {
      system = load(root.directory());
    }
    const std::unique_ptr<System> fresh = load(root.directory());
    ASSERT_EQ(describe_asked(*system), describe_asked(*fresh)) << "after\n" << story;
    if (dice() % 8 != 0) continue;
    ASSERT_EQ(describe(*system), describe(*fresh)) << "after\n" << story;
  }
  EXPECT_GT(taken_up, steps() / 2);
}

INSTANTIATE_TEST_SUITE_P(, Update, testing::Range(0U, 8U));

}  // namespace
}  // namespace revdep::engine
