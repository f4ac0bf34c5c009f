#include "faults/specimens.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::faults {
namespace {

// PaX: E off 0x2000, RANDEXEC off 0x800, M off 0x200. 0x2800 is what the old toolchain wrote.
constexpr std::uint32_t e = 0x2800;
constexpr std::uint32_t em = 0x2a00;
constexpr std::uint32_t nothing = 0;
constexpr std::uint32_t m = 0x200;

constexpr const char* asker = "/usr/lib64/libask.so.1";

const Markings no_store = {};
const Markings xattr_e = {"e", std::nullopt};
const Markings xattr_em = {"em", std::nullopt};
const Markings header_e = {std::nullopt, e};
const Markings header_em = {std::nullopt, em};
const Markings both_e = {"e", e};
const Markings both_em = {"em", em};

// Numbers of the format of system.posix_acl_access and security.capability, both little-endian.
std::string words(std::initializer_list<std::uint32_t> numbers) {
  std::string bytes;
  for (const std::uint32_t number : numbers) {
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 0xffU);
  }
  return bytes;
}

// Tag and permission share a word: linux/posix_acl_xattr.h. rwx for the owner and user 1234, r-x for everybody else.
std::string access_acl() {
  constexpr std::uint32_t version = 2, none = 0xffffffff, rwx = 7U << 16U, rx = 5U << 16U;
  return words({version, 0x01 | rwx, none, 0x02 | rwx, 1234, 0x04 | rx, none, 0x10 | rwx, none, 0x20 | rx, none});
}

// linux/capability.h, VFS_CAP_REVISION_2: CAP_NET_RAW, effective.
std::string net_raw() { return words({0x02000001, 1U << 13U, 0, 0, 0}); }

// The program headers one byte further than they would be.
std::vector<std::byte> with_unaligned_header(const std::vector<std::byte>& image) {
  std::vector<std::byte> bytes = image;
  constexpr std::size_t e_phoff = 32, e_phentsize = 54, e_phnum = 56;
  const auto byte_at = [&](std::size_t offset) { return std::to_integer<std::size_t>(bytes.at(offset)); };
  const std::size_t table = byte_at(e_phoff);
  const std::size_t size = byte_at(e_phentsize) * byte_at(e_phnum);
  const std::vector<std::byte> headers(image.begin() + static_cast<std::ptrdiff_t>(table),
                                       image.begin() + static_cast<std::ptrdiff_t>(table + size));
  while (bytes.size() % 4 != 1) bytes.push_back(std::byte{0});
  const std::size_t moved = bytes.size();
  bytes.insert(bytes.end(), headers.begin(), headers.end());
  for (unsigned index = 0; index < 8; ++index) bytes[e_phoff + index] = std::byte(moved >> 8 * index & 0xffU);
  return bytes;
}

void put(std::string& bytes, std::size_t offset, std::uint32_t number) { bytes.replace(offset, 4, words({number})); }

void compile(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"cc"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto built = support::run(words);
  if (built.status != 0) throw std::runtime_error("cc: " + built.err);
}

// Its PT_NOTE, which nobody misses, becomes a PT_PAX_FLAGS.
void give_header(std::string& program, std::uint32_t p_flags) {
  constexpr std::size_t table = 64, entry_size = 56;
  for (std::size_t entry = table; entry < table + 32 * entry_size; entry += entry_size) {
    if (program.substr(entry, 4) != words({4})) continue;
    put(program, entry, 0x65041580);
    put(program, entry + 4, p_flags);
    return;
  }
  throw std::runtime_error("the program has no PT_NOTE");
}

std::vector<std::string> names_of(const std::string& name, std::size_t links) {
  std::vector<std::string> names = {"/usr/bin/" + name};
  for (std::size_t link = 1; link < links; ++link) names.push_back("/usr/sbin/" + name + std::to_string(link));
  return names;
}

}  // namespace

std::vector<Specimen> specimens(Creates creates) {
  using enum Build;
  using enum Dress;
  if (creates == Creates::xattr) {
    return {
        {names_of("new-bare", 1), bare, plain, false, no_store, xattr_em},
        {names_of("new-bare-acl", 1), bare, acl, false, no_store, xattr_em},
        {names_of("new-bare-capable", 1), bare, capabilities, false, no_store, xattr_em},
        {names_of("new-bare-linked", 3), bare, plain, false, no_store, xattr_em},
        {names_of("new-beside-header", 1), with_header, plain, false, header_e, both_em},
        {names_of("new-beside-header-set-id", 1), with_header, set_id, false, header_e, both_em},
        {names_of("new-beside-header-linked", 2), with_header, labels, false, header_e, both_em},
        {names_of("new-beside-header-real", 1), real, plain, false, header_e, both_em},
        {names_of("new-beside-header-real-linked", 2), real, plain, false, header_e, both_em},
        {names_of("new-beside-header-busy", 1), real, plain, true, header_e, both_em},
    };
  }
  return {
      // An xattr alone: in place.
      {names_of("xattr", 1), bare, plain, false, xattr_e, xattr_em},
      {names_of("xattr-set-id", 1), bare, set_id, false, xattr_e, xattr_em},
      {names_of("xattr-capable", 1), bare, capabilities, false, xattr_e, xattr_em},
      {names_of("xattr-acl", 1), bare, acl, false, xattr_e, xattr_em},
      {names_of("xattr-labels", 1), bare, labels, false, {"ERPS", std::nullopt}, {"PEmRS", std::nullopt}},
      {names_of("xattr-linked", 3), bare, plain, false, xattr_e, xattr_em},
      {names_of("xattr-busy", 1), real, plain, true, xattr_e, xattr_em},
      // A header alone: in place, or replaced where that is not possible.
      {names_of("header", 1), with_header, plain, false, header_e, header_em},
      {names_of("header-empty", 1), with_header, plain, false, {std::nullopt, nothing}, {std::nullopt, m}},
      {names_of("header-set-id", 1), with_header, set_id, false, header_e, header_em},
      {names_of("header-acl", 1), with_header, acl, false, header_e, header_em},
      {names_of("header-labels", 1), with_header, labels, false, header_e, header_em},
      {names_of("header-linked", 2), with_header, plain, false, header_e, header_em},
      {names_of("header-linked-set-id", 3), with_header, set_id, false, header_e, header_em},
      {names_of("header-real", 1), real, plain, false, header_e, header_em},
      {names_of("header-capable", 1), with_header, capabilities, false, header_e, header_em},
      {names_of("header-unaligned", 1), unaligned_header, plain, false, header_e, header_em},
      {names_of("header-busy", 1), real, acl, true, header_e, header_em},
      // Both: replaced.
      {names_of("both", 1), with_header, plain, false, both_e, both_em},
      {names_of("both-set-id", 1), with_header, set_id, false, both_e, both_em},
      {names_of("both-capable", 1), with_header, capabilities, false, both_e, both_em},
      {names_of("both-acl", 1), with_header, acl, false, both_e, both_em},
      {names_of("both-labels", 1), with_header, labels, false, both_e, both_em},
      {names_of("both-unaligned", 1), unaligned_header, plain, false, both_e, both_em},
      {names_of("both-real", 1), real, plain, false, both_e, both_em},
      {names_of("both-busy", 1), real, capabilities, true, both_e, both_em},
      // Both, and several names: step by step.
      {names_of("linked", 2), with_header, plain, false, both_e, both_em},
      {names_of("linked-set-id", 3), with_header, set_id, false, both_e, both_em},
      {names_of("linked-acl", 2), with_header, acl, false, both_e, both_em},
      {names_of("linked-labels", 2), with_header, labels, false, both_e, both_em},
      {names_of("linked-real", 2), real, plain, false, both_e, both_em},
  };
}

Template::Template(Creates creates) : specimens_(faults::specimens(creates)) {
  migration_ = {"-r", "-m", "-y", creates == Creates::nothing ? "--markings=pt" : "--markings=both"};
  if (!root_.has_xattrs()) {
    lacks_ = "no user xattrs where the tests run";
    return;
  }
  root_.add(asker, elf_builder::library("libask.so.1"), "lib/ask-1");
  root_.add("/lib64/libc.so.6", elf_builder::library("libc.so.6"), "sys-libs/glibc-2.36");
  build_real();
  root_.set_flags(asker, "m");
  for (const Specimen& specimen : specimens_) add(specimen);
  root_.run({"-q", "-f"});  // writes the package database
}

// The library too is real, and asks for nothing but the marking.
void Template::build_real() {
  const support::TempDir directory(TEST_DIRECTORY);
  const std::string library_source = (directory / "ask.c").string();
  const std::string program_source = (directory / "real.c").string();
  const std::string program = (directory / "real").string();
  support::write_file(library_source, "int asks(void) { return 1; }\n");
  support::write_file(program_source,
                      "#include <stdio.h>\n#include <unistd.h>\n"
                      "int asks(void);\n"
                      "int main(int argc, char** argv) {\n"
                      "  (void)argv;\n"
                      "  if (argc > 1) { alarm(600); for (;;) pause(); }\n"
                      "  return asks() && puts(\"it runs\") >= 0 ? 0 : 1;\n}\n");
  compile({"-shared", "-nostdlib", "-Wl,-soname,libask.so.1", "-o", root_.file(asker), library_source});
  compile({"-o", program, program_source, root_.file(asker)});
  real_ = support::read_file(program);
  constexpr std::size_t e_machine = 18;
  if (real_.substr(e_machine, 2) != std::string("\76\0", 2)) lacks_ = "cc makes no x86-64 programs";
}

void Template::set_xattr(const std::string& path, const char* name, const std::string& value) {
  if (::setxattr(root_.file(path).c_str(), name, value.data(), value.size(), 0) == 0) return;
  lacks_ = std::string(name) + " cannot be set: " + std::generic_category().message(errno);
}

void Template::add(const Specimen& specimen) {
  const std::string& path = specimen.names.front();
  elf_builder::Object object = elf_builder::program({"libask.so.1"});
  if (specimen.build == Build::real) object.needed.emplace_back("libc.so.6");
  if (specimen.before.header) object.pax_flags = {*specimen.before.header};
  for (const std::string& name : specimen.names) {
    root_.add(name, object, name.starts_with("/usr/bin/") ? "app/main-1" : "app/links-1");
    if (name == path) continue;
    std::filesystem::remove(root_.file(name));
    std::filesystem::create_hard_link(root_.file(path), root_.file(name));
  }
  if (specimen.build == Build::real) {
    std::string content = real_;
    if (specimen.before.header) give_header(content, *specimen.before.header);
    support::write_file(root_.file(path), content, 0755);
  }
  if (specimen.build == Build::unaligned_header) {
    support::write_file(root_.file(path), with_unaligned_header(elf_builder::image(object)), 0755);
  }
  dress_up(specimen);
}

void Template::dress_up(const Specimen& specimen) {
  const std::string& path = specimen.names.front();
  const std::string file = root_.file(path);
  if (specimen.dress == Dress::set_id) {
    if (::chown(file.c_str(), 0, 12) != 0 || ::chmod(file.c_str(), 06711) != 0) lacks_ = "cannot chown";
  }
  if (specimen.dress == Dress::capabilities) set_xattr(path, "security.capability", net_raw());
  if (specimen.dress == Dress::acl) set_xattr(path, "system.posix_acl_access", access_acl());
  if (specimen.dress == Dress::labels) {
    set_xattr(path, "user.comment", std::string("a value with a \0 in it", 22));
    set_xattr(path, "trusted.note", "for root");
  }
  if (specimen.before.letters) set_xattr(path, "user.pax.flags", *specimen.before.letters);
  const timespec times[] = {{1600000000, 111222333}, {1500000000, 987654321}};
  if (::utimensat(AT_FDCWD, file.c_str(), times, 0) != 0) lacks_ = "cannot set times";
}

}  // namespace revdep::faults
