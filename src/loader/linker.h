// One dynamic loader of the system: where it looks for a name and what it maps for a program. The rules are glibc's
// (elf/dl-load.c, elf/dl-deps.c) and musl's (ldso/dynlink.c); everything it asks of the system goes through Files.
//
// A *static* answer takes a requester's own search path and the defaults, but nothing that was loaded before. The graph's
// edges are static answers; simulate() gives the exact ones for one program.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "loader/files.h"
#include "loader/image.h"
#include "loader/ld_cache.h"
#include "loader/platform.h"
#include "loader/search_path.h"

namespace revdep::loader {

/// Why a name led where it did.
enum class How : unsigned char {
  not_found,
  failed,          ///< the loader gives up at this candidate
  loaded,          ///< an object loaded before has this name
  path,            ///< the entry is a path
  rpath,           ///< DT_RPATH of Resolution::owner
  runpath,         ///< DT_RUNPATH of the requester (musl: of Resolution::owner)
  cache,           ///< ld.so.cache
  directory,       ///< a default directory
  interpreter,     ///< it is the program's loader
  preload,         ///< /etc/ld.so.preload names it
  virtual_object,  ///< the kernel's vdso: no file
  dlopened,        ///< the requester opens it at run time
};

/// One answer: who asked for which name and what it got.
struct Resolution {
  base::ObjectId requester;
  base::NameId name;
  base::ObjectId provider;  ///< invalid when not found
  base::ObjectId owner;     ///< whose search path found it; invalid for the defaults
  How how = How::not_found;
};

/// One object of a closure, and the needed entry that brought it in first.
struct Mapped {
  base::ObjectId object;
  base::ObjectId file;  ///< one id for all hard links of the object
  base::NameId name;
  base::ObjectId requester;
  friend bool operator==(const Mapped&, const Mapped&) = default;
};

/// All that the loader maps for one program.
struct Mapping {
  std::vector<Resolution> resolutions;  ///< every needed entry of every object, in the loader's order
  std::vector<Mapped> objects;          ///< in the loader's order, each once; without the program
  bool fails = false;                   ///< a candidate stops the loader: the program does not start
};

/// What a system's loaders share.
struct Configuration {
  const LdCache* cache = nullptr;             ///< glibc: /etc/ld.so.cache; nullptr: no valid one
  std::vector<std::string> conf_directories;  ///< glibc without a cache: what ldconfig would have searched
  std::vector<base::NameId> preload;          ///< /etc/ld.so.preload
};

/// A static answer.
struct Found {
  Opening opening = Opening::absent;
  base::ObjectId object;
  base::ObjectId file;
  const std::string* directory = nullptr;  ///< canonical directory in which it was found: its $ORIGIN
  How how = How::not_found;
  base::ObjectId owner;
};

class Linker {
 public:
  virtual ~Linker() = default;
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  [[nodiscard]] const Platform& platform() const { return platform_; }
  [[nodiscard]] elf::Abi abi() const { return abi_; }

  /// What `requester`, loaded from its own directory, gets for `name` when nothing else is loaded. For a name that is no
  /// path and has no token, all requesters without extras get the same.
  virtual Found find_static(base::ObjectId requester, base::NameId name) = 0;

  /// Whether an object with these extras can change what others find, or finds what depends on others.
  [[nodiscard]] virtual bool depends_on_context(const Image& image) const = 0;

  /// What the loader maps when `program` is run from its canonical path. A library is taken as if it were the program.
  virtual Mapping simulate(base::ObjectId program) = 0;

  /// platform().interpreter as a name; invalid: there is none.
  base::NameId usual_interpreter_name();
  /// What a PT_INTERP path leads to; remembered.
  const Found& interpreter(base::NameId path);
  /// Its object; invalid when there is none that can be loaded.
  base::ObjectId interpreter_object(base::NameId path);
  /// The object of platform().interpreter.
  base::ObjectId interpreter_object();

  /// Forgets what was found so far: the system changed.
  virtual void forget();

 protected:
  /// `other_abi` is what a candidate of another ABI means to this loader: absent or fatal.
  Linker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration, Opening other_abi);

  /// The cache, then the default directories; remembered by name.
  const Found& find_default(base::NameId name);
  /// The first of `directories` that has `name`. `how` and `owner` go into the answer. Opening::blocked: an element of
  /// the list (the directory itself, after its subdirectories) ended the list.
  Found find_in(std::span<const std::string> directories, std::string_view name, How how, base::ObjectId owner);
  /// An object's own search path, expanded, and what it gave for each name that was asked for.
  struct SearchList {
    std::vector<std::string> directories;
    std::unordered_map<base::NameId, Found> found;
  };
  Found find_in(SearchList& list, base::NameId name, How how, base::ObjectId owner);
  /// A needed entry with a slash, tokens expanded.
  Found find_path(std::string_view path);
  /// What ld.so.cache says; "" without one.
  [[nodiscard]] std::string_view cached_path(std::string_view name) const;
  Found find_cached(std::string_view name);
  /// What the text of a needed entry has; remembered.
  struct Spelling {
    bool slash = false;  ///< it is a path
    bool token = false;
  };
  const Spelling& spelling(base::NameId name);
  /// Canonical directory of an object.
  const std::string* home(base::ObjectId object);

  Files& files_;
  elf::Abi abi_;
  Platform platform_;
  const Configuration& configuration_;
  std::vector<std::string> default_directories_;

 private:
  /// The existing directories behind one element of a search path: its hwcaps subdirectories, then itself.
  const std::vector<const std::string*>& places(const std::string& directory);
  bool is_obstructed(std::string_view directory);
  virtual Found search_default(std::string_view name) = 0;
  Opened open(const std::string& directory, std::string_view name);

  struct Remembered {
    bool known = false;
    Found found;
  };
  Opening other_abi_;
  std::vector<Remembered> defaults_;  // by NameId
  std::vector<Spelling> spellings_;   // by NameId, as far as asked
  std::unordered_map<base::NameId, Found> interpreters_;
  base::NameId interpreter_name_;  // of platform_.interpreter, once it was asked for
  std::unordered_map<std::string, std::vector<const std::string*>> places_;
};

/// The linker for programs that name a loader of `platform.flavour`. The references must outlive it.
std::unique_ptr<Linker> make_linker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration);

}  // namespace revdep::loader
