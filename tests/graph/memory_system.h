// A system made of nothing: objects, links and directories as plain data, and the linkage graph over them. Has the
// loader's rules from make_linker and no file at all.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "loader/files.h"
#include "loader/linker.h"

namespace revdep::graph_test {

inline constexpr elf::Abi x86_64{62, elf::Class::elf64, elf::ByteOrder::little};
inline constexpr elf::Abi i386{3, elf::Class::elf32, elf::ByteOrder::little};
inline constexpr elf::Abi ppc{20, elf::Class::elf32, elf::ByteOrder::big};

inline constexpr std::string_view glibc_loader = "/lib64/ld-linux.so.2";
inline constexpr std::string_view other_loader = "/opt/other/ld.so";  ///< a glibc too, that looks in /opt/a only
inline constexpr std::string_view musl_loader = "/lib64/ld-musl-x86_64.so.1";

/// One ELF object in words.
struct Spec {
  elf::Abi abi = x86_64;
  std::string soname;
  std::vector<std::string> needed;
  std::string interpreter;
  std::optional<std::string> rpath, runpath;
  std::vector<std::string> auxiliary, filter;
  bool no_default_lib = false;
  bool loadable = true;
  bool secure = false;
  int inode = 0;  ///< objects of the same one are hard links; 0: a file of its own
};

/// The package of objects that the graph does not know until the loader opens them.
inline constexpr int unlisted = -1;

/// What there is. Objects stand under canonical paths; directories exist when something is in them.
struct World {
  std::map<std::string, std::pair<Spec, int>> objects;  ///< with the package that owns it
  std::map<std::string, std::string> links;             ///< to files: canonical path to canonical path
  std::map<std::string, std::string> directory_links;
  std::set<std::string> junk;  ///< files that no loader takes: fatal
  std::vector<std::string> preload;
  loader::Flavour flavour = loader::Flavour::glibc;
  bool usual_loader_is_named = true;  ///< false: there never was one
};

class MemorySystem final : public loader::Files, public graph::Linkers {
 public:
  /// Loads all of `world`, which must outlive this.
  explicit MemorySystem(const World& world);

  /// The world's package `package` became another: `changed` are the names whose answer may be another now.
  void replace_package(int package, const std::vector<std::string>& changed);
  void forget();
  /// Whether the loader asked where it is: it does for who searches from there, and for each program that is simulated.
  [[nodiscard]] bool was_asked_for(const std::string& directory) const { return directories_.contains(directory); }

  graph::Graph& graph() { return graph_; }
  [[nodiscard]] base::ObjectId find(std::string_view path) const { return graph_.find(path); }
  graph::Closure closure(std::string_view path) { return graph_.closure(*this, find(path)); }

  // As text, so that two systems with other ids can be compared.
  /// "PATH <- NAME <- REQUESTER" in order, then "? NAME <- REQUESTER", then "fails".
  std::vector<std::string> describe(const graph::Closure& closure) const;
  std::vector<std::string> closure_text(std::string_view path) { return describe(closure(path)); }
  std::vector<std::string> paths(std::span<const base::ObjectId> objects) const;
  /// Sorted.
  std::vector<std::string> consumers(std::string_view path);
  /// What the linker says when it is asked for this program alone.
  std::vector<std::string> simulated_text(std::string_view path);

  // loader::Files
  loader::Opened open(std::string_view directory, std::string_view name, elf::Abi abi) override;
  const std::string* directory(std::string_view path) override;
  [[nodiscard]] const loader::Image& image(base::ObjectId object) const override { return graph_.object(object).image; }
  [[nodiscard]] std::string_view path(base::ObjectId object) const override { return graph_.path(object); }
  base::Interner<base::NameId>& names() override { return graph_.names(); }

  // graph::Linkers
  loader::Linker& usual(elf::Abi abi) override;
  loader::Linker& of(const loader::Image& program) override;
  [[nodiscard]] bool preloads() const override { return !configuration_.preload.empty(); }

 private:
  graph::Object make_object(const Spec& spec, int package);
  loader::Linker& linker(elf::Abi abi, std::string_view interpreter);

  const World& world_;
  graph::Graph graph_;
  loader::Configuration configuration_;
  std::set<std::string> directories_;  // asked for: stable addresses
  std::map<std::pair<elf::Abi, std::string>, std::unique_ptr<loader::Linker>> linkers_;
  std::map<int, base::ObjectId> inodes_;
};

}  // namespace revdep::graph_test
