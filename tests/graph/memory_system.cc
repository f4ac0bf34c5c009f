#include "graph/memory_system.h"

#include <algorithm>

#include "base/tree.h"

namespace revdep::graph_test {

using base::NameId;
using base::ObjectId;
using loader::How;
using loader::Opening;

MemorySystem::MemorySystem(const World& world) : world_(world) {
  for (const std::string& name : world.preload) configuration_.preload.push_back(names().intern(name));
  for (const auto& [path, object] : world.objects) {
    if (object.second != unlisted) graph_.put(path, make_object(object.first, object.second));
  }
  graph_.resolve(*this);
}

void MemorySystem::replace_package(int package, const std::vector<std::string>& changed) {
  std::vector<std::pair<std::string, graph::Object>> objects;
  for (const auto& [path, object] : world_.objects) {
    if (object.second == package) objects.emplace_back(path, make_object(object.first, package));
  }
  std::vector<NameId> changed_names;
  for (const std::string& name : changed) changed_names.push_back(names().intern(name));
  forget();
  graph_.replace_package(base::PackageId{static_cast<std::uint32_t>(package)}, std::move(objects));
  graph_.resolve(*this, changed_names);
}

void MemorySystem::forget() {
  for (auto& [key, linker] : linkers_) linker->forget();
}

graph::Object MemorySystem::make_object(const Spec& spec, int package) {
  graph::Object object;
  object.package = base::PackageId{static_cast<std::uint32_t>(package)};
  loader::Image& image = object.image;
  image.abi = spec.abi;
  image.loadable = spec.loadable;
  image.secure = spec.secure;
  if (!spec.soname.empty()) image.soname = names().intern(spec.soname);
  if (!spec.interpreter.empty()) image.interpreter = names().intern(spec.interpreter);
  for (const std::string& name : spec.needed) image.needed.push_back(names().intern(name));
  if (!spec.rpath && !spec.runpath && spec.auxiliary.empty() && spec.filter.empty() && !spec.no_default_lib)
    return object;
  loader::Extras extras;
  if (!spec.runpath) extras.rpath = spec.rpath;
  extras.runpath = spec.runpath;
  extras.no_default_lib = spec.no_default_lib;
  for (const std::string& name : spec.auxiliary) extras.auxiliary.push_back(names().intern(name));
  for (const std::string& name : spec.filter) extras.filter.push_back(names().intern(name));
  image.extras = std::make_shared<const loader::Extras>(std::move(extras));
  return object;
}

std::vector<std::string> MemorySystem::describe(const graph::Closure& closure) const {
  std::vector<std::string> lines;
  const auto text = [this](NameId name) { return std::string(graph_.names().view(name)); };
  for (const loader::Mapped& mapped : closure.objects) {
    lines.push_back(std::string(path(mapped.object)) + " <- " + text(mapped.name) + " <- " +
                    std::string(path(mapped.requester)));
  }
  for (const graph::Unresolved& missing : closure.unresolved) {
    lines.push_back("? " + text(missing.name) + " <- " + std::string(path(missing.requester)));
  }
  if (closure.fails) lines.emplace_back("fails");
  return lines;
}

std::vector<std::string> MemorySystem::paths(std::span<const ObjectId> objects) const {
  std::vector<std::string> found;
  for (const ObjectId object : objects) found.emplace_back(path(object));
  return found;
}

std::vector<std::string> MemorySystem::consumers(std::string_view path) {
  std::vector<std::string> found = paths(graph_.consumers(*this, find(path)));
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> MemorySystem::simulated_text(std::string_view path) {
  const ObjectId program = find(path);
  const loader::Mapping mapping = of(image(program)).simulate(program);
  graph::Closure closure;
  closure.objects = mapping.objects;
  closure.fails = mapping.fails;
  std::set<NameId> seen;
  for (const loader::Resolution& resolution : mapping.resolutions) {
    const bool missing = resolution.how == How::not_found || resolution.how == How::failed;
    if (missing && seen.insert(resolution.name).second) {
      closure.unresolved.push_back({resolution.name, resolution.requester});
    }
  }
  return describe(closure);
}

loader::Opened MemorySystem::open(std::string_view directory, std::string_view name, elf::Abi abi) {
  std::string where = base::join_path(directory, name);
  if (const auto link = world_.links.find(where); link != world_.links.end()) where = link->second;
  if (world_.junk.contains(where)) return {Opening::fatal, {}, {}};
  ObjectId id = graph_.find(where);
  if (const auto late = world_.objects.find(where); !id.valid() && late != world_.objects.end()) {
    if (late->second.second == unlisted) id = graph_.put(where, make_object(late->second.first, unlisted));
  }
  if (!id.valid()) return {};
  const loader::Image& found = image(id);
  if (found.abi.elf_class != abi.elf_class) return {Opening::other_abi, {}, {}};
  if (found.abi.order != abi.order) return {Opening::fatal, {}, {}};
  if (found.abi.machine != abi.machine) return {Opening::other_abi, {}, {}};
  if (!found.loadable) return {Opening::fatal, {}, {}};
  const int inode = world_.objects.at(where).first.inode;
  if (inode == 0) return {Opening::object, id, id};
  // The one that stands for all stays the same while it is there.
  ObjectId& file = inodes_.emplace(inode, id).first->second;
  const auto standing = world_.objects.find(std::string(path(file)));
  if (standing == world_.objects.end() || standing->second.first.inode != inode) file = id;
  return {Opening::object, id, file};
}

const std::string* MemorySystem::directory(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.emplace_back(part);
  }
  std::string canonical;
  for (const std::string& part : parts) canonical += '/' + part;
  if (const auto link = world_.directory_links.find(canonical); link != world_.directory_links.end()) {
    canonical = link->second;
  }
  if (canonical.empty()) canonical = "/";
  return &*directories_.insert(canonical).first;
}

loader::Linker& MemorySystem::linker(elf::Abi abi, std::string_view interpreter) {
  auto& linker = linkers_[{abi, std::string(interpreter)}];
  if (!linker) {
    loader::Platform platform;
    platform.flavour = loader::flavour_of(interpreter);
    if (world_.usual_loader_is_named) platform.interpreter = interpreter;
    platform.system_directories = {"/lib64", "/usr/lib64"};
    if (interpreter == other_loader) platform.system_directories = {"/opt/a"};
    platform.lib = "lib64";
    linker = loader::make_linker(*this, abi, std::move(platform), configuration_);
  }
  return *linker;
}

loader::Linker& MemorySystem::usual(elf::Abi abi) {
  return linker(abi, world_.flavour == loader::Flavour::musl ? musl_loader : glibc_loader);
}

loader::Linker& MemorySystem::of(const loader::Image& program) {
  if (!program.interpreter.valid()) return usual(program.abi);
  return linker(program.abi, names().view(program.interpreter));
}

}  // namespace revdep::graph_test
