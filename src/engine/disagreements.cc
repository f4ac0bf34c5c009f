#include "engine/disagreements.h"

#include <algorithm>

#include "base/tree.h"
#include "vdb/needed.h"

namespace revdep::engine {
namespace {

std::string quoted(std::string_view text) { return text.empty() ? "none" : "'" + std::string(text) + "'"; }

void compare(std::vector<std::string>& clauses, const char* what, std::string_view listed, std::string_view found) {
  if (listed == found) return;
  clauses.push_back(std::string(what) + " is " + quoted(listed) + " in the package database, " + quoted(found) +
                    " in the file");
}

}  // namespace

std::vector<std::string> find_disagreements(const Record& record, const ElfReading& reading) {
  std::vector<std::string> clauses;
  if (record.facts_needed || record.arch.empty() || reading.kind != ElfReading::Kind::object) return clauses;
  const elf::Facts& facts = reading.facts;
  std::vector<std::string_view> listed;
  vdb::for_each_needed(record.needed, [&](std::string_view name) { listed.push_back(name); });
  const auto has = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string_view name : listed) {
    if (!has(facts.needed, name)) clauses.push_back("needs " + std::string(name) + " by the package database only");
  }
  for (const std::string& name : facts.needed) {
    if (!has(listed, name)) clauses.push_back("needs " + name + " by the file only");
  }
  // The database gives a library without a soname its base name.
  const bool by_base_name = !facts.soname && record.soname == base::split_path(record.path).second;
  if (!by_base_name) compare(clauses, "its soname", record.soname, facts.soname.value_or(""));
  compare(clauses, "its search path", record.rpath, facts.runpath ? *facts.runpath : facts.rpath.value_or(""));
  const std::string category = elf::multilib_category(facts.head.abi, facts.head.e_flags);
  if (!record.category.empty()) compare(clauses, "its ABI", record.category, category);
  return clauses;
}

}  // namespace revdep::engine
