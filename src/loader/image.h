// What the dynamic loader looks at in one object. Plain data: names are interned, nothing is resolved.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "elf/abi.h"

namespace revdep::loader {

/// What only some objects have.
struct Extras {
  std::optional<std::string> rpath;    ///< raw DT_RPATH; absent when DT_RUNPATH is there, as the loader ignores it then
  std::optional<std::string> runpath;  ///< raw DT_RUNPATH; empty is not absent
  std::vector<base::NameId> auxiliary;
  std::vector<base::NameId> filter;
  bool no_default_lib = false;  ///< DF_1_NODEFLIB
  friend bool operator==(const Extras&, const Extras&) = default;
};

struct Image {
  elf::Abi abi;
  base::NameId soname;                   ///< invalid: none
  std::vector<base::NameId> needed;      ///< in order
  std::shared_ptr<const Extras> extras;  ///< nullptr for most
  base::NameId interpreter;              ///< PT_INTERP as written; invalid: none
  bool loadable = true;  ///< the loader maps it as a library: no ET_EXEC, no DF_1_PIE, an e_ident that it accepts
  bool dynamic = true;   ///< it has a dynamic section: else nothing is loaded for it
  bool secure = false;   ///< run as a program it is set-id or has file capabilities: AT_SECURE

  friend bool operator==(const Image& left, const Image& right) {
    const bool same_extras =
        left.extras == right.extras || (left.extras && right.extras && *left.extras == *right.extras);
    return same_extras && left.abi == right.abi && left.soname == right.soname && left.needed == right.needed &&
           left.interpreter == right.interpreter && left.loadable == right.loadable && left.dynamic == right.dynamic &&
           left.secure == right.secure;
  }
};

}  // namespace revdep::loader
