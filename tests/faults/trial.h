// One copy of the template that a migration is run on, and what is found wrong with it afterwards. Knows of no fault.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "faults/specimens.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::faults {

class Trial {
 public:
  /// Starts the busy ones.
  explicit Trial(const Template& original);
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  ~Trial();

  /// Puts what runs in front of the migration's command line: strace and its options.
  support::Outcome migrate(const std::vector<std::string>& in_front = {},
                           const std::vector<std::string>& more_options = {}) const;

  /// To be called after an interrupted migration: each file is old, new or at a journalled step between, all else as it was,
  /// and what is real starts. One sentence a fault.
  std::vector<std::string> find_damage();
  /// Runs it again, twice: all is new, nothing is left over or open, and nothing remains to be done.
  std::vector<std::string> complete();

  [[nodiscard]] std::string root() const { return (directory_ / "root").string(); }
  [[nodiscard]] std::string file(const std::string& name) const { return (directory_ / name).string(); }
  /// Files that were looked at by now.
  [[nodiscard]] std::size_t checked() const { return checked_; }

 private:
  enum class Stage { interrupted, complete };
  support::Outcome run(std::vector<std::string> in_front, const std::vector<std::string>& arguments) const;
  void start(const std::string& program);
  void check(Stage stage);
  void check_specimen(const Specimen& specimen, const Picture& now, Stage stage);
  [[nodiscard]] bool is_journalled_step(const Specimen& specimen, const Markings& now);
  [[nodiscard]] bool is_being_edited(const std::string& path);
  void check_rest(const Picture& now, Stage stage);
  void check_journal();
  std::map<std::string, std::set<std::string>> read_history();

  const Template& original_;
  support::TempDir directory_;
  Picture before_;
  std::vector<pid_t> busy_;
  std::vector<std::string> damage_;
  std::size_t checked_ = 0;
};

}  // namespace revdep::faults
