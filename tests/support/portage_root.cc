#include "support/portage_root.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "base/fd.h"
#include "support/temp_dir.h"

namespace revdep::support {
namespace {

namespace fs = std::filesystem;

void check(int result, const std::string& what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::string category_of(const std::string& name) { return name.substr(0, name.find('/')); }
std::string pf_of(const std::string& name) { return name.substr(name.find('/') + 1); }

// Every path of the package that is no symlink.
std::vector<std::string> paths_of(const TestPackage& package) {
  std::vector<std::string> paths;
  for (const PackageFile& file : package.files) {
    paths.push_back(file.path);
    paths.insert(paths.end(), file.links.begin(), file.links.end());
  }
  return paths;
}

bool has_path(const TestPackage& package, const std::string& path) {
  const std::vector<std::string> paths = paths_of(package);
  const bool is_file = std::ranges::find(paths, path) != paths.end();
  return is_file || std::ranges::any_of(package.symlinks, [&](const auto& link) { return link.first == path; });
}

// Portage's lock of a whole merge: a record lock on a file that is unlinked when it is let go.
class Lock {
 public:
  explicit Lock(std::string path)
      : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660)) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    check(::fcntl(fd_.get(), F_OFD_SETLKW, &lock), path_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::unlink(path_.c_str()); }

 private:
  std::string path_;
  base::Fd fd_;
};

}  // namespace

std::string needed_line(const PackageFile& file, const std::string& path) {
  const elf_builder::Object& object = file.object;
  const std::string arch = object.abi == elf_builder::i386 ? "386" : "X86_64";
  const std::string category = object.abi == elf_builder::i386 ? "x86_32" : "x86_64";
  // Of a library without a soname, its base name.
  const bool is_library = !object.interpreter && object.type == elf_builder::et_dyn;
  const std::string soname = object.soname.value_or(is_library ? fs::path(path).filename().string() : "");
  return arch + ';' + path + ';' + soname + ';' + object.runpath.value_or(object.rpath.value_or("")) + ';' +
         joined(object.needed) + ';' + category + '\n';
}

PortageRoot::PortageRoot(fs::path root) : root_(std::move(root)) {
  fs::create_directories(file("/var/db/pkg"));
  fs::create_directories(file("/var/lib/portage"));
  fs::create_directories(file("/usr/lib64"));
  fs::permissions(root_, fs::perms(0755));
  write_file(file("/etc/ld.so.conf"), "/usr/lib64\n");
  merge({"sys-libs/glibc-2.36",
         {{"/lib64/ld-linux-x86-64.so.2", elf_builder::library("ld-linux-x86-64.so.2"), "", {}}},
         {}});
}

std::string PortageRoot::record(const std::string& name, const std::string& prefix) const {
  return file("/var/db/pkg/") + category_of(name) + '/' + prefix + pf_of(name);
}

void PortageRoot::touch_category(const std::string& name) const {
  for (const std::string& directory : {file("/var/db/pkg/") + category_of(name), file("/var/db/pkg")}) {
    check(::utimensat(AT_FDCWD, directory.c_str(), nullptr, 0), directory);
  }
}

void PortageRoot::write_record(const TestPackage& package, const std::string& directory) const {
  std::string needed;
  std::string contents;
  for (const PackageFile& file : package.files) {
    std::vector<std::string> names = {file.path};
    names.insert(names.end(), file.links.begin(), file.links.end());
    for (const std::string& name : names) {
      needed += needed_line(file, name);
      contents += "obj " + name + " d41d8cd98f00b204e9800998ecf8427e 1700000000\n";
    }
  }
  for (const auto& [path, target] : package.symlinks) contents += "sym " + path + " -> " + target + " 1700000000\n";
  if (!needed.empty()) write_file(directory + "/NEEDED.ELF.2", needed);
  write_file(directory + "/CONTENTS", contents);
  write_file(directory + "/SLOT", "0\n");
}

void PortageRoot::put_files(const TestPackage& package) const {
  for (const PackageFile& each : package.files) {
    const std::string place = file(each.path);
    const std::string temporary = place + "#new";
    elf_builder::write_object(temporary, each.object);
    if (!each.flags.empty()) {
      check(::setxattr(temporary.c_str(), "user.pax.flags", each.flags.data(), each.flags.size(), 0), temporary);
    }
    fs::rename(temporary, place);
    for (const std::string& link : each.links) {
      fs::create_directories(fs::path(file(link)).parent_path());
      fs::remove(file(link));
      fs::create_hard_link(place, file(link));
    }
  }
  for (const auto& [path, target] : package.symlinks) {
    fs::create_directories(fs::path(file(path)).parent_path());
    fs::remove(file(path));
    fs::create_symlink(target, file(path));
  }
}

void PortageRoot::remove_files(const TestPackage& old, const TestPackage* by,
                               const std::vector<std::string>& preserved) {
  const auto stays = [&](const std::string& path) {
    return (by != nullptr && has_path(*by, path)) || std::ranges::find(preserved, path) != preserved.end();
  };
  for (const std::string& path : paths_of(old)) {
    if (!stays(path)) fs::remove(file(path));
  }
  for (const auto& [path, target] : old.symlinks) {
    if (!stays(path)) fs::remove(file(path));
  }
}

void PortageRoot::write_registry() const {
  nlohmann::json registry = nlohmann::json::object();
  if (!preserved_.empty()) registry["app-misc/kept:0"] = {"app-misc/kept-1", "1", preserved_};
  const std::string place = file("/var/lib/portage/preserved_libs_registry");
  write_file(place + ".new", registry.dump());
  fs::rename(place + ".new", place);
}

bool PortageRoot::merge(const TestPackage& package, const std::string& replaced, const OnStep& on_step,
                        const std::vector<std::string>& preserved) {
  const auto goes_on = [&](MergeStep step) { return !on_step || on_step(step); };
  const std::string temporary = record(package.name, "-MERGING-");
  const auto old = packages_.find(replaced);
  if (!goes_on(MergeStep::lock)) return false;
  const Lock lock(file("/var/db/.pkg.portage_lockfile"));
  fs::create_directories(fs::path(temporary).parent_path());
  touch_category(package.name);
  if (!goes_on(MergeStep::directory)) return false;
  fs::remove_all(temporary);
  fs::create_directory(temporary);
  write_record(package, temporary);
  if (!goes_on(MergeStep::files)) return false;
  put_files(package);
  if (old != packages_.end()) {
    touch_category(replaced);
    if (!goes_on(MergeStep::old_files)) return false;
    remove_files(old->second, &package, preserved);
    if (!goes_on(MergeStep::old_record)) return false;
    fs::remove_all(record(replaced));
    packages_.erase(old);
  }
  if (!goes_on(MergeStep::record)) return false;
  fs::rename(temporary, record(package.name));
  packages_[package.name] = package;
  if (!goes_on(MergeStep::registry)) return true;
  // What is merged again is no longer preserved.
  std::erase_if(preserved_, [&](const std::string& path) { return has_path(package, path); });
  preserved_.insert(preserved_.end(), preserved.begin(), preserved.end());
  write_registry();
  if (!goes_on(MergeStep::unlock)) return true;
  touch_category(package.name);
  return true;
}

void PortageRoot::unmerge(const std::string& name) {
  const Lock lock(file("/var/db/.pkg.portage_lockfile"));
  touch_category(name);
  remove_files(packages_.at(name), nullptr, preserved_);
  fs::remove_all(record(name));
  packages_.erase(name);
  const fs::path category = fs::path(record(name)).parent_path();
  if (fs::is_empty(category)) fs::remove(category);
}

void PortageRoot::move(const std::string& from, const std::string& to) {
  fs::create_directories(fs::path(record(to)).parent_path());
  fs::rename(record(from), record(to));
  auto package = packages_.extract(from);
  package.key() = to;
  package.mapped().name = to;
  packages_.insert(std::move(package));
}

void PortageRoot::edit_record(const std::string& name, const std::string& path) {
  TestPackage& package = packages_.at(name);
  std::erase_if(package.files, [&](const PackageFile& each) { return each.path == path; });
  const std::string copy = file("/var/tmp/edited");
  fs::create_directories(copy);
  write_record(package, copy);
  for (const char* const each : {"NEEDED.ELF.2", "CONTENTS"}) {
    const std::string place = record(name) + '/' + each;
    if (!fs::exists(copy + '/' + each)) {
      fs::remove(place);
      continue;
    }
    fs::copy_file(copy + '/' + each, place + ".tmp");
    fs::rename(place + ".tmp", place);
  }
  fs::remove_all(copy);
  touch_category(name);
}

void PortageRoot::drop_preserved(const std::string& path) {
  std::erase(preserved_, path);
  fs::remove(file(path));
  write_registry();
}

}  // namespace revdep::support
