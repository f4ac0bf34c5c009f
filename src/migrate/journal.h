// What we did, to which file, why, and how to take it back: runs, edits, claims and holds in one SQLite database. Touches no
// file but its own; what it says about others is checked by who asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "migrate/edit.h"
#include "pax/marking.h"

namespace revdep::migrate {

/// What tells a file from every other across re-installs, reboots and copies of an image. Inode and device do not.
struct Identity {
  std::string path;        ///< canonical, below the root
  std::uint64_t size = 0;  ///< bytes
  std::string sha256;      ///< lower-case hex, of the content with p_flags of the first PT_PAX_FLAGS taken as 0
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Why a letter was set: the objects (canonical paths) whose marking asks for it, or rules, sorted. None: an admin said so.
struct Reason {
  pax::Letter letter = pax::Letter::P;
  std::vector<std::string> askers;
  friend bool operator==(const Reason&, const Reason&) = default;
};

using RunId = std::int64_t;
using EditId = std::int64_t;

struct Run {
  RunId id = 0;
  std::int64_t time = 0;  ///< seconds since the epoch
  std::uint32_t uid = 0;  ///< who ran it; SUDO_UID where sudo tells
  std::string command;    ///< the command line
  std::optional<RunId> undoes;
  friend bool operator==(const Run&, const Run&) = default;
};

enum class EditState : unsigned char { open, done, failed, undone };

struct JournalledEdit {
  EditId id = 0;
  RunId run = 0;
  EditState state = EditState::open;
  Identity file;                   ///< the content as it was before the edit
  std::vector<std::string> names;  ///< all known names of the inode
  pax::Stores before;
  pax::Stores after;
  std::vector<Reason> reasons;
  std::int64_t mtime_ns = 0;  ///< of the file before, since the epoch: a killed header edit leaves another
  friend bool operator==(const JournalledEdit&, const JournalledEdit&) = default;
};

/// Our letters on one file: what we may withdraw.
struct Claim {
  Identity file;
  std::vector<Reason> reasons;  ///< one a letter that we set
  bool filler_e = false;        ///< where E is not ours, an `e` is no one's word: our filler, or the old toolchain's
  bool created_xattr = false;   ///< there was no xattr before us
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// Letters that an undo took back: not set again until released.
struct Hold {
  Identity file;
  std::vector<pax::Letter> letters;
  RunId run = 0;  ///< the undo that made it
  friend bool operator==(const Hold&, const Hold&) = default;
};

/// Whether an error of the journal says that its file is damaged: not that it is another's, or of a later version.
[[nodiscard]] bool is_damage(const base::Error& error);

class Journal {
 public:
  enum class Access : unsigned char { read, write };

  /// Opens or (write) creates the database at `path`, a path of the running system; its directory is created too. Read: a
  /// missing one is an empty journal. Error: it is not root's or is writable by others, is no journal of ours, is of a
  /// later version, or SQLite says no.
  static base::Result<Journal> open(const std::string& path, Access access);
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  base::Result<RunId> begin_run(const std::string& command, std::uint32_t uid, std::int64_t time,
                                std::optional<RunId> undoes = std::nullopt);
  /// Before an edit: durable when it returns. The edit's own id, run and state are not looked at.
  base::Result<EditId> begin_edit(RunId run, const JournalledEdit& edit);
  struct Begun {
    RunId run = 0;
    EditId edit = 0;
  };
  /// Both at once: before the first edit of a run. The run's own id is not looked at.
  base::Result<Begun> begin(const Run& run, const JournalledEdit& edit);
  /// After it: the edit's state and, when done, the file's claim (nullopt: none is left) in one transaction.
  /// Earlier claims on any of the edit's names go; of an edit that is not done they stay, and `claim` does not count.
  std::optional<base::Error> end_edit(EditId edit, EditState state, const std::optional<Claim>& claim);

  /// The same of an edit that was done, with the claim that comes of it, which it gives.
  base::Result<std::optional<Claim>> finish(const JournalledEdit& edit);

  /// Edits that a killed run left open, by id.
  base::Result<std::vector<JournalledEdit>> open_edits() const;
  base::Result<std::vector<Run>> runs() const;                          ///< newest first
  base::Result<std::vector<JournalledEdit>> edits_of(RunId run) const;  ///< in the order in which they were made
  base::Result<std::vector<JournalledEdit>> edits_on(const std::string& path) const;  ///< of Identity::path, in order
  /// What is ours of a file once `last` is done, by all that was made of it before.
  base::Result<std::optional<Claim>> claim_after(const JournalledEdit& last) const;
  base::Result<std::vector<Claim>> claims() const;  ///< by path
  base::Result<std::vector<Hold>> holds() const;    ///< by path
  std::optional<base::Error> add_hold(const Hold& hold);
  /// Holds on this path, or every hold: "". Gives how many there were.
  base::Result<std::size_t> release(const std::string& path);
  /// Those that the undo `run` made: its own undo takes them back.
  std::optional<base::Error> release_of(RunId run);

  /// Forgets that anything of the file at this path is ours.
  std::optional<base::Error> forget_claim(const std::string& path);

  /// Forgets the runs of that command but for the newest `keep`, with their edits. What a claim stands on stays (of a file
  /// that was installed again as it was, since the last time), and so do runs with a hold and those that another one undid.
  std::optional<base::Error> prune(const std::string& command, std::size_t keep);

  [[nodiscard]] Access access() const;
  /// For one that stays open: until it is closed SQLite keeps its rollback journal, which it would make and remove again
  /// for each commit.
  std::optional<base::Error> keep_open();
  /// Whether what was read of it still holds: nobody else wrote to the file or put another one in its place since it was
  /// opened or mark_current() was called.
  [[nodiscard]] bool is_current(const std::string& path) const;
  /// After own writes.
  void mark_current();

 private:
  struct Implementation;
  explicit Journal(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace revdep::migrate
