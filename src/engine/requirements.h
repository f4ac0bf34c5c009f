// Who asks what of which executable: the markings of a system's libraries carried along the closures. Reads markings and
// owners; writes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "engine/system.h"
#include "migrate/identity.h"
#include "migrate/journal.h"
#include "pax/relax.h"

namespace revdep::engine {

/// One executable of which something is asked.
struct Requirement {
  base::ObjectId executable;
  pax::Relaxations asked;
  std::vector<migrate::Reason> reasons;  ///< one a letter that is asked; askers sorted
};

/// What is known of our own marks when requirements are computed.
class Claims {
 public:
  /// `claims` are sorted by path, and stay where they are. `identities`: what an earlier one read; nullptr: everything is
  /// read.
  Claims(System& system, std::span<const migrate::Claim> claims, migrate::IdentityCache* identities = nullptr)
      : system_(system), identities_(identities), claims_(claims) {}

  /// Our claim on the file at a canonical path, if it still is that file; nullptr otherwise.
  const migrate::Claim* find(std::string_view path);

 private:
  System& system_;
  migrate::IdentityCache* identities_;
  std::span<const migrate::Claim> claims_;
  std::unordered_map<const migrate::Claim*, bool> holds_;  // as far as looked at
};

class Askers {
 public:
  /// `accepts`: which asking libraries count.
  Askers(System& system, Claims& claims, std::function<bool(base::ObjectId)> accepts = nullptr)
      : system_(system), claims_(claims), accepts_(std::move(accepts)) {}

  /// What `library` asks of every executable that loads it.
  pax::Relaxations of(base::ObjectId library);
  /// Looks at all objects at once: afterwards what is asked of an executable costs a closure only where edges do not tell.
  /// Who asks for nothing costs nothing.
  void survey();
  /// Who asks what of an executable with that closure, in its order. The interpreter does not.
  std::vector<std::pair<base::ObjectId, pax::Relaxations>> find(base::ObjectId executable,
                                                                const graph::Closure& closure);
  /// What is asked of one executable.
  pax::Relaxations asked_of(base::ObjectId executable);
  /// The same with the reasons.
  Requirement requirement(base::ObjectId executable);

  /// "" for a library that is followed; why it is not, for one that carries a relaxation and could be written by others.
  std::string distrust(base::ObjectId library);

  /// Libraries that carry a relaxation and are not followed, because others than root can write them: sorted by path.
  [[nodiscard]] std::vector<base::Error> untrusted() const;

 private:
  struct Known {
    bool known = false;
    pax::Relaxations asked;
  };
  pax::Relaxations carried_by(base::ObjectId library);
  base::ObjectId interpreter_of(base::ObjectId executable);
  const std::string& distrust_of_directory(std::string_view directory);
  [[nodiscard]] std::optional<pax::Relaxations> surveyed(base::ObjectId executable) const;

  System& system_;
  Claims& claims_;
  std::function<bool(base::ObjectId)> accepts_;
  std::vector<Known> known_;                                  // by ObjectId
  std::unordered_map<std::string, std::string> directories_;  // why they are not trusted
  // Of the survey, by ObjectId.
  std::vector<std::uint8_t> own_;      // what each asks
  std::vector<std::uint8_t> reached_;  // what all it reaches asks
  std::vector<bool> plain_;            // that is exact
  std::vector<base::Error> untrusted_;
};

/// Whether the kernel is asked to run it: PT_INTERP, ET_EXEC or DF_1_PIE.
[[nodiscard]] bool is_executable(const loader::Image& image);

}  // namespace revdep::engine
