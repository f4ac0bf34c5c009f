#include "report/verdicts.h"

#include "report/json_values.h"
#include "report/names.h"
#include "report/stores.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

std::string_view keyword(pax::Store store) {
  switch (store) {
    case pax::Store::xattr:
      return "xattr";
    case pax::Store::header:
      return "header";
    case pax::Store::ei:
      return "ei";
    case pax::Store::none:
      break;
  }
  return "none";
}

}  // namespace

void write_verdicts_text(Output& output, const std::vector<FileVerdict>& files) {
  for (const FileVerdict& file : files) {
    output << escape(file.path) << "\n\tuser.pax.flags " << show_xattr(file.stores.xattr) << "\n\tPT_PAX "
           << show_header(file.stores.header);
    if (file.stores.ei_pax != 0) output << "\n\tEI_PAX " << std::to_string(file.stores.ei_pax);
    output << "\n\tverdict " << (file.verdict.refused ? "refused" : pax::format_effective(file.verdict.effective))
           << " (" << file.verdict.reason << ")\n\n";
  }
}

void write_verdicts_json(Output& output, const std::vector<FileVerdict>& files) {
  Json list = Json::array();
  for (const FileVerdict& file : files) {
    Json entry;
    put_name(entry, "path", file.path);
    entry["stores"] = json_stores(file.stores);
    entry["refused"] = file.verdict.refused;
    entry["effective"] = file.verdict.refused ? Json(nullptr) : Json(pax::format_effective(file.verdict.effective));
    entry["decided_by"] = keyword(file.verdict.source);
    entry["reason"] = json_text(file.verdict.reason);
    list.push_back(std::move(entry));
  }
  Json document{{"schema", 1}, {"kind", "verdict"}};
  document["files"] = std::move(list);
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
