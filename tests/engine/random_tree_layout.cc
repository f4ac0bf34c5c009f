#include "engine/random_tree_layout.h"

#include <stdexcept>

#include "elf/facts.h"
#include "support/temp_dir.h"

namespace revdep::random_tree {
namespace {

using Strings = std::vector<std::string>;

void make_directories(Layout& layout, Files& files, const parity::GlibcMachine& machine, Dice& dice) {
  for (const char* const directory : {"/usr/bin", "/usr/lib", "/usr/lib64", "/etc/ld.so.conf.d"}) {
    files.make_directory(directory);
  }
  const bool merged = dice.percent(50);
  for (const std::string top : {"lib", "lib64", "bin"}) {
    if (merged) {
      files.make_directory("/usr/" + top);
      files.add_symlink("/" + top, dice.percent(70) ? "usr/" + top : "/usr/" + top);
    } else {
      files.make_directory("/" + top);
    }
  }
  for (const std::string& directory : machine.system_directories) {
    if (dice.percent(80)) files.make_directory(directory);
    layout.system.push_back(directory);
  }
  layout.conf = {"/usr/local/lib", "/opt/conf/lib", "/usr/lib/gcc/13"};
  layout.own = {"/opt/a", "/opt/a/lib", "/opt/b", "/opt/b/lib", "/srv/x", "/usr/lib/app"};
  for (const Strings* const list : {&layout.conf, &layout.own}) {
    for (const std::string& directory : *list) files.make_directory(directory);
  }
  if (dice.percent(15)) files.make_directory("/usr/lib/$UNKNOWN");
  files.add_symlink("/opt/cur", "a");
  files.add_symlink("/opt/abs", "/opt/b/lib");
  files.add_symlink("/opt/up", "../srv/x");
  files.add_symlink("/opt/loop", "loop");
  files.add_symlink("/opt/gone", "/opt/nowhere");
  files.add_text("/opt/file", "not a directory\n");
  layout.linked = {"/opt/cur", "/opt/abs", "/opt/up", "/opt/cur/lib"};
  layout.odd = {"/opt/loop", "/opt/gone", "/opt/file", "/opt/none"};
  for (const Strings* const list : {&layout.system, &layout.conf, &layout.own, &layout.linked}) {
    layout.places.insert(layout.places.end(), list->begin(), list->end());
  }
  const Strings hwcaps = {"glibc-hwcaps/x86-64-v2",
                          "glibc-hwcaps/x86-64-v3",
                          "glibc-hwcaps/x86-64-v4",
                          "tls",
                          "x86_64",
                          "haswell",
                          "tls/x86_64",
                          "haswell/x86_64",
                          "avx512_1",
                          "glibc-hwcaps/power10"};
  for (std::size_t count = dice.below(6); count > 0; --count) {
    const std::string place = dice.pick(layout.places) + '/' + dice.pick(hwcaps);
    if (dice.percent(10)) {
      files.add_text(place, "not a directory\n");
      continue;
    }
    files.make_directory(place);
    layout.places.push_back(place);
  }
}

void install_loader(Layout& layout, Files& files, const parity::GlibcMachine& machine, Dice& dice) {
  const auto bytes = support::read_bytes(machine.file);
  const base::Result<elf::Head> head = elf::parse_head(elf::MemorySource(bytes), machine.file);
  if (!head) throw std::runtime_error(head.error().to_string());
  layout.abi = head->abi;
  const std::string name = machine.interpreter.substr(machine.interpreter.rfind('/') + 1);
  layout.interpreters = {machine.interpreter};
  files.make_directory(machine.interpreter.substr(0, machine.interpreter.rfind('/')));
  const std::string real = dice.percent(40) ? machine.interpreter : dice.pick(layout.system) + "/" + name;
  files.make_directory(real.substr(0, real.rfind('/')));
  support::write_file(files.place(real), bytes, 0755);
  layout.loader_paths = {real, machine.interpreter};
  files.add_symlink(machine.interpreter, real);
  if (dice.percent(20)) {
    files.make_directory("/opt/ld");
    const std::size_t kind = dice.below(3);
    const std::string other = dice.percent(50) ? "/opt/ld/" + name : "/opt/ld/loader";
    if (kind == 0) support::write_file(files.place(other), bytes, 0755);
    if (kind == 1) files.add_symlink(other, real);
    if (kind == 2) files.add_hard_link(other, real);
    layout.interpreters.push_back(other);
    layout.loader_paths.push_back(other);
    layout.places.emplace_back("/opt/ld");
  }
  layout.loader_soname = name;
}

}  // namespace

Layout make_glibc_layout(Files& files, const parity::GlibcMachine& machine, Dice& dice) {
  Layout layout;
  make_directories(layout, files, machine, dice);
  install_loader(layout, files, machine, dice);
  return layout;
}

}  // namespace revdep::random_tree
