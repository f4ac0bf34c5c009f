#include <optional>
#include <utility>

#include "audit/justification.h"
#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {
namespace {

std::optional<Mend> mend(const Context& context, const Subject& subject, pax::Marking own) {
  if (!subject.library) {
    if (auto tidied = mend_by_setting(context, subject, tidied_marking(context, subject))) return tidied;
  }
  own.set(pax::Letter::E, pax::Setting::off);
  return mend_by_completing(context, subject, own);
}

}  // namespace

void check_emutramp_by_accident(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (!subject.executable || subject.verdict.refused || !subject.verdict.configured.on(pax::Letter::E)) return;
  const std::optional<pax::Marking> own = pax::own_marking(subject.stores);
  if (!own || own->get(pax::Letter::E) != pax::Setting::unset) return;
  if (compute_justified(context, subject).asks(pax::Letter::E)) return;
  Finding finding = begin_marking_finding(Rule::emutramp_by_accident, subject);
  finding.cause = "a marking without e switches EMUTRAMP on";
  finding.message =
      "its own marking says " + spell(*own) + " and no e, which switches EMUTRAMP on; nothing asks for that";
  finding.mend = mend(context, subject, *own);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
