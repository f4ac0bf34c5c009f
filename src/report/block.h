// What the reports of all modes are made of: objects with their markings, and blocks that set one object against others.
// Plain values: nothing here asks the system.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pax/marking.h"

namespace revdep::report {

/// An object as reports show it. The texts are made once: every line that names the object uses them.
class Object {
 public:
  /// `name` is its SONAME, else its base name; `abi` its label. The views must outlive it.
  Object(std::string_view path, std::string_view name, std::string_view abi, std::optional<pax::Marking> marking);

  [[nodiscard]] std::string_view path() const { return path_; }
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::string_view abi() const { return abi_; }
  [[nodiscard]] const std::optional<pax::Marking>& marking() const { return marking_; }

  [[nodiscard]] const std::string& escaped_path() const { return escaped_path_; }
  /// "( -em-- )"; "( **** )" without a marking.
  [[nodiscard]] const std::string& flags() const { return flags_; }
  /// "PATH ( flags )"
  [[nodiscard]] const std::string& line() const { return line_; }

 private:
  std::string_view path_;
  std::string_view name_;
  std::string_view abi_;
  std::optional<pax::Marking> marking_;
  std::string escaped_path_;
  std::string flags_;
  std::string line_;
};

enum class Relation : unsigned char {
  same,
  differs,   ///< in some letter; no marking is as all letters unset
  mismatch,  ///< and carrying the exporter's letters would change the importer, or contradict it
};

Relation compare(const std::optional<pax::Marking>& exporter, const std::optional<pax::Marking>& importer);

struct Line {
  const Object* object = nullptr;  ///< nullptr: `soname` was not found
  std::string_view soname;         ///< forward: the needed entry that brought the object in
  Relation relation = Relation::same;
  std::string_view requester;  ///< path of the object that wants what was not found
};

enum class Direction : unsigned char {
  forward,  ///< an object and the libraries it loads
  reverse,  ///< a library and its consumers
};

struct Block {
  const Object* object = nullptr;  ///< nullptr: the library `soname` that some want and nobody provides
  std::string_view soname;
  std::string_view abi;
  std::vector<Line> lines;
};

/// Takes a report block by block.
class BlockWriter {
 public:
  virtual ~BlockWriter() = default;
  virtual void write(const Block& block) = 0;
  /// After the last block.
  virtual void finish() {}
};

}  // namespace revdep::report
