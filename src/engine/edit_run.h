// One run that changes files: the lock, the journal, what a killed run left, and each edit journalled before and after.
// Decides nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/tree.h"
#include "migrate/apply.h"
#include "migrate/edit.h"
#include "migrate/journal.h"

namespace revdep::engine {

struct EditRunOptions {
  std::string state;  ///< "": var/lib/revdep-pax/state.db below the root
  std::string command;
  migrate::Owners owners = migrate::Owners::root_only;
  bool wait = true;                  ///< for another run that is writing
  std::function<void()> on_waiting;  ///< told before it waits
  bool alone = false;      ///< nobody else knows of these files: no lock is taken, and nothing spooled is taken up
  bool set_aside = false;  ///< a damaged journal is renamed, and another begun
  std::optional<migrate::RunId> undoes;
};

/// The journal's path for a root.
std::string state_path(base::Tree& tree, const std::string& given);

class EditRun {
 public:
  /// Takes the lock, opens the journal for writing, settles what a killed run left open. Error: another run is writing and
  /// `wait` is not set; no permission; the journal is refused.
  static base::Result<EditRun> begin(base::Tree& tree, const EditRunOptions& options);

  [[nodiscard]] migrate::Journal& journal() { return journal_; }
  /// What settling came upon: sentences for the user.
  [[nodiscard]] const std::vector<std::string>& settled() const { return settled_; }
  /// The files that it looked at: what was read of them before is old.
  [[nodiscard]] const std::vector<std::string>& settled_files() const { return settled_files_; }
  /// 0 until the first edit.
  [[nodiscard]] migrate::RunId id() const { return run_; }

  struct Change {
    migrate::Edit edit;
    std::vector<migrate::Reason> reasons;   ///< empty: nothing becomes ours by it
    std::vector<pax::Letter> hold;          ///< letters to hold back from now on: for an undo
    std::optional<migrate::Owners> owners;  ///< of this file; nullopt: as of the run
  };
  /// Journals, applies, journals.
  base::Result<migrate::Applied> apply(const Change& change);

 private:
  EditRun(base::Tree& tree, EditRunOptions options, base::Fd lock, migrate::Journal journal);
  void settle();
  void settle(const migrate::JournalledEdit& open);
  void restore_mtime(const migrate::JournalledEdit& open);

  base::Tree* tree_;
  EditRunOptions options_;
  base::Fd lock_;
  migrate::Journal journal_;
  migrate::RunId run_ = 0;
  std::vector<std::string> settled_;
  std::vector<std::string> settled_files_;
};

}  // namespace revdep::engine
