// A valid store is a set of features: in hard mode the complement of its disabling letters, in soft mode its enabling
// letters, each cut down to what the kernel has. The kernel takes the first set there is, after checking that xattr and
// header, where both are there, are the same set; it then lets PAGEEXEC and SEGMEXEC exclude each other, and refuses a set
// in which MPROTECT or EMUTRAMP has lost the one it stands on.
#include "pax/verdict.h"

#include <optional>
#include <utility>

namespace revdep::pax {
namespace {

// What one store comes to. Without a set the store does not count, and the remark says why unless it is just not there.
struct Reading {
  std::optional<Effective> set;
  std::string remark;
};

bool is_configured(Letter letter, const Kernel& kernel) {
  return has_feature(kernel, letter) && (letter != Letter::R || kernel.randomize);
}

bool has_nonexec_pages(Effective set) { return set.on(Letter::P) || set.on(Letter::S); }

Effective parse_marking(Marking marking, const Kernel& kernel) {
  Effective set;
  for (const Letter letter : letters) {
    const Setting setting = marking.get(letter);
    const bool wanted = kernel.softmode ? setting == Setting::on : setting != Setting::off;
    set.set(letter, wanted && is_configured(letter, kernel));
  }
  if (kernel.softmode && !has_nonexec_pages(set)) set.set(Letter::E, false);
  return set;
}

// Not by way of parse_ei's letters: a letter that is unset there does not mean what it means in a header (E is off without
// its bit), and M and E fall with the last *configured* one of P and S.
Effective parse_ei_byte(unsigned ei_pax, const Kernel& kernel) {
  constexpr unsigned pageexec_off = 1, emutramp_on = 2, mprotect_off = 4, randmmap_off = 8, segmexec_off = 32;
  Effective set;
  const auto take = [&](Letter letter, bool wanted) { set.set(letter, wanted && is_configured(letter, kernel)); };
  take(Letter::P, (ei_pax & pageexec_off) == 0);
  take(Letter::S, (ei_pax & segmexec_off) == 0);
  take(Letter::R, (ei_pax & randmmap_off) == 0);
  take(Letter::E, (ei_pax & emutramp_on) != 0 && has_nonexec_pages(set));
  take(Letter::M, (ei_pax & mprotect_off) == 0 && has_nonexec_pages(set));
  return set;
}

Effective compute_defaults(const Kernel& kernel) {
  Effective set;
  if (kernel.softmode && !kernel.up_to_3_11) return set;
  for (const Letter letter : {Letter::P, Letter::M, Letter::R, Letter::S}) {
    set.set(letter, is_configured(letter, kernel));
  }
  return set;
}

Reading weigh_xattr(const Stores& stores, const Kernel& kernel) {
  if (!stores.xattr) return {};
  if (!kernel.reads_xattr) return {std::nullopt, "the xattr is not read by this kernel"};
  if (kernel.up_to_3_11 && stores.xattr->empty()) return {std::nullopt, "the xattr is empty and ignored"};
  const auto marking = parse_letters(*stores.xattr);
  if (!marking) return {std::nullopt, "the xattr is malformed and ignored"};
  return {parse_marking(*marking, kernel), {}};
}

Reading weigh_header(const Stores& stores, const Kernel& kernel) {
  if (!stores.header) return {};
  if (!kernel.reads_header) return {std::nullopt, "the header is not read by this kernel"};
  const auto marking = parse_header(*stores.header);
  if (!marking) return {std::nullopt, "the header contradicts itself and is ignored"};
  return {parse_marking(*marking, kernel), {}};
}

// Always valid where the kernel looks at it; a byte of 0 is worth no remark.
Reading weigh_ei(const Stores& stores, const Kernel& kernel) {
  if (kernel.reads_ei && !kernel.softmode) return {parse_ei_byte(stores.ei_pax, kernel), {}};
  if (stores.ei_pax == 0) return {};
  return {std::nullopt, kernel.reads_ei ? "EI_PAX is ignored in soft mode" : "EI_PAX is not read by this kernel"};
}

// Only one of the two can be in force: PAGEEXEC by the CPU's NX, else SEGMEXEC.
Effective exclude_each_other(Effective set, const Kernel& kernel) {
  if (set.on(Letter::P) && set.on(Letter::S)) set.set(kernel.nx ? Letter::S : Letter::P, false);
  return set;
}

// What the kernel refuses in a set, in words; empty: nothing.
std::string find_broken_dependency(Effective set) {
  if (has_nonexec_pages(set)) return {};
  const bool emutramp = set.on(Letter::E);
  const bool mprotect = set.on(Letter::M);
  if (emutramp && mprotect) return "EMUTRAMP and MPROTECT need PAGEEXEC or SEGMEXEC";
  if (emutramp) return "EMUTRAMP needs PAGEEXEC or SEGMEXEC";
  if (mprotect) return "MPROTECT needs PAGEEXEC or SEGMEXEC";
  return {};
}

}  // namespace

std::string format_effective(Effective effective) {
  Marking marking;
  for (const Letter letter : letters) marking.set(letter, effective.on(letter) ? Setting::on : Setting::off);
  return format_columns(marking);
}

Verdict judge(const Stores& stores, const Kernel& kernel) {
  const Reading xattr = weigh_xattr(stores, kernel);
  const Reading header = weigh_header(stores, kernel);
  Reading ei = weigh_ei(stores, kernel);

  Verdict verdict;
  if (xattr.set && header.set && *xattr.set != *header.set) {
    verdict.refused = true;
    verdict.reason =
        "header and xattr disagree: " + format_effective(*header.set) + " and " + format_effective(*xattr.set);
    return verdict;
  }

  Effective set;
  if (xattr.set) {
    set = *xattr.set;
    verdict.source = Store::xattr;
    verdict.reason = header.set ? "the xattr decides, the header agrees" : "the xattr decides";
  } else if (header.set) {
    set = *header.set;
    verdict.source = Store::header;
    verdict.reason = "the header decides";
  } else if (ei.set) {
    set = *ei.set;
    verdict.source = Store::ei;
    verdict.reason = "EI_PAX decides";
  } else {
    set = compute_defaults(kernel);
    verdict.reason = "no valid marking: defaults";
  }
  if (ei.set && verdict.source != Store::ei && stores.ei_pax != 0) ei.remark = "EI_PAX is overridden";

  if (std::string broken = find_broken_dependency(set); !broken.empty()) {
    verdict.refused = true;
    verdict.reason = std::move(broken);
  } else {
    verdict.configured = set;
    verdict.effective = exclude_each_other(set, kernel);
  }
  for (const Reading* reading : {&xattr, &header, &std::as_const(ei)}) {
    if (!reading->remark.empty()) verdict.reason += "; " + reading->remark;
  }
  return verdict;
}

}  // namespace revdep::pax
