#include "audit/finding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>

namespace revdep::audit {
namespace {

constexpr std::array<RuleInfo, 19> rules = {{
    {Rule::refused, "refused", Severity::error, "The kernel will not run this file, and does not say why."},
    {Rule::void_marking, "void-marking", Severity::error,
     "A marking is malformed or contradicts itself, so the kernel ignores it."},
    {Rule::unmet_requirement, "unmet-requirement", Severity::error,
     "A library asks for a relaxation that this executable is not granted."},
    {Rule::conflict, "conflict", Severity::error,
     "A library asks for what the executable's own marking explicitly forbids."},
    {Rule::untrusted_asker, "untrusted-asker", Severity::error,
     "A library carries a relaxation but is writable by others than root, so it is not followed."},
    {Rule::unjustified, "unjustified", Severity::warning,
     "A relaxation that no library, rule, claim or package explains."},
    {Rule::emutramp_by_accident, "emutramp-by-accident", Severity::warning,
     "A marking without e switches EMUTRAMP on, though nothing asks for it."},
    {Rule::stale_claim, "stale-claim", Severity::warning,
     "A letter was set for a library that does not ask for it any more."},
    {Rule::needs_marking, "needs-marking", Severity::warning,
     "What the ELF file shows, or the list of known objects says, needs a marking that is not there."},
    {Rule::store_mismatch, "store-mismatch", Severity::warning,
     "Header and xattr of a library differ, so tools disagree on what it asks for."},
    {Rule::no_xattr, "no-xattr", Severity::warning, "The filesystem cannot hold the marking."},
    {Rule::unresolved, "unresolved", Severity::note, "A needed library that nothing provides."},
    {Rule::unreadable, "unreadable", Severity::note, "An object could not be read."},
    {Rule::legacy_ei_pax, "legacy-ei-pax", Severity::note, "An object carries the legacy EI_PAX marking."},
    {Rule::vdb_disagrees, "vdb-disagrees", Severity::note, "The package database says other than the ELF file."},
    {Rule::running_unmet, "running-unmet", Severity::error,
     "A library that a process has mapped asks for a relaxation that the process lacks."},
    {Rule::running_stale, "running-stale", Severity::warning,
     "The executable's marking changed since the process started."},
    {Rule::unknown_plugin, "unknown-plugin", Severity::note,
     "A process has mapped a library that the graph does not lead to."},
    {Rule::denied, "denied", Severity::error, "The kernel log tells of a mapping that was denied."},
}};

}  // namespace

std::span<const RuleInfo> all_rules() { return rules; }

const RuleInfo& info(Rule rule) { return rules.at(static_cast<std::size_t>(rule)); }

const RuleInfo* find_rule(std::string_view id) {
  const auto* const found = std::ranges::find(rules, id, &RuleInfo::id);
  return found == rules.end() ? nullptr : found;
}

std::string_view keyword(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

void sort(std::vector<Finding>& findings) {
  const auto key = [](const Finding& finding) {
    return std::tie(finding.rule, finding.cause, finding.object, finding.message);
  };
  std::ranges::stable_sort(findings, [key](const Finding& left, const Finding& right) {
    if (left.severity != right.severity) return left.severity > right.severity;
    return key(left) < key(right);
  });
}

}  // namespace revdep::audit
