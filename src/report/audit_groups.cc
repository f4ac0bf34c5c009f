#include "report/audit_groups.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <tuple>

#include "report/findings.h"
#include "report/names.h"

namespace revdep::report {
namespace {

using audit::Finding;

// What the findings of a group have in common.
auto common(const Finding& finding) {
  static const audit::Mend none;
  const audit::Mend& mend = finding.mend ? *finding.mend : none;
  return std::tuple<audit::Severity, audit::Rule, const std::string&, const std::vector<std::string>&, bool>(
      finding.severity, finding.rule, finding.cause, mend.words, mend.takes_objects);
}

struct ByWhatIsCommon {
  bool operator()(const Finding* left, const Finding* right) const { return common(*left) < common(*right); }
};

bool is_before(const FindingGroup& left, const FindingGroup& right) {
  const Finding& ours = left.first();
  const Finding& theirs = right.first();
  if (ours.severity != theirs.severity) return ours.severity > theirs.severity;
  if (ours.rule != theirs.rule) return ours.rule < theirs.rule;
  if (left.objects.size() != right.objects.size()) return left.objects.size() > right.objects.size();
  return std::tie(ours.cause, ours.object, ours.message) < std::tie(theirs.cause, theirs.object, theirs.message);
}

}  // namespace

std::vector<FindingGroup> group_findings(const std::vector<Finding>& findings, audit::Severity least) {
  std::vector<FindingGroup> groups;
  std::map<const Finding*, std::size_t, ByWhatIsCommon> known;
  for (const Finding& finding : findings) {
    if (finding.severity < least) continue;
    std::size_t index = groups.size();
    if (!finding.cause.empty()) index = known.emplace(&finding, index).first->second;
    if (index == groups.size()) groups.emplace_back();
    groups[index].findings.push_back(&finding);
  }
  for (FindingGroup& group : groups) {
    std::set<std::string> objects;
    for (const Finding* const finding : group.findings) objects.insert(finding->object);
    group.objects.assign(objects.begin(), objects.end());
  }
  std::ranges::stable_sort(groups, is_before);
  return groups;
}

std::string clause(std::string_view text) {
  std::string line;
  for (const char character : text) {
    if (character == '\\') {
      line += character;
    } else {
      line += escape({&character, 1});
    }
  }
  return line;
}

std::vector<std::string> mending_command(const audit::Mend& mend, const std::vector<std::string>& objects) {
  std::vector<std::string> words = mend.words;
  if (mend.takes_objects) words.insert(words.end(), objects.begin(), objects.end());
  return words;
}

std::optional<std::string> mending_line(const audit::Mend& mend, const std::vector<std::string>& objects) {
  std::string line = shell_command(mending_command(mend, objects));
  const bool has_control = std::ranges::any_of(
      line, [](char character) { return static_cast<unsigned char>(character) < 0x20 || character == 0x7f; });
  if (has_control) return std::nullopt;
  return line;
}

}  // namespace revdep::report
