// A second look at the directories that a tree was asked about, and what differs from the first.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/tree.h"

namespace revdep::base {

// nullopt: what is in it could change without a trace.
std::optional<Stamp> Tree::stamp_of(std::string_view directory, std::time_t now) const {
  struct stat status {};
  const Place here = place(directory);
  if (image_ || ::fstatat(here.root, here.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  const Stamp stamp(status);
  return stamp.is_settled(now) ? std::optional(stamp) : std::nullopt;
}

void Tree::drop_missing(Listing& listing) {
  Listing kept;
  kept.known = listing.known;
  kept.stamp = listing.stamp;
  for (std::uint32_t index = 0; index < listing.entries.size(); ++index) {
    if (listing.entries[index].entry.kind == FileKind::missing) continue;
    const NameId id = kept.names.intern(listing.names.view(NameId{index}));
    kept.entries.push_back(listing.entries[index]);
    if (const auto link = listing.links.find(NameId{index}); link != listing.links.end()) {
      kept.links.emplace(id, std::move(link->second));
    }
  }
  listing = std::move(kept);
}

// At one directory, of which `listing` is known.
class Tree::SecondLook {
 public:
  SecondLook(const Tree& tree, std::string_view directory, Listing& listing, std::vector<std::string>& changed)
      : tree_(tree), directory_(directory), listing_(listing), changed_(changed) {}

  // At some names only. One that is not known matters to a whole listing, and there only if it is still there: temporary
  // names would pile up.
  void look_at(const std::set<std::string>& names) {
    for (const std::string& name : names) {
      const bool is_known = listing_.names.find(name).valid();
      if (!is_known && listing_.known != Listing::Known::all) continue;
      const Lookup found = tree_.ask(directory_, name);
      if (is_known || found.entry.kind != FileKind::missing) see(id_of(name), found);
    }
  }

  void look_at_all(std::time_t now) {
    const std::optional<Stamp> stamp = tree_.stamp_of(directory_, now);
    if (stamp && stamp == listing_.stamp) return;
    listing_.stamp = stamp;
    std::vector<bool> seen(listing_.entries.size());
    bool all = false;
    if (listing_.known != Listing::Known::by_name) {
      all = tree_.for_each_entry(directory_, [&](std::string_view name, const Lookup& found) {
        const NameId id = id_of(name);
        seen.resize(listing_.entries.size());
        if (!seen[id.index()]) see(id, found);
        seen[id.index()] = true;
      });
      listing_.known = all ? Listing::Known::all : Listing::Known::by_name_only;
    }
    std::size_t gone = 0;
    for (std::uint32_t index = 0; index < listing_.entries.size(); ++index) {
      const NameId id{index};
      if (!seen[index]) see(id, all ? missing : tree_.ask(directory_, listing_.names.view(id)));
      if (listing_.entries[index].entry.kind == FileKind::missing) ++gone;
    }
    // Names that came and went would pile up.
    constexpr std::size_t many = 1024;
    if (all && gone > many && gone > listing_.entries.size() / 2) drop_missing(listing_);
  }

 private:
  static constexpr Lookup missing{{}, ENOENT};

  NameId id_of(std::string_view name) {
    const NameId id = listing_.names.intern(name);
    if (id.index() == listing_.entries.size()) listing_.entries.push_back(missing);
    return id;
  }

  void see(NameId id, const Lookup& found) {
    const auto path = [&] { return join_path(directory_, listing_.names.view(id)); };
    bool differs = std::exchange(listing_.entries[id.index()], found) != found;
    if (const auto link = listing_.links.find(id); link != listing_.links.end()) {
      int error = 0;
      auto target = found.entry.kind == FileKind::symlink ? tree_.read_link(path(), error) : std::nullopt;
      differs = differs || target != link->second;
      listing_.links.erase(link);
      if (target) listing_.links.emplace(id, *std::move(target));
    }
    if (differs) changed_.push_back(path());
  }

  const Tree& tree_;
  std::string_view directory_;
  Listing& listing_;
  std::vector<std::string>& changed_;
};

bool Tree::leads_elsewhere(const std::vector<std::string>& changed) const {
  return std::ranges::any_of(changed, [this](const std::string& path) {
    return directories_.find(path) != directories_.end() || steps_.contains(path);
  });
}

Tree::Changes Tree::refresh(std::time_t now, EntryWatch* watch) {
  Changes changes;
  const auto look_at_all = [&] {
    for (auto& [directory, listing] : listings_) {
      SecondLook look(*this, directory, listing, changes.entries);
      const std::set<std::string>* const names = watch != nullptr ? watch->changed_in(prefix_ + directory) : nullptr;
      if (names != nullptr && listing.watched) {
        look.look_at(*names);
      } else {
        look.look_at_all(now);
      }
      listing.watched = watch != nullptr;
    }
  };
  if (watch != nullptr) watch->look();
  look_at_all();
  changes.directories = leads_elsewhere(changes.entries);
  if (changes.directories) {
    directories_.clear();
    steps_.clear();
    // What is told of may be another directory than the one that the path leads to now.
    if (watch != nullptr) {
      watch->forget();
      look_at_all();
    }
  }
  std::ranges::sort(changes.entries);
  changes.entries.erase(std::unique(changes.entries.begin(), changes.entries.end()), changes.entries.end());
  return changes;
}

}  // namespace revdep::base
