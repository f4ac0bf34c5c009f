#include "report/block.h"

#include "migrate/compatible.h"
#include "report/names.h"

namespace revdep::report {

Object::Object(std::string_view path, std::string_view name, std::string_view abi, std::optional<pax::Marking> marking)
    : path_(path), name_(name), abi_(abi), marking_(marking), escaped_path_(escape(path)) {
  flags_ = "( " + (marking ? pax::format_columns(*marking) : std::string("****")) + " )";
  line_ = escaped_path_ + " " + flags_;
}

Relation compare(const std::optional<pax::Marking>& exporter, const std::optional<pax::Marking>& importer) {
  const pax::Marking ours = importer.value_or(pax::Marking{});
  const pax::Marking theirs = exporter.value_or(pax::Marking{});
  if (ours == theirs) return Relation::same;
  const migrate::Merge merged = migrate::merge(theirs, importer);
  return merged.result == ours && merged.contradicted.empty() ? Relation::differs : Relation::mismatch;
}

}  // namespace revdep::report
