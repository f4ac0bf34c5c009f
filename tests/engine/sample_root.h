// A root that a real Portage made, unpacked, and what a loaded system answers about it as text that can be compared.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/system.h"
#include "support/temp_dir.h"

namespace revdep::engine_test {

/// An own copy of the sample for each test, which may break it. Usable for other users than its owner.
class SampleRoot {
 public:
  SampleRoot();

  [[nodiscard]] std::string path() const { return directory_.string(); }
  std::filesystem::path operator/(std::string_view name) const { return directory_ / name; }
  /// A file of the database: "app-test/foouser-1/NEEDED.ELF.2".
  [[nodiscard]] std::filesystem::path database(std::string_view name) const;
  void append(std::string_view name, std::string_view text) const;
  void replace_in(const std::filesystem::path& file, std::string_view old_text, std::string_view new_text) const;

 private:
  support::TempDir directory_;
};

/// Fails the test when there is none.
std::unique_ptr<engine::System> load(const engine::LoadOptions& options);
std::unique_ptr<engine::System> load(const std::string& root);

struct Answer {
  std::vector<std::string> closure;     ///< paths, in the loader's order
  std::vector<std::string> unresolved;  ///< names, in the loader's order
  std::set<std::string> consumers;      ///< paths
  std::string marking;                  ///< "header 2a00 xattr em"; "" when it has none
  friend bool operator==(const Answer&, const Answer&) = default;
};
void PrintTo(const Answer& answer, std::ostream* out);

/// By path of each object. Asks for every marking.
using Answers = std::map<std::string, Answer>;
Answers ask(engine::System& system);
Answer ask(engine::System& system, std::string_view path);

/// What is left of `answers` when these objects are neither asked about nor listed as consumers.
Answers without(Answers answers, const std::vector<std::string>& paths);

/// problems() as "cannot ACTION OBJECT: REASON", the root's path taken out.
std::vector<std::string> problem_lines(engine::System& system);

}  // namespace revdep::engine_test
