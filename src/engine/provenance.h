// Where the relaxing letters of a file come from, as far as records tell: our claims, an admin's command, the package that
// brought the file. Reads; decides nothing.
#pragma once

#include <string>
#include <unordered_map>

#include "engine/system.h"
#include "migrate/journal.h"
#include "pax/relax.h"

namespace revdep::engine {

class Provenance {
 public:
  Provenance(System& system, const migrate::Journal& journal) : system_(system), journal_(journal) {}

  /// Those relaxing letters of the object's marking that a record accounts for. A letter is its package's when the header
  /// has it and the file still has the MD5 of CONTENTS, or the xattr has it and the file's inode was last changed before the
  /// package's directory was put in its place: Portage does that after the files.
  pax::Relaxations explain(base::ObjectId object, const migrate::Claim* claim);

 private:
  pax::Relaxations by_admin(const std::string& path);
  pax::Relaxations by_package(base::ObjectId object);
  [[nodiscard]] std::string listed_md5(base::ObjectId object);

  System& system_;
  const migrate::Journal& journal_;
  // By package: CONTENTS' MD5 of each path.
  std::unordered_map<base::PackageId, std::unordered_map<std::string, std::string>> contents_;
};

}  // namespace revdep::engine
