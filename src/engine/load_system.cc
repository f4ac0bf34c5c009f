// The recipe from a root directory to a loaded system.
#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "base/image.h"
#include "config/glob.h"
#include "engine/directories_ahead.h"
#include "engine/system.h"
#include "graph/reach_by_name.h"
#include "loader/ld_so_conf.h"
#include "vdb/needed.h"

namespace revdep::engine {
namespace {

using base::ObjectId;

constexpr std::size_t cache_limit = std::size_t{256} << 20U;
constexpr std::size_t text_limit = std::size_t{1} << 20U;

// "/etc/ld-musl-x86_64.path" for "/lib/ld-musl-x86_64.so.1".
std::string musl_path_file(std::string_view interpreter) {
  std::string_view name = base::split_path(interpreter).second;
  name = name.substr(0, name.find(".so"));
  return "/etc/" + std::string(name) + ".path";
}

bool needs(const Record& record, std::string_view soname) {
  bool found = false;
  if (!soname.empty()) vdb::for_each_needed(record.needed, [&](std::string_view name) { found |= name == soname; });
  return found;
}

// Its objects, of which nobody has told yet.
void add_image(base::Tree& tree, Inventory& inventory) {
  for (const std::string& path : tree.image()->files()) {
    if (!may_be_object(path)) continue;
    Record& record = inventory.records.emplace_back();
    record.path = path;
    record.facts_needed = true;
  }
  merge_records(inventory.records, inventory.shared);
}

}  // namespace

void System::read_cache() {
  constexpr std::string_view cache_path = "/etc/ld.so.cache";
  // A cache does not know of what an image brings: ldconfig will make another.
  const base::Tree::Resolved found = tree_.resolve(cache_path);
  if (tree_.image() != nullptr || found.kind == base::FileKind::missing) {
    cache_ = {};
    cache_stamp_.reset();
    return;
  }
  const std::time_t now = std::time(nullptr);
  const std::optional<base::Stamp> stamp = stamp_of(found.path);
  if (!stamp || stamp != cache_stamp_) {
    cache_stamp_.reset();
    auto bytes = tree_.read_file(cache_path, cache_limit);
    auto cache = bytes ? loader::LdCache::parse(std::move(*bytes), tree_.prefix() + std::string(cache_path))
                       : base::Result<loader::LdCache>(bytes.error());
    if (!cache) {
      cache_ = {};
      problems_.push_back(cache.error());
      return;
    }
    cache_ = std::move(*cache);
    if (stamp && stamp->is_settled(now)) cache_stamp_ = stamp;
  }
  configuration_.cache = &cache_;
}

// What the loaders of this root share.
void System::configure() {
  read_cache();
  if (configuration_.cache == nullptr) {
    loader::ConfDirectories conf = loader::read_ld_so_conf(tree_);
    configuration_.conf_directories = std::move(conf.directories);
    problems_.insert(problems_.end(), conf.problems.begin(), conf.problems.end());
  }
  constexpr std::string_view preload_path = "/etc/ld.so.preload";
  if (tree_.resolve(preload_path).kind != base::FileKind::missing) {
    const auto text = tree_.read_file(preload_path, text_limit);
    if (text) {
      for (const std::string& name : loader::parse_preload(*text)) {
        configuration_.preload.push_back(names().intern(name));
      }
    } else {
      problems_.push_back(text.error());
    }
  }
}

loader::Linker& System::linker_for(elf::Abi abi, const std::string& interpreter) {
  const base::Tree::Resolved resolved = tree_.resolve(interpreter);
  const std::string key = resolved.kind == base::FileKind::regular ? resolved.path : interpreter;
  auto& linker = linkers_[{abi, key}];
  if (!linker) {
    loader::Platform platform = loader::read_platform(tree_, abi, interpreter);
    platform.interpreter = resolved.kind == base::FileKind::regular ? interpreter : std::string();
    if (platform.flavour == loader::Flavour::musl) {
      if (const auto text = tree_.read_file(musl_path_file(interpreter), text_limit)) {
        platform.system_directories = loader::parse_musl_path(*text);
      }
    }
    linker = loader::make_linker(*this, abi, std::move(platform), configuration_);
  }
  return *linker;
}

loader::Linker& System::usual(elf::Abi abi) {
  // Nearly every question is about the ABI of the one before.
  if (last_usual_ != nullptr && last_usual_->abi() == abi) return *last_usual_;
  loader::Linker*& linker = usual_[abi];
  if (linker == nullptr) {
    const std::vector<std::string> candidates = loader::usual_interpreters(abi);
    const auto present = std::find_if(candidates.begin(), candidates.end(), [this](const std::string& path) {
      return tree_.resolve(path).kind == base::FileKind::regular;
    });
    const std::string none;
    linker = &linker_for(abi, present != candidates.end() ? *present : candidates.empty() ? none : candidates.front());
  }
  last_usual_ = linker;
  return *linker;
}

loader::Linker& System::of(const loader::Image& program) {
  if (!program.interpreter.valid()) return usual(program.abi);
  loader::Linker*& linker = by_interpreter_[{program.abi, program.interpreter}];
  if (linker == nullptr) {
    const std::string interpreter(names().view(program.interpreter));
    // A program whose loader is missing never starts; the usual one says what it would have loaded.
    const bool present = tree_.resolve(interpreter).kind == base::FileKind::regular;
    linker = present ? &linker_for(program.abi, interpreter) : &usual(program.abi);
  }
  return *linker;
}

// Whether every program of an ABI that needs glibc can be taken to name the same loader and to start in the same way.
void System::compare_loaders(const std::vector<Record>& records) {
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> loaders;  // by category and soname
  for (const Record& record : records) {
    if (is_loader_name(record.soname) && ++loaders[{record.category, record.soname}] > 1) programs_differ_ = true;
  }
}

bool System::is_in_doubt(const Record& record) const {
  if (options_.facts == FactsFrom::elf || record.facts_needed || !record.rpath.empty()) return true;
  if (!elf::abi_of_category(record.category)) return true;
  if (!record.soname.empty()) return false;
  // A program that needs glibc's libc names the one loader that can serve it, where there is but one.
  bool needs_libc = false;
  vdb::for_each_needed(record.needed, [&](std::string_view name) { needs_libc |= name.starts_with("libc.so.6"); });
  return !needs_libc || programs_differ_;
}

void System::read_ahead(Record& record) {
  if (is_in_doubt(record)) {
    record.facts_asked = facts_ahead_.ask(record.path);
  } else if (options_.markings == ReadMarkings::ahead || needs(record, options_.consumers_of)) {
    record.marking_asked = markings_ahead_.ask(record.path);
  }
}

void System::expect(std::span<const Record> records) {
  if (!names().is_large()) return;
  std::vector<std::string_view> texts;
  for (const Record& record : records) {
    if (!record.soname.empty()) texts.push_back(record.soname);
    vdb::for_each_needed(record.needed, [&](std::string_view name) { texts.push_back(name); });
  }
  names().expect(texts);
  texts.clear();
  for (const Record& record : records) texts.push_back(record.path);
  graph_.expect(texts);
}

void System::add_all(std::vector<Record>& records) {
  // What became doubtful since it was listed.
  for (Record& record : records) {
    if (!record.facts_asked && is_in_doubt(record)) record.facts_asked = facts_ahead_.ask(record.path);
  }
  constexpr std::size_t ahead = 16;
  for (std::size_t index = 0; index < records.size(); ++index) {
    const Record& record = records[index];
    if (index % ahead == 0) expect(std::span(records).subspan(index, std::min(ahead, records.size() - index)));
    const ObjectId id =
        add(record, record.facts_asked ? std::optional(facts_ahead_.take(*record.facts_asked)) : std::nullopt);
    if (id.valid()) known(id).listed = true;
  }
}

// The second reader would have nothing to do while edges are found.
void System::read_ahead_consumers() {
  if (options_.consumers_of.empty()) return;
  const base::NameId soname = names().find(options_.consumers_of);
  if (!soname.valid()) return;
  for (const ObjectId consumer : graph::reach_by_name(graph_, soname)) ask_marking(consumer);
}

// The database cannot be right about a soname that leads nowhere. Nor can it tell a soname from a base name, which matters
// where a path loads the object, and where the name means another file to others.
void System::reread_unresolved(const std::vector<ObjectId>& objects) {
  std::set<ObjectId> doubtful;
  for (const ObjectId id : objects) {
    if (!graph_.present(id)) continue;
    const auto providers = graph_.providers(id);
    const base::NameId soname = image(id).soname;
    if (soname.valid() && graph_.contextual(id) && names().view(soname) == base::split_path(path(id)).second) {
      doubtful.insert(id);
    }
    const bool is_sound = std::ranges::all_of(providers, &ObjectId::valid) && !graph_.needs_path(id);
    for (std::size_t index = 0; index < providers.size() && !is_sound; ++index) {
      if (!providers[index].valid()) doubtful.insert(id);
      if (!providers[index].valid()) continue;
      const std::string_view name = names().view(graph_.object(id).image.needed[index]);
      if (name.find('/') != std::string_view::npos) doubtful.insert(providers[index]);
    }
  }
  std::erase_if(doubtful,
                [this](ObjectId id) { return told_by_elf(id) || known(id).marking.reading == Reading::unreadable; });
  std::vector<std::pair<ObjectId, std::size_t>> asked;
  asked.reserve(doubtful.size());
  for (const ObjectId id : doubtful) asked.emplace_back(id, facts_ahead_.ask(std::string(path(id))));
  for (const auto& [id, index] : asked) {
    const loader::Image listed = image(id);
    add_reading(path(id), graph_.object(id).package, facts_ahead_.take(index), Expected::anything);
    known(id).corrected = !(image(id) == listed);
  }
  graph_.resolve(*this);
}

// A rule that names a link means what that leads to.
void System::resolve_rules() {
  const auto resolve = [this](std::string& glob) {
    if (!config::is_plain(glob)) return;
    const base::Tree::Resolved resolved = tree_.resolve(config::plain_path(glob));
    if (resolved.kind == base::FileKind::regular) glob = config::escape_glob(resolved.path);
  };
  for (config::Mark& mark : options_.rules.marks) resolve(mark.glob);
  for (config::Ignore& ignore : options_.rules.ignores) resolve(ignore.glob);
}

Inventory System::read_inventory(const LoadOptions& options) {
  const OnRecord found = [this](Record& record) { read_ahead(record); };
  if (database_) return read_vdb_inventory(tree_, *database_, second_reader_, found);
  std::vector<std::string> directories = options.path;
  for (const auto& directory : loader::read_ld_so_conf(tree_).directories) directories.push_back(directory);
  for (const char* const directory : {"/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib32", "/usr/lib32", "/libx32"}) {
    directories.emplace_back(directory);
  }
  return read_filesystem_inventory(tree_, directories, options.trees, found);
}

base::Result<std::unique_ptr<System>> System::load(const LoadOptions& options) {
  auto tree = base::Tree::open(options.root);
  if (!tree) return tree.error();
  if (!options.image.empty()) {
    if (auto error = tree->lay_over(options.image)) return *std::move(error);
  }
  std::unique_ptr<System> system(new System(std::move(*tree)));
  system->options_ = options;
  system->resolve_rules();
  system->rulings_ = Rulings(system->options_.rules);
  system->configure();

  const std::string vdb_path = options.vdb.empty() ? system->tree_.prefix() + "/var/db/pkg" : options.vdb;
  if (options.source != Source::filesystem) {
    auto database = vdb::Database::open(vdb_path);
    if (database) {
      system->database_ = std::move(*database);
    } else if (options.source == Source::vdb || !options.vdb.empty()) {
      return database.error();
    }
  }
  system->programs_differ_ = system->preloads();
  const DirectoriesAhead directories(system->tree_, system->second_reader_, system->cache_.entries(), options.path);
  Inventory inventory = system->read_inventory(options);
  if (system->tree_.image() != nullptr) add_image(system->tree_, inventory);
  system->packages_ = std::move(inventory.packages);
  auto& problems = system->problems_;
  problems.insert(problems.end(), inventory.problems.begin(), inventory.problems.end());
  system->shared_ = std::move(inventory.shared);
  system->preserved_ = list_preserved(inventory);
  system->incomplete_ = std::move(inventory.incomplete);
  system->compare_loaders(inventory.records);
  system->known_.reserve(inventory.records.size());
  system->graph_.reserve(inventory.records.size());
  system->add_all(inventory.records);
  system->read_ahead_consumers();
  system->graph_.resolve(*system);
  if (options.facts == FactsFrom::vdb) system->reread_unresolved(system->graph_.objects());
  system->apply_load_rules(options.rules);
  return system;
}

}  // namespace revdep::engine
