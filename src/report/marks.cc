#include "report/marks.h"

#include <algorithm>
#include <string>

#include "report/json_values.h"
#include "report/names.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

std::string_view keyword(Outcome outcome) {
  switch (outcome) {
    case Outcome::marked:
      return "marked";
    case Outcome::right:
      return "right";
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

void write_marks_text(Output& output, const std::vector<Mark>& marks) {
  output << count(marks, Outcome::marked) << " marked, " << count(marks, Outcome::right) << " already right, "
         << count(marks, Outcome::refused) << " refused to change, " << count(marks, Outcome::failed) << " failed";
  const std::string declined = count(marks, Outcome::declined);
  if (declined != "0") output << ", " << declined << " declined";
  output << '\n';
}

void write_marks_json(Output& output, const std::vector<Mark>& marks) {
  Json edits = Json::array();
  for (const Mark& mark : marks) {
    Json edit;
    put_name(edit, "path", mark.path);
    edit["before"] = json_marking(mark.before);
    edit["after"] = json_marking(mark.after);
    edit["outcome"] = keyword(mark.outcome);
    if (!mark.reason.empty()) edit["reason"] = json_text(mark.reason);
    edits.push_back(std::move(edit));
  }
  Json document{{"schema", 1}, {"kind", "mark"}};
  document["edits"] = std::move(edits);
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
