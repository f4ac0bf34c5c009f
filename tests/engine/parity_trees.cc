#include "engine/parity_trees.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "engine/parity_compare.h"

namespace revdep::parity {
namespace {

unsigned setting(const char* name, unsigned usual) {
  const char* const text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

struct Counts {
  std::size_t programs = 0, failures = 0, by_edges = 0, from_database = 0;
};

struct Way {
  const char* name;
  engine::Source source;
  engine::FactsFrom facts;
};
constexpr Way ways[] = {{"database", engine::Source::vdb, engine::FactsFrom::vdb},
                        {"database, facts of ELF", engine::Source::vdb, engine::FactsFrom::elf},
                        {"filesystem", engine::Source::filesystem, engine::FactsFrom::elf}};

std::string check_tree(const std::string& path, const random_tree::Tree& tree, const Trees& trees, Counts& counts) {
  const Root root(path);
  std::vector<std::string> programs;
  std::vector<Answer> answers;
  for (const std::string& program : tree.programs) {
    programs.push_back(root.canonical(program).value_or(program));
    answers.push_back(trees.ask(root, programs.back()));
    if (answers.back().fails) ++counts.failures;
  }
  counts.programs += programs.size();
  for (const Way& way : ways) {
    const bool database_alone = way.facts == engine::FactsFrom::vdb;
    if (database_alone && !tree.database_tells_all) continue;
    if (database_alone) counts.from_database += programs.size();
    engine::LoadOptions options;
    options.root = path;
    options.source = way.source;
    options.facts = way.facts;
    if (way.source == engine::Source::filesystem) options.trees = tree.trees;
    auto loaded = engine::System::load(options);
    if (!loaded) return loaded.error().to_string();
    engine::System& system = **loaded;
    std::string difference;
    for (std::size_t index = 0; index < answers.size(); ++index) {
      difference += compare(system, root, programs[index], answers[index]);
      const base::ObjectId id = system.graph().find(programs[index]);
      if (id.valid() && !system.graph().contextual(id)) ++counts.by_edges;
    }
    if (difference.empty()) difference = compare_with_simulation(system);
    if (difference.empty()) difference = compare_consumers(system);
    if (!difference.empty()) return std::string("source: ") + way.name + '\n' + difference;
  }
  return "";
}

}  // namespace

void compare_trees(const Trees& trees, unsigned shard) {
  constexpr unsigned differences_shown = 3;
  const unsigned count = std::max(setting("REVDEP_TREES", 1000) * trees.percentage / 100 / shards, 1U);
  const unsigned first = setting("REVDEP_SEED", 1) + shard * count;
  Counts counts;
  unsigned differing = 0;
  for (unsigned seed = first; seed < first + count && differing < differences_shown; ++seed) {
    const Scratch scratch;
    const random_tree::Tree tree = trees.make(scratch.path(), seed);
    const std::string difference = check_tree(scratch.path().string(), tree, trees, counts);
    if (difference.empty()) continue;
    ++differing;
    const std::string kept = "/var/tmp/revdep-tree-" + std::to_string(seed);
    scratch.keep(kept);
    ADD_FAILURE() << "REVDEP_SEED=" << seed << ", the tree is kept in " << kept << '\n' << difference;
  }
  std::cout << counts.programs << " programs, of which the loader fails for " << counts.failures << "; "
            << counts.from_database << " also from the database alone; " << counts.by_edges << " closures by edges\n";
  EXPECT_GT(counts.programs, 0U);
}

}  // namespace revdep::parity
