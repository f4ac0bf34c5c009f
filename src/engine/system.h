// A loaded system: its packages, its linkage graph and its objects' markings. Reads; never writes.
//
// Markings are read when first asked for, so that a question about one library costs what its consumers cost.
#pragma once

#include <cstddef>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/entry_watch.h"
#include "base/error.h"
#include "base/stamp.h"
#include "base/tree.h"
#include "config/rules.h"
#include "elf/facts.h"
#include "elf/marking_reader.h"
#include "engine/elf_reading.h"
#include "engine/read_ahead.h"
#include "engine/records.h"
#include "engine/rulings.h"
#include "graph/graph.h"
#include "loader/files.h"
#include "loader/linker.h"
#include "pax/marking.h"
#include "vdb/database.h"

namespace revdep::engine {

enum class Source : unsigned char { automatic, vdb, filesystem };
enum class FactsFrom : unsigned char { vdb, elf };
/// When markings are read: `ahead` is for those who will ask for nearly all.
enum class ReadMarkings : unsigned char { when_asked, ahead };

struct LoadOptions {
  std::string root = "/";
  std::string vdb;  ///< "": var/db/pkg below the root
  Source source = Source::automatic;
  FactsFrom facts = FactsFrom::vdb;
  ReadMarkings markings = ReadMarkings::when_asked;
  std::string consumers_of;        ///< a soname: the markings of those that may load it are read ahead; "": of nobody
  std::vector<std::string> path;   ///< $PATH's directories, searched by Source::filesystem
  std::string image;               ///< a package's image, taken as merged already; "": none
  std::vector<std::string> trees;  ///< further directories for it, with all below them
  bool dlopen = true;              ///< follow what objects say they open at run time, and the rules
  config::Rules rules;             ///< the admin's
};

/// What is known of an object's marking.
enum class Reading : unsigned char {
  unread,
  read,
  unreadable,  ///< in problems()
  gone,        ///< listed, but no longer there
};

struct ObjectMarking {
  Reading reading = Reading::unread;
  pax::Stores stores;
};

class System final : public loader::Files, public graph::Linkers {
 public:
  /// Loads a system. Error: no such root, no package database where one is demanded.
  static base::Result<std::unique_ptr<System>> load(const LoadOptions& options);

  graph::Graph& graph() { return graph_; }
  [[nodiscard]] const graph::Graph& graph() const { return graph_; }
  base::Tree& tree() { return tree_; }
  [[nodiscard]] const std::vector<vdb::PackageName>& packages() const { return packages_; }
  /// The package database; nullptr when the filesystem is the source.
  [[nodiscard]] const vdb::Database* database() const { return database_ ? &*database_ : nullptr; }

  struct Update {
    std::vector<base::ObjectId> touched;  ///< were read, or are gone
    bool alone = false;                   ///< they are programs, and what others load did not change
  };
  /// Takes up what changed in the package database: reads these packages again, and looks anew for what was found by looking
  /// at the filesystem where that changed. problems() are those of this time only. nullopt: too much changed, only a fresh
  /// load can tell. `now`: seconds since the epoch. `watch`: tells of entries.
  std::optional<Update> update(const std::vector<vdb::PackageName>& changed, std::time_t now = std::time(nullptr),
                               base::EntryWatch* watch = nullptr);

  /// The object at a canonical path; one that the source does not know is read and added. Invalid: no ELF object.
  base::ObjectId find_or_read(std::string_view canonical);

  /// Reads it at the first call.
  const ObjectMarking& marking(base::ObjectId object);

  /// To be read again: the file was changed.
  void forget_marking(base::ObjectId object) {
    known(object).marking = {};
    known(object).marking_asked.reset();  // what was read ahead is as old
  }
  /// Reads what is still to be read, and lets go of what it took to read that beside other work.
  void finish_reading();

  /// What the admin's rules say of it.
  const Ruling& ruling(base::ObjectId object) { return rulings_.of(graph_, object); }

  /// What is mapped before main.
  graph::Closure link_closure(base::ObjectId object);
  /// That, and what is opened at run time. Reads the markings of all of it, as the plugins' names stand beside them.
  graph::Closure closure(base::ObjectId object);
  /// Every object whose link closure has `library`, ascending by id.
  std::vector<base::ObjectId> consumers(base::ObjectId library);
  /// Every answer behind a closure, always by simulation: for explanations.
  loader::Mapping explain(base::ObjectId object);
  /// Reads the marking of every object, and so knows of every plugin.
  void read_all_markings();

  /// What the object's ELF file shows; nothing where it was not asked (FactsFrom::vdb).
  [[nodiscard]] elf::Hazards hazards(base::ObjectId object) const;
  /// Clauses on what the package database says of the object and its ELF file does not, where that was asked.
  [[nodiscard]] std::vector<std::string> disagreements(base::ObjectId object) const;

  /// What could not be read or understood, sorted, each once.
  [[nodiscard]] std::vector<base::Error> problems() const;

  // loader::Files
  loader::Opened open(std::string_view directory, std::string_view name, elf::Abi abi) override;
  const std::string* directory(std::string_view path) override { return tree_.resolve_directory(path); }
  [[nodiscard]] const loader::Image& image(base::ObjectId object) const override { return graph_.object(object).image; }
  [[nodiscard]] std::string_view path(base::ObjectId object) const override { return graph_.path(object); }
  base::Interner<base::NameId>& names() override { return graph_.names(); }

  // graph::Linkers
  loader::Linker& usual(elf::Abi abi) override;
  loader::Linker& of(const loader::Image& program) override;
  [[nodiscard]] bool preloads() const override { return !configuration_.preload.empty(); }

 private:
  explicit System(base::Tree tree) : tree_(std::move(tree)) {}

  void configure();
  void read_cache();
  Inventory read_inventory(const LoadOptions& options);
  /// Begins to read what will be asked of the record's file.
  void read_ahead(Record& record);
  /// Whether the database's word on an object is not enough, as far as its record tells.
  [[nodiscard]] bool is_in_doubt(const Record& record) const;
  void read_ahead_consumers();
  /// Fetches ahead what adding these records will look at.
  void expect(std::span<const Record> records);
  void add_all(std::vector<Record>& records);
  base::ObjectId add(const Record& record, std::optional<ElfReading> reading);
  /// What the caller takes the file to be: only what ought to be an ELF object and is none is a problem.
  enum class Expected : unsigned char { anything, object };
  base::ObjectId add_from_elf(std::string_view where, base::PackageId package);
  base::ObjectId add_reading(std::string_view where, base::PackageId package, ElfReading reading, Expected expected);
  /// marking() without the edges of what turns out to be another kind of object: for many at once, resolve() behind them.
  void read_marking(base::ObjectId object);
  void settle_marking(base::ObjectId object, base::Result<elf::MarkedObject> marked);
  /// Begins to read the marking.
  void ask_marking(base::ObjectId object);
  void check_program(base::ObjectId object, const elf::Head& head);
  void note_plugins(base::ObjectId object, std::vector<elf::DlopenNote> notes);
  void settle_plugins();
  std::optional<graph::Plugin> find_plugin(base::ObjectId object, const elf::DlopenNote& note);
  void apply_load_rules(const config::Rules& rules);
  bool reconfigure(bool& every_name);
  std::vector<base::NameId> find_changed_names(const std::vector<std::string>& entries, bool every_name);
  void unsettle_plugins(const std::set<base::ObjectId>& touched, bool names_changed);
  void note_link(std::string_view name, std::vector<std::string> through);
  [[nodiscard]] std::optional<base::Stamp> stamp_of(const std::string& canonical) const;
  void resolve_rules();
  std::set<base::PackageId> find_packages(const std::vector<vdb::PackageName>& changed);
  void add_suspects(std::set<base::PackageId>& packages, const std::vector<std::string>& entries, bool names_changed);
  void add_sharers(std::set<base::PackageId>& packages) const;
  Inventory read_packages(std::set<base::PackageId>& wanted);
  std::set<std::string> find_paths(const std::set<base::PackageId>& packages) const;
  bool touches_loader(const std::set<base::PackageId>& packages, const std::vector<Record>& records);
  void remove(base::ObjectId object);
  void forget_answers();
  void compare_loaders(const std::vector<Record>& records);
  void reread_unresolved(const std::vector<base::ObjectId>& objects);
  graph::Object describe(const elf::Facts& facts, base::PackageId package);

  /// What is known of an object's file beside its place in the graph.
  struct Known {
    ObjectMarking marking;
    std::optional<std::size_t> marking_asked;
    bool from_elf = false;   // its image is the ELF file's word
    bool listed = false;     // a source names it
    bool corrected = false;  // what the database says led nowhere, and the file itself says something else
    elf::Hazards hazards;
  };
  Known& known(base::ObjectId object);
  [[nodiscard]] bool told_by_elf(base::ObjectId object) const {
    return object.valid() && object.index() < known_.size() && known_[object.index()].from_elf;
  }
  loader::Linker& linker_for(elf::Abi abi, const std::string& interpreter);

  base::Tree tree_;
  std::optional<vdb::Database> database_;
  graph::Graph graph_;
  std::vector<vdb::PackageName> packages_;
  std::vector<base::Error> problems_;

  loader::LdCache cache_;
  std::optional<base::Stamp> cache_stamp_;  // of its file; nullopt: to be read again
  loader::Configuration configuration_;
  std::map<std::pair<elf::Abi, std::string>, std::unique_ptr<loader::Linker>> linkers_;
  std::map<elf::Abi, loader::Linker*> usual_;
  loader::Linker* last_usual_ = nullptr;
  std::map<std::pair<elf::Abi, base::NameId>, loader::Linker*> by_interpreter_;

  bool programs_differ_ = false;  // which loader a program names, or how it was started, has to be read
  std::size_t corrections_ = 0;   // programs that were not what the database made them seem

  std::map<base::ObjectId, std::vector<elf::DlopenNote>> dlopen_notes_;
  std::map<base::ObjectId, std::vector<graph::Plugin>> ruled_plugins_;
  std::set<base::ObjectId> unsettled_;  // whose plugins are still to be looked for
  std::unordered_map<base::ObjectId, std::vector<std::string>> disagreements_;
  LoadOptions options_;
  Rulings rulings_;  // of options_.rules
  SharedPaths shared_;
  std::vector<std::pair<std::string, base::PackageId>> preserved_;  // by path
  std::set<base::PackageId> incomplete_;
  std::vector<Known> known_;  // by ObjectId
  struct Rejected {
    bool readable = false;
    std::optional<elf::Abi> abi;  // when it begins as an ELF object does
    std::optional<base::Stamp> stamp;
  };
  std::unordered_map<std::string, Rejected> rejected_;  // canonical paths that are no usable object
  std::unordered_map<ino_t, base::ObjectId> inodes_;    // files that the loader opened
  // By the canonical path of what a symlink leads to, at its end or on the way: the names that were asked for.
  std::unordered_map<std::string, std::vector<base::NameId>> led_through_;
  // Canonical paths. Last, as what they read is told to nobody once the rest is gone.
  SecondReader second_reader_;
  ReadAhead<std::string, ElfReading> facts_ahead_{second_reader_, Urgency::facts,
                                                  [this](const std::string& path) { return read_elf(tree_, path); }};
  ReadAhead<std::string, base::Result<elf::MarkedObject>> markings_ahead_{
      second_reader_, Urgency::markings,
      [this](const std::string& path) { return elf::read_marked_object(tree_, path); }};
};

}  // namespace revdep::engine
