// A package database in a temporary directory, changed step by step as Portage does, and a DatabaseWatch on it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/temp_dir.h"
#include "watch/database_watch.h"

namespace revdep::watch {

class DatabaseFixture {
 public:
  explicit DatabaseFixture(std::string path = "db/pkg") : path_(std::move(path)) {}

  void open() { watch_.emplace(*inotify_, root_.string() + '/' + path_); }

  // Names are relative to the temporary directory; packages are "cat/pf", in db/pkg.
  void make(const std::string& name) const { std::filesystem::create_directories(root_ / name); }
  void remove(const std::string& name) const { std::filesystem::remove_all(root_ / name); }
  void rename(const std::string& name, const std::string& other) const {
    std::filesystem::rename(root_ / name, root_ / other);
  }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_directory_symlink(target, root_ / name);
  }
  void touch(const std::string& name) const {
    EXPECT_EQ(::utimensat(AT_FDCWD, (root_ / name).c_str(), nullptr, 0), 0) << name;
  }

  static std::string place(const std::string& package) { return "db/pkg/" + package; }
  static std::string merging(std::string package) { return place(package.insert(package.find('/') + 1, "-MERGING-")); }
  static std::string category(const std::string& package) { return place(package.substr(0, package.find('/'))); }

  void begin_merge(const std::string& package) const {
    make(category(package));
    touch(category(package));
    make(merging(package));
    support::write_file(root_ / (merging(package) + "/CONTENTS"), "");
  }
  void unmerge(const std::string& package) const {
    touch(category(package));
    remove(place(package));
  }
  void end_merge(const std::string& package) const {
    rename(merging(package), place(package));
    touch(category(package));
  }
  void merge(const std::string& package) const {
    begin_merge(package);
    end_merge(package);
  }
  void edit_in_place(const std::string& package) const {
    support::write_file(root_ / (place(package) + "/CONTENTS.new"), "");
    rename(place(package) + "/CONTENTS.new", place(package) + "/CONTENTS");
    touch(category(package));
  }

  // Nothing runs at the same time, so the events of what was done are there.
  bool handle() { return watch_->handle(*inotify_->read()); }

  // "+cat/pf", "~cat/pf" and "-cat/pf", "no database", and errors, in this order.
  std::vector<std::string> take() {
    const DatabaseChanges changes = watch_->take();
    rescan_ = changes.rescan;
    std::vector<std::string> texts;
    for (const auto& [name, change] : changes.packages) {
      const char sign = change == PackageChange::added ? '+' : change == PackageChange::removed ? '-' : '~';
      texts.push_back(sign + to_string(name));
    }
    if (!changes.present) texts.emplace_back("no database");
    for (const base::Error& error : changes.errors) texts.push_back(error.to_string());
    return texts;
  }
  std::vector<std::string> handle_and_take() {
    handle();
    return take();
  }

  support::TempDir root_;
  std::string path_;
  std::unique_ptr<Inotify> inotify_ = *Inotify::create();
  std::optional<DatabaseWatch> watch_;
  std::string rescan_;  ///< of the last take()
};

}  // namespace revdep::watch
