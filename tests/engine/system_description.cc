#include "engine/system_description.h"

#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "engine/requirements.h"

namespace revdep::engine {

using base::ObjectId;

std::unique_ptr<System> load_system(const std::string& root) {
  LoadOptions options;
  options.root = root;
  options.source = Source::vdb;
  options.markings = ReadMarkings::ahead;
  auto system = System::load(options);
  if (!system) throw std::runtime_error(system.error().to_string());
  (*system)->finish_reading();
  return std::move(*system);
}

std::string describe(System& system) {
  std::map<std::string, std::string> lines;
  const auto name = [&](ObjectId id) { return std::string(system.graph().path(id)); };
  system.read_all_markings();
  for (const ObjectId id : system.graph().objects()) {
    std::ostringstream line;
    const base::PackageId package = system.graph().object(id).package;
    line << name(id) << " of " << (package.valid() ? to_string(system.packages()[package.index()]) : "nobody");
    const ObjectMarking& marking = system.marking(id);
    line << " has " << static_cast<int>(marking.reading) << ' ' << marking.stores.xattr.value_or("none") << ' '
         << marking.stores.header.value_or(0);
    const graph::Closure closure = system.closure(id);
    line << "\n  loads";
    for (const loader::Mapped& mapped : closure.objects) line << ' ' << name(mapped.object);
    std::vector<std::string> unresolved;
    for (const graph::Unresolved& each : closure.unresolved) {
      unresolved.push_back(std::string(system.graph().names().view(each.name)) + "@" + name(each.requester));
    }
    line << "\n  lacks";
    for (const std::string& each : unresolved) line << ' ' << each;
    std::set<std::string> consumers;
    for (const ObjectId consumer : system.consumers(id)) consumers.insert(name(consumer));
    line << "\n  serves";
    for (const std::string& each : consumers) line << ' ' << each;
    lines[name(id)] = line.str();
  }
  std::string text;
  for (const auto& [path, line] : lines) text += line + '\n';
  return text;
}

std::string describe_asked(System& system) {
  Claims claims(system, {});
  Askers askers(system, claims);
  askers.survey();
  std::map<std::string, std::string> lines;
  for (const ObjectId id : system.graph().objects()) {
    const std::string path(system.graph().path(id));
    lines[path] = path + " is asked for " + std::to_string(askers.asked_of(id).bits()) + '\n';
  }
  std::string text;
  for (const auto& [path, line] : lines) text += line;
  return text;
}

}  // namespace revdep::engine
