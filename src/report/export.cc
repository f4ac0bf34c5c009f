#include "report/export.h"

#include <map>
#include <set>
#include <sstream>

#include "report/json_values.h"
#include "report/names.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(json_text(text)); }

Json object_entry(const ExportedObject& object) {
  Json entry;
  put_name(entry, "path", object.path);
  entry["package"] = text_or_null(object.package);
  entry["abi"] = json_text(object.abi);
  entry["soname"] = nullptr;
  if (!object.soname.empty()) put_name(entry, "soname", object.soname);
  entry["interpreter"] = text_or_null(object.interpreter);
  entry["marking"] = json_marking(object.marking);
  Json needed = Json::array();
  for (const ExportedNeed& need : object.needed) {
    Json edge;
    put_name(edge, "soname", need.soname);
    edge["path"] = nullptr;
    if (!need.path.empty()) put_name(edge, "path", need.path);
    needed.push_back(std::move(edge));
  }
  entry["needed"] = std::move(needed);
  return entry;
}

Json package_entry(const ExportedPackage& package) {
  Json keywords = Json::array();
  std::istringstream words(package.metadata.keywords);
  for (std::string word; words >> word;) keywords.push_back(json_text(word));
  return {{"category", json_text(package.name.category)},  {"pf", json_text(package.name.pf)},
          {"slot", text_or_null(package.metadata.slot)},   {"keywords", std::move(keywords)},
          {"chost", text_or_null(package.metadata.chost)}, {"repository", text_or_null(package.metadata.repository)}};
}

// {abi: {key: names}}. Keys have no bytes beside them: they are the texts that the objects have.
template <class Names>
using Map = std::map<std::string, std::map<std::string, Names>>;

template <class Names>
void write_map(Output& output, std::string_view name, const Map<Names>& map) {
  output << ",\n\"" << name << "\":" << Json(map).dump();
}

template <class Entry, class Values>
void write_list(Output& output, std::string_view name, const Values& values, Entry entry) {
  output << ",\n\"" << name << "\":[";
  bool first = true;
  for (const auto& value : values) {
    output << (first ? "\n" : ",\n") << entry(value).dump();
    first = false;
  }
  output << "\n]";
}

}  // namespace

void write_export(Output& output, const std::vector<ExportedObject>& objects,
                  const std::vector<ExportedPackage>& packages) {
  Map<std::vector<std::string>> direct;
  Map<std::set<std::string>> inverse;
  for (const ExportedObject& object : objects) {
    const std::string abi = json_text(object.abi);
    const std::string path = json_text(object.path);
    std::vector<std::string>& sonames = direct[abi][path];
    for (const ExportedNeed& need : object.needed) {
      sonames.push_back(json_text(need.soname));
      inverse[abi][sonames.back()].insert(path);
    }
  }
  output << R"({"schema":1,"kind":"export")";
  write_list(output, "packages", packages, package_entry);
  write_list(output, "objects", objects, object_entry);
  write_map(output, "direct", direct);
  write_map(output, "inverse", inverse);
  output << "}\n";
}

}  // namespace revdep::report
