// Carries one object's flags to others, file by file: decides by the compatible policy, asks, writes, counts.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "migrate/compatible.h"
#include "report/marks.h"
#include "revdep-pax/blocks.h"
#include "revdep-pax/prompt.h"

namespace revdep::tool {

class Marker {
 public:
  Marker(Session& session, Prompt& prompt) : session_(session), prompt_(prompt) {}

  void carry(const Subject& subject);

  /// Every file that was looked at, in order.
  [[nodiscard]] const std::vector<report::Mark>& marks() const { return marks_; }
  [[nodiscard]] bool contradicted() const { return contradicted_; }

 private:
  using Inode = std::pair<dev_t, ino_t>;

  report::Mark mark(base::ObjectId importer, pax::Marking exporter);
  report::Outcome apply(base::ObjectId importer, const migrate::Edit& edit, const pax::Stores& expected,
                        std::string& reason);
  void warn_of_contradictions(base::ObjectId importer, const migrate::Edit& edit, pax::Marking exporter);
  void say(const std::string& sentence);

  Session& session_;
  Prompt& prompt_;
  std::vector<report::Mark> marks_;
  std::map<Inode, pax::Stores> written_;  // what edited files carry now
  std::map<Inode, report::Mark> seen_;    // of the subject at hand: files have several names
  bool contradicted_ = false;
};

}  // namespace revdep::tool
