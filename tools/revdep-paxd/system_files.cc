#include "revdep-paxd/system_files.h"

#include <algorithm>
#include <cstddef>
#include <span>

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
