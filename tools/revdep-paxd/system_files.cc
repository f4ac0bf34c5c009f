#include "revdep-paxd/system_files.h"

#include <algorithm>
#include <cstddef>
#include <ctime>
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

std::vector<std::string> SystemFiles::compare() const {
  std::vector<std::string> changed;
  for (const std::string& path : paths()) {
    const auto before = taken_.find(path);
    const auto after = seen_.find(path);
    const bool is_there = after != seen_.end();
    if ((before != taken_.end()) != is_there || (is_there && before->second != after->second)) changed.push_back(path);
  }
  return changed;
}

bool SystemFiles::look(base::Tree& tree) {
  seen_ = read(tree);
  return !compare().empty();
}

std::vector<std::string> SystemFiles::take() {
  std::vector<std::string> changed = compare();
  taken_ = seen_;
  return changed;
}

SystemFiles::Digests SystemFiles::read(base::Tree& tree) {
  tree.forget();
  Digests digests;
  const std::time_t now = std::time(nullptr);
  for (const std::string& path : paths()) {
    const auto status = tree.status(tree.resolve(path).path);
    const auto known = read_.find(path);
    if (status && known != read_.end() && known->second.stamp == base::Stamp(*status)) {
      digests.emplace(path, known->second.digest);
      continue;
    }
    read_.erase(path);
    const auto text = tree.read_file(path, file_limit);
    if (!text) continue;
    base::Sha256 digest;
    digest.update(std::as_bytes(std::span(text->data(), text->size())));
    const std::string& sum = digests.emplace(path, digest.finish()).first->second;
    if (status && base::Stamp(*status).is_settled(now)) read_.emplace(path, Read{base::Stamp(*status), sum});
  }
  return digests;
}

}  // namespace revdep::daemon
