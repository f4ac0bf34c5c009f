// One ELF file in a tree of its own, edits of it, and what other programs say of it before and after.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "elf/marking_reader.h"
#include "migrate/apply.h"
#include "support/command.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::migrate {

constexpr std::uint32_t header_e = 0x2800;   // e, and RANDEXEC off: the old toolchain's default
constexpr std::uint32_t header_em = 0x2a00;  // the same with m

inline elf_builder::Object program_with(std::uint32_t p_flags, elf::Abi abi = elf_builder::x86_64) {
  elf_builder::Object object = elf_builder::program({}, abi);
  object.pax_flags = {p_flags};
  return object;
}

// A 64-bit program whose program headers lie one byte further than they would.
inline std::vector<std::byte> unaligned_image(std::uint32_t p_flags) {
  elf_builder::Object object = program_with(p_flags);
  object.type = elf_builder::et_exec;
  object.interpreter.reset();
  object.dynamic = false;
  std::vector<std::byte> bytes = elf_builder::image(object);
  bytes.insert(bytes.begin() + 64, std::byte{0});
  bytes[32] = std::byte{65};  // e_phoff
  return bytes;
}

class ApplyTest : public testing::Test {
 protected:
  ApplyTest() {
    support::write_file(at("probe"), "");
    unsupported_ = ::setxattr(at("probe").c_str(), "user.probe", "1", 1, 0) != 0;
    std::filesystem::remove(at("probe"));
  }
  void SetUp() override {
    if (unsupported_) GTEST_SKIP() << TEST_DIRECTORY << " has no user xattrs";
  }

  [[nodiscard]] std::filesystem::path at(std::string_view name) const { return directory_ / name; }
  [[nodiscard]] static Owners owners() { return ::geteuid() == 0 ? Owners::root_only : Owners::any; }

  void write(const elf_builder::Object& object, unsigned mode = 0755) { write_bytes(elf_builder::image(object), mode); }
  void write_bytes(const std::vector<std::byte>& bytes, unsigned mode = 0755) {
    support::write_file(at("x"), bytes, mode);
    // A time that nobody would set by accident, to the nanosecond.
    const timespec times[] = {{1234567890, 987654321}, {1111111111, 123456789}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at("x").c_str(), times, 0), 0);
    std::filesystem::copy_file(at("x"), kept_ / "x", std::filesystem::copy_options::overwrite_existing);
  }
  void give(const std::string& value, std::string_view name = "x") {
    ASSERT_EQ(::setxattr(at(name).c_str(), "user.pax.flags", value.data(), value.size(), 0), 0);
  }

  [[nodiscard]] struct stat status(std::string_view name = "x") const {
    struct stat found {};
    EXPECT_EQ(::lstat(at(name).c_str(), &found), 0);
    return found;
  }

  // From what stands in the file now to these; without a header when `header` is nullopt.
  [[nodiscard]] Edit edit_to(std::optional<std::string> xattr, std::optional<std::uint32_t> header,
                             std::vector<std::string> names = {"/x"}) const {
    const auto tree = base::Tree::open(directory_.string());
    const auto now = elf::read_marked_object(tree.value(), names.front());
    EXPECT_TRUE(now.ok());
    Edit edit{std::move(names), now->status.st_dev, now->status.st_ino, now->stores, now->stores};
    edit.after.xattr = std::move(xattr);
    edit.after.header = header;
    return edit;
  }
  [[nodiscard]] base::Result<Applied> apply(const Edit& edit) const { return apply(edit, owners()); }
  [[nodiscard]] base::Result<Applied> apply(const Edit& edit, Owners whose) const {
    const auto tree = base::Tree::open(directory_.string());
    return apply_edit(tree.value(), edit, whose);
  }
  // "in place", "replaced", "step by step", or the error.
  [[nodiscard]] std::string outcome(const Edit& edit) const { return outcome(edit, owners()); }
  [[nodiscard]] std::string outcome(const Edit& edit, Owners whose) const {
    const auto applied = apply(edit, whose);
    if (!applied) return applied.error().to_string();
    return applied->how == Applied::How::in_place   ? "in place"
           : applied->how == Applied::How::replaced ? "replaced"
                                                    : "step by step";
  }

  // What getfattr says; "none" without the attribute.
  [[nodiscard]] std::string xattr(std::string_view name = "x") const {
    const auto said = support::run({"getfattr", "--only-values", "-n", "user.pax.flags", at(name).string()});
    return said.status == 0 ? said.out : "none";
  }
  // What scanelf says, in its order P S M X(RANDEXEC) E R.
  [[nodiscard]] std::string header(std::string_view name = "x") const {
    const std::string said = support::run({"scanelf", "-BF", "%x#F", at(name).string()}).out;
    return said.substr(0, said.find_first_of(" \n"));
  }
  // How many bytes differ from the file as it was written, and whether they lie within four of each other.
  [[nodiscard]] std::string changed_bytes() const {
    std::istringstream lines(support::run({"cmp", "-l", (kept_ / "x").string(), at("x").string()}).out);
    std::vector<long> offsets;
    for (std::string line; std::getline(lines, line);) offsets.push_back(std::stol(line));
    if (offsets.empty()) return "none";
    return offsets.back() - offsets.front() < 4 ? "within p_flags" : "others";
  }
  // All that no edit may change.
  [[nodiscard]] std::map<std::string, std::string> picture(std::string_view name = "x") const {
    const std::string path = at(name).string();
    std::map<std::string, std::string> said;
    said["stat"] = support::run({"stat", "-c", "%a %u %g %s %h %y", path}).out;
    said["getfacl"] = support::run({"getfacl", "-np", path}).out;
    said["getcap"] = support::run({"getcap", path}).out;
    said["readelf"] = support::run({"readelf", "-hlW", path}).out;
    std::istringstream lines(support::run({"getfattr", "-d", "-m", "-", "-e", "hex", "--absolute-names", path}).out);
    for (std::string line; std::getline(lines, line);) {
      if (line.find('=') != std::string::npos && !line.starts_with("user.pax.flags=")) said["getfattr"] += line + '\n';
    }
    return said;
  }
  // Names in the tree's root, sorted.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  support::TempDir directory_{TEST_DIRECTORY};
  support::TempDir kept_{TEST_DIRECTORY};
  bool unsupported_ = false;
};

}  // namespace revdep::migrate
