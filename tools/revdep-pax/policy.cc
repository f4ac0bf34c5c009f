#include "revdep-pax/policy.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "engine/running_kernel.h"

namespace revdep::tool {
namespace {

constexpr std::size_t text_limit = std::size_t{1} << 20U;

// The value of the last PAX_MARKINGS line; make.conf is a file or a directory of files.
std::optional<std::string> read_pax_markings(base::Tree& tree) {
  constexpr std::string_view place = "/etc/portage/make.conf";
  std::vector<std::string> files;
  const base::Tree::Resolved resolved = tree.resolve(place);
  if (resolved.kind == base::FileKind::regular) files.push_back(resolved.path);
  if (resolved.kind == base::FileKind::directory) {
    if (const auto names = tree.list(resolved.path)) {
      for (const std::string& name : *names) files.push_back(base::join_path(resolved.path, name));
    }
    std::sort(files.begin(), files.end());
  }
  std::optional<std::string> value;
  for (const std::string& file : files) {
    const auto text = tree.read_file(file, text_limit);
    if (!text) continue;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      constexpr std::string_view key = "PAX_MARKINGS=";
      if (line.starts_with(key)) value = line.substr(key.size());
    }
  }
  return value;
}

// Unknown where the declared kernel or, for its own files, the running one does not tell what it was built to read.
migrate::KernelKnowledge kernel_for_edits(const Options& options, const base::Tree& tree) {
  if (options.kernel || !tree.prefix().empty()) return {options.kernel};
  engine::RunningKernel running = engine::read_running_kernel();
  if (!running.shows_config) return {};
  // A switch that may be turned back at any time; the letter is needed then.
  running.kernel.randomize = true;
  return {running.kernel};
}

// --markings; left to itself: what the known kernel reads, else PAX_MARKINGS in the root's make.conf, else the xattr.
migrate::Creates choose_creates(const Options& options, const migrate::KernelKnowledge& known, base::Tree& tree) {
  using migrate::Creates;
  if (options.markings == Markings::pt) return Creates::nothing;
  if (options.markings != Markings::automatic) return Creates::xattr;
  if (known.kernel) return known.kernel->reads_xattr ? Creates::xattr : Creates::nothing;
  const auto value = read_pax_markings(tree);
  return !value || value->find("XT") != std::string::npos ? Creates::xattr : Creates::nothing;
}

bool matches_any(const std::vector<std::string>& globs, const std::string& path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0; });
}

}  // namespace

JudgedKernel kernel_for_verdicts(const Options& options, const base::Tree& tree) {
  if (options.kernel) return {*options.kernel, "declared"};
  if (!tree.prefix().empty()) return {{}, "assumed"};
  const engine::RunningKernel running = engine::read_running_kernel();
  return {running.kernel, running.has_pax ? "running" : "assumed"};
}

EditPolicy edit_policy(const Options& options, base::Tree& tree) {
  EditPolicy policy{kernel_for_edits(options, tree), migrate::Creates::nothing, options.force};
  policy.creates = choose_creates(options, policy.kernel, tree);
  return policy;
}

migrate::RelaxationPolicy EditPolicy::of(elf::Abi abi) const {
  migrate::RelaxationPolicy policy;
  policy.kernels = migrate::kernels_for(kernel, abi);
  policy.kernel_known = kernel.kernel.has_value();
  policy.creates = creates;
  policy.force = force;
  return policy;
}

bool is_target(const Options& options, std::string_view path) {
  const std::string text(path);
  return (options.only.empty() || matches_any(options.only, text)) && !matches_any(options.exclude, text);
}

}  // namespace revdep::tool
