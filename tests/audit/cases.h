// Subjects made by hand and findings as lines, for the tables of the rules' tests. Reads no file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/rules.h"
#include "audit/subject.h"

namespace revdep::audit {

/// "pEm": in a marking's letters.
pax::Relaxations asking(std::string_view text);
/// p_flags with those letters.
std::uint32_t header(std::string_view letters);
pax::Stores xattr_only(std::string bytes);
pax::Stores header_only(std::uint32_t p_flags);
pax::Stores both(std::string xattr, std::uint32_t p_flags);

/// /usr/bin/program of x86-64.
Subject program(pax::Stores stores = {}, const std::function<void(Subject&)>& change = nullptr);
/// /usr/lib64/liba.so.1 of x86-64 that one program loads.
Subject library(pax::Stores stores = {}, const std::function<void(Subject&)>& change = nullptr);
/// Adds a library that asks, and what it asks to the subject's requirement.
void ask(Subject& subject, std::string_view letters, std::string path = "/usr/lib64/libjit.so.1",
         std::string package = "dev-libs/jit-1");

/// "softmode=yes,emutramp=no".
Context under(std::string_view kernel);

/// "revdep-pax --set em FILE"; "none".
std::string spell_mend(const std::optional<Mend>& mend);
/// "error: MESSAGE -> MEND".
std::string spell_finding(const Finding& finding);

/// The findings of one check, the subject's verdict judged first.
std::vector<Finding> find(Check check, const Context& context, Subject subject);

struct Case {
  const char* what;
  const char* kernel;
  Subject subject;
  std::vector<std::string> findings;  ///< spelled
};

void expect_findings(Check check, const std::vector<Case>& cases);

}  // namespace revdep::audit
