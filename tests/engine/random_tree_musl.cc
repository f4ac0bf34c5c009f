#include "engine/random_tree_musl.h"

#include <algorithm>
#include <stdexcept>

#include "elf/facts.h"
#include "engine/random_tree_dice.h"
#include "engine/random_tree_files.h"
#include "support/temp_dir.h"

namespace revdep::random_tree {
namespace {

using elf_builder::Object;
using Strings = std::vector<std::string>;

const Strings library_names = {"liba.so", "libb.so.1", "libd.so.2", "libe.so", "libf.so.1", "libg.so"};
const Strings own_names = {"libc.so", "libm.so.6", "libpthread.so.0", "libdl.so.2", "libcrypt.so.1"};

class Builder {
 public:
  Builder(const std::filesystem::path& root, const std::string& loader, std::uint32_t seed)
      : files_(root), loader_(loader), dice_(seed) {}

  Tree build() {
    tree_.database_tells_all = dice_.percent(50);
    make_directories();
    const auto bytes = support::read_bytes(loader_);
    const base::Result<elf::Head> head = elf::parse_head(elf::MemorySource(bytes), loader_);
    if (!head) throw std::runtime_error(head.error().to_string());
    abi_ = head->abi;
    support::write_file(files_.place(loader_), bytes, 0755);
    for (std::size_t count = dice_.between(6, 25); count > 0; --count) add_library();
    for (std::size_t number = 0; number < 4; ++number) add_program(number);
    if (dice_.percent(50)) write_path_file();
    files_.write_database(dice_.percent(20) ? dice_.between(2, 5) : 0);
    tree_.trees = {"/usr", "/opt", "/lib", "/bin"};
    return tree_;
  }

 private:
  void make_directories() {
    places_ = {"/lib", "/usr/lib", "/usr/local/lib", "/opt/a", "/opt/a/lib", "/opt/b", "/opt/b/lib"};
    for (const std::string& directory : places_) files_.make_directory(directory);
    files_.make_directory("/bin");
    files_.make_directory("/etc");
    files_.add_symlink("/opt/cur", "a");
    files_.add_symlink("/opt/abs", "/opt/b/lib");
    files_.add_text("/opt/file", "not a directory\n");
    places_.insert(places_.end(), {"/opt/cur", "/opt/abs"});
  }

  std::string search_path() {
    std::string text;
    for (std::size_t count = dice_.between(1, 3); count > 0; --count) {
      if (!text.empty()) text += dice_.percent(90) ? ':' : '\n';
      switch (dice_.below(10)) {
        case 0:
        case 1:
          text += "$ORIGIN" + dice_.pick(Strings{"", "/lib", "/../b", "/..", "x"});
          break;
        case 2:
          text += "${ORIGIN}" + dice_.pick(Strings{"", "/lib", "/../a/lib"});
          break;
        case 3:
          text += dice_.pick(Strings{"/$LIB", "$UNKNOWN", "/opt/$PLATFORM"});
          break;
        case 4:
          text += dice_.pick(Strings{"", "opt/b", "./opt/a/lib/", "/opt/none", "/opt/file", "."});
          break;
        default:
          text += dice_.pick(places_) + (dice_.percent(10) ? "/" : "");
      }
    }
    return text.empty() && tree_.database_tells_all ? "." : text;  // as for glibc
  }

  std::string needed_name() {
    if (dice_.percent(75)) return dice_.pick(library_names);
    switch (dice_.below(6)) {
      case 0:
        return "libmissing.so";
      case 1:
        return dice_.pick(places_) + '/' + dice_.pick(library_names);
      case 2:
        return dice_.pick(Strings{"opt/a/", "./opt/b/lib/", "$ORIGIN/"}) + dice_.pick(library_names);
      case 3:
        return loader_;
      default:
        return dice_.pick(own_names);
    }
  }

  void add_needed(Object& object, std::size_t low, std::size_t high) {
    for (std::size_t count = dice_.between(low, high); count > 0; --count) {
      const std::string name = needed_name();
      const bool known = std::find(object.needed.begin(), object.needed.end(), name) != object.needed.end();
      if (!known) object.needed.push_back(name);
    }
  }

  void add_paths(Object& object) {
    if (dice_.percent(25)) object.rpath = search_path();
    if (dice_.percent(25)) object.runpath = search_path();
  }

  void add_library() {
    const std::string name = dice_.percent(92) ? dice_.pick(library_names) : dice_.pick(own_names);
    const std::string path = dice_.pick(places_) + '/' + name;
    const std::size_t kind = dice_.below(100);
    if (kind < 15 && !objects_.empty()) {
      const std::string& target = dice_.pick(objects_);
      switch (dice_.below(4)) {
        case 0:
          files_.add_symlink(path, target);
          break;
        case 1:
          files_.add_symlink(path, "/opt/nowhere/x");
          break;
        case 2:
          files_.add_symlink(path, path);  // a loop: no other directory is tried
          break;
        default:
          files_.add_hard_link(path, target);
      }
    } else if (kind < 19) {
      // The first file that opens is the one.
      switch (dice_.below(3)) {
        case 0:
          files_.add(path, elf_builder::library(name, {}, elf_builder::i386));
          break;
        case 1:
          files_.add_text(path, std::string(2000, 'x'));
          break;
        default:
          if (!files_.occupied(path)) files_.make_directory(path);
      }
    } else {
      Object object = elf_builder::library(name, {}, abi_);
      if (dice_.percent(20)) object.soname = dice_.pick(library_names);
      if (dice_.percent(10)) object.soname.reset();
      add_needed(object, 0, 3);
      add_paths(object);
      if (files_.add(path, object)) objects_.push_back(path);
    }
  }

  void add_program(std::size_t number) {
    const std::string path =
        dice_.pick(Strings{"/bin", "/opt/a", "/opt/b", "/opt/cur"}) + "/app-" + std::to_string(number);
    Object object = elf_builder::program({}, abi_);
    object.interpreter = loader_;
    add_needed(object, 1, 4);
    add_paths(object);
    if (files_.add(path, object)) tree_.programs.push_back(path);
  }

  void write_path_file() {
    std::string text;
    for (std::size_t count = dice_.between(1, 4); count > 0; --count) {
      text += dice_.pick(places_) + (dice_.percent(80) ? "\n" : ":");
    }
    std::string name = loader_.substr(loader_.rfind('/') + 1);
    name = name.substr(0, name.find(".so")) + ".path";
    support::write_file(files_.root() / "etc" / name, text);
  }

  Files files_;
  std::string loader_;
  Dice dice_;
  Tree tree_;
  elf::Abi abi_ = elf_builder::x86_64;
  Strings places_;
  Strings objects_;
};

}  // namespace

Tree make_musl_tree(const std::filesystem::path& root, const std::string& loader, std::uint32_t seed) {
  return Builder(root, loader, seed).build();
}

}  // namespace revdep::random_tree
