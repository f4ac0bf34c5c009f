#include "config/import.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "config/flags.h"
#include "config/foreign.h"
#include "config/glob.h"
#include "config/rules.h"
#include "pax/verdict.h"

namespace revdep::config {
namespace {

using pax::Letter;
using pax::Setting;

struct Daemon {
  std::string_view name;
  ForeignList (*parse)(std::string_view text);
  bool adds_e;      // to flags without E
  bool last_holds;  // of two entries for one path; else the first
};

constexpr std::array<Daemon, 3> daemons = {
    {{"paxctld", parse_paxctld, true, true}, {"paxd", parse_paxd, false, false}, {"paxrat", parse_paxrat, true, true}}};

struct Entry {
  std::size_t line = 0;
  Mark mark;
};

// What is wrong with the entry; "": it is in `mark`.
std::string convert(const ForeignMark& entry, const Daemon& daemon, Mark& mark) {
  if (entry.path.find('\0') != std::string::npos) return "the path holds a NUL byte";
  if (entry.path.find('\n') != std::string::npos) return "no rule can name a path with a line break";
  mark.glob = escape_glob(entry.path);
  if (std::string fault = check_glob(mark.glob); !fault.empty()) return fault;
  const Flags flags = parse_flags(entry.flags);
  if (!flags.fault.empty()) return flags.fault;
  mark.letters = flags.letters;
  if (daemon.adds_e && mark.letters.get(Letter::E) == Setting::unset) mark.letters.set(Letter::E, Setting::off);
  mark.nonroot = entry.nonroot;
  return "";
}

// What the marking does on an amd64 kernel in hard mode that its letters do not say; "": nothing.
std::string remark(pax::Marking letters) {
  const pax::Verdict verdict = pax::judge({pax::format_letters(letters), std::nullopt, 0}, {});
  if (verdict.refused) return "# an amd64 kernel refuses this: " + verdict.reason + '\n';
  if (verdict.effective.on(Letter::E) && letters.get(Letter::E) == Setting::unset) {
    return "# without an e this switches EMUTRAMP on\n";
  }
  return "";
}

// Of several entries for one path leaves the one that holds.
std::vector<Entry> drop_repeated(std::vector<Entry> entries, const Daemon& daemon, std::vector<ForeignFault>& faults) {
  std::map<std::string, std::size_t> holding;  // the index of the entry for a path
  std::vector<bool> dropped(entries.size());
  for (std::size_t index = 0; index < entries.size(); ++index) {
    const auto [known, is_new] = holding.try_emplace(entries[index].mark.glob, index);
    if (is_new) continue;
    const std::size_t loser = daemon.last_holds ? std::exchange(known->second, index) : index;
    dropped[loser] = true;
    const Entry& holds = entries[known->second];
    faults.push_back({entries[loser].line, "the same path stands at line " + std::to_string(holds.line) +
                                               ", which holds, as with " + std::string(daemon.name) + ": " +
                                               format_rule(holds.mark)});
  }
  std::vector<Entry> left;
  for (std::size_t index = 0; index < entries.size(); ++index) {
    if (!dropped[index]) left.push_back(std::move(entries[index]));
  }
  return left;
}

}  // namespace

std::optional<ForeignFormat> parse_foreign_format(std::string_view name) {
  const auto found = std::ranges::find(daemons, name, &Daemon::name);
  if (found == daemons.end()) return std::nullopt;
  return static_cast<ForeignFormat>(found - daemons.begin());
}

Imported import_rules(ForeignFormat format, std::string_view text, std::string_view name) {
  const Daemon& daemon = daemons[static_cast<std::size_t>(format)];
  ForeignList list = daemon.parse(text);
  std::vector<Entry> entries;
  for (const ForeignMark& foreign : list.marks) {
    Entry entry{foreign.line, {}};
    if (std::string fault = convert(foreign, daemon, entry.mark); !fault.empty()) {
      list.faults.push_back({foreign.line, std::move(fault)});
    } else {
      entries.push_back(std::move(entry));
    }
  }
  Imported imported;
  for (const Entry& entry : drop_repeated(std::move(entries), daemon, list.faults)) {
    imported.rules += remark(entry.mark.letters) + format_rule(entry.mark) + '\n';
  }
  std::ranges::stable_sort(list.faults, {}, &ForeignFault::line);
  for (ForeignFault& fault : list.faults) {
    imported.errors.push_back(
        {"import", std::string(name) + ':' + std::to_string(fault.line), std::move(fault.reason)});
  }
  return imported;
}

}  // namespace revdep::config
