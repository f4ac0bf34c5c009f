#include "report/suggestions.h"

#include "report/names.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

std::string reach(const SuggestedMarking& suggestion) {
  const std::size_t count = suggestion.executables;
  std::string text = std::to_string(count) + (count == 1 ? " executable loads it" : " executables load it");
  if (suggestion.privileged_executables != 0) {
    text += ", " + std::to_string(suggestion.privileged_executables) + " of them set-id";
  }
  return text;
}

}  // namespace

void write_suggestions_text(Output& output, const std::vector<SuggestedMarking>& suggestions) {
  for (const SuggestedMarking& suggestion : suggestions) {
    output << escape(suggestion.path);
    if (!suggestion.package.empty()) output << " [" << suggestion.package << ']';
    output << ": " << pax::format_letters(pax::as_marking(suggestion.flags)) << " (" << escape(suggestion.evidence);
    if (suggestion.library) output << "; " << reach(suggestion);
    output << ")\n";
  }
}

void write_suggestions_json(Output& output, const std::vector<SuggestedMarking>& suggestions) {
  Json list = Json::array();
  for (const SuggestedMarking& suggestion : suggestions) {
    Json entry;
    put_name(entry, "path", suggestion.path);
    if (!suggestion.package.empty()) entry["package"] = json_text(suggestion.package);
    entry["flags"] = pax::format_letters(pax::as_marking(suggestion.flags));
    entry["evidence"] = json_text(suggestion.evidence);
    entry["library"] = suggestion.library;
    entry["executables"] = suggestion.executables;
    entry["set_id_executables"] = suggestion.privileged_executables;
    list.push_back(std::move(entry));
  }
  Json document{{"schema", 1}, {"kind", "suggest"}};
  document["suggestions"] = std::move(list);
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
