#include "audit/running.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "audit/demand.h"
#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {
namespace {

constexpr std::int64_t tolerance = 1;  // seconds

// Findings that differ in nothing but the process are one.
class Gathered {
 public:
  void add(const RunningProcess& process, Finding finding) {
    finding.object = process.executable;
    finding.package = process.package;
    finding.severity = info(finding.rule).severity;
    auto key = std::tuple(finding.rule, finding.object, finding.message);
    Entry& entry = entries_[std::move(key)];
    entry.pids.insert(process.pid);
    if (entry.pids.size() == 1) entry.finding = std::move(finding);
  }

  void finish(std::vector<Finding>& findings) {
    for (auto& [key, entry] : entries_) {
      entry.finding.message += " (" + pids_text(entry.pids) + ')';
      findings.push_back(std::move(entry.finding));
    }
  }

 private:
  struct Entry {
    Finding finding;
    std::set<pid_t> pids;
  };

  // "pid 12", "pids 12, 34 and 56", "pids 12, 34 and 5 more"
  static std::string pids_text(const std::set<pid_t>& pids) {
    auto pid = pids.begin();
    const std::string first = std::to_string(*pid++);
    if (pids.size() == 1) return "pid " + first;
    const std::string second = std::to_string(*pid++);
    if (pids.size() == 2) return "pids " + first + " and " + second;
    const std::string rest = pids.size() == 3 ? std::to_string(*pid) : std::to_string(pids.size() - 2) + " more";
    return "pids " + first + ", " + second + " and " + rest;
  }

  std::map<std::tuple<Rule, std::string, std::string>, Entry> entries_;
};

std::string verdict_text(const pax::Verdict& verdict) {
  return verdict.refused ? "refused" : pax::format_effective(verdict.effective);
}

// The letters of `asked` that a process with these flags has not got.
pax::Relaxations lacking(const pax::Kernel& kernel, pax::Effective effective, pax::Relaxations asked) {
  asked = supported(kernel, asked);
  const pax::Effective relaxed = pax::relax(effective, asked);
  pax::Relaxations missing;
  for (const pax::Letter letter : pax::letters) {
    if (asked.asks(letter) && relaxed.on(letter) != effective.on(letter)) missing.ask(letter);
  }
  return missing;
}

bool denies_any(const pax::Stores& stores, pax::Relaxations asked) {
  return std::ranges::any_of(
      pax::letters, [&](pax::Letter letter) { return asked.asks(letter) && is_denied(stores, letter, false); });
}

void check_unmet(const Context& context, const RunningProcess& process, const MappedLibrary& library,
                 Gathered& gathered) {
  if (!process.shown && process.verdict.refused) return;
  const pax::Effective effective = process.shown.value_or(process.verdict.effective);
  const pax::Relaxations missing = lacking(context.kernel, effective, library.asked);
  if (missing.empty()) return;
  const std::string name = base::escape(library.path);
  Finding finding;
  finding.rule = Rule::running_unmet;
  finding.cause = spell(missing) + " is asked for by " + name;
  finding.message = "runs as " + pax::format_effective(effective) + ", and " + name + " asks for " + spell(missing);
  if (!library.known) {
    finding.chains = {{{library.path, true}}};
  } else if (!library.chain.empty()) {
    finding.chains = {library.chain};
  }
  finding.stores = process.stores;
  finding.verdict = verdict_text(process.verdict);
  const bool granted =
      !process.verdict.refused && lacking(context.kernel, process.verdict.effective, library.asked).empty();
  if (granted || process.deleted) {
    finding.message += ": restart it";
  } else if (denies_any(process.stores, missing)) {
    finding.message += ", which its own marking denies";
  } else if (library.known) {
    finding.mend = command(context, {"-r", "-m"}, Objects::none);
  } else {
    finding.message +=
        ", though no file says that it is loaded; the rule for that: " + load_rule(process.executable, library.path);
  }
  gathered.add(process, std::move(finding));
}

void check_plugin(const RunningProcess& process, const MappedLibrary& library, Gathered& gathered) {
  if (library.known) return;
  Finding finding;
  finding.rule = Rule::unknown_plugin;
  const std::string name = base::escape(library.path);
  finding.cause = name + " is loaded, and no file says so";
  finding.message = "has loaded " + name + "; the rule for that: " + load_rule(process.executable, library.path);
  finding.chains = {{{library.path, true}}};
  gathered.add(process, std::move(finding));
}

// See the header for the rule.
void check_stale(const RunningProcess& process, Gathered& gathered) {
  Finding finding;
  finding.rule = Rule::running_stale;
  if (process.deleted) {
    finding.cause = "the file was removed or replaced since it was started";
    finding.message = "its file was removed or replaced: restart it";
  } else if (process.shown) {
    const bool other = process.verdict.refused || process.verdict.effective != *process.shown;
    if (!other || process.changed + tolerance < process.started) return;
    finding.cause = "the marking was changed since it was started";
    finding.message =
        "runs as " + pax::format_effective(*process.shown) +
        (process.verdict.refused ? ", and its marking is refused now: restart it once that is mended"
                                 : ", and its marking gives " + verdict_text(process.verdict) + " now: restart it");
  } else {
    if (!pax::own_marking(process.stores) || process.changed <= process.started + tolerance) return;
    finding.cause = "the marking may have been changed since it was started";
    finding.message = "its file was changed since, and may have got its marking then: restart it";
  }
  finding.stores = process.stores;
  finding.verdict = verdict_text(process.verdict);
  gathered.add(process, std::move(finding));
}

bool is_plain(char byte) {
  constexpr std::string_view signs = "/._+-,:@%=~";
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         signs.find(byte) != std::string_view::npos;
}

// A pattern that fits this name alone, but for control characters, as a word of the configuration.
std::string pattern_word(std::string_view name) {
  std::string word;
  bool plain = !name.empty();
  for (const char byte : name) {
    constexpr std::string_view special = "*?[\\";
    plain = plain && is_plain(byte);
    if (special.find(byte) != std::string_view::npos) word += "\\\\";  // the pattern's backslash, in quotes
    if (byte == '"' || byte == '\\') word += '\\';
    word += static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f ? '?' : byte;
  }
  return plain ? word : '"' + word + '"';
}

}  // namespace

void check_running(const Context& context, std::span<const RunningProcess> processes, std::vector<Finding>& findings) {
  Gathered gathered;
  for (const RunningProcess& process : processes) {
    if (process.executable.starts_with("/memfd:")) continue;
    check_stale(process, gathered);
    for (const MappedLibrary& library : process.libraries) {
      if (library.path == process.executable) continue;
      check_unmet(context, process, library, gathered);
      check_plugin(process, library, gathered);
    }
  }
  gathered.finish(findings);
}

std::string load_rule(std::string_view executable, std::string_view library) {
  return "load " + pattern_word(executable) + " -> " + pattern_word(library);
}

}  // namespace revdep::audit
