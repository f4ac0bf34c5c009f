// A system that is kept as its libraries and the admin's rules want it: one turn takes up what changed, plans for what that
// touches, applies the plan and tells. Waits for nothing, and does not know where its occasions come from.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/edit_policy.h"
#include "engine/edit_run.h"
#include "engine/migration.h"
#include "engine/system.h"
#include "report/marks.h"
#include "watch/entry_events.h"

namespace revdep::engine {

struct KeeperOptions {
  LoadOptions load;                   ///< with the admin's rules
  std::optional<pax::Kernel> kernel;  ///< nullopt: the running one
  Markings markings = Markings::automatic;
  bool withdraw = true;
  bool pretend = false;  ///< nothing is written
  std::string state;     ///< "": the usual place
  std::string command;   ///< for the journal
};

/// What may have changed since the last turn.
struct Occasion {
  bool everything = false;                 ///< load afresh
  std::vector<vdb::PackageName> packages;  ///< came, went or were replaced
  std::vector<std::string> files;          ///< paths below the root, the registry of preserved libraries among them
};

struct Turn {
  bool full = false;                ///< all was loaded afresh
  std::size_t packages = 0;         ///< that were taken up
  std::size_t objects = 0;          ///< known now
  std::vector<report::Mark> marks;  ///< marked, withdrawn, pending (to pretend), refused or failed; sorted by path
  std::vector<std::string> notes;   ///< sentences on what was come upon
  std::vector<base::Error>
      problems;             ///< what could not be read or done, sorted; those of an earlier turn only if read again
  bool incomplete = false;  ///< some of it could not be done for now: to be tried again
};

class Keeper {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Keeper(KeeperOptions options) : options_(std::move(options)) {}

  /// The first loads all, and finishes what a killed run left.
  Turn turn(const Occasion& occasion, TimePoint now);

  /// Other rules or settings: the next turn loads afresh, and files that were given up are tried again.
  void configure(KeeperOptions options);

  /// Whether a change of the file at a canonical path can matter: one that is known, or could be a library.
  [[nodiscard]] bool concerns(std::string_view path) const;
  /// Directories (with a slash at the end) and files whose changes can matter, beside the package database.
  [[nodiscard]] const std::vector<std::string>& find_watched();
  /// Paths whose edits are to be tried again.
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }

 private:
  // As our last edit left the file, and when others had changed that.
  struct Fight {
    std::int64_t born = 0;  // of the file, in ns: an inode number is soon given to another one
    pax::Stores left;
    TimePoint last;
    std::deque<TimePoint> rounds;
  };

  // What is to be planned for, beside those of whom something else is asked now.
  struct Touched {
    std::set<base::ObjectId> objects;
    bool alone = false;  // of no other something else can be asked
  };

  bool load(Turn& turn);
  Touched take_up(const Occasion& occasion, Turn& turn);
  void make_peace(const std::vector<vdb::PackageName>& installed, const std::vector<base::ObjectId>& objects);
  void add_ruled_files();
  bool read_records(Turn& turn);
  std::optional<base::Error> read_records(const migrate::Journal& journal);
  void note_claim(const std::vector<std::string>& names, const std::optional<migrate::Claim>& claim);
  MigrationPlan plan(const Touched& touched, bool full);
  void apply(const MigrationPlan& plan, Turn& turn, TimePoint now);
  void apply(const Planned& file, Turn& turn, TimePoint now);
  bool begin(Turn& turn);
  void end(Turn& turn);
  std::optional<base::Error> prune();
  /// Whether someone else changes the file's marking back again and again: then it is left alone.
  bool is_fought_over(const Planned& file, TimePoint now);

  KeeperOptions options_;
  std::unique_ptr<System> system_;
  std::unique_ptr<watch::EntryEvents> entry_events_;  // in the system's directories, since its first update
  MigrationPolicy policy_;
  migrate::IdentityCache identities_;
  // What the journal says, and the journal itself: to open it costs more than most turns.
  std::vector<migrate::Claim> claims_;  // by path
  std::vector<migrate::Hold> holds_;
  std::optional<migrate::Journal> journal_;  // between runs
  bool records_changed_ = false;             // by other ways than those that keep them up to date
  std::optional<std::vector<std::string>> watched_;
  std::optional<EditRun> run_;
  bool settled_ = false;                  // what a killed run left open
  std::vector<std::uint8_t> last_asked_;  // by ObjectId
  std::set<std::string> pending_;
  std::map<std::string, Fight> fights_;           // of the last minute
  std::map<std::string, std::int64_t> given_up_;  // and when the file was born
};

}  // namespace revdep::engine
