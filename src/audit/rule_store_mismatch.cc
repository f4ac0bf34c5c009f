#include <optional>
#include <utility>

#include "audit/remedy.h"
#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {

void check_store_mismatch(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (!subject.library || (subject.executable && subject.verdict.refused)) return;
  if (!subject.stores.xattr || !subject.stores.header) return;
  const std::optional<pax::Marking> xattr = pax::parse_letters(*subject.stores.xattr);
  const std::optional<pax::Marking> header = pax::parse_header(*subject.stores.header);
  if (!xattr || !header || *xattr == *header) return;
  Finding finding = begin_marking_finding(Rule::store_mismatch, subject);
  finding.cause = describe_stores(subject.stores);
  finding.message = finding.cause + ", so tools disagree on what it asks for";
  finding.mend = mend_by_agreeing(context, subject);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
