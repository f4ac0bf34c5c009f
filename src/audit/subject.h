// All that the rules look at: one object with what the system says of it. Plain values, gathered elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "audit/known.h"
#include "elf/abi.h"
#include "elf/facts.h"
#include "pax/kernel.h"
#include "pax/marking.h"
#include "pax/relax.h"
#include "pax/verdict.h"

namespace revdep::audit {

/// A library that asks something of an executable.
struct Asker {
  std::string path;
  std::string package;
  pax::Relaxations asked;
  Chain chain;  ///< from the executable to it
};

using Hazards = elf::Hazards;

struct Subject {
  std::string path;     ///< canonical, below the root
  std::string package;  ///< "" when none owns it
  elf::Abi abi;
  bool executable = false;  ///< the kernel is asked to run it
  bool library = false;     ///< others load it. An object can be both, or neither
  bool privileged = false;  ///< set-id, or with file capabilities
  pax::Stores stores;
  bool holds_xattrs = true;  ///< its filesystem can
  Hazards hazards;
  pax::Verdict verdict;  ///< under Context::kernel

  pax::Relaxations asked;        ///< of this executable, by its closure and the admin's rules
  std::vector<Asker> askers;     ///< by path; only where `asked` is not granted
  pax::Relaxations held;         ///< not to be set again since it was undone
  bool filler_e = false;         ///< an `e` on it is no one's word
  pax::Relaxations stale;        ///< our letters that nobody asks for any more
  pax::Relaxations explained;    ///< relaxations that a claim, an admin's recorded word or its package accounts for
  const Known* known = nullptr;  ///< the entry in the list of known objects that fits it

  std::string untrusted;        ///< why the marking of this library is not followed; "": it is, or asks nothing
  std::size_t executables = 0;  ///< that load this library; counted where a rule tells it
  std::size_t privileged_executables = 0;  ///< those of them that are privileged

  std::vector<std::string> unresolved;     ///< sonames that it needs and nobody provides
  std::vector<std::string> disagreements;  ///< clauses: what the package database says and the ELF file does not
  std::string unreadable;                  ///< why it could not be read; the stores and hazards mean nothing then
  bool lacks_privilege = false;            ///< it is for lack of privilege
};

struct Context {
  pax::Kernel kernel;                ///< for the verdicts
  bool kernel_known = true;          ///< edits go by `kernel`; else by kernels_for() an unknown one
  bool creates_xattr = true;         ///< edits may give a file its first xattr
  std::vector<std::string> options;  ///< that every mending command needs: "--root", "/mnt"
};

}  // namespace revdep::audit
