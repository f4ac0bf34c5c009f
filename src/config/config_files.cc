#include "config/config_files.h"

#include <cerrno>
#include <cstddef>
#include <map>
#include <utility>

#include "base/secure_open.h"

namespace revdep::config {
namespace {

constexpr std::size_t file_limit = std::size_t{1} << 20U;

bool is_config_name(std::string_view name) { return name.ends_with(".conf") && !name.starts_with('.'); }

struct Found {
  std::string path;       // as spelled by the caller
  std::string canonical;  // its directory resolved, itself not
};
using FoundByName = std::map<std::string, Found>;

void find_files(base::Tree& tree, std::string_view directory, FoundByName& found, std::vector<base::Error>& errors) {
  const base::Tree::Resolved place = tree.resolve(directory);
  if (place.error == ENOENT) return;
  const std::string shown = tree.prefix() + std::string(directory);
  if (place.kind != base::FileKind::directory) {
    errors.push_back(base::system_error("list", shown, place.error == 0 ? ENOTDIR : place.error));
    return;
  }
  base::Result<std::vector<std::string>> names = tree.list(place.path);
  if (!names) {
    errors.push_back({"list", shown, names.error().reason});
    return;
  }
  for (std::string& name : *names) {
    if (!is_config_name(name)) continue;
    Found file{base::join_path(directory, name), base::join_path(place.path, name)};
    found.insert_or_assign(std::move(name), std::move(file));
  }
}

base::Result<std::string> read_secure(const base::Tree& tree, const Found& file, const std::string& shown) {
  const base::Result<base::SecureFile> opened = base::open_secure(tree, file.canonical, base::Owners::root_only);
  if (!opened) return base::Error{"read", shown, opened.error().reason};
  if ((opened->status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return base::Error{"read", shown, "it is writable by group or others"};
  }
  return base::read_all(opened->file.get(), file_limit, shown);
}

}  // namespace

ConfigFiles read_config_files(base::Tree& tree, std::span<const std::string_view> directories) {
  ConfigFiles result;
  FoundByName found;
  for (const std::string_view directory : directories) find_files(tree, directory, found, result.errors);
  for (const auto& [name, file] : found) {
    std::string shown = tree.prefix() + file.path;
    base::Result<std::string> text = read_secure(tree, file, shown);
    if (text) {
      result.files.push_back({std::move(shown), std::move(*text)});
    } else {
      result.errors.push_back(text.error());
    }
  }
  return result;
}

base::Result<std::optional<ConfigFile>> read_config_file(base::Tree& tree, std::string_view path) {
  const auto [parent, name] = base::split_path(path);
  const std::string* const directory = tree.resolve_directory(parent);
  if (directory == nullptr || tree.entry(*directory, name).kind == base::FileKind::missing) return {std::nullopt};
  std::string shown = tree.prefix() + std::string(path);
  base::Result<std::string> text = read_secure(tree, {std::string(path), base::join_path(*directory, name)}, shown);
  if (!text) return text.error();
  return {ConfigFile{std::move(shown), std::move(*text)}};
}

}  // namespace revdep::config
