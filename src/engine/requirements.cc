#include "engine/requirements.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace revdep::engine {
namespace {

using base::ObjectId;
using pax::Letter;
using pax::Relaxations;

// Why others than root could change it; "": they cannot.
std::string distrust_of(const base::Result<struct stat>& status) {
  if (!status) return status.error().reason;
  if (status->st_uid != 0) return "belongs to user " + std::to_string(status->st_uid);
  if ((status->st_mode & S_IWOTH) != 0) return "can be written by everyone";
  if ((status->st_mode & S_IWGRP) != 0) return "can be written by group " + std::to_string(status->st_gid);
  return {};
}

}  // namespace

bool is_executable(const loader::Image& image) { return image.interpreter.valid() || !image.loadable; }

const migrate::Claim* Claims::find(std::string_view path) {
  const auto path_of = [](const migrate::Claim& claim) -> std::string_view { return claim.file.path; };
  const auto found = std::ranges::lower_bound(claims_, path, {}, path_of);
  if (found == claims_.end() || found->file.path != path) return nullptr;
  const auto [known, is_new] = holds_.try_emplace(&*found, false);
  if (is_new) {
    const auto identity =
        identities_ != nullptr ? identities_->read(system_.tree(), path) : migrate::read_identity(system_.tree(), path);
    known->second = identity && *identity == found->file;
  }
  return known->second ? &*found : nullptr;
}

const std::string& Askers::distrust_of_directory(std::string_view directory) {
  const auto [known, is_new] = directories_.try_emplace(std::string(directory));
  if (is_new) known->second = distrust_of(system_.tree().status(directory));
  return known->second;
}

std::string Askers::distrust(ObjectId library) {
  if (carried_by(library).empty()) return {};
  const std::string path(system_.graph().path(library));
  if (const std::string reason = distrust_of(system_.tree().status(path)); !reason.empty()) return "it " + reason;
  for (std::string_view directory = base::split_path(path).first;; directory = base::split_path(directory).first) {
    const std::string& reason = distrust_of_directory(directory);
    if (!reason.empty()) return "its directory " + std::string(directory) + ' ' + reason;
    if (directory == "/") return {};
  }
}

// Less what we carried to it ourselves: such marks never cause further marks.
Relaxations Askers::carried_by(ObjectId library) {
  const ObjectMarking& marking = system_.marking(library);
  if (marking.reading != Reading::read) return {};
  const std::optional<pax::Marking> own = pax::own_marking(marking.stores);
  if (!own) return {};
  const Relaxations carried = pax::asked_by(*own);
  if (carried.empty()) return {};
  const migrate::Claim* const claim = claims_.find(system_.graph().path(library));
  if (claim == nullptr) return carried;
  Relaxations ours;
  for (const migrate::Reason& reason : claim->reasons) ours.ask(reason.letter);
  return without(carried, ours);
}

Relaxations Askers::of(ObjectId library) {
  if (known_.size() <= library.index()) known_.resize(system_.graph().size());
  if (std::exchange(known_[library.index()].known, true)) return known_[library.index()].asked;
  const Ruling& ruling = system_.ruling(library);
  if (accepts_ && !accepts_(library)) return {};
  Relaxations asked = ruling.ignored ? Relaxations{} : carried_by(library);
  if (const std::string reason = asked.empty() ? "" : distrust(library); !reason.empty()) {
    untrusted_.push_back(
        {"follow the marking of", system_.tree().prefix() + std::string(system_.graph().path(library)), reason});
    asked = {};
  }
  asked.add(ruling.asked);
  return known_[library.index()].asked = asked;
}

ObjectId Askers::interpreter_of(ObjectId executable) {
  const loader::Image& image = system_.image(executable);
  return image.interpreter.valid() ? system_.of(image).interpreter_object(image.interpreter) : ObjectId{};
}

std::vector<std::pair<ObjectId, Relaxations>> Askers::find(ObjectId executable, const graph::Closure& closure) {
  const ObjectId interpreter = interpreter_of(executable);
  std::vector<std::pair<ObjectId, Relaxations>> asking;
  for (const loader::Mapped& mapped : closure.objects) {
    const Relaxations asked = mapped.object == interpreter ? Relaxations{} : of(mapped.object);
    if (!asked.empty()) asking.emplace_back(mapped.object, asked);
  }
  return asking;
}

void Askers::survey() {
  system_.read_all_markings();
  const graph::Graph& graph = system_.graph();
  own_.assign(graph.size(), 0);
  for (const ObjectId id : graph.objects()) {
    if (!graph.direct_consumers(id).empty()) own_[id.index()] = of(id).bits();
    for (const graph::Plugin& plugin : graph.plugins(id)) own_[plugin.object.index()] = of(plugin.object).bits();
  }
  plain_ = graph.find_plain();
  // An interpreter that carries a relaxation asks some and not others: then all are looked at one by one.
  for (const ObjectId id : graph.objects()) {
    const ObjectId interpreter = interpreter_of(id);
    if (interpreter.valid() && own_[interpreter.index()] != 0) plain_.assign(graph.size(), false);
  }
  reached_ = graph.gather(own_);
}

// nullopt: only its closure tells. What reaches itself does not ask itself.
std::optional<Relaxations> Askers::surveyed(ObjectId executable) const {
  const std::size_t index = executable.index();
  if (index >= plain_.size() || !plain_[index] || own_[index] != 0) return std::nullopt;
  return Relaxations::of_bits(reached_[index]);
}

Relaxations Askers::asked_of(ObjectId executable) {
  const auto known = surveyed(executable);
  return known ? *known : requirement(executable).asked;
}

Requirement Askers::requirement(ObjectId executable) {
  Requirement requirement{executable, {}, {}};
  if (const auto known = surveyed(executable); known && known->empty()) return requirement;
  const auto asking = find(executable, system_.closure(executable));
  for (const auto& [library, asked] : asking) requirement.asked.add(asked);
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
