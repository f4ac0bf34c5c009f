// The verdicts are given, not judged: what is written of them is looked at here.
#include "report/verdicts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/capture.h"

namespace revdep::report {
namespace {

pax::Effective effective(std::string_view letters_on) {
  pax::Effective set;
  for (const pax::Letter letter : pax::letters) {
    set.set(letter, letters(letters_on).get(letter) == pax::Setting::on);
  }
  return set;
}

std::vector<FileVerdict> three() {
  const FileVerdict runs{"/usr/bin/x",
                         {.xattr = "em", .header = {}, .ei_pax = 0},
                         {false, effective("PR"), effective("PR"), pax::Store::xattr, "the xattr decides"}};
  const FileVerdict refused{"/usr/bin/y\n",
                            {.xattr = "em", .header = 0x2800, .ei_pax = 0},
                            {true, {}, {}, pax::Store::none, "they disagree"}};
  const FileVerdict ei{"/usr/bin/\xff",
                       {.xattr = {}, .header = {}, .ei_pax = 8},
                       {false, effective("PM"), effective("PM"), pax::Store::ei, "EI_PAX decides"}};
  return {runs, refused, ei};
}

TEST(VerdictsText, IsABlockAFileWithItsStoresVerdictAndReason) {
  Capture capture;
  write_verdicts_text(capture.output(), three());
  EXPECT_EQ(capture.text(),
            "/usr/bin/x\n"
            "\tuser.pax.flags em\n"
            "\tPT_PAX none\n"
            "\tverdict PemRs (the xattr decides)\n\n"
            "/usr/bin/y\\x0a\n"
            "\tuser.pax.flags em\n"
            "\tPT_PAX -e---\n"
            "\tverdict refused (they disagree)\n\n"
            "/usr/bin/\xff\n"
            "\tuser.pax.flags none\n"
            "\tPT_PAX none\n"
            "\tEI_PAX 8\n"
            "\tverdict PeMrs (EI_PAX decides)\n\n");
}

TEST(VerdictsJson, HasNoEffectiveSetForWhatIsRefused) {
  Capture capture;
  write_verdicts_json(capture.output(), three());
  EXPECT_EQ(nlohmann::json::parse(capture.text()), nlohmann::json::parse(R"({"schema": 1, "kind": "verdict", "files": [
    {"path": "/usr/bin/x", "stores": {"xattr": "em", "header": null, "ei": 0}, "refused": false,
     "effective": "PemRs", "decided_by": "xattr", "reason": "the xattr decides"},
    {"path": "/usr/bin/y\n", "stores": {"xattr": "em", "header": 10240, "ei": 0}, "refused": true,
     "effective": null, "decided_by": "none", "reason": "they disagree"},
    {"path": "/usr/bin/\\xff", "path_bytes": "L3Vzci9iaW4v/w==", "stores": {"xattr": null, "header": null, "ei": 8},
     "refused": false, "effective": "PeMrs", "decided_by": "ei", "reason": "EI_PAX decides"}]})"));
}

TEST(VerdictsJson, OfNoFilesIsADocumentToo) {
  Capture capture;
  write_verdicts_json(capture.output(), {});
  EXPECT_EQ(nlohmann::json::parse(capture.text()),
            nlohmann::json::parse(R"({"schema": 1, "kind": "verdict", "files": []})"));
}

}  // namespace
}  // namespace revdep::report
