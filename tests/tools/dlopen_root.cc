#include "tools/dlopen_root.h"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace revdep::tool {
namespace {

using nlohmann::json;

json run_json(const SmallRoot& root, std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), {"--format", "json"});
  words.insert(words.end(), more.begin(), more.end());
  const support::Outcome outcome = root.run(words);
  json document = json::parse(outcome.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << outcome.err;
  return document.is_discarded() ? json::object() : document;
}

json audit(const SmallRoot& root, const std::vector<std::string>& more) {
  return run_json(root, {"--audit", "--rule", "unmet-requirement"}, more).value("findings", json::array());
}

}  // namespace

void DlopenTest::SetUp() {
  if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
  if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
  root_.add("/usr/bin/app", opening(elf_builder::program({}), {"libplug.so.1"}));
  root_.add("/usr/bin/plain", elf_builder::program({}));
  add_library("libplug.so.1");
  root_.set_flags(plug, "m");
}

elf_builder::Object DlopenTest::opening(elf_builder::Object object, const std::vector<std::string>& sonames,
                                        const std::string& priority) {
  json entry{{"soname", sonames}, {"feature", "plugin"}};
  if (!priority.empty()) entry["priority"] = priority;
  object.dlopen_notes.push_back(json::array({entry}).dump());
  return object;
}

void DlopenTest::add_library(const std::string& soname, const std::vector<std::string>& needed,
                             const std::vector<std::string>& opens) {
  elf_builder::Object object = elf_builder::library(soname, needed);
  root_.add("/usr/lib64/" + soname, opens.empty() ? object : opening(object, opens), "lib/" + soname + "-1");
}

DlopenTest::Paths DlopenTest::pending(const std::vector<std::string>& more) const {
  Paths paths;
  for (const json& edit : run_json(root_, {"-r", "-m", "-p"}, more).value("edits", json::array())) {
    if (edit["outcome"] == "pending") paths.insert(edit["path"]);
  }
  return paths;
}

DlopenTest::Paths DlopenTest::unmet(const std::vector<std::string>& more) const {
  Paths paths;
  for (const json& finding : audit(root_, more)) paths.insert(finding["object"]);
  return paths;
}

std::string DlopenTest::way(const std::string& program, std::vector<std::string> more) const {
  more.insert(more.begin(), {"--chain", program, plug});
  const support::Outcome outcome = root_.run(more);
  if (outcome.status != 0) return outcome.status == 1 && outcome.out.empty() ? "none" : outcome.err;
  std::istringstream lines(outcome.out);
  std::string names;
  for (std::string line; std::getline(lines, line);) {
    if (line.find('\t') != std::string::npos) names += (names.empty() ? "" : " ") + line.substr(0, line.find('\t'));
  }
  return names;
}

std::string DlopenTest::audited_way(const std::string& program) const {
  std::string names;
  for (const json& finding : audit(root_, {})) {
    if (finding["object"] != program) continue;
    if (!names.empty() || finding["chains"].size() != 1) return "more than one";
    for (const json& step : finding["chains"][0]) {
      names +=
          (names.empty() ? "" : " ") + std::string(step["dlopened"] ? "dlopen:" : "") + step["path"].get<std::string>();
    }
  }
  return names;
}

}  // namespace revdep::tool
