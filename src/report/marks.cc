#include "report/marks.h"

#include <algorithm>
#include <string>

#include "pax/relax.h"
#include "report/json_values.h"
#include "report/names.h"
#include "report/stores.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

std::string_view keyword(Outcome outcome) {
  switch (outcome) {
    case Outcome::marked:
      return "marked";
    case Outcome::right:
      return "right";
    case Outcome::withdrawn:
      return "withdrawn";
    case Outcome::pending:
      return "pending";
    case Outcome::refused:
      return "refused";
    case Outcome::failed:
      return "failed";
    case Outcome::declined:
      return "declined";
  }
  return "";
}

std::string count(const std::vector<Mark>& marks, Outcome outcome) {
  return std::to_string(
      std::count_if(marks.begin(), marks.end(), [outcome](const Mark& mark) { return mark.outcome == outcome; }));
}

}  // namespace

std::string format_reasons(const std::vector<migrate::Reason>& reasons) {
  std::string text;
  for (const migrate::Reason& reason : reasons) {
    if (reason.askers.empty()) continue;
    text += (text.empty() ? "" : "; ") + pax::format_letter(reason.letter, pax::relaxed(reason.letter));
    const char* separator = ": ";
    for (const std::string& asker : reason.askers) {
      text += separator + escape(asker);
      separator = ", ";
    }
  }
  return text;
}

void write_pending_text(Output& output, const Mark& mark) {
  const std::string path = escape(mark.path) + (mark.package.empty() ? "" : " [" + mark.package + "]");
  const std::string why = mark.why.empty() ? "" : "  (" + mark.why + ")";
  if (mark.before.xattr != mark.after.xattr) {
    output << path << ": user.pax.flags " << show_xattr(mark.before.xattr) << " -> " << show_xattr(mark.after.xattr)
           << why << '\n';
  }
  if (mark.before.header != mark.after.header) {
    output << path << ": PT_PAX " << show_header(mark.before.header) << " -> " << show_header(mark.after.header) << why
           << '\n';
  }
}

void write_marks_text(Output& output, const std::vector<Mark>& marks) {
  const std::string pending = count(marks, Outcome::pending);
  const bool only_planned = pending != "0";
  output << (only_planned ? pending : count(marks, Outcome::marked)) << (only_planned ? " to change, " : " marked, ")
         << count(marks, Outcome::right) << " already right, ";
  if (!only_planned) output << count(marks, Outcome::withdrawn) << " withdrawn, ";
  output << count(marks, Outcome::refused) << " refused to change, " << count(marks, Outcome::failed) << " failed";
  const std::string declined = count(marks, Outcome::declined);
  if (declined != "0") output << ", " << declined << " declined";
  output << '\n';
}

void write_marks_json(Output& output, const std::vector<Mark>& marks) {
  Json edits = Json::array();
  for (const Mark& mark : marks) {
    Json edit;
    put_name(edit, "path", mark.path);
    if (!mark.package.empty()) edit["package"] = json_text(mark.package);
    edit["before"] = json_marking(pax::own_marking(mark.before));
    edit["after"] = json_marking(pax::own_marking(mark.after));
    edit["stores"] = {{"before", json_stores(mark.before)}, {"after", json_stores(mark.after)}};
    edit["outcome"] = keyword(mark.outcome);
    if (!mark.reason.empty()) edit["reason"] = json_text(mark.reason);
    if (!mark.why.empty()) edit["why"] = json_text(mark.why);
    edits.push_back(std::move(edit));
  }
  Json document{{"schema", 1}, {"kind", "mark"}};
  document["edits"] = std::move(edits);
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
