#include "engine/parity_compare.h"

#include <sys/auxv.h>

#include <algorithm>
#include <map>
#include <set>

namespace revdep::parity {
namespace {

using base::ObjectId;
using Strings = std::vector<std::string>;

std::string list(const char* title, const auto& texts) {
  std::string text = std::string("  ") + title + ":";
  for (const std::string& each : texts) text += ' ' + each;
  return text + '\n';
}

// A name with tokens is printed expanded by the loader. Of one with a slash, its last part will do.
std::set<std::string> comparable(const std::set<std::string>& names) {
  constexpr std::string_view token = "$PLATFORM";
  std::set<std::string> result;
  for (const std::string& name : names) {
    std::string text = name.substr(name.rfind('/') + 1);
    const std::size_t at = text.find(token);
    if (at != std::string::npos) {
      // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the kernel gives it
      text.replace(at, token.size(), reinterpret_cast<const char*>(::getauxval(AT_PLATFORM)));
    }
    result.insert(std::move(text));
  }
  return result;
}

// Names that DT_AUXILIARY asks for: when it traces, the loader calls them not found although it can do without.
std::set<std::string> dispensable(const engine::System& system, const graph::Closure& closure) {
  std::set<std::string> names;
  for (const loader::Mapped& mapped : closure.objects) {
    const loader::Image& image = system.image(mapped.object);
    if (!image.extras) continue;
    for (const base::NameId name : image.extras->auxiliary) names.emplace(system.graph().names().view(name));
  }
  return names;
}

}  // namespace

std::string compare(engine::System& system, const Root& root, const std::string& program, const Answer& answer) {
  const std::string canonical = root.canonical(program).value_or(program);
  const ObjectId id = system.find_or_read(canonical);
  if (!id.valid()) return program + " is unknown\n";
  const graph::Closure closure = system.link_closure(id);
  Strings files;
  std::set<std::string> missing;
  for (const loader::Mapped& mapped : closure.objects) files.emplace_back(system.path(mapped.object));
  for (const graph::Unresolved& unresolved : closure.unresolved) missing.emplace(system.names().view(unresolved.name));

  std::string difference;
  if (closure.fails != answer.fails) {
    difference = std::string("  the loader ") + (answer.fails ? "fails" : "does not fail") + '\n';
  } else if (!answer.fails && !answer.unknown) {
    Strings ours = files;
    Strings theirs = answer.files;
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    std::set<std::string> absent = answer.missing;
    for (const std::string& name : dispensable(system, closure)) {
      if (!missing.contains(name)) absent.erase(name);
    }
    if (ours != theirs || comparable(missing) != comparable(absent)) {
      difference = "  another set\n";
    } else if (answer.ordered) {
      // Where the loader lists itself depends, when it traces, on names that it does not find and on the vdso.
      const auto interpreter = root.canonical(interpreter_of(root.path() + canonical));
      ours = files;
      theirs = answer.files;
      for (Strings* const list : {&ours, &theirs}) {
        if (interpreter) std::erase(*list, *interpreter);
      }
      if (ours != theirs) difference = "  another order\n";
    }
  }
  if (difference.empty()) return "";
  return program + (system.graph().contextual(id) ? " (simulated)" : " (by edges)") + " differs:\n" + difference +
         list("ours", files) + list("ours, not found", missing) + "  the loader:\n" + answer.text;
}

std::string compare_with_simulation(engine::System& system) {
  graph::Graph& graph = system.graph();
  // A simulation can make objects known that the source does not list.
  for (std::size_t known = 0; known != graph.size();) {
    known = graph.size();
    for (const ObjectId id : graph.objects()) system.link_closure(id);
  }
  const auto show = [&](const std::vector<loader::Mapped>& objects) {
    Strings texts;
    for (const loader::Mapped& each : objects) texts.emplace_back(system.path(each.object));
    return texts;
  };
  for (const ObjectId id : graph.objects()) {
    if (graph.contextual(id)) continue;
    const graph::Closure closure = system.link_closure(id);
    const loader::Mapping mapping = system.explain(id);
    std::set<base::NameId> ours;
    std::set<base::NameId> simulated;
    for (const graph::Unresolved& unresolved : closure.unresolved) ours.insert(unresolved.name);
    for (const loader::Resolution& each : mapping.resolutions) {
      const bool absent = each.how == loader::How::not_found || each.how == loader::How::failed;
      if (absent) simulated.insert(each.name);
    }
    if (closure.objects != mapping.objects || ours != simulated || closure.fails != mapping.fails) {
      return std::string(system.path(id)) + " is not contextual, but its simulation differs:\n" +
             list("edges", show(closure.objects)) + list("simulation", show(mapping.objects));
    }
  }
  return "";
}

std::string compare_consumers(engine::System& system) {
  // By device and inode: all names of a file have the same consumers.
  std::map<std::pair<dev_t, ino_t>, std::set<ObjectId>> consumers;
  const auto file_of = [&](ObjectId id) -> std::pair<dev_t, ino_t> {
    const auto status = system.tree().status(system.path(id));
    return status ? std::pair(status->st_dev, status->st_ino) : std::pair<dev_t, ino_t>();
  };
  const auto show = [&](const auto& ids) {
    Strings texts;
    for (const ObjectId each : ids) texts.emplace_back(system.path(each));
    return texts;
  };
  for (const ObjectId id : system.graph().objects()) {
    for (const loader::Mapped& mapped : system.link_closure(id).objects) consumers[file_of(mapped.object)].insert(id);
  }
  for (const ObjectId id : system.graph().objects()) {
    std::set<ObjectId> expected = consumers[file_of(id)];
    expected.erase(id);
    const std::vector<ObjectId> found = system.consumers(id);
    if (!std::equal(found.begin(), found.end(), expected.begin(), expected.end())) {
      return "the consumers of " + std::string(system.path(id)) + " differ:\n" + list("graph", show(found)) +
             list("closures", show(expected));
    }
  }
  return "";
}

}  // namespace revdep::parity
