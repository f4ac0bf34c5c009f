#include "report/history.h"

#include "pax/relax.h"
#include "report/json_values.h"
#include "report/names.h"
#include "report/stores.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

std::string_view keyword(migrate::EditState state) {
  switch (state) {
    case migrate::EditState::open:
      return "open";
    case migrate::EditState::done:
      return "done";
    case migrate::EditState::failed:
      return "failed";
    case migrate::EditState::undone:
      return "undone";
  }
  return "";
}

// The letter as it stands, or as it is asked for.
std::string letter_text(const WhyLetter& letter) {
  return pax::format_letter(letter.letter,
                            letter.setting == pax::Setting::unset ? pax::relaxed(letter.letter) : letter.setting);
}

Json json_run(const migrate::Run& run) {
  Json json{{"id", run.id}, {"time", format_time(run.time)}, {"uid", run.uid}};
  json["command"] = json_text(run.command);
  json["undoes"] = nullptr;
  if (run.undoes) json["undoes"] = *run.undoes;
  return json;
}

}  // namespace

void write_history_text(Output& output, const std::vector<RunReport>& history, bool verbose) {
  for (const auto& [run, edits] : history) {
    output << std::to_string(run.id) << '\t' << format_time(run.time) << '\t' << std::to_string(edits.size())
           << (edits.size() == 1 ? " file\t" : " files\t") << escape(run.command);
    if (run.undoes) output << "\t(undoes " << std::to_string(*run.undoes) << ')';
    output << '\n';
    if (!verbose) continue;
    for (const migrate::JournalledEdit& edit : edits) {
      output << "\t" << escape(edit.names.front()) << ": xattr " << show_xattr(edit.before.xattr) << " -> "
             << show_xattr(edit.after.xattr) << ", PT_PAX " << show_header(edit.before.header) << " -> "
             << show_header(edit.after.header) << " (" << keyword(edit.state) << ")\n";
      for (const migrate::Reason& reason : edit.reasons) {
        if (reason.askers.empty()) continue;
        output << "\t\t" << pax::format_letter(reason.letter, pax::relaxed(reason.letter)) << ':';
        for (const std::string& asker : reason.askers) output << ' ' << escape(asker);
        output << '\n';
      }
    }
  }
}

void write_history_json(Output& output, const std::vector<RunReport>& history) {
  Json runs = Json::array();
  for (const auto& [run, edits] : history) {
    Json json = json_run(run);
    json["edits"] = Json::array();
    for (const migrate::JournalledEdit& edit : edits) {
      Json entry;
      put_name(entry, "path", edit.names.front());
      entry["sha256"] = edit.file.sha256;
      entry["state"] = keyword(edit.state);
      entry["before"] = json_stores(edit.before);
      entry["after"] = json_stores(edit.after);
      entry["reasons"] = Json::array();
      for (const migrate::Reason& reason : edit.reasons) {
        Json askers = Json::array();
        for (const std::string& asker : reason.askers) askers.push_back(json_text(asker));
        entry["reasons"].push_back({{"letter", pax::format_letter(reason.letter, pax::relaxed(reason.letter))},
                                    {"askers", std::move(askers)}});
      }
      json["edits"].push_back(std::move(entry));
    }
    runs.push_back(std::move(json));
  }
  Json document{{"schema", 1}, {"kind", "history"}};
  document["runs"] = std::move(runs);
  output << document.dump(2) << '\n';
}

void write_why_text(Output& output, const Why& why) {
  output << escape(why.path) << (why.package.empty() ? "" : " [" + why.package + "]") << " ( "
         << (why.marking ? pax::format_columns(*why.marking) : "****") << " )\n";
  for (const WhyLetter& letter : why.letters) {
    output << '\t' << letter_text(letter);
    if (letter.setting == pax::Setting::unset) output << " (not set)";
    if (letter.filler) output << " (filler: keeps EMUTRAMP off)";
    if (letter.run)
      output << ", set by run " << std::to_string(letter.run->id) << " of " << format_time(letter.run->time);
    if (!letter.asked && !letter.filler && !letter.run) output << ", no library asks for it and no run of ours set it";
    output << '\n';
    for (const std::vector<std::string>& chain : letter.chains) {
      output << "\t\tasked for by";
      if (chain.empty()) output << " a library that is not loaded any more";
      for (std::size_t step = chain.size(); step-- > 0;) {
        output << ' ' << escape(chain[step]) << (step == 0 ? "" : ", loaded for");
      }
      output << '\n';
    }
  }
}

void write_why_json(Output& output, const Why& why) {
  Json document{{"schema", 1}, {"kind", "why"}};
  put_name(document, "path", why.path);
  if (!why.package.empty()) document["package"] = json_text(why.package);
  document["marking"] = json_marking(why.marking);
  document["letters"] = Json::array();
  for (const WhyLetter& letter : why.letters) {
    Json entry{
        {"letter", letter_text(letter)}, {"set", letter.setting != pax::Setting::unset}, {"asked", letter.asked}};
    entry["filler"] = letter.filler;
    entry["chains"] = Json::array();
    for (const std::vector<std::string>& chain : letter.chains) {
      Json steps = Json::array();
      for (const std::string& step : chain) steps.push_back(json_text(step));
      entry["chains"].push_back(std::move(steps));
    }
    entry["run"] = letter.run ? json_run(*letter.run) : Json(nullptr);
    document["letters"].push_back(std::move(entry));
  }
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
