#include "engine/edit_policy.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "engine/running_kernel.h"

namespace revdep::engine {
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

migrate::Creates choose_creates(const migrate::KernelKnowledge& known, Markings markings, base::Tree& tree) {
  using migrate::Creates;
  if (markings == Markings::pt) return Creates::nothing;
  if (markings != Markings::automatic) return Creates::xattr;
  if (known.kernel) return known.kernel->reads_xattr ? Creates::xattr : Creates::nothing;
  const auto value = read_pax_markings(tree);
  return !value || value->find("XT") != std::string::npos ? Creates::xattr : Creates::nothing;
}

}  // namespace

KnownKernel find_kernel(const std::optional<pax::Kernel>& declared, const base::Tree& tree) {
  if (declared) return {*declared, "declared", {declared}};
  if (!tree.prefix().empty()) return {{}, "assumed", {}};
  const RunningKernel running = read_running_kernel();
  KnownKernel known{running.kernel, running.has_pax ? "running" : "assumed", {}};
  if (!running.shows_config) return known;
  known.edits.kernel = running.kernel;
  // A switch that may be turned back at any time; the letter is needed then.
  known.edits.kernel->randomize = true;
  return known;
}

migrate::RelaxationPolicy EditPolicy::of(elf::Abi abi) const {
  migrate::RelaxationPolicy policy;
  policy.kernels = migrate::kernels_for(kernel, abi);
  policy.kernel_known = kernel.kernel.has_value();
  policy.creates = creates;
  policy.force = force;
  return policy;
}

EditPolicy choose_edit_policy(const migrate::KernelKnowledge& kernel, Markings markings, bool force, base::Tree& tree) {
  return {kernel, choose_creates(kernel, markings, tree), force};
}

}  // namespace revdep::engine
