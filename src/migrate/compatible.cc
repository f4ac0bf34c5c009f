#include "migrate/compatible.h"

#include "pax/refusal.h"

namespace revdep::migrate {

using pax::Letter;
using pax::Marking;
using pax::Setting;

Merge merge(Marking exporter, std::optional<Marking> importer) {
  Merge merged;
  if (importer) merged.result = *importer;
  for (const Letter letter : pax::letters) {
    const Setting ours = merged.result.get(letter);
    const Setting theirs = exporter.get(letter);
    if (theirs == Setting::unset || ours == theirs) continue;
    if (ours == Setting::unset) {
      merged.result.set(letter, theirs);
    } else {
      merged.contradicted.push_back(letter);
    }
  }
  const bool first = !importer && !merged.result.empty();
  if (first && merged.result.get(Letter::E) == Setting::unset) merged.result.set(Letter::E, Setting::off);
  return merged;
}

Edit plan_edit(Marking exporter, const pax::Stores& importer) {
  Edit edit;
  edit.before = pax::own_marking(importer);
  Merge merged = merge(exporter, edit.before);
  edit.after = merged.result;
  edit.contradicted = std::move(merged.contradicted);
  if (edit.after == edit.before.value_or(Marking{})) return edit;

  edit.replaces_void = importer.xattr && !pax::parse_letters(*importer.xattr);
  if (importer.header) {
    edit.decision = Decision::skip_header;
  } else if (importer.ei_pax != 0 && !edit.before) {
    edit.decision = Decision::skip_ei;
  } else if (pax::refused_by_kernel(edit.after)) {
    edit.decision = Decision::refused_by_kernel;
  } else {
    edit.decision = Decision::set;
  }
  return edit;
}

}  // namespace revdep::migrate
