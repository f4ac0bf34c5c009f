#include "audit/cases.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace revdep::audit {

pax::Relaxations asking(std::string_view text) { return pax::asked_by(pax::parse_letters(text).value()); }

std::uint32_t header(std::string_view letters) { return pax::format_header(pax::parse_letters(letters).value(), 0); }

pax::Stores xattr_only(std::string bytes) { return {std::move(bytes), std::nullopt, 0}; }

pax::Stores header_only(std::uint32_t p_flags) { return {std::nullopt, p_flags, 0}; }

pax::Stores both(std::string xattr, std::uint32_t p_flags) { return {std::move(xattr), p_flags, 0}; }

Subject program(pax::Stores stores, const std::function<void(Subject&)>& change) {
  Subject subject;
  subject.path = "/usr/bin/program";
  subject.package = "app-misc/program-1";
  subject.abi = {EM_X86_64, elf::Class::elf64, elf::ByteOrder::little};
  subject.executable = true;
  subject.stores = std::move(stores);
  if (change) change(subject);
  return subject;
}

Subject library(pax::Stores stores, const std::function<void(Subject&)>& change) {
  return program(std::move(stores), [&](Subject& subject) {
    subject.path = "/usr/lib64/liba.so.1";
    subject.package = "dev-libs/a-1";
    subject.executable = false;
    subject.library = true;
    subject.executables = 1;
    if (change) change(subject);
  });
}

void ask(Subject& subject, std::string_view letters, std::string path, std::string package) {
  subject.asked.add(asking(letters));
  Chain chain = {{"/usr/lib64/libmiddle.so.1", false}, {path, false}};
  subject.askers.push_back({std::move(path), std::move(package), asking(letters), std::move(chain)});
}

Context under(std::string_view kernel) {
  Context context;
  context.kernel = pax::parse_kernel(kernel).value();
  return context;
}

std::string spell_mend(const std::optional<Mend>& mend) {
  if (!mend) return "none";
  std::string text;
  for (const std::string& word : mend->words) text += (text.empty() ? "" : " ") + word;
  return mend->takes_objects ? text + " FILE" : text;
}

std::string spell_finding(const Finding& finding) {
  return std::string(keyword(finding.severity)) + ": " + finding.message + " -> " + spell_mend(finding.mend);
}

std::vector<Finding> find(Check check, const Context& context, Subject subject) {
  subject.verdict = pax::judge(subject.stores, context.kernel);
  std::vector<Finding> findings;
  check(context, subject, findings);
  return findings;
}

void expect_findings(Check check, const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    std::vector<std::string> spelled;
    for (const Finding& finding : find(check, under(row.kernel), row.subject)) {
      spelled.push_back(spell_finding(finding));
      EXPECT_EQ(finding.object, row.subject.path) << row.what;
      EXPECT_EQ(finding.package, row.subject.package) << row.what;
      EXPECT_FALSE(finding.cause.empty()) << row.what;
    }
    EXPECT_THAT(spelled, testing::ElementsAreArray(row.findings)) << row.what;
  }
}

}  // namespace revdep::audit
