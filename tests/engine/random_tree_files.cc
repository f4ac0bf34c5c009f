#include "engine/random_tree_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <map>
#include <system_error>

#include "engine/parity_root.h"
#include "support/temp_dir.h"

namespace revdep::random_tree {
namespace {

namespace fs = std::filesystem;
using elf_builder::Object;

std::string join(const std::vector<std::string>& texts, char separator) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : std::string(1, separator)) + text;
  return joined;
}

// Portage's names: scanelf's machine, multilib category.
std::pair<std::string, std::string> names_of(const elf::Abi& abi) {
  if (abi == elf_builder::i386) return {"386", "x86_32"};
  if (abi == elf_builder::x32) return {"X86_64", "x86_x32"};
  if (abi == elf_builder::ppc) return {"PPC", "ppc_32"};
  if (abi == elf_builder::s390x) return {"S390", "s390_64"};
  if (abi.machine == elf_builder::x86_64.machine) return {"X86_64", "x86_64"};
  return {"UNKNOWN_TYPE", ""};
}

}  // namespace

std::string needed_line(const std::string& path, const Object& object) {
  const auto [machine, category] = names_of(object.abi);
  if (object.type == elf_builder::et_rel) return machine + ';' + path + ";;;;" + category + '\n';
  const std::string base_name = path.substr(path.rfind('/') + 1);
  const bool nameless_library = object.type == elf_builder::et_dyn && !object.interpreter && object.flags_1 == 0;
  const std::string soname = object.soname ? *object.soname : nameless_library ? base_name : "";
  const std::string rpath = object.runpath ? *object.runpath : object.rpath.value_or("");
  return machine + ';' + path + ';' + soname + ';' + rpath + ';' + join(object.needed, ',') + ';' + category + '\n';
}

fs::path Files::place(const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  std::string directory = path.substr(0, slash);
  // A walk with its own eyes: parts that are symlinks are replaced by their targets.
  fs::path here = root_;
  std::vector<std::string> rest;
  const auto push = [&](const std::string& text) {
    std::vector<std::string> parts;
    for (const fs::path& part : fs::path(text)) parts.push_back(part.string());
    rest.insert(rest.end(), parts.rbegin(), parts.rend());
  };
  push(directory);
  for (int links = 0; !rest.empty() && links < 20;) {
    const std::string part = rest.back();
    rest.pop_back();
    if (part.empty() || part == "/" || part == ".") continue;
    if (part == "..") {
      if (here != root_) here = here.parent_path();
      continue;
    }
    const fs::path next = here / part;
    if (fs::is_symlink(fs::symlink_status(next))) {
      const std::string target = fs::read_symlink(next).string();
      if (target.starts_with('/')) here = root_;
      push(target);
      ++links;
      continue;
    }
    here = next;
  }
  return here / path.substr(slash + 1);
}

bool Files::occupied(const std::string& path) const {
  return fs::exists(fs::symlink_status(place(path))) || !fs::is_directory(place(path).parent_path());
}

void Files::make_directory(const std::string& path) {
  std::error_code obstructed;  // by a file
  fs::create_directories(place(path), obstructed);
}

bool Files::add(const std::string& path, const Object& object, unsigned mode) {
  if (occupied(path)) return false;
  elf_builder::write_object(place(path), object, mode);
  objects_.emplace_back(path, object);
  return true;
}

bool Files::add_text(const std::string& path, const std::string& text) {
  if (occupied(path)) return false;
  support::write_file(place(path), text, 0755);
  return true;
}

bool Files::add_symlink(const std::string& path, const std::string& target) {
  if (occupied(path)) return false;
  fs::create_symlink(target, place(path));
  return true;
}

bool Files::add_hard_link(const std::string& path, const std::string& existing) {
  if (occupied(path) || !fs::exists(place(existing))) return false;
  fs::create_hard_link(place(existing), place(path));
  for (std::size_t index = 0; index < objects_.size(); ++index) {
    if (objects_[index].first != existing) continue;
    objects_.emplace_back(path, objects_[index].second);
    return true;
  }
  return true;
}

void Files::remove(const std::string& path) { fs::remove(place(path)); }

void Files::write_database(std::size_t left_out) const {
  std::array<std::string, 3> packages;
  for (std::size_t index = 0; index < objects_.size(); ++index) {
    if (left_out != 0 && index % left_out == left_out - 1) continue;
    packages[index % packages.size()] += needed_line(objects_[index].first, objects_[index].second);
  }
  for (std::size_t index = 0; index < packages.size(); ++index) {
    const std::string name = "var/db/pkg/cat-" + std::to_string(index % 2) + "/package-" + std::to_string(index + 1);
    support::write_file(root_ / name / "NEEDED.ELF.2", packages[index]);
  }
}

}  // namespace revdep::random_tree
