#include "engine/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>

#include "elf/marking_reader.h"
#include "migrate/identity.h"

namespace revdep::engine {
namespace {

using migrate::EditState;
using migrate::JournalledEdit;

constexpr std::string_view unfinished = ".part";
constexpr std::string_view complete = ".db";

// In seconds. Of a merge that never came to its end.
constexpr std::int64_t patience = std::int64_t{24} * 60 * 60;

std::string directory_of(const std::string& state) { return base::join_path(base::split_path(state).first, "spool"); }

enum class Arrival : unsigned char { awaited, as_marked, otherwise };

// With the paths that the file has in the system. `since`: when it was marked; what lay there before is not it, even if it
// is its equal.
Arrival look_for(base::Tree& tree, JournalledEdit& edit, std::int64_t since) {
  edit.file.path = tree.resolve(edit.file.path).path;
  for (std::string& name : edit.names) name = tree.resolve(name).path;
  const auto status = tree.status(edit.file.path);
  if (!status || status->st_ctim.tv_sec < since) return Arrival::awaited;
  const auto identity = migrate::read_identity(tree, edit.file.path);
  if (!identity || *identity != edit.file) return Arrival::awaited;
  const auto marked = elf::read_marked_object(tree, edit.file.path);
  return marked && marked->stores == edit.after ? Arrival::as_marked : Arrival::otherwise;
}

class Spooled {
 public:
  Spooled(base::Tree& tree, migrate::Journal& journal) : tree_(tree), journal_(journal) {}

  // Whether nothing is left to wait for.
  base::Result<bool> take_up(migrate::Journal& spool) {
    const auto runs = spool.runs();
    if (!runs) return runs.error();
    bool is_done = true;
    for (const migrate::Run& run : *runs) {
      const auto edits = spool.edits_of(run.id);
      if (!edits) return edits.error();
      std::optional<migrate::RunId> begun;
      for (JournalledEdit edit : *edits) {
        if (edit.state == EditState::failed) continue;
        const Arrival arrival = look_for(tree_, edit, run.time);
        if (arrival == Arrival::awaited && std::time(nullptr) - run.time < patience) {
          is_done = false;
          continue;
        }
        if (arrival == Arrival::as_marked) {
          if (auto error = adopt(run, begun, edit)) return *error;
        }
        if (auto error = spool.end_edit(edit.id, EditState::failed, std::nullopt)) return *error;
      }
    }
    return is_done;
  }

 private:
  std::optional<base::Error> adopt(const migrate::Run& run, std::optional<migrate::RunId>& begun, JournalledEdit edit) {
    if (!begun) {
      const auto id = journal_.begin_run(run.command, run.uid, run.time);
      if (!id) return id.error();
      begun = *id;
    }
    const auto id = journal_.begin_edit(*begun, edit);
    if (!id) return id.error();
    edit.id = *id;
    const auto claim = journal_.claim_after(edit);
    if (!claim) return claim.error();
    return journal_.end_edit(*id, EditState::done, *claim);
  }

  base::Tree& tree_;
  migrate::Journal& journal_;
};

// Sorted paths of what lies there and has that ending.
std::vector<std::string> list(const std::string& state, std::string_view ending) {
  std::vector<std::string> paths;
  std::error_code none;
  for (std::filesystem::directory_iterator entry(directory_of(state), none), end; entry != end; entry.increment(none)) {
    std::string path = entry->path();
    if (path.ends_with(ending)) paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool is_old(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtim.tv_sec > patience;
}

}  // namespace

std::string new_spool_path(const std::string& state) {
  const std::string name = std::to_string(std::time(nullptr)) + '-' + std::to_string(::getpid());
  return base::join_path(directory_of(state), name + std::string(unfinished));
}

std::optional<base::Error> finish_spooled(const std::string& path) {
  const std::string finished = path.substr(0, path.size() - unfinished.size()) + std::string(complete);
  if (::rename(path.c_str(), finished.c_str()) == 0) return std::nullopt;
  return base::system_error("rename", path, errno);
}

std::vector<std::string> find_spooled(const std::string& state) { return list(state, complete); }

std::vector<std::string> take_up_spooled(base::Tree& tree, migrate::Journal& journal, const std::string& state) {
  std::vector<std::string> sentences;
  const auto remove = [&](const std::string& path) {
    if (::unlink(path.c_str()) != 0) sentences.push_back(base::system_error("remove", path, errno).to_string());
  };
  for (const std::string& path : list(state, unfinished)) {
    if (is_old(path)) remove(path);
  }
  for (const std::string& path : find_spooled(state)) {
    auto spool = migrate::Journal::open(path, migrate::Journal::Access::write);
    const base::Result<bool> done = spool ? Spooled(tree, journal).take_up(*spool) : base::Result<bool>(spool.error());
    if (!done) sentences.push_back(done.error().to_string());
    // A damaged one tells nothing any more: what it stood for are the admin's letters now.
    const bool is_over = done ? *done : migrate::is_damage(done.error());
    if (is_over) remove(path);
  }
  return sentences;
}

}  // namespace revdep::engine
