// A root in a directory of its own, with something outside of it that a symlink could wrongly lead to.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/tree.h"
#include "support/temp_dir.h"

namespace revdep::base {

class TreeTest : public testing::Test {
 public:
  TreeTest() {
    std::filesystem::create_directories(outside_ / "root");
    support::write_file(outside_ / "secret", "outside");
    support::write_file(outside_ / "usr/lib/liba.so", "outside");
  }

  std::filesystem::path at(std::string_view path) const { return outside_ / ("root/" + std::string(path)); }
  void file(std::string_view path, std::string_view text = "") const { support::write_file(at(path), text); }
  void directory(std::string_view path) const { std::filesystem::create_directories(at(path)); }
  void symlink(std::string_view path, std::string_view target) const {
    std::filesystem::create_directories(at(path).parent_path());
    std::filesystem::create_symlink(target, at(path));
  }
  Tree open() const {
    Result<Tree> tree = Tree::open(root());
    if (!tree) throw std::runtime_error(tree.error().to_string());
    return *std::move(tree);
  }
  std::string root() const { return (outside_ / "root").string(); }

  // "regular /usr/lib/x", "missing ENOENT": what a fresh tree resolves `path` to.
  std::string resolved(std::string_view path) const {
    Tree tree = open();
    return describe(tree.resolve(path));
  }
  static std::string describe(const Tree::Resolved& found) {
    switch (found.kind) {
      case FileKind::regular:
        return "regular " + found.path;
      case FileKind::directory:
        return "directory " + found.path;
      case FileKind::symlink:
        return "symlink " + found.path;
      case FileKind::other:
        return "other " + found.path;
      case FileKind::missing:
        break;
    }
    switch (found.error) {
      case ENOENT:
        return "missing ENOENT";
      case ENOTDIR:
        return "missing ENOTDIR";
      case ELOOP:
        return "missing ELOOP";
      case EACCES:
        return "missing EACCES";
      case ENAMETOOLONG:
        return "missing ENAMETOOLONG";
      default:
        return "missing " + std::to_string(found.error);
    }
  }

  support::TempDir outside_;
};

}  // namespace revdep::base
