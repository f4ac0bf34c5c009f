// The last steps of every command that edits: asks or pretends, applies under the lock and the journal, counts, sums up.
// Plans nothing.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/tree.h"
#include "engine/edit_run.h"
#include "engine/system.h"
#include "report/marks.h"
#include "report/output.h"
#include "revdep-pax/options.h"
#include "revdep-pax/progress.h"
#include "revdep-pax/prompt.h"

namespace revdep::tool {

/// The worse of two is the greater.
enum class Exit : int { clean = 0, findings = 1, unusable = 2 };

class Editor {
 public:
  /// `problems`: what fails is added, for the list at the end.
  Editor(const Options& options, base::Tree& tree, report::Output& output, std::vector<base::Error>& problems);

  /// Takes the lock and opens the journal; to pretend, only reads the journal. Error: neither can be had.
  std::optional<base::Error> begin(std::optional<migrate::RunId> undoes = std::nullopt);
  /// Of files that nobody else knows yet: without the lock, with the journal at `state`. To pretend, nothing.
  std::optional<base::Error> begin_apart(const std::string& state);
  /// What begin() settled was read before it was.
  void forget_settled(engine::System& system) const;
  [[nodiscard]] migrate::Journal& journal() { return run_ ? run_->journal() : *journal_; }

  enum class Ask : unsigned char { each, no };
  struct Wish {
    engine::EditRun::Change change;
    std::string package;
    report::Outcome when_done = report::Outcome::marked;
    Ask ask = Ask::each;
  };
  /// Applies it, if the user agrees. What became of it.
  report::Outcome edit(const Wish& wish);
  /// A file that is not edited, and why.
  void note(const std::string& path, const pax::Stores& stores, report::Outcome outcome,
            const std::string& reason = {});

  Prompt& prompt() { return prompt_; }
  /// How many files will be edited or noted.
  void expect(std::size_t files) { progress_.expect(files); }
  /// Sentences on standard error, in their place among what standard output shows.
  void say(const std::string& sentence);
  /// A file's own letter stands against what is wanted, and stays.
  void warn_of_contradiction(const std::string& path, pax::Letter letter, pax::Setting has, pax::Setting wanted);
  /// Writes the summary; the run's verdict.
  Exit finish();

 private:
  std::optional<base::Error> begin(engine::EditRunOptions options);

  const Options& options_;
  base::Tree& tree_;
  report::Output& output_;
  std::vector<base::Error>& problems_;
  Prompt prompt_;
  Progress progress_;
  std::optional<engine::EditRun> run_;
  std::optional<migrate::Journal> journal_;
  std::vector<report::Mark> marks_;
  std::set<std::pair<dev_t, ino_t>> changed_;
};

}  // namespace revdep::tool
