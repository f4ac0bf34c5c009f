#include "tools/small_root.h"

#include <pty.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace revdep::tool {
namespace {

constexpr const char* search_path = "/usr/bin:/bin";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

// A picture of the root before a run can be compared with one after it.
void write_if_new(const std::string& path, const std::string& content) {
  if (!std::filesystem::exists(path) || support::read_file(path) != content) support::write_file(path, content);
}

std::vector<std::string> as_nobody(const std::vector<std::string>& command) {
  std::vector<std::string> words = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

// Lines as they are typed, nothing echoed, output untouched.
termios quiet_terminal() {
  termios settings{};
  settings.c_lflag = ICANON;
  settings.c_cflag = CS8 | CREAD;
  settings.c_cc[VEOF] = 4;
  return settings;
}

support::Outcome on_terminal(std::vector<std::string> words, const std::string& path, const std::string& answers) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const termios settings = quiet_terminal();
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, &settings, nullptr);
  if (child < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
  if (child == 0) {
    ::setenv("PATH", path.c_str(), 1);
    ::setenv("NO_COLOR", "1", 1);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  support::Outcome outcome;
  // And the end of the input, lest a program that asks on is waited for.
  const std::string typed = answers + '\x04';
  if (::write(terminal, typed.data(), typed.size()) < 0) outcome.err = "nothing could be typed";
  // A terminal whose other end was closed reads as EIO.
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = ::read(terminal, chunk.data(), chunk.size())) > 0 || (got < 0 && errno == EINTR);) {
    outcome.out.append(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  ::close(terminal);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace

SmallRoot::SmallRoot() : directory_(TEST_DIRECTORY) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  write("/etc/ld.so.conf", "/usr/lib64\n");
  add("/lib64/ld-linux-x86-64.so.2", elf_builder::library("ld-linux-x86-64.so.2"), "sys-libs/glibc-2.36");
}

bool SmallRoot::has_xattrs() const { return ::setxattr(directory_.path().c_str(), "user.probe", "1", 1, 0) == 0; }

void SmallRoot::add(const std::string& path, const elf_builder::Object& object, const std::string& package) {
  elf_builder::write_object(file(path), object);
  const std::string arch = object.abi == elf_builder::i386 ? "386" : "X86_64";
  const std::string category = object.abi == elf_builder::i386  ? "x86_32"
                               : object.abi == elf_builder::x32 ? "x86_x32"
                                                                : "x86_64";
  Package& owner = packages_[package];
  owner.needed += arch + ";" + path + ";" + object.soname.value_or("") + ";" +
                  object.runpath.value_or(object.rpath.value_or("")) + ";" + joined(object.needed) + ";" + category +
                  "\n";
  owner.contents += "obj " + path + " d41d8cd98f00b204e9800998ecf8427e 1700000000\n";
}

void SmallRoot::write(const std::string& path, const std::string& content) const {
  support::write_file(file(path), content);
}

void SmallRoot::list_md5(const std::string& path) {
  const std::string md5 = support::run({"md5sum", file(path)}).out.substr(0, 32);
  for (auto& [package, texts] : packages_) {
    const std::size_t entry = texts.contents.find("obj " + path + ' ');
    if (entry != std::string::npos) texts.contents.replace(entry + path.size() + 5, md5.size(), md5);
  }
}

void SmallRoot::replace(const std::string& path, const elf_builder::Object& object) const {
  std::filesystem::remove(file(path));
  elf_builder::write_object(file(path), object);
}

void SmallRoot::set_flags(const std::string& path, const std::string& flags) const {
  if (::setxattr(file(path).c_str(), "user.pax.flags", flags.data(), flags.size(), 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "setxattr");
  }
}

void SmallRoot::remove_flags(const std::string& path) const {
  if (::removexattr(file(path).c_str(), "user.pax.flags") != 0) {
    throw std::system_error(errno, std::generic_category(), "removexattr");
  }
}

std::string SmallRoot::flags(const std::string& path) const {
  const auto outcome = support::run({"getfattr", "--only-values", "-n", "user.pax.flags", file(path)});
  return outcome.status == 0 ? outcome.out : "none";
}

std::string SmallRoot::header(const std::string& path) const {
  constexpr std::size_t table = 64, entry_size = 56, flags_at = 4;
  const std::vector<std::byte> bytes = support::read_bytes(file(path));
  const auto number = [&](std::size_t offset, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t index = size; index-- > 0;)
      value = value << 8U | std::to_integer<std::uint32_t>(bytes.at(offset + index));
    return value;
  };
  const std::size_t entries = number(56, 2);
  for (std::size_t index = 0; index < entries; ++index) {
    const std::size_t entry = table + index * entry_size;
    if (number(entry, 4) != 0x65041580) continue;
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", number(entry + flags_at, 4));
    return text;
  }
  return "none";
}

std::string SmallRoot::picture() const {
  write_database();
  const std::string root = directory_.string();
  return support::run({"find", root, "-printf", "%P %y %m %U:%G %s %n %i %T@ %l\\n"}).out +
         support::run({"sh", "-c", "find \"$0\" -type f -print0 | sort -z | xargs -0 sha256sum", root}).out +
         support::run({"getfattr", "-Rhd", "-m", "-", "-e", "hex", "--absolute-names", root}).out;
}

std::vector<std::string> SmallRoot::command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> words = {REVDEP_PAX, "--root", directory_.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

void SmallRoot::write_database() const {
  for (const auto& [package, texts] : packages_) {
    const std::string place = "/var/db/pkg/" + package;
    write_if_new(file(place + "/NEEDED.ELF.2"), texts.needed);
    write_if_new(file(place + "/CONTENTS"), texts.contents);
  }
}

support::Outcome SmallRoot::run(const std::vector<std::string>& arguments) const {
  write_database();
  return support::run(command(arguments), {{"PATH", search_path}});
}

bool SmallRoot::is_reachable_by_nobody() const {
  return ::geteuid() == 0 && support::run(as_nobody({REVDEP_PAX, "--version"})).status == 0 &&
         support::run(as_nobody({"ls", directory_.string()})).status == 0;
}

support::Outcome SmallRoot::run_as_nobody(const std::vector<std::string>& arguments) const {
  write_database();
  return support::run(as_nobody(command(arguments)), {{"PATH", search_path}});
}

support::Outcome SmallRoot::run_on_terminal(const std::vector<std::string>& arguments,
                                            const std::string& answers) const {
  write_database();
  return on_terminal(command(arguments), search_path, answers);
}

support::Outcome SmallRoot::run_line_on_terminal(const std::string& line, const std::string& path,
                                                 const std::string& answers) const {
  write_database();
  return on_terminal({"/bin/sh", "-c", line}, path, answers);
}

std::string tabs(std::string text) {
  std::replace(text.begin(), text.end(), '|', '\t');
  return text;
}

}  // namespace revdep::tool
