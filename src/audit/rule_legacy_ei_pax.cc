#include <array>
#include <cstdio>
#include <utility>

#include "audit/rules.h"
#include "audit/wording.h"

namespace revdep::audit {
namespace {

std::string describe_weight(const Context& context, const Subject& subject) {
  if (!context.kernel.reads_ei) return "which the kernel does not read";
  if (context.kernel.softmode) return "which the kernel ignores in soft mode";
  const bool decides = pax::judge(subject.stores, context.kernel).source == pax::Store::ei;
  return decides ? "by which the kernel goes" : "which a marking overrides";
}

}  // namespace

void check_legacy_ei_pax(const Context& context, const Subject& subject, std::vector<Finding>& findings) {
  if (subject.stores.ei_pax == 0) return;
  Finding finding = begin_marking_finding(Rule::legacy_ei_pax, subject);
  std::array<char, 16> byte{};
  std::snprintf(byte.data(), byte.size(), "0x%02x", static_cast<unsigned>(subject.stores.ei_pax));
  finding.cause = std::string("its EI_PAX byte is ") + byte.data();
  finding.message = finding.cause + " and says " + spell(pax::parse_ei(subject.stores.ei_pax)) + ", " +
                    describe_weight(context, subject);
  findings.push_back(std::move(finding));
}

}  // namespace revdep::audit
