// The linkage graph: vertices are ELF objects keyed by canonical path, edges lead from a requester to the provider that
// the dynamic loader takes for each needed entry. Holds and answers; reads no file itself.
//
// Edges are *static* answers (loader/linker.h). For most objects reaching along them is what the loader does. The rest is
// found by a cheap test and simulated: an object is **contextual** when it requests, or reaches one that requests, a name
// whose answer depends on what was loaded before. The test may only err towards simulation; the loader's own answer for
// both kinds is compared in the tests.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/interner.h"
#include "graph/grouped.h"
#include "loader/image.h"
#include "loader/linker.h"

namespace revdep::graph {

/// One object as its source describes it.
struct Object {
  loader::Image image;
  base::PackageId package;  ///< owner; invalid: none known
  base::NameId arch;        ///< "X86_64"
  base::NameId category;    ///< "x86_64"; may be empty
};

/// Which linker answers for whom.
class Linkers {
 public:
  virtual ~Linkers() = default;
  /// For edges: the loader that programs of this ABI usually name.
  virtual loader::Linker& usual(elf::Abi abi) = 0;
  /// For a whole program: the loader that it names itself (a library: the usual one).
  virtual loader::Linker& of(const loader::Image& program) = 0;
  /// Whether /etc/ld.so.preload brings anything into every program.
  [[nodiscard]] virtual bool preloads() const = 0;
};

struct Unresolved {
  base::NameId name;
  base::ObjectId requester;
  friend bool operator==(const Unresolved&, const Unresolved&) = default;
};

/// An object that another opens at run time, by dlopen(3).
struct Plugin {
  base::ObjectId object;
  base::NameId name;
  bool by_path = false;  ///< else by name: an object of that name that is loaded already is opened instead
  friend bool operator==(const Plugin&, const Plugin&) = default;
};

/// What running (or dlopening) one object brings in, itself excluded.
struct Closure {
  std::vector<loader::Mapped> objects;  ///< in the loader's order
  std::size_t linked = 0;               ///< so many are mapped before main; plugins and what they need follow
  std::vector<Unresolved> unresolved;   ///< in the loader's order, each name once
  bool fails = false;                   ///< the loader gives up: the program does not start
};

class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  base::Interner<base::NameId>& names() { return names_; }
  [[nodiscard]] const base::Interner<base::NameId>& names() const { return names_; }

  /// The id of a canonical path, known or new.
  base::ObjectId intern(std::string_view path) { return paths_.intern(path); }
  /// The object at a canonical path; invalid when there is none.
  [[nodiscard]] base::ObjectId find(std::string_view path) const;
  [[nodiscard]] std::string_view path(base::ObjectId id) const { return paths_.view(id); }
  [[nodiscard]] const Object& object(base::ObjectId id) const { return objects_[id.index()]; }
  /// False: its path is known, the object is gone.
  [[nodiscard]] bool present(base::ObjectId id) const { return files_[id.index()].valid(); }
  /// Number of ids; those of objects that are gone are among them.
  [[nodiscard]] std::size_t size() const { return objects_.size(); }
  /// Every object there is, by id.
  [[nodiscard]] std::vector<base::ObjectId> objects() const;

  /// Makes room for `count` objects in all, and for their names.
  void reserve(std::size_t count);
  /// Fetches ahead what put() and find() of these paths will look at.
  void expect(std::span<const std::string_view> paths) const { paths_.expect(paths); }
  /// Adds the object at `path`, or replaces it. Its edges are found by the next resolve(). Where nothing but the loader that it
  /// names differs it is taken for the same file, of which more became known; another file is to be removed first.
  base::ObjectId put(std::string_view path, Object object);
  void remove(base::ObjectId id);
  /// Replaces all objects of a package by others; a path that another package took over stays with that.
  void replace_package(base::PackageId package, const std::vector<std::pair<std::string, Object>>& objects);

  /// Finds the edges of every object that was put since, of every requester of `changed_names` (names whose answer may have
  /// changed, in whatever directory), of all that ask for a path, and of all that led to an object that is gone. Everything
  /// else stays; where nothing changed, nothing is done.
  void resolve(Linkers& linkers, std::span<const base::NameId> changed_names = {});

  /// How often something that can be loaded was put or removed. While that stays, what one program loads changes nothing for
  /// others.
  [[nodiscard]] std::uint64_t library_changes() const { return library_changes_; }

  /// Static providers, one for each of image.needed; invalid where there is none.
  [[nodiscard]] std::span<const base::ObjectId> providers(base::ObjectId id) const { return providers_[id.index()]; }
  /// Objects with a static edge to `id`, ascending, each once.
  [[nodiscard]] std::span<const base::ObjectId> direct_consumers(base::ObjectId id) const;
  /// Whether the closure of `id` has to be simulated.
  [[nodiscard]] bool contextual(base::ObjectId id) const {
    return traits_[id.index()].contextual || traits_[id.index()].contextual_as_root;
  }

  /// Whether it asks for a path, or with a token.
  [[nodiscard]] bool needs_path(base::ObjectId id) const { return traits_[id.index()].needs_path; }

  /// What `id` opens at run time: told by its describer, replaced by another telling, gone with the object.
  void set_plugins(base::ObjectId id, std::vector<Plugin> plugins);
  [[nodiscard]] std::span<const Plugin> plugins(base::ObjectId id) const;

  Closure closure(Linkers& linkers, base::ObjectId root);
  /// The closure and, behind it, what its objects open at run time, with all that those need.
  Closure closure_with_plugins(Linkers& linkers, base::ObjectId root);

  /// For each object the union of `own` (by object id, any bits) over all that it reaches along edges and plugins; itself
  /// only if it reaches itself. Linear in objects and edges. Exact where is_plain(), else a hint at best.
  [[nodiscard]] std::vector<std::uint8_t> gather(std::span<const std::uint8_t> own) const;
  /// By object id: whether reaching along edges and plugins is what running the object brings in.
  [[nodiscard]] std::vector<bool> find_plain() const;
  /// Every object whose closure has `library`, ascending.
  std::vector<base::ObjectId> consumers(Linkers& linkers, base::ObjectId library);

 private:
  struct Traits {
    bool dirty = false;
    bool uses_origin = false;   // what it finds depends on where it was loaded from
    bool needs_path = false;    // asks for a path, or with a token
    bool unsteady = false;      // one of its own answers depends on context
    bool contextual = false;    // reaches an unsteady object, or one that asks for an ambiguous name
    bool strays = false;        // reaches an unsteady object
    bool starts_apart = false;  // how it is started makes names mean other files
    bool contextual_as_root = false;
  };
  // What the text of a needed entry says, kept so that large graphs need not look at it again.
  struct NameTraits {
    bool is_path = false;
    bool special = false;  // its answer depends on who asks
  };
  // Per name: the one file that it means everywhere, or that there are several.
  class Meanings;
  class MeaningsByAbi;
  class SharedAnswers;

  const NameTraits& name_traits(base::NameId name);
  void find_edges(Linkers& linkers, base::ObjectId id, SharedAnswers& shared);
  void note_change(base::ObjectId id);
  void index_consumers();
  void index_programs();
  void find_contextual(Linkers& linkers);
  void mark_roots(Linkers& linkers);
  std::vector<base::ObjectId> find_consumers(Linkers& linkers, base::ObjectId library, base::ObjectId file);
  void spread(bool Traits::*trait);
  void mark_root(Linkers& linkers, base::ObjectId id);
  bool starts_apart(Linkers& linkers, base::ObjectId id);
  [[nodiscard]] bool may_leave_edges(base::ObjectId id) const;
  bool surely_loads(base::ObjectId id, base::ObjectId file);
  bool resolve_programs(Linkers& linkers);
  bool fits_in(Linkers& linkers, base::ObjectId id);
  Closure reach(Linkers& linkers, base::ObjectId root);
  const Closure& simulate(Linkers& linkers, base::ObjectId root);
  base::ObjectId ask_file(Linkers& linkers, base::ObjectId id);
  void part_twins();
  base::ObjectId interpreter_object(Linkers& linkers, const loader::Image& image);
  [[nodiscard]] std::vector<std::uint32_t> find_components() const;

  base::Interner<base::NameId> names_;
  base::Interner<base::ObjectId> paths_;
  std::vector<Object> objects_;
  std::vector<Traits> traits_;
  // One id for all hard links of an inode: itself unless the loader said otherwise. Invalid: the object is gone. Apart from
  // objects_, as every edge leads to a look at it.
  std::vector<base::ObjectId> files_;
  std::vector<NameTraits> name_traits_;
  std::vector<std::vector<base::ObjectId>> providers_;
  Grouped consumers_;  // requesters by the provider of an edge, ascending, each once
  std::unordered_map<base::ObjectId, std::vector<Plugin>> plugins_;
  std::unique_ptr<MeaningsByAbi> meanings_;
  std::vector<bool> has_twin_;  // by ObjectId: hard links of one file
  std::uint64_t library_changes_ = 1;
  std::uint64_t resolved_changes_ = 0;                     // of them, those that the edges know of
  std::unordered_map<base::ObjectId, Closure> simulated_;  // what simulations gave, while nothing that they met changes
  std::vector<base::ObjectId> dirty_;
  bool changed_ = false;  // since the last resolve()
  // Stamps of the walk at hand.
  std::uint32_t walk_ = 0;
  std::vector<std::uint32_t> seen_files_;
  std::vector<std::uint32_t> seen_names_;
};

}  // namespace revdep::graph
