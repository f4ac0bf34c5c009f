#include "loader/linker.h"

#include <utility>

#include "base/tree.h"

namespace revdep::loader {

Linker::Linker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration, Opening other_abi)
    : files_(files), abi_(abi), platform_(std::move(platform)), configuration_(configuration), other_abi_(other_abi) {}

void Linker::forget() {
  defaults_.clear();
  places_.clear();
  interpreters_.clear();
}

const Linker::Spelling& Linker::spelling(base::NameId name) {
  while (spellings_.size() <= name.index()) {
    const std::string_view text = files_.names().view(base::NameId{static_cast<std::uint32_t>(spellings_.size())});
    spellings_.push_back({text.find('/') != std::string_view::npos, text.find('$') != std::string_view::npos});
  }
  return spellings_[name.index()];
}

base::NameId Linker::usual_interpreter_name() {
  if (!interpreter_name_.valid() && !platform_.interpreter.empty()) {
    interpreter_name_ = files_.names().intern(platform_.interpreter);
  }
  return interpreter_name_;
}

base::ObjectId Linker::interpreter_object() {
  const base::NameId name = usual_interpreter_name();
  return name.valid() ? interpreter_object(name) : base::ObjectId{};
}

base::ObjectId Linker::interpreter_object(base::NameId path) { return interpreter(path).object; }

const Found& Linker::interpreter(base::NameId path) {
  const auto known = interpreters_.find(path);
  if (known != interpreters_.end()) return known->second;
  return interpreters_.emplace(path, find_path(files_.names().view(path))).first->second;
}

const std::string* Linker::home(base::ObjectId object) {
  return files_.directory(base::split_path(files_.path(object)).first);
}

const Found& Linker::find_default(base::NameId name) {
  if (defaults_.size() <= name.index()) defaults_.resize(files_.names().size());
  if (!defaults_[name.index()].known) {
    Found found = search_default(files_.names().view(name));
    defaults_[name.index()] = {true, found};
  }
  return defaults_[name.index()].found;
}

const std::vector<const std::string*>& Linker::places(const std::string& directory) {
  auto known = places_.find(directory);
  if (known == places_.end()) {
    std::vector<const std::string*> existing;
    if (const std::string* const itself = files_.directory(directory)) {
      for (const std::string& subdirectory : platform_.hwcaps_subdirectories) {
        if (const std::string* const place = files_.directory(base::join_path(*itself, subdirectory))) {
          existing.push_back(place);
        }
      }
      existing.push_back(itself);
    }
    known = places_.emplace(directory, std::move(existing)).first;
  }
  return known->second;
}

// The loader does not check whether a relative directory is one: a file or a loop in its stead ends the list, as it
// makes opening anything in there fail with another error than ENOENT.
bool Linker::is_obstructed(std::string_view directory) {
  while (directory.ends_with('/')) directory.remove_suffix(1);
  if (directory.empty() || directory.starts_with('/') || files_.directory(directory) != nullptr) return false;
  const std::size_t slash = directory.rfind('/');
  const std::string_view parent = slash == std::string_view::npos ? std::string_view() : directory.substr(0, slash);
  const std::string* const place = files_.directory(parent.empty() ? "/" : parent);
  if (place == nullptr) return is_obstructed(parent);
  return files_.open(*place, directory.substr(slash + 1), abi_).opening != Opening::absent;
}

Opened Linker::open(const std::string& directory, std::string_view name) {
  Opened opened = files_.open(directory, name, abi_);
  if (opened.opening == Opening::other_abi) opened.opening = other_abi_;
  return opened;
}

Found Linker::find_in(std::span<const std::string> directories, std::string_view name, How how, base::ObjectId owner) {
  for (const std::string& directory : directories) {
    bool blocked = is_obstructed(directory);
    for (const std::string* const place : places(directory)) {
      const Opened opened = open(*place, name);
      blocked = opened.opening == Opening::blocked;
      switch (opened.opening) {
        case Opening::absent:
        case Opening::other_abi:
        case Opening::blocked:
          continue;
        case Opening::fatal:
          return {Opening::fatal, {}, {}, place, How::failed, owner};
        case Opening::object:
          return {Opening::object, opened.object, opened.file, place, how, owner};
      }
    }
    if (blocked) return {Opening::blocked, {}, {}, nullptr, How::not_found, {}};
  }
  return {};
}

Found Linker::find_in(SearchList& list, base::NameId name, How how, base::ObjectId owner) {
  auto known = list.found.find(name);
  if (known == list.found.end()) {
    known = list.found.emplace(name, find_in(list.directories, files_.names().view(name), how, owner)).first;
  }
  Found found = known->second;
  // Several objects can have the same path.
  if (found.opening == Opening::object || found.opening == Opening::fatal) found.owner = owner;
  return found;
}

Found Linker::find_path(std::string_view path) {
  const auto [parent, name] = base::split_path(path);
  const std::string* const directory = files_.directory(parent);
  if (directory == nullptr || name.empty()) return {};
  const Opened opened = open(*directory, name);
  if (opened.opening == Opening::fatal) return {Opening::fatal, {}, {}, directory, How::failed, {}};
  if (opened.opening != Opening::object) return {};
  return {Opening::object, opened.object, opened.file, directory, How::path, {}};
}

std::string_view Linker::cached_path(std::string_view name) const {
  if (configuration_.cache == nullptr) return {};
  return configuration_.cache->find(name, abi_, platform_.hwcaps, platform_.legacy_hwcap);
}

Found Linker::find_cached(std::string_view name) {
  const std::string_view path = cached_path(name);
  if (path.empty()) return {};
  Found found = find_path(path);
  if (found.opening == Opening::object) found.how = How::cache;
  return found;
}

}  // namespace revdep::loader
