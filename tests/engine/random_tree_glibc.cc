#include "engine/random_tree_glibc.h"

#include <algorithm>
#include <stdexcept>

#include "engine/random_tree_dice.h"
#include "engine/random_tree_files.h"
#include "engine/random_tree_layout.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::random_tree {
namespace {

namespace fs = std::filesystem;
using elf_builder::Object;
using Strings = std::vector<std::string>;

// Few names in many places, so that they meet. The w's are one name to ld.so.cache.
const Strings library_names = {"liba.so.1", "libb.so.1", "libc1.so",  "libd.so.2", "libe.so",
                               "libf.so.1", "libg.so.3", "libw.so.1", "libw.so.01"};
// What filters ask for. Not all names: in a ring of filters the loader never ends, or crashes.
const Strings filtered_names = {"libleaf.so.1", "libleaf.so.2"};

class Builder {
 public:
  Builder(const fs::path& root, const parity::GlibcMachine& machine, std::uint32_t seed)
      : files_(root), machine_(machine), dice_(seed) {}

  Tree build() {
    tree_.database_tells_all = dice_.percent(50);
    layout_ = make_glibc_layout(files_, machine_, dice_);
    const std::size_t libraries = dice_.between(8, 40);
    for (std::size_t count = 0; count < libraries; ++count) add_library();
    const std::size_t programs = dice_.between(2, 5);
    for (std::size_t number = 0; number < programs; ++number) add_program(number);
    if (dice_.percent(12)) write_preload();
    if (dice_.percent(65)) make_cache();
    files_.write_database(dice_.percent(20) ? dice_.between(2, 5) : 0);
    tree_.trees = {"/usr", "/opt", "/lib", "/lib64", "/bin", "/srv"};
    std::erase_if(tree_.trees, [&](const std::string& top) { return !fs::exists(files_.root() / top.substr(1)); });
    return tree_;
  }

 private:
  std::string path_text(const std::string& text) {
    // As it could also be spelled.
    if (dice_.percent(10)) return text + "/";
    if (dice_.percent(6)) return "/" + text;
    if (dice_.percent(4)) return text + "/../" + text.substr(text.rfind('/') + 1);
    return text;
  }

  std::string search_path() {
    std::string text;
    for (std::size_t count = dice_.between(1, 3); count > 0; --count) {
      if (!text.empty()) text += ':';
      const std::string sub = dice_.pick(Strings{"", "/lib", "/..", "/../lib", "/../b", "/../../opt/a/lib", "/."});
      switch (dice_.below(14)) {
        case 0:
        case 1:
          text += "$ORIGIN" + sub;
          break;
        case 2:
          text += "${ORIGIN}" + sub;
          break;
        case 3:
          text += dice_.pick(Strings{"/$LIB", "/usr/$LIB", "/usr/${LIB}", "/opt/$LIB", "/opt/$PLATFORM", "$LIB"});
          break;
        case 4:
          text += dice_.pick(Strings{"$UNKNOWN", "/usr/lib/$UNKNOWN", "/opt/$ORIGINAL", "$ORIGIN_", "/opt/${LIB"});
          break;
        case 5:
          text += dice_.pick(Strings{"", "opt/b", "./opt/a/lib", "usr/lib/app/", ".", "opt/loop", "opt/none"});
          break;
        case 6:
          text += path_text(dice_.pick(layout_.odd));
          break;
        default:
          text += path_text(dice_.pick(layout_.places));
      }
    }
    // NEEDED.ELF.2 does not tell an empty DT_RUNPATH from none.
    return text.empty() && tree_.database_tells_all ? "." : text;
  }

  std::string plain_name() {
    if (objects_.empty() || dice_.percent(35)) return dice_.pick(library_names);
    const std::string& path = dice_.pick(objects_);
    return path.substr(path.rfind('/') + 1);
  }

  std::string needed_name(bool of_program) {
    if (dice_.percent(90)) return plain_name();
    switch (dice_.below(12)) {
      case 0:
        return dice_.pick(Strings{"libmissing.so.1", "libnone.so"});
      case 1:
        return layout_.loader_soname;
      case 2:
        return "linux-vdso.so.1";
      case 3:
        return "app-" + std::to_string(dice_.below(4));
      case 4:
        return dice_.pick(layout_.loader_paths);
      case 5:
        return path_text(dice_.pick(layout_.places)) + '/' + dice_.pick(library_names);
      case 6:
        return dice_.pick(Strings{"opt/a/", "./opt/b/lib/", "usr/lib/"}) + dice_.pick(library_names);
      case 7:
      case 8:
        return dice_.pick(Strings{"$ORIGIN/", "${ORIGIN}/../lib/", "$ORIGIN/../a/", "/usr/$LIB/", "/opt/$UNKNOWN/"}) +
               dice_.pick(library_names);
      case 9:
        return dice_.pick(Strings{"lib$PLATFORM.so", "lib$UNKNOWN.so"});
      case 10:
        return of_program && !tree_.database_tells_all ? "" : dice_.pick(library_names);
      default:
        return objects_.empty() ? dice_.pick(library_names) : dice_.pick(objects_);
    }
  }

  void add_needed(Object& object, std::size_t low, std::size_t high) {
    const bool of_program = object.interpreter.has_value();
    for (std::size_t count = dice_.between(low, high); count > 0; --count) {
      object.needed.push_back(needed_name(of_program));
    }
    // Portage's list has each name once, and no program names one twice.
    std::sort(object.needed.begin(), object.needed.end());
    object.needed.erase(std::unique(object.needed.begin(), object.needed.end()), object.needed.end());
    for (std::size_t at = object.needed.size(); at > 1; --at) {
      std::swap(object.needed[at - 1], object.needed[dice_.below(at)]);
    }
  }

  void add_paths(Object& object, unsigned rpath, unsigned runpath) {
    if (dice_.percent(rpath)) object.rpath = search_path();
    const bool empty = dice_.percent(5) && !tree_.database_tells_all;
    if (dice_.percent(runpath)) object.runpath = empty ? "" : search_path();
  }

  void add_oddities(Object& object) {
    if (tree_.database_tells_all) return;
    if (dice_.percent(4)) object.flags_1 |= elf_builder::df_1_nodeflib;
    // No filters for programs: linkers refuse them, and the loader's trace begins behind what they bring in.
    if (object.interpreter) return;
    if (object.soname && object.soname->starts_with("libleaf.")) return;
    if (dice_.percent(6)) object.auxiliary = {dice_.pick(filtered_names)};
    // Not both: linkers write them in another order than elf_builder.
    if (object.auxiliary.empty() && dice_.percent(6)) object.filter = {dice_.pick(filtered_names)};
  }

  void add_library() {
    const bool filtered = dice_.percent(12) && !tree_.database_tells_all;
    const std::string name = dice_.pick(filtered ? filtered_names : library_names);
    const std::string path = dice_.pick(layout_.places) + '/' + name;
    const std::size_t kind = filtered ? 100 : dice_.below(100);
    if (kind < 12 && !linkable_.empty()) {
      add_link(path);
    } else if (kind < 24) {
      Object object = elf_builder::library(name, {}, dice_.pick(foreign_));
      if (dice_.percent(10) && !tree_.database_tells_all)
        object.type = dice_.percent(50) ? elf_builder::et_exec : elf_builder::et_rel;
      files_.add(path, object);
    } else if (kind < 27) {
      add_fatal(path, name);
    } else {
      Object object = elf_builder::library(name, {}, layout_.abi);
      const std::size_t naming = filtered ? 100 : dice_.below(100);
      // The database calls such a library by its base name: the same as long as it is loaded by that.
      const bool own_name = tree_.database_tells_all;
      if (naming < 12 && !(own_name && name.starts_with("libw"))) {
        object.soname.reset();
      } else if (naming < 20) {
        object.soname = dice_.pick(library_names);
      } else if (naming < 30) {
        object.soname = "libother.so." + std::to_string(dice_.below(3));
      }
      add_needed(object, 0, 3);
      add_paths(object, 16, 14);
      add_oddities(object);
      const bool nameless = own_name && !object.soname;
      if (!nameless && dice_.percent(20)) {
        // As packages do: the file has a version, the soname is a symlink to it.
        const std::string versioned = path + "." + std::to_string(dice_.below(3));
        if (files_.occupied(path) || !files_.add(versioned, object)) return;
        files_.add_symlink(path, versioned.substr(versioned.rfind('/') + 1));
        objects_.push_back(versioned);
        linkable_.push_back(versioned);
      } else if (files_.add(path, object)) {
        objects_.push_back(path);
        if (!nameless) linkable_.push_back(path);
      }
    }
  }

  void add_link(const std::string& path) {
    const std::string target = dice_.pick(linkable_);
    switch (dice_.below(6)) {
      case 0:
      case 1:
        files_.add_symlink(path, target);
        break;
      case 2:
        files_.add_symlink(path, "../../" + target.substr(1));  // relative, right or wrong
        break;
      case 3:
        files_.add_symlink(path, "/opt/nowhere/" + dice_.pick(library_names));
        break;
      case 4:
        files_.add_symlink(path, dice_.percent(50) ? path : "/opt/file/x");
        break;
      default:
        if (files_.add_hard_link(path, target)) objects_.push_back(path);
    }
  }

  // What the loader gives up at instead of searching on.
  void add_fatal(const std::string& path, const std::string& name) {
    Object object = elf_builder::library(name, {}, layout_.abi);
    switch (dice_.below(tree_.database_tells_all ? 3 : 7)) {
      case 0:
        files_.add_text(path, std::string(100, 'x') + "no ELF object\n");
        return;
      case 1:
        files_.add_text(path, "");
        return;
      case 2:
        if (!files_.occupied(path)) files_.make_directory(path);
        return;
      case 3:
        object.type = elf_builder::et_exec;
        break;
      case 4:
        object.flags_1 = elf_builder::df_1_pie;
        break;
      case 5:
        object.osabi = 9;
        break;
      default:
        // Of the machine's class and another byte order: fatal to glibc, but Debian's is patched to pass it over.
        object.type = elf_builder::et_rel;
    }
    files_.add(path, object);
  }

  void add_program(std::size_t number) {
    const std::string name = "app-" + std::to_string(number);
    const std::string directory =
        dice_.pick(Strings{"/usr/bin", "/bin", "/opt/a", "/opt/cur", "/opt/b", "/usr/lib/app"});
    Object object = elf_builder::program({}, layout_.abi);
    object.interpreter = dice_.percent(75) ? machine_.interpreter : dice_.pick(layout_.interpreters);
    if (dice_.percent(1)) object.interpreter = "/opt/ld/none";
    if (dice_.percent(15)) {
      object.type = elf_builder::et_exec;
      object.flags_1 = 0;
    }
    // A soname makes it a library in the database.
    if (dice_.percent(6) && !tree_.database_tells_all) {
      object.soname = dice_.percent(50) ? name : dice_.pick(library_names);
    }
    add_needed(object, dice_.percent(3) ? 0 : 1, 4);
    add_paths(object, 30, 25);
    add_oddities(object);
    if (files_.add(directory + '/' + name, object)) tree_.programs.push_back(directory + '/' + name);
  }

  void write_preload() {
    std::string text = "# preloaded\n";
    for (std::size_t count = dice_.between(1, 2); count > 0; --count) {
      const bool by_path = dice_.percent(50) && !linkable_.empty();
      text += (by_path             ? dice_.pick(linkable_)
               : dice_.percent(15) ? "libmissing.so.7"
                                   : dice_.pick(library_names)) +
              dice_.pick(Strings{"\n", " ", ":"});
    }
    support::write_file(files_.root() / "etc/ld.so.preload", text);
  }

  void make_cache() {
    std::string conf = "include /etc/ld.so.conf.d/*.conf\n";
    for (const std::string& directory : layout_.conf) {
      if (dice_.percent(60)) {
        conf += directory + '\n';
      } else if (dice_.percent(60)) {
        support::write_file(files_.root() / ("etc/ld.so.conf.d" + directory.substr(directory.rfind('/')) + ".conf"),
                            directory + '\n');
      }
    }
    if (dice_.percent(20)) conf += dice_.pick(layout_.linked) + '\n';
    if (dice_.percent(20)) conf += dice_.pick(layout_.own) + '\n';
    support::write_file(files_.root() / "etc/ld.so.conf", conf);
    Strings command = {"/sbin/ldconfig", "-r", files_.root().string()};
    if (dice_.percent(60)) command.emplace_back("-X");
    const support::Outcome outcome = support::run(command);
    if (outcome.status != 0) throw std::runtime_error("ldconfig: " + outcome.err);
    if (dice_.percent(20) && !objects_.empty()) files_.remove(dice_.pick(objects_));
    if (dice_.percent(20)) add_library();
  }

  Files files_;
  const parity::GlibcMachine& machine_;
  Dice dice_;
  Tree tree_;
  Layout layout_;
  std::vector<elf::Abi> foreign_ = {elf_builder::i386, elf_builder::i386, elf_builder::x32, elf_builder::ppc,
                                    elf::Abi{183, elf::Class::elf64, elf::ByteOrder::little}};
  Strings objects_;   // libraries of the machine's own ABI
  Strings linkable_;  // those that may have further names
};

}  // namespace

Tree make_glibc_tree(const fs::path& root, const parity::GlibcMachine& machine, std::uint32_t seed) {
  return Builder(root, machine, seed).build();
}

}  // namespace revdep::random_tree
