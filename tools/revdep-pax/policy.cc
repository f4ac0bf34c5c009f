#include "revdep-pax/policy.h"

#include <fnmatch.h>

#include <algorithm>
#include <string>
#include <vector>

namespace revdep::tool {
namespace {

bool matches_any(const std::vector<std::string>& globs, const std::string& path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0; });
}

}  // namespace

engine::EditPolicy edit_policy(const Options& options, base::Tree& tree) {
  const engine::KnownKernel kernel = engine::find_kernel(options.kernel, tree);
  return engine::choose_edit_policy(kernel.edits, options.markings, options.force, tree);
}

bool is_target(const Options& options, std::string_view path) {
  const std::string text(path);
  return (options.only.empty() || matches_any(options.only, text)) && !matches_any(options.exclude, text);
}

}  // namespace revdep::tool
