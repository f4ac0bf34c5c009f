#include "engine/requirements.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "migrate/identity.h"

namespace revdep::engine {
namespace {

using base::ObjectId;
using pax::Letter;
using pax::Relaxations;

// Nobody but root can change it.
bool is_roots(const struct stat& status) { return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0; }

}  // namespace

bool is_executable(const loader::Image& image) { return image.interpreter.valid() || !image.loadable; }

Claims::Claims(System& system, std::vector<migrate::Claim> claims) : system_(system) {
  for (migrate::Claim& claim : claims) {
    std::string path = claim.file.path;
    by_path_.emplace(std::move(path), Entry{std::move(claim)});
  }
}

const migrate::Claim* Claims::find(std::string_view path) {
  if (by_path_.empty()) return nullptr;
  const auto found = by_path_.find(std::string(path));
  if (found == by_path_.end()) return nullptr;
  Entry& entry = found->second;
  if (!std::exchange(entry.checked, true)) {
    const auto identity = migrate::read_identity(system_.tree(), path);
    entry.holds = identity && *identity == entry.claim.file;
  }
  return entry.holds ? &entry.claim : nullptr;
}

bool Askers::is_trusted(ObjectId library) {
  const std::string path(system_.graph().path(library));
  const auto status = system_.tree().status(path);
  if (!status || !is_roots(*status)) return false;
  for (std::string_view directory = base::split_path(path).first;; directory = base::split_path(directory).first) {
    const auto [known, is_new] = trusted_directories_.try_emplace(std::string(directory), false);
    if (is_new) {
      const auto itself = system_.tree().status(directory);
      known->second = itself && is_roots(*itself);
    }
    if (!known->second) return false;
    if (directory == "/") return true;
  }
}

Relaxations Askers::of(ObjectId library) {
  if (known_.size() <= library.index()) known_.resize(system_.graph().size());
  if (std::exchange(known_[library.index()].known, true)) return known_[library.index()].asked;
  const ObjectMarking& marking = system_.marking(library);
  if (marking.reading != Reading::read) return {};
  const std::optional<pax::Marking> own = pax::own_marking(marking.stores);
  if (!own) return {};
  Relaxations asked = pax::asked_by(*own);
  if (asked.empty() || (accepts_ && !accepts_(library))) return {};
  const std::string_view path = system_.graph().path(library);
  // Marks that we carried never cause further marks.
  if (const migrate::Claim* const claim = claims_.find(path)) {
    Relaxations others;
    for (const Letter letter : pax::letters) {
      const bool ours = std::ranges::find(claim->reasons, letter, &migrate::Reason::letter) != claim->reasons.end();
      if (asked.asks(letter) && !ours) others.ask(letter);
    }
    asked = others;
  }
  if (asked.empty()) return {};
  if (!is_trusted(library)) {
    untrusted_.push_back({"follow the marking of", system_.tree().prefix() + std::string(path),
                          "it or a directory on its path is not root's or can be written by others"});
    return {};
  }
  return known_[library.index()].asked = asked;
}

Requirement Askers::requirement(ObjectId executable) {
  Requirement requirement{executable, {}, {}};
  const auto closure = system_.closure(executable);
  const loader::Image& image = system_.image(executable);
  const ObjectId interpreter =
      image.interpreter.valid() ? system_.of(image).interpreter_object(image.interpreter) : ObjectId{};
  std::vector<std::pair<ObjectId, Relaxations>> asking;
  for (const loader::Mapped& mapped : closure.objects) {
    if (mapped.object == interpreter) continue;
    const Relaxations asked = of(mapped.object);
    if (asked.empty()) continue;
    asking.emplace_back(mapped.object, asked);
    requirement.asked.add(asked);
  }
  for (const Letter letter : pax::letters) {
    if (!requirement.asked.asks(letter)) continue;
    migrate::Reason& reason = requirement.reasons.emplace_back();
    reason.letter = letter;
    for (const auto& [library, asked] : asking) {
      if (asked.asks(letter)) reason.askers.emplace_back(system_.graph().path(library));
    }
    std::sort(reason.askers.begin(), reason.askers.end());
    reason.askers.erase(std::unique(reason.askers.begin(), reason.askers.end()), reason.askers.end());
  }
  return requirement;
}

std::vector<base::Error> Askers::untrusted() const {
  std::vector<base::Error> sorted = untrusted_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace revdep::engine
