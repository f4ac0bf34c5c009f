#include "engine/parity_machine.h"

#include <map>
#include <sstream>

#include "engine/parity_loader.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace revdep::parity {
namespace {

std::string category(const Scanned& object) {
  const bool is_64 = object.elf_class.find("64") != std::string::npos;
  if (object.machine == "EM_X86_64") return is_64 ? "x86_64" : "x86_x32";
  if (object.machine == "EM_386") return "x86_32";
  if (object.machine == "EM_AARCH64") return "arm_64";
  return "";
}

}  // namespace

std::vector<Scanned> scan(const std::vector<std::string>& directories) {
  std::vector<std::string> command = {"scanelf", "-qyRBF", "%a;%F;%S;%r;%n;%M#F"};
  command.insert(command.end(), directories.begin(), directories.end());
  std::istringstream lines(support::run(command).out);
  std::vector<Scanned> objects;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Scanned object;
    for (std::string* const field :
         {&object.machine, &object.path, &object.soname, &object.rpath, &object.needed, &object.elf_class}) {
      std::getline(fields, *field, ';');
    }
    if (object.rpath == "  -  ") object.rpath.clear();
    object.interpreter = interpreter_of(object.path);
    objects.push_back(std::move(object));
  }
  return objects;
}

void write_database(const std::filesystem::path& place, const std::vector<Scanned>& objects) {
  std::map<std::string, std::string> packages;
  for (const Scanned& object : objects) {
    // A package for each directory.
    const std::string directory = object.path.substr(0, object.path.rfind('/'));
    std::string& text = packages[directory];
    const bool nameless =
        object.soname.empty() && object.interpreter.empty() && object.path.find(".so") != std::string::npos;
    text += object.machine.substr(3) + ';' + object.path + ';' +
            (nameless ? object.path.substr(object.path.rfind('/') + 1) : object.soname) + ';' + object.rpath + ';' +
            object.needed + ';' + category(object) + '\n';
  }
  std::size_t number = 0;
  for (const auto& [directory, text] : packages) {
    support::write_file(place / "machine" / ("package-" + std::to_string(++number)) / "NEEDED.ELF.2", text);
  }
}

}  // namespace revdep::parity
