// --why: who asks for each letter of a file, by which way, and which run set it.
#include <algorithm>
#include <iostream>
#include <optional>

#include "engine/requirements.h"
#include "loader/chain.h"
#include "report/history.h"
#include "revdep-pax/lookup.h"

namespace revdep::tool {
namespace {

using base::ObjectId;

// The run whose edit last gave the file this letter.
std::optional<migrate::Run> run_behind(const migrate::Journal& journal, const std::string& path, pax::Letter letter,
                                       pax::Setting setting) {
  if (setting == pax::Setting::unset) return std::nullopt;
  const auto runs = journal.runs();
  if (!runs) return std::nullopt;
  for (const migrate::Run& run : *runs) {
    const auto edits = journal.edits_of(run.id);
    if (!edits) continue;
    for (const migrate::JournalledEdit& edit : *edits) {
      const bool names_it = std::ranges::find(edit.names, path) != edit.names.end();
      const auto before = pax::own_marking(edit.before).value_or(pax::Marking{});
      const auto after = pax::own_marking(edit.after).value_or(pax::Marking{});
      if (names_it && edit.state == migrate::EditState::done && before.get(letter) != setting &&
          after.get(letter) == setting) {
        return run;
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> way_to(Session& session, const loader::Mapping& mapping, ObjectId from, ObjectId to) {
  std::vector<std::string> way;
  for (const loader::Resolution* const step : shortest_way(mapping, from, to)) {
    way.emplace_back(session.system.graph().path(step->provider));
  }
  return way;
}

}  // namespace

base::Result<Exit> report_why(Session& session) {
  const auto object = find_object(session, session.options.subject);
  if (!object) return object.error();
  engine::System& system = session.system;
  const auto journal =
      migrate::Journal::open(engine::state_path(system.tree(), session.options.state), migrate::Journal::Access::read);
  if (!journal) return journal.error();
  const auto known = journal->claims();
  if (!known) return known.error();
  engine::Claims claims(system, *known);
  engine::Askers askers(system, claims);

  report::Why why;
  why.path = system.graph().path(*object);
  why.package = package_of(system, *object);
  why.marking = pax::own_marking(system.marking(*object).stores);
  const engine::Requirement requirement = askers.requirement(*object);
  const loader::Mapping mapping = system.explain(*object);
  const migrate::Claim* const claim = claims.find(why.path);
  for (const pax::Letter letter : pax::letters) {
    const pax::Setting setting = why.marking.value_or(pax::Marking{}).get(letter);
    const bool is_asked = requirement.asked.asks(letter);
    if (setting == pax::Setting::unset && !is_asked) continue;
    report::WhyLetter& entry = why.letters.emplace_back();
    entry.letter = letter;
    entry.setting = setting;
    entry.asked = is_asked;
    entry.filler = letter == pax::Letter::E && claim != nullptr && claim->filler_e;
    const auto reason = std::ranges::find(requirement.reasons, letter, &migrate::Reason::letter);
    if (reason != requirement.reasons.end()) {
      for (const std::string& asker : reason->askers) {
        entry.chains.push_back(way_to(session, mapping, *object, system.graph().find(asker)));
      }
    }
    entry.run = run_behind(*journal, why.path, letter, setting);
  }
  if (session.options.format == Format::json) {
    report::write_why_json(session.output, why);
  } else {
    report::write_why_text(session.output, why);
  }
  for (const base::Error& untrusted : askers.untrusted()) session.problems.push_back(untrusted);
  return Exit::clean;
}

}  // namespace revdep::tool
