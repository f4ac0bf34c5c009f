// Carries one object's flags to others, file by file: plans by the compatible policy, warns, hands the edits on.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/holds.h"
#include "migrate/compatible.h"
#include "revdep-pax/blocks.h"
#include "revdep-pax/editor.h"
#include "revdep-pax/policy.h"

namespace revdep::tool {

class Marker {
 public:
  Marker(Session& session, Editor& editor, const std::vector<migrate::Hold>& holds);

  void carry(const Subject& subject);

  /// Whether letters of some file contradicted what was carried.
  [[nodiscard]] bool contradicted() const { return contradicted_; }

 private:
  using Inode = std::pair<dev_t, ino_t>;

  /// One file with all its names among the importers.
  void mark(const std::vector<base::ObjectId>& names, Inode inode, const Subject& subject, pax::Marking carried);
  /// `exporter` less what was undone on the file and is not to be set again.
  pax::Marking without_held(const migrate::Edit& edit, pax::Marking exporter);
  void warn_of_contradictions(const std::string& path, const migrate::FilePlan& plan, const pax::Stores& stores,
                              pax::Marking exporter);

  Session& session_;
  Editor& editor_;
  engine::EditPolicy policy_;
  engine::Holds holds_;
  bool contradicted_ = false;
};

}  // namespace revdep::tool
