// Who can tell which entries of a directory changed, so that the others need not be looked at.
#pragma once

#include <set>
#include <string>

namespace revdep::base {

class EntryWatch {
 public:
  EntryWatch() = default;
  virtual ~EntryWatch() = default;
  EntryWatch(const EntryWatch&) = delete;
  EntryWatch& operator=(const EntryWatch&) = delete;

  /// Takes note of what happened so far.
  virtual void look() = 0;
  /// The names that came, went or were renamed in a directory (a path of the running system) between the last two looks.
  /// nullptr: who knows; so for one that was not asked about before, which is watched from now on.
  virtual const std::set<std::string>* changed_in(const std::string& directory) = 0;
  /// Begins anew, as paths may lead to other directories now.
  virtual void forget() = 0;
};

}  // namespace revdep::base
