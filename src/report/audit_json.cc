#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/audit_groups.h"
#include "report/findings.h"
#include "report/json_values.h"
#include "report/names.h"
#include "report/stores.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

Json json_summary(const Audit& audit) {
  const auto count = [&audit](audit::Severity severity) {
    return std::ranges::count(audit.findings, severity, &audit::Finding::severity);
  };
  return {{"errors", count(audit::Severity::error)},
          {"warnings", count(audit::Severity::warning)},
          {"notes", count(audit::Severity::note)}};
}

Json json_chain(const audit::Chain& chain) {
  Json steps = Json::array();
  for (const audit::Step& step : chain) {
    Json entry;
    put_name(entry, "path", step.path);
    entry["dlopened"] = step.dlopened;
    steps.push_back(std::move(entry));
  }
  return steps;
}

// A command that is not UTF-8 as a whole has its words in base64 as well, and cannot be shown as one text.
Json json_mend(const audit::Finding& finding) {
  if (!finding.mend) return nullptr;
  const std::vector<std::string> words = mending_command(*finding.mend, {finding.object});
  Json mend{{"command", Json::array()}};
  for (const std::string& word : words) mend["command"].push_back(json_text(word));
  if (std::ranges::all_of(words, is_utf8)) {
    mend["shell"] = shell_command(words);
  } else {
    for (const std::string& word : words) mend["command_bytes"].push_back(base64(word));
    mend["shell"] = nullptr;
  }
  return mend;
}

Json json_finding(const audit::Finding& finding) {
  Json json{{"rule", info(finding.rule).id}, {"severity", keyword(finding.severity)}};
  put_name(json, "object", finding.object);
  if (!finding.package.empty()) json["package"] = json_text(finding.package);
  json["message"] = json_text(finding.message);
  if (!finding.cause.empty()) json["cause"] = json_text(finding.cause);
  json["chains"] = Json::array();
  for (const audit::Chain& chain : finding.chains) json["chains"].push_back(json_chain(chain));
  if (finding.stores) json["stores"] = json_stores(*finding.stores);
  if (!finding.verdict.empty()) json["verdict"] = json_text(finding.verdict);
  json["mend"] = json_mend(finding);
  return json;
}

}  // namespace

void write_audit_json(Output& output, const Audit& audit) {
  Json head{{"schema", 1}, {"kind", "audit"}};
  put_name(head, "root", audit.root);
  head["kernel"] = json_kernel(audit.kernel, audit.kernel_source);
  if (!audit.scope.empty()) head["scope"] = json_text(audit.scope);
  head["objects"] = audit.objects;
  head["executables"] = audit.executables;
  head["ignored"] = audit.ignored;
  head["summary"] = json_summary(audit);
  // One line a finding, so that they are never held twice: the head is left open for them.
  std::string text = head.dump();
  text.pop_back();
  output << text << R"(,"findings":[)";
  bool first = true;
  for (const audit::Finding& finding : audit.findings) {
    output << (first ? "\n" : ",\n") << json_finding(finding).dump();
    first = false;
  }
  output << "\n]}\n";
}

}  // namespace revdep::report
