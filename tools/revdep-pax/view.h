// A loaded system in the words of the reports: labels, names, markings as lines show them. Reads markings when an object
// is first shown.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/system.h"
#include "report/block.h"

namespace revdep::tool {

/// The package that owns an object: "cat/pf"; "" when none is known.
std::string package_of(const engine::System& system, base::ObjectId id);

class View {
 public:
  /// `path_directories`: $PATH's.
  View(engine::System& system, const std::vector<std::string>& path_directories);

  /// The reference stays valid.
  const report::Object& object(base::ObjectId id);
  /// The source lists it, but it is no longer there: reports leave it out.
  bool gone(base::ObjectId id) { return system_.marking(id).reading == engine::Reading::gone; }

  /// Its SONAME, else its base name.
  [[nodiscard]] std::string_view library_name(base::ObjectId id) const;
  /// Its ARCH; the category where the system has several of that ARCH.
  [[nodiscard]] std::string_view label(base::ObjectId id) const;
  /// Whether it lies in a directory of $PATH.
  [[nodiscard]] bool in_path(base::ObjectId id) const;
  /// The object that its PT_INTERP names; invalid without.
  base::ObjectId interpreter(base::ObjectId id);

  /// Sorted by path.
  void sort(std::vector<base::ObjectId>& ids) const;
  /// Every object there is, sorted by path.
  [[nodiscard]] std::vector<base::ObjectId> objects() const;

 private:
  engine::System& system_;
  std::unordered_set<std::string_view> path_directories_;        // canonical; the system's cache owns them
  std::unordered_map<base::NameId, base::NameId> one_category_;  // by ARCH; invalid: several
  std::unordered_map<base::ObjectId, report::Object> shown_;
};

}  // namespace revdep::tool
