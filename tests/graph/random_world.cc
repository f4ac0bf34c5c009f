#include "graph/random_world.h"

#include <algorithm>
#include <array>

#include "base/tree.h"

namespace revdep::graph_test {
namespace {

constexpr std::array<std::string_view, 5> directories = {"/lib64", "/usr/lib64", "/opt/a", "/opt/b", "/opt/a/lib64"};
constexpr std::array<std::string_view, 8> search_paths = {"/opt/a", "/opt/b",      "$ORIGIN",       "$ORIGIN/../b",
                                                          "/opt/l", "/opt/a/$LIB", "/opt/b:/opt/a", ":/opt/b"};
constexpr std::uint32_t name_count = 9;

std::string name_of(std::uint32_t index) {
  std::string name = "lib0.so";
  name[3] = static_cast<char>('a' + index);
  return name;
}

}  // namespace

RandomWorld::RandomWorld(std::uint32_t seed) : engine_(seed), oddity_(seed % 3) {
  world_.directory_links["/opt/l"] = "/opt/a";
  if (odd(30)) world_.flavour = loader::Flavour::musl;
  world_.usual_loader_is_named = world_.flavour == loader::Flavour::musl || !chance(10);
  if (odd(15)) world_.preload.push_back(pick_name());
  Spec loader;
  loader.soname = "ld.so";
  for (const std::string_view path : {glibc_loader, musl_loader, other_loader}) {
    // What musl calls libc is its loader: there is none without.
    const bool must = path == musl_loader && world_.flavour == loader::Flavour::musl;
    if (path == glibc_loader && !world_.usual_loader_is_named) continue;
    if (must || chance(90)) world_.objects[std::string(path)] = {loader, must ? packages : 0};
  }
  for (int package = 0; package < packages; ++package) change_package(package);
}

std::string RandomWorld::pick_directory() {
  return std::string(directories[below(oddity_ == 0 ? 2 : static_cast<std::uint32_t>(directories.size()))]);
}

std::string RandomWorld::pick_name() { return name_of(below(name_count)); }

std::string RandomWorld::pick_entry() {
  if (odd(4)) return "$ORIGIN/" + pick_name();
  if (odd(6)) return base::join_path(pick_directory(), pick_name());
  if (odd(2)) return "./" + pick_name();
  if (odd(3)) return "ld.so";
  if (odd(1)) return "";
  if (odd(1)) return "linux-vdso.so.1";
  return pick_name();
}

std::string RandomWorld::pick_search_path() {
  return std::string(search_paths[below(static_cast<std::uint32_t>(search_paths.size()))]);
}

std::pair<std::string, Spec> RandomWorld::make_object() {
  Spec spec;
  std::string path;
  if (odd(10)) spec.abi = chance(70) ? i386 : ppc;
  for (std::uint32_t count = below(4); count > 0; --count) spec.needed.push_back(pick_entry());
  if (odd(15)) spec.rpath = pick_search_path();
  if (odd(15)) spec.runpath = pick_search_path();
  if (odd(2)) spec.auxiliary.push_back(pick_name());
  if (odd(2)) spec.filter.push_back(pick_name());
  if (odd(3)) spec.no_default_lib = true;
  if (chance(35)) {
    path = "/bin/program" + std::to_string(below(8));
    if (odd(20)) path = base::join_path(pick_directory(), "program" + std::to_string(below(3)));
    const bool musl = world_.flavour == loader::Flavour::musl;
    spec.interpreter = odd(10) ? other_loader : odd(3) ? "/no/such/loader" : musl ? musl_loader : glibc_loader;
    spec.loadable = odd(20);
    spec.secure = odd(10);
    if (odd(5)) spec.soname = pick_name();
    return {path, spec};
  }
  const std::string name = pick_name();
  path = base::join_path(pick_directory(), name);
  spec.soname = odd(15) ? pick_name() : odd(15) ? "" : name;
  spec.loadable = !odd(3);
  if (world_.flavour == loader::Flavour::glibc && odd(30)) spec.inode = 1 + static_cast<int>(below(2));
  return {path, spec};
}

void RandomWorld::change_links(std::set<std::string>& changed_paths) {
  if (odd(30)) {
    const std::string link = base::join_path(pick_directory(), pick_name());
    changed_paths.insert(link);
    if (world_.links.erase(link) == 0 && !world_.objects.contains(link) && !world_.junk.contains(link)) {
      world_.links[link] = base::join_path(pick_directory(), pick_name());
    }
  }
  if (odd(5)) {
    const std::string file = base::join_path(pick_directory(), pick_name());
    changed_paths.insert(file);
    if (world_.junk.erase(file) == 0 && !world_.objects.contains(file) && !world_.links.contains(file)) {
      world_.junk.insert(file);
    }
  }
}

std::vector<std::string> RandomWorld::change_package(int package) {
  std::set<std::string> changed_paths;
  for (auto object = world_.objects.begin(); object != world_.objects.end();) {
    const bool kept = object->second.second != package || chance(40);
    if (kept) {
      ++object;
      continue;
    }
    changed_paths.insert(object->first);
    object = world_.objects.erase(object);
  }
  for (std::uint32_t count = below(5); count > 0; --count) {
    auto [path, spec] = make_object();
    // One file of an inode says what all say.
    for (const auto& [other, object] : world_.objects) {
      if (spec.inode != 0 && object.first.inode == spec.inode && other != path) spec = object.first;
    }
    if (world_.links.contains(path) || world_.junk.contains(path)) continue;
    changed_paths.insert(path);
    world_.objects[path] = {spec, package};
  }
  const auto links_before = world_.links;
  change_links(changed_paths);
  std::set<std::string> names;
  for (const std::string& path : changed_paths) names.emplace(base::split_path(path).second);
  for (const auto* links : {&links_before, &std::as_const(world_.links)}) {
    for (const auto& [link, target] : *links) {
      if (changed_paths.contains(target)) names.emplace(base::split_path(link).second);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace revdep::graph_test
