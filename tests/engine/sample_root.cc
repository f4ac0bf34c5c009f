#include "engine/sample_root.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <ostream>
#include <stdexcept>

#include "support/command.h"

namespace revdep::engine_test {

SampleRoot::SampleRoot() {
  const support::Outcome outcome =
      support::run({"tar", "--xattrs", "--xattrs-include=user.*", "--no-same-owner", "-xpf",
                    std::string(REVDEP_TEST_DATA) + "/portage-a.tar.gz", "-C", directory_.string()});
  if (outcome.status != 0) throw std::runtime_error("tar: " + outcome.err);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
}

std::filesystem::path SampleRoot::database(std::string_view name) const {
  return directory_ / ("var/db/pkg/" + std::string(name));
}

void SampleRoot::append(std::string_view name, std::string_view text) const {
  const std::filesystem::path file = database(name);
  support::write_file(file, (std::filesystem::exists(file) ? support::read_file(file) : "") + std::string(text));
}

void SampleRoot::replace_in(const std::filesystem::path& file, std::string_view old_text,
                            std::string_view new_text) const {
  std::string text = support::read_file(file);
  const std::size_t at = text.find(old_text);
  if (at == std::string::npos) throw std::runtime_error("not in " + file.string() + ": " + std::string(old_text));
  support::write_file(file, text.replace(at, old_text.size(), new_text));
}

std::unique_ptr<engine::System> load(const engine::LoadOptions& options) {
  auto system = engine::System::load(options);
  if (!system) throw std::runtime_error(system.error().to_string());
  return std::move(*system);
}

std::unique_ptr<engine::System> load(const std::string& root) {
  engine::LoadOptions options;
  options.root = root;
  return load(options);
}

void PrintTo(const Answer& answer, std::ostream* out) {
  *out << "closure " << testing::PrintToString(answer.closure) << ", unresolved "
       << testing::PrintToString(answer.unresolved) << ", consumers " << testing::PrintToString(answer.consumers)
       << ", marking '" << answer.marking << '\'';
}

Answer ask(engine::System& system, std::string_view path) {
  const base::ObjectId object = system.graph().find(path);
  if (!object.valid()) throw std::runtime_error("no such object: " + std::string(path));
  Answer answer;
  const graph::Closure closure = system.link_closure(object);
  for (const loader::Mapped& mapped : closure.objects) answer.closure.emplace_back(system.path(mapped.object));
  for (const graph::Unresolved& name : closure.unresolved)
    answer.unresolved.emplace_back(system.names().view(name.name));
  for (const base::ObjectId consumer : system.consumers(object)) answer.consumers.emplace(system.path(consumer));
  const engine::ObjectMarking& marking = system.marking(object);
  if (marking.stores.header) {
    char text[16];
    std::snprintf(text, sizeof text, "header %x", *marking.stores.header);
    answer.marking = text;
  }
  if (marking.stores.xattr) {
    answer.marking += (answer.marking.empty() ? "xattr " : " xattr ") + *marking.stores.xattr;
  }
  return answer;
}

Answers ask(engine::System& system) {
  Answers answers;
  for (const base::ObjectId object : system.graph().objects()) {
    const std::string path(system.path(object));
    answers[path] = ask(system, path);
  }
  return answers;
}

Answers without(Answers answers, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) answers.erase(path);
  for (auto& [path, answer] : answers) {
    for (const std::string& consumer : paths) answer.consumers.erase(consumer);
  }
  return answers;
}

std::vector<std::string> problem_lines(engine::System& system) {
  std::vector<std::string> lines;
  const std::string& prefix = system.tree().prefix();
  for (const base::Error& problem : system.problems()) {
    std::string line = problem.to_string();
    if (const std::size_t at = line.find(prefix); !prefix.empty() && at != std::string::npos)
      line.erase(at, prefix.size());
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace revdep::engine_test
