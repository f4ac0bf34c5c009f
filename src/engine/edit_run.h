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
  bool again = false;      ///< its journal stays open, for the next one
  bool set_aside = false;  ///< a damaged journal is renamed, and another begun
  std::optional<migrate::RunId> undoes;
};

/// The journal's path for a root.
std::string state_path(base::Tree& tree, const std::string& given);

class EditRun {
 public:
  /// Takes the lock, opens the journal for writing, settles what a killed run left open. `kept`: of an earlier run's end(),
  /// taken where it still is the journal. Error: another run is writing and `wait` is not set; no permission; the journal is
  /// refused.
  static base::Result<EditRun> begin(base::Tree& tree, const EditRunOptions& options,
                                     std::optional<migrate::Journal> kept = std::nullopt);
  /// Lets go of the lock, and gives the journal.
  migrate::Journal end() &&;

  [[nodiscard]] migrate::Journal& journal() { return journal_; }
  /// Whether that is the kept one and says what it said then: nothing was to be settled or taken up.
  [[nodiscard]] bool continues() const { return continues_; }
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
  /// What is ours of the file that was applied last; nullopt: nothing.
  [[nodiscard]] const std::optional<migrate::Claim>& claim() const { return claim_; }

 private:
  EditRun(base::Tree& tree, EditRunOptions options, base::Fd lock, migrate::Journal journal);
  base::Result<migrate::EditId> begin_edit(const migrate::JournalledEdit& edit);
  void settle();
  void settle(const migrate::JournalledEdit& open);
  void restore_mtime(const migrate::JournalledEdit& open);

  base::Tree* tree_;
  EditRunOptions options_;
  base::Fd lock_;
  migrate::Journal journal_;
  bool continues_ = false;
  migrate::RunId run_ = 0;
  std::optional<migrate::Claim> claim_;
  std::vector<std::string> settled_;
  std::vector<std::string> settled_files_;
};

}  // namespace revdep::engine
