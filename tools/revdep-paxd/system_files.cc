#include "revdep-paxd/system_files.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "base/sha256.h"

namespace revdep::daemon {
namespace {

constexpr std::size_t file_limit = std::size_t{64} << 20U;

}  // namespace

const std::vector<std::string>& SystemFiles::paths() {
  static const std::vector<std::string> all = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.preload",
                                               "/var/lib/portage/preserved_libs_registry"};
  return all;
}

bool SystemFiles::is_one(std::string_view path) { return std::ranges::find(paths(), path) != paths().end(); }

std::vector<std::string> SystemFiles::compare(const Digests& now) const {
  std::vector<std::string> changed;
  for (const std::string& path : paths()) {
    const auto before = known_.find(path);
    const auto after = now.find(path);
    const bool is_there = after != now.end();
    if ((before != known_.end()) != is_there || (is_there && before->second != after->second)) changed.push_back(path);
  }
  return changed;
}

std::vector<std::string> SystemFiles::find_changed(base::Tree& tree) const { return compare(read(tree)); }

std::vector<std::string> SystemFiles::take(base::Tree& tree) {
  Digests now = read(tree);
  std::vector<std::string> changed = compare(now);
  known_ = std::move(now);
  return changed;
}

SystemFiles::Digests SystemFiles::read(base::Tree& tree) {
  tree.forget();
  Digests digests;
  for (const std::string& path : paths()) {
    const auto text = tree.read_file(path, file_limit);
    if (!text) continue;
    base::Sha256 digest;
    digest.update(std::as_bytes(std::span(text->data(), text->size())));
    digests.emplace(path, digest.finish());
  }
  return digests;
}

}  // namespace revdep::daemon
