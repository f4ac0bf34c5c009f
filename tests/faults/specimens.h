// The system that is migrated under faults: its executables, each with what it carries before and, by hand from the design,
// what it has to carry afterwards. Runs nothing on it.
#pragma once

#include <string>
#include <vector>

#include "faults/picture.h"
#include "tools/small_root.h"

namespace revdep::faults {

enum class Build { bare, with_header, unaligned_header, real };
enum class Dress { plain, set_id, capabilities, acl, labels };

struct Specimen {
  std::vector<std::string> names;
  Build build = Build::bare;
  Dress dress = Dress::plain;
  bool busy = false;  ///< a process executes it meanwhile
  Markings before;
  Markings after;
};

/// Which stores `--markings` lets a migration make.
enum class Creates { nothing, xattr };

/// Each way of editing, each with every dress it could lose. All need a library that asks for "m".
std::vector<Specimen> specimens(Creates creates);

/// The system itself, with a package database, and beside it /outside, which is nobody's business.
class Template {
 public:
  explicit Template(Creates creates);

  [[nodiscard]] const std::vector<Specimen>& specimens() const { return specimens_; }
  /// "" when all of it could be made here, else what could not.
  [[nodiscard]] const std::string& lacks() const { return lacks_; }
  /// -r -m -y and the markings that may be made.
  [[nodiscard]] const std::vector<std::string>& migration() const { return migration_; }
  [[nodiscard]] std::string root() const { return root_.file(""); }

 private:
  void build_real();
  void add(const Specimen& specimen);
  void dress_up(const Specimen& specimen);
  void set_xattr(const std::string& path, const char* name, const std::string& value);

  std::vector<Specimen> specimens_;
  std::vector<std::string> migration_;
  tool::SmallRoot root_;
  std::string real_;  // the content of a program, without a header
  std::string lacks_;
};

/// What a real specimen prints, its library searched in /usr/lib64 by LD_LIBRARY_PATH. With an argument it waits instead.
inline constexpr const char* real_output = "it runs\n";

}  // namespace revdep::faults
