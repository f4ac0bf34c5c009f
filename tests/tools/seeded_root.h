// A small root in which the findings of an audit are made for real, a function a rule. Judges nothing.
#pragma once

#include <string>

#include "tools/small_root.h"

namespace revdep::tool {

/// Has one program and its library to begin with, and nothing to find. What is seeded twice is there once. The flags of
/// executables are set after their packages were installed, so that they are no package's word.
class SeededRoot : public SmallRoot {
 public:
  SeededRoot();

  /// One library that asks for m, and a, b, d and, by way of another library, /opt/c that load it; one that opens its
  /// plugin at run time.
  void seed_unmet_requirement();
  /// A program that says M itself.
  void seed_conflict();
  /// Stores that contradict each other, p without what goes with it.
  void seed_refused();
  /// Bytes that are no letters, a letter twice on a library, a header that says both.
  void seed_void_marking();
  void seed_emutramp_by_accident();
  /// What the program itself carried for a library that was unmarked since. To be called before other libraries ask.
  void seed_stale_claim();
  /// Text relocations, a writable and executable segment, executable stacks, a soname of the list; two of three
  /// consumers of the first are set-id.
  void seed_needs_marking();
  void seed_store_mismatch();
  /// A program, and one that is set-id.
  void seed_unjustified();
  /// A library that its group can write, and one in such a directory.
  void seed_untrusted_asker();
  /// A file that was cut off, and one that only root can read.
  void seed_unreadable();
  void seed_unresolved();
  void seed_legacy_ei_pax();
  void seed_vdb_disagrees();
  /// All of these.
  void seed_everything();

  /// Sets the flags once the package database is complete.
  void mark_since(const std::string& path, const std::string& flags) const;
  /// The package's directory gets to its place, as when its files have been put in theirs.
  void finish_install(const std::string& package) const;
};

}  // namespace revdep::tool
