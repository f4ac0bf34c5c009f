// The files of a package before they are merged into a system, by the canonical path that each will have there. Reads
// directories only.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/tree.h"

namespace revdep::base {

class Image {
 public:
  /// Reads all directories of `image`, a path of the running system. As in a merge, they go where the system's symlinks
  /// lead, and a directory of the system stays one. Error: one of them cannot be read.
  static Result<Image> read(const std::string& image, Tree& system);

  /// The image's own path of what will be at `canonical`; nullptr: the image does not change that.
  [[nodiscard]] const std::string* find(std::string_view canonical) const;
  /// Names that it brings into a canonical directory.
  [[nodiscard]] const std::vector<std::string>& names(std::string_view directory) const;
  /// Canonical paths of its regular files, sorted.
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }
  [[nodiscard]] int descriptor() const { return tree_.descriptor(); }

 private:
  explicit Image(Tree tree) : tree_(std::move(tree)) {}

  Tree tree_;
  std::unordered_map<std::string, std::string> places_;
  std::unordered_map<std::string, std::vector<std::string>> names_;
  std::vector<std::string> files_;
};

}  // namespace revdep::base
