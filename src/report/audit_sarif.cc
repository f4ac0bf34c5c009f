// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "base/sha256.h"
#include "report/audit_groups.h"
#include "report/findings.h"
#include "report/names.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

// What the paths of the results count from.
constexpr std::string_view base_id = "ROOT";

// RFC 3986: all but the unreserved characters and the slash is encoded, byte by byte.
std::string encode_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string text;
  for (const char character : path) {
    if (plain.find(character) != std::string_view::npos) {
      text += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    text += '%';
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

// One line of UTF-8.
std::string line_text(std::string_view bytes) { return json_text(is_utf8(bytes) ? escape(bytes) : bytes); }

Json json_rules() {
  Json rules = Json::array();
  for (const audit::RuleInfo& rule : audit::all_rules()) {
    rules.push_back({{"id", rule.id},
                     {"shortDescription", {{"text", rule.summary}}},
                     {"defaultConfiguration", {{"level", keyword(rule.severity)}}}});
  }
  return rules;
}

// A URI has to be absolute here: a root that was given as a relative path is only described.
Json json_root(const std::string& root) {
  Json location;
  if (root.starts_with('/')) {
    location["uri"] = "file://" + encode_path(root) + (root.ends_with('/') ? "" : "/");
  }
  location["description"]["text"] = "The root that was looked at: " + line_text(root);
  return location;
}

Json json_location(const std::string& object) {
  if (!object.starts_with('/')) {
    // A soname is no file's name.
    return {{"logicalLocations", Json::array({{{"name", line_text(object)}, {"kind", "module"}}})}};
  }
  return {
      {"physicalLocation", {{"artifactLocation", {{"uri", encode_path(object.substr(1))}, {"uriBaseId", base_id}}}}}};
}

// In a message braces stand for placeholders unless they are doubled (3.11.5), and "[...](...)" is a link (3.11.6).
std::string escape_message(std::string_view text) {
  std::string escaped;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char character = text[index];
    if (character == '{' || character == '}') escaped += character;
    if (text.substr(index).starts_with("](")) {
      escaped += "\\x5d";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string message_text(const audit::Finding& finding) {
  std::string text = clause(json_text(finding.message));
  if (finding.mend) {
    const auto command = mending_line(*finding.mend, {finding.object});
    if (command && is_utf8(*command)) text += ". Mend: " + *command;
  }
  return escape_message(text);
}

// Stays the same from run to run while the object has what is wrong with it.
std::string fingerprint(const audit::Finding& finding) {
  base::Sha256 hash;
  const std::string& what = finding.cause.empty() ? finding.message : finding.cause;
  for (const std::string_view part :
       {info(finding.rule).id, std::string_view(finding.object), std::string_view(what)}) {
    hash.update(std::as_bytes(std::span(part)));
    hash.update(std::as_bytes(std::span("\0", 1)));
  }
  return hash.finish();
}

Json json_result(const audit::Finding& finding) {
  Json result{{"ruleId", info(finding.rule).id}};
  result["ruleIndex"] = static_cast<std::size_t>(finding.rule);
  result["level"] = keyword(finding.severity);
  result["message"]["text"] = message_text(finding);
  result["locations"] = Json::array({json_location(finding.object)});
  result["partialFingerprints"]["finding/v1"] = fingerprint(finding);
  return result;
}

}  // namespace

void write_audit_sarif(Output& output, const Audit& audit) {
  Json results = Json::array();
  for (const audit::Finding& finding : audit.findings) results.push_back(json_result(finding));
  Json run;
  run["tool"]["driver"]["name"] = "revdep-pax";
  run["tool"]["driver"]["rules"] = json_rules();
  run["originalUriBaseIds"][std::string(base_id)] = json_root(audit.root);
  run["results"] = std::move(results);
  Json document{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}};
  document["runs"].push_back(std::move(run));
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
