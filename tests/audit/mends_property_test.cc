// Every mend of a marking, run on a model of the editing commands, makes its finding go away and leaves a file that the
// kernel runs, in hard and in soft mode. All combinations of some stores, requirements and kernels are tried.
#include <elf.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "audit/cases.h"
#include "migrate/relaxation.h"

namespace revdep::audit {
namespace {

using pax::Marking;
using pax::Stores;

std::vector<Stores> all_stores() {
  const std::vector<std::optional<std::string>> xattrs = {std::nullopt, "",    "e",  "m",   "em",    "p",     "pem",
                                                          "E",          "Em",  "eM", "PeM", "PEMRS", "pemrs", "es",
                                                          "ps",         "pmr", "m-", "?",   "mM",    "er\n"};
  const std::vector<std::optional<std::uint32_t>> headers = {
      std::nullopt, 0, 0x2800, header("em"), header("m"), header("pem"), header("p"), header("PeM"), 0x300, 0x30};
  std::vector<Stores> result;
  for (const auto& xattr : xattrs) {
    for (const auto& p_flags : headers) result.push_back({xattr, p_flags, 0});
  }
  return result;
}

// What the commands do, as their manual says it: --set writes the letters to every store there is and to an xattr; --clear
// takes the xattr away and leaves `e` in a header; --sync copies the first valid marking of xattr, header.
void run(const Mend& mend, const Context& context, Subject& subject) {
  const auto write = [&](Marking letters) {
    const bool makes_xattr = subject.holds_xattrs;
    if (subject.stores.header) subject.stores.header = pax::format_header(letters, *subject.stores.header);
    if (subject.stores.xattr || makes_xattr) subject.stores.xattr = pax::format_letters(letters);
  };
  const std::string verb = mend.words.at(1);
  if (verb == "--set") {
    write(pax::parse_letters(mend.words.at(2)).value());
    // What an admin sets is accounted for.
    subject.explained.add(pax::asked_by(pax::own_marking(subject.stores).value()));
  } else if (verb == "--clear") {
    subject.stores.xattr.reset();
    if (subject.stores.header)
      subject.stores.header = pax::format_header(pax::parse_letters("e").value(), *subject.stores.header);
  } else if (verb == "--sync") {
    write(pax::own_marking(subject.stores).value());
  } else {
    migrate::RelaxationPolicy policy;
    policy.kernels = migrate::kernels_for({context.kernel}, subject.abi);
    policy.kernel_known = true;
    policy.creates = subject.holds_xattrs ? migrate::Creates::xattr : migrate::Creates::nothing;
    policy.force = verb == "--force";
    policy.own_filler = subject.filler_e;
    const migrate::FilePlan plan = migrate::plan_relaxation(subject.stores, subject.asked, policy);
    ASSERT_EQ(plan.judgement, migrate::Judgement::edit) << plan.reason;
    subject.stores = plan.after;
  }
}

bool is_refused_anywhere(const Stores& stores, pax::Kernel kernel) {
  kernel.softmode = false;
  const bool hard = pax::judge(stores, kernel).refused;
  kernel.softmode = true;
  return hard || pax::judge(stores, kernel).refused;
}

struct Count {
  int mended = 0;
  int without = 0;
};

void try_mends(Check check, const Context& context, const Subject& subject, const std::string& name, Count& count) {
  const std::vector<Finding> found = find(check, context, subject);
  if (found.empty()) return;
  if (!found[0].mend) {
    ++count.without;
    return;
  }
  ++count.mended;
  Subject after = subject;
  run(*found[0].mend, context, after);
  EXPECT_TRUE(find(check, context, after).empty()) << name << ": " << spell_finding(found[0]);
  EXPECT_FALSE(is_refused_anywhere(after.stores, context.kernel)) << name << ": " << spell_finding(found[0]);
}

Count try_everything(Check check, Subject (*make)(Stores, const std::function<void(Subject&)>&)) {
  Count count;
  for (const char* const kernel : {"", "softmode=yes", "header=no", "xattr=no", "emutramp=no", "segmexec=yes",
                                   "mprotect=no", "ei=yes", "up_to_3_11=yes"}) {
    for (const Stores& stores : all_stores()) {
      for (const char* const asked : {"", "m", "E", "p", "pE", "mr", "psm"}) {
        for (const bool holds_xattrs : {true, false}) {
          // What holds none has none.
          if (!holds_xattrs && stores.xattr) continue;
          const Subject subject = make(stores, [&](Subject& made) {
            made.holds_xattrs = holds_xattrs;
            made.filler_e = stores.header == 0x2800U;
            if (made.executable && *asked != '\0') ask(made, asked);
          });
          const std::string name = std::string(kernel) + " asked " + asked + " xattr " + stores.xattr.value_or("none") +
                                   " header " + std::to_string(stores.header.value_or(1));
          try_mends(check, under(kernel), subject, name, count);
        }
      }
    }
  }
  return count;
}

TEST(Mends, OfARefusedFileAlwaysExistAndMend) {
  const Count count = try_everything(check_refused, program);
  EXPECT_GT(count.mended, 1000);
  EXPECT_EQ(count.without, 0);
}

TEST(Mends, OfAVoidMarkingAlwaysExistAndMend) {
  const Count programs = try_everything(check_void_marking, program);
  EXPECT_GT(programs.mended, 1000);
  EXPECT_EQ(programs.without, 0);
  const Count libraries = try_everything(check_void_marking, library);
  EXPECT_GT(libraries.mended, 1000);
  EXPECT_EQ(libraries.without, 0);
}

TEST(Mends, OfEmutrampByAccidentAlwaysExistAndMend) {
  const Count count = try_everything(check_emutramp_by_accident, program);
  EXPECT_GT(count.mended, 100);
  EXPECT_EQ(count.without, 0);
}

TEST(Mends, OfStoresThatDifferAlwaysExistAndMend) {
  const Count count = try_everything(check_store_mismatch, library);
  EXPECT_GT(count.mended, 1000);
  EXPECT_EQ(count.without, 0);
}

TEST(Mends, OfWhatIsUnjustifiedMend) { EXPECT_GT(try_everything(check_unjustified, program).mended, 1000); }

TEST(Mends, OfUnmetRequirementsMend) { EXPECT_GT(try_everything(check_unmet_requirement, program).mended, 1000); }

TEST(Mends, OfConflictsMend) { EXPECT_GT(try_everything(check_conflict, program).mended, 100); }

}  // namespace
}  // namespace revdep::audit
