// Findings to be written in every format, and the programs that read what was written.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "report/findings.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::report {

/// Of the rule's usual severity.
inline audit::Finding finding(audit::Rule rule, std::string object, std::string message) {
  audit::Finding result;
  result.rule = rule;
  result.severity = audit::info(rule).severity;
  result.object = std::move(object);
  result.message = std::move(message);
  return result;
}

inline audit::Finding unmet(std::string object, std::string package, audit::Chain chain) {
  audit::Finding result = finding(audit::Rule::unmet_requirement, std::move(object), "m is not granted");
  result.package = std::move(package);
  result.cause = "m is asked for by /usr/lib64/libjit.so.1 [dev-libs/jit-1.0]";
  result.chains = {std::move(chain)};
  result.mend = audit::Mend{{"revdep-pax", "-r", "-m"}, false};
  return result;
}

inline audit::Finding refused() {
  audit::Finding result = finding(audit::Rule::refused, "/usr/bin/x", "header says e, xattr says em");
  result.package = "app/one-1";
  result.stores = pax::Stores{.xattr = "em", .header = 0x2800, .ei_pax = 0};
  result.verdict = "refused";
  result.mend = audit::Mend{{"revdep-pax", "--sync"}, true};
  return result;
}

inline Audit audit_of(std::vector<audit::Finding> findings) {
  Audit result;
  result.root = "/";
  result.kernel_source = "assumed";
  result.objects = 3598;
  result.executables = 1203;
  audit::sort(findings);
  result.findings = std::move(findings);
  return result;
}

/// Two errors (one of them for four executables), a warning, a note.
inline Audit sample() {
  const audit::Chain direct = {{"/usr/lib64/libjit.so.1", false}};
  return audit_of({unmet("/usr/bin/a", "app/one-1", direct), unmet("/usr/bin/d", "", direct),
                   unmet("/usr/bin/b", "", {{"/usr/lib64/libjit.so.1", true}}),
                   unmet("/opt/c", "app/one-1", {{"/usr/lib64/libmid.so.1", false}, {"/usr/lib64/libjit.so.1", false}}),
                   refused(),
                   finding(audit::Rule::store_mismatch, "/usr/lib64/libmid.so.1", "header says e, xattr none"),
                   finding(audit::Rule::unresolved, "libgone.so.1", "is needed by /usr/bin/y")});
}

/// A line's end, an escape sequence, quotes of each kind, what DOT, SARIF, HTML and shells take for their own, no UTF-8.
inline const std::string hostile_name = "/opt/a\n\x1b[31m\"'\\N{0}](x) &lt;<b>$(id)`id`\xff";

inline Audit hostile() {
  Audit result = audit_of({unmet(hostile_name, "app/\"\n-1", {{hostile_name + "lib", false}}),
                           finding(audit::Rule::unreadable, hostile_name, hostile_name + ": Permission denied")});
  result.findings.front().cause = hostile_name;
  result.findings.front().mend->takes_objects = true;
  result.root = "/mnt/\xff a";
  return result;
}

/// What a program says of a text that it is given as a file, behind the `arguments`.
inline support::Outcome read_by(std::vector<std::string> arguments, const std::string& text) {
  const support::TempDir directory;
  support::write_file(directory / "text", text);
  arguments.push_back((directory / "text").string());
  return support::run(arguments);
}

}  // namespace revdep::report
