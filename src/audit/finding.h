// What the audit has to say about one object, and the list of rules that say it. Plain values: nothing here decides.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pax/marking.h"

namespace revdep::audit {

enum class Severity : unsigned char { note, warning, error };

/// Their ids are for ever: users name them in --rule and in files of ignored findings.
enum class Rule : unsigned char {
  refused,
  void_marking,
  unmet_requirement,
  conflict,
  untrusted_asker,
  unjustified,
  emutramp_by_accident,
  stale_claim,
  needs_marking,
  store_mismatch,
  no_xattr,
  unresolved,
  unreadable,
  legacy_ei_pax,
  vdb_disagrees,
  running_unmet,
  running_stale,
  unknown_plugin,
  denied,
};

struct RuleInfo {
  Rule rule;
  std::string_view id;       ///< "unmet-requirement"
  Severity severity;         ///< the usual one; Finding::severity counts
  std::string_view summary;  ///< one sentence
};

/// In the order of Rule.
std::span<const RuleInfo> all_rules();
const RuleInfo& info(Rule rule);
/// nullptr: there is none of that id.
const RuleInfo* find_rule(std::string_view id);
std::string_view keyword(Severity severity);

/// One object on the way from an executable to a library, the executable not among them.
struct Step {
  std::string path;
  bool dlopened = false;  ///< its predecessor opens it at run time, instead of needing it
  friend bool operator==(const Step&, const Step&) = default;
};
using Chain = std::vector<Step>;

/// A command that mends: its words, unquoted. Findings of one group are mended by one command.
struct Mend {
  std::vector<std::string> words;
  bool takes_objects = false;  ///< the object's path follows
  friend bool operator==(const Mend&, const Mend&) = default;
};

struct Finding {
  Rule rule = Rule::refused;
  Severity severity = Severity::note;
  std::string object;   ///< canonical path below the root; a soname for what nobody provides; a process's executable
  std::string package;  ///< "cat/pf"; "" when none owns it
  std::string message;  ///< what is wrong with this object, a clause without its path; names in it are escaped
  /// What findings have in common: "m is asked for by /usr/lib64/libjit.so.1", names escaped. Those of the same rule,
  /// severity, cause and mend are one entry of the text report.
  std::string cause;
  std::vector<Chain> chains;          ///< how the object comes to load who asks
  std::optional<pax::Stores> stores;  ///< of the object, where they matter
  std::string verdict;                ///< "PemRs", "refused"; "" where it does not matter
  std::optional<Mend> mend;
};

/// Severest first, then by rule, cause, object and message.
void sort(std::vector<Finding>& findings);

}  // namespace revdep::audit
