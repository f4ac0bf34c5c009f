#include "support/random_history.h"

#include <sys/xattr.h>

#include <algorithm>

namespace revdep::support {
namespace {

constexpr std::size_t sonames = 8;

// "app/p3-1" -> "app/p3-2".
std::string next_version(const std::string& name) {
  const std::size_t dash = name.rfind('-');
  return name.substr(0, dash + 1) + std::to_string(std::stoul(name.substr(dash + 1)) + 1);
}

bool is_library(const PackageFile& file) { return file.path.find(".so") != std::string::npos; }

std::vector<std::string> libraries_of(const TestPackage& package) {
  std::vector<std::string> paths;
  for (const PackageFile& file : package.files) {
    if (is_library(file)) paths.push_back(file.path);
  }
  return paths;
}

}  // namespace

std::vector<std::string> RandomHistory::installed() const {
  std::vector<std::string> names;
  for (const auto& [name, package] : root_.packages()) {
    if (!name.starts_with("sys-libs/")) names.push_back(name);
  }
  return names;
}

std::vector<std::string> RandomHistory::libraries() const {
  std::vector<std::string> paths = root_.preserved();
  for (const auto& [name, package] : root_.packages()) {
    if (name.starts_with("sys-libs/")) continue;
    for (std::string& path : libraries_of(package)) paths.push_back(std::move(path));
  }
  return paths;
}

std::vector<std::string> RandomHistory::random_needs() {
  std::vector<std::string> needs;
  for (std::size_t count = roll(4); count > 0; --count) {
    std::string name = "lib" + std::to_string(roll(sonames)) + ".so.1";
    if (roll(12) == 0) name = "libplain" + std::to_string(roll(2)) + ".so";
    if (std::ranges::find(needs, name) == needs.end()) needs.push_back(std::move(name));
  }
  return needs;
}

PackageFile RandomHistory::make_program(const std::string& stem) {
  PackageFile file{"/usr/bin/" + stem, elf_builder::program(random_needs()), "", {}};
  file.object.gap = roll(64);
  switch (roll(6)) {
    case 0:
      file.object.runpath = "/opt/lib";
      break;
    case 1:
      file.object.rpath = "$ORIGIN/../../opt/lib";
      break;
    case 2:
      file.links = {"/opt/bin/" + stem};
      break;
    case 3:
      file.object.pax_flags = {0x2800};
      break;
    default:
      break;
  }
  return file;
}

PackageFile RandomHistory::make_library(const std::string& stem) {
  const std::string number = std::to_string(roll(sonames));
  // What it needs has a higher number or is there as well: cycles are rare, and allowed.
  PackageFile file{
      "/usr/lib64/lib" + number + ".so.1", elf_builder::library("lib" + number + ".so.1", random_needs()), "", {}};
  file.object.gap = roll(64);
  if (roll(4) == 0) file.flags = pick({"m", "r", "mr", "E"});
  switch (roll(6)) {
    case 0:
      file.path = "/opt/lib/lib" + number + ".so.1";
      break;
    case 1: {
      const std::string plain = "libplain" + std::to_string(roll(2)) + ".so";
      file.path = "/usr/lib64/" + plain;
      file.object.soname.reset();
      break;
    }
    case 2:
      file.path = "/usr/lib64/lib" + number + ".so.1." + stem;  // reached by a symlink
      break;
    default:
      break;
  }
  return file;
}

// Files collide with those of other packages now and then, as in real life.
TestPackage RandomHistory::make_package(const std::string& name) {
  TestPackage package{name, {}, {}};
  const std::string stem = name.substr(name.find('/') + 1, name.rfind('-') - name.find('/') - 1);
  const std::size_t kind = roll(5);
  if (kind != 0) package.files.push_back(kind < 3 ? make_program(stem) : make_library(stem));
  if (kind == 4) package.files.push_back(make_program(stem + "-tool"));
  for (const PackageFile& file : package.files) {
    const std::size_t cut = file.path.find(".so.1.");
    if (cut != std::string::npos)
      package.symlinks.emplace_back(file.path.substr(0, cut + 5), file.path.substr(file.path.rfind('/') + 1));
  }
  return package;
}

Happening RandomHistory::install() {
  const std::string name = pick({"app", "lib", "net"}) + "/p" + std::to_string(next_++) + "-1";
  root_.merge(make_package(name));
  return {"install " + name, {name}, {}};
}

Happening RandomHistory::upgrade() {
  const std::string old = pick(installed());
  const std::string name = next_version(old);
  std::vector<std::string> preserved;
  const TestPackage package = make_package(name);
  if (roll(2) == 0) preserved = libraries_of(root_.packages().at(old));
  std::erase_if(preserved, [&](const std::string& path) {
    return std::ranges::any_of(package.files, [&](const PackageFile& file) { return file.path == path; }) ||
           std::ranges::find(root_.preserved(), path) != root_.preserved().end();
  });
  root_.merge(package, old, nullptr, preserved);
  return {"upgrade " + old + " to " + name, {old, name}, {}};
}

Happening RandomHistory::reinstall() {
  const std::string name = pick(installed());
  const TestPackage package = root_.packages().at(name);
  root_.merge(package, name);
  return {"install " + name + " again", {name}, {}};
}

Happening RandomHistory::unmerge() {
  const std::string name = pick(installed());
  root_.unmerge(name);
  return {"remove " + name, {name}, {}};
}

Happening RandomHistory::move() {
  const std::string name = pick(installed());
  const std::string moved = pick({"app", "lib", "net", "dev"}) + name.substr(name.find('/'));
  if (root_.packages().contains(moved)) return {"nothing", {}, {}};
  root_.move(name, moved);
  return {"move " + name + " to " + moved, {name, moved}, {}};
}

Happening RandomHistory::edit() {
  const std::string name = pick(installed());
  const TestPackage& package = root_.packages().at(name);
  if (package.files.empty()) return {"nothing", {}, {}};
  const std::string path = package.files[roll(package.files.size())].path;
  root_.edit_record(name, path);
  return {"take " + path + " out of " + name, {name}, {}};
}

Happening RandomHistory::mark() {
  const std::vector<std::string> known = libraries();
  if (known.empty()) return {"nothing", {}, {}};
  const std::string path = pick(known);
  const std::string flags = pick({"m", "r", "mr", "E", "em", "", ""});
  const std::string place = root_.file(path);
  if (flags.empty()) {
    ::removexattr(place.c_str(), "user.pax.flags");
  } else {
    ::setxattr(place.c_str(), "user.pax.flags", flags.data(), flags.size(), 0);
  }
  return {"mark " + path + " as '" + flags + "'", {}, {path}};
}

Happening RandomHistory::drop_preserved() {
  if (root_.preserved().empty()) return {"nothing", {}, {}};
  const std::string path = pick(root_.preserved());
  root_.drop_preserved(path);
  // The registry alone: no package changes.
  return {"drop " + path, {}, {path}};
}

Happening RandomHistory::step() {
  if (installed().size() < 6) return install();
  switch (roll(12)) {
    case 0:
    case 1:
    case 2:
      return installed().size() < 40 ? install() : unmerge();
    case 3:
    case 4:
      return upgrade();
    case 5:
      return reinstall();
    case 6:
      return unmerge();
    case 7:
      return move();
    case 8:
      return edit();
    case 9:
      return drop_preserved();
    default:
      return mark();
  }
}

}  // namespace revdep::support
