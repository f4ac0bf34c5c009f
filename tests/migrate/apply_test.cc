#include "migrate/apply.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstring>

#include "base/fd.h"
#include "migrate/apply_fixture.h"

namespace revdep::migrate {
namespace {

using testing::TestParamInfo;

class ApplyEdit : public ApplyTest {};

TEST_F(ApplyEdit, SetsAnXattrInPlace) {
  write(program_with(header_e));
  const auto before = picture();
  const ino_t inode = status().st_ino;
  EXPECT_EQ(outcome(edit_to("em", header_e)), "in place");
  EXPECT_EQ(xattr(), "em");
  EXPECT_EQ(changed_bytes(), "none");
  EXPECT_EQ(status().st_ino, inode);
  EXPECT_EQ(picture(), before);
}

TEST_F(ApplyEdit, ReplacesAndRemovesAnXattrInPlace) {
  write(elf_builder::program({}));
  give("m");
  const auto before = picture();
  EXPECT_EQ(outcome(edit_to("", std::nullopt)), "in place");
  EXPECT_EQ(xattr(), "");
  EXPECT_EQ(outcome(edit_to(std::nullopt, std::nullopt)), "in place");
  EXPECT_EQ(xattr(), "none");
  EXPECT_EQ(picture(), before);
}

TEST_F(ApplyEdit, HasNothingToDoWhenBothAreTheSame) {
  write(program_with(header_e));
  const struct stat before = status();
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_e)), "in place");
  EXPECT_EQ(status().st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

class ApplyEditOfAbi : public ApplyTest, public testing::WithParamInterface<elf::Abi> {};

TEST_P(ApplyEditOfAbi, ChangesAHeaderInPlace) {
  write(program_with(header_e, GetParam()));
  const auto before = picture();
  const struct stat old = status();
  EXPECT_EQ(header(), "---xe-");
  const Edit edit = edit_to(std::nullopt, header_em);
  const timespec times[] = {{1234567890, 987654321}, {0, UTIME_OMIT}};
  ASSERT_EQ(::utimensat(AT_FDCWD, at("x").c_str(), times, 0), 0);
  EXPECT_EQ(outcome(edit), "in place");
  EXPECT_EQ(status().st_atim.tv_nsec, 987654321);
  EXPECT_EQ(header(), "--mxe-");
  EXPECT_EQ(changed_bytes(), "within p_flags");
  EXPECT_EQ(status().st_ino, old.st_ino);
  EXPECT_EQ(picture(), before);
}

TEST_P(ApplyEditOfAbi, ChangesBothStoresByANewFile) {
  write(program_with(header_e, GetParam()));
  give("e");
  const auto before = picture();
  const ino_t inode = status().st_ino;
  const base::Fd held(::open(at("x").c_str(), O_RDONLY | O_CLOEXEC));  // so that its inode number is not used again
  EXPECT_EQ(outcome(edit_to("em", header_em)), "replaced");
  EXPECT_EQ(header(), "--mxe-");
  EXPECT_EQ(xattr(), "em");
  EXPECT_EQ(changed_bytes(), "within p_flags");
  EXPECT_NE(status().st_ino, inode);
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(names(), std::vector<std::string>{"x"});
}

TEST_P(ApplyEditOfAbi, ChangesBothStoresOfLinksStepByStep) {
  write(program_with(header_e, GetParam()));
  give("e");
  std::filesystem::create_hard_link(at("x"), at("y"));
  const auto before = picture();
  EXPECT_EQ(outcome(edit_to("em", header_em, {"/x", "/y"})), "step by step");
  EXPECT_EQ(status().st_ino, status("y").st_ino);
  EXPECT_EQ(header("y"), "--mxe-");
  EXPECT_EQ(xattr("y"), "em");
  EXPECT_EQ(changed_bytes(), "within p_flags");
  EXPECT_EQ(picture(), before);
}

INSTANTIATE_TEST_SUITE_P(EveryClassAndByteOrder, ApplyEditOfAbi,
                         testing::Values(elf_builder::x86_64, elf_builder::i386, elf_builder::ppc, elf_builder::s390x),
                         [](const TestParamInfo<elf::Abi>& abi) {
                           return "Machine" + std::to_string(abi.param.machine);
                         });

TEST_F(ApplyEdit, KeepsSetUidBitsAndOtherXattrs) {
  write(program_with(header_e), 06711);
  ASSERT_EQ(::setxattr(at("x").c_str(), "user.comment", "kept", 4, 0), 0);
  const auto before = picture();
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em)), ::geteuid() == 0 ? "in place" : "replaced");
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(outcome(edit_to("em", header_e)), "replaced");
  EXPECT_EQ(picture(), before);
  EXPECT_NE(before.at("getfattr").find("user.comment"), std::string::npos);
}

TEST_F(ApplyEdit, ReplacesAFileWhoseCapabilitiesAWriteWouldDrop) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give capabilities";
  write(program_with(header_e), 0755);
  ASSERT_EQ(::chown(at("x").c_str(), 0, 1), 0);
  ASSERT_EQ(support::run({"setcap", "cap_net_raw+ep", at("x").string()}).status, 0);
  const auto before = picture();
  EXPECT_NE(before.at("getcap").find("cap_net_raw"), std::string::npos);
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em)), "replaced");
  EXPECT_EQ(header(), "--mxe-");
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(outcome(edit_to("em", header_em)), "in place");
  EXPECT_EQ(picture(), before);
}

TEST_F(ApplyEdit, KeepsAnAclAndInheritsNone) {
  write(program_with(header_e), 0750);
  ASSERT_EQ(support::run({"setfacl", "-d", "-m", "u:4321:rwx", directory_.string()}).status, 0);
  const auto bare = picture();
  EXPECT_EQ(outcome(edit_to("em", header_em)), "replaced");
  EXPECT_EQ(picture(), bare);
  ASSERT_EQ(support::run({"setfacl", "-m", "u:1234:rx,g:77:r", at("x").string()}).status, 0);
  const auto listed = picture();
  EXPECT_NE(listed.at("getfacl").find("user:1234:r-x"), std::string::npos);
  EXPECT_EQ(outcome(edit_to("e", header_e)), "replaced");
  EXPECT_EQ(picture(), listed);
}

TEST_F(ApplyEdit, ReplacesAFileWhosePFlagsLieUnaligned) {
  write_bytes(unaligned_image(header_e));
  const auto before = picture();
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em)), "replaced");
  EXPECT_EQ(header(), "--mxe-");
  EXPECT_EQ(changed_bytes(), "within p_flags");
  EXPECT_EQ(picture(), before);
}

TEST_F(ApplyEdit, NamesWhatHasSeveralLinksAndWouldHaveToBeReplaced) {
  write_bytes(unaligned_image(header_e));
  std::filesystem::create_hard_link(at("x"), at("y"));
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em)), "cannot change the PT_PAX header of " + at("x").string() +
                                                           ": it has several names, and its p_flags lies unaligned");
  EXPECT_EQ(changed_bytes(), "none");
}

TEST_F(ApplyEdit, CopiesTheHolesOfALargeFileAsHoles) {
  write(program_with(header_e));
  std::filesystem::resize_file(at("x"), std::uintmax_t{2} << 30U);
  const auto bytes = support::read_bytes(kept_ / "x");
  {
    const base::Fd end(::open(at("x").c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::pwrite(end.get(), "end", 3, (off_t{2} << 30U) - 3), 3);
  }
  const auto before = picture();
  EXPECT_EQ(outcome(edit_to("em", header_em)), "replaced");
  EXPECT_EQ(picture(), before);
  EXPECT_LT(status().st_blocks * 512, 1 << 20U);
  const base::Fd file(::open(at("x").c_str(), O_RDONLY | O_CLOEXEC));
  char tail[4] = {};
  ASSERT_EQ(::pread(file.get(), tail, 4, (off_t{2} << 30U) - 4), 4);
  EXPECT_EQ(std::string(tail, 4), std::string("\0end", 4));
  std::vector<std::byte> head(bytes.size());
  ASSERT_EQ(::pread(file.get(), head.data(), head.size(), 0), static_cast<ssize_t>(head.size()));
  support::write_file(at("head"), head);
  EXPECT_EQ(header("head"), "--mxe-");
}

// A static program that says when it runs, and then waits for what its exit status is to be. It has a PT_PAX_FLAGS
// where the compiler put its first PT_NOTE.
class ApplyToARunningProgram : public ApplyTest {
 protected:
  void SetUp() override {
    ApplyTest::SetUp();
    support::write_file(kept_ / "wait.c",
                        "#include <unistd.h>\n"
                        "int main(void) { char c = 0; if (write(1, \"r\", 1) != 1) return 1;\n"
                        "return read(0, &c, 1) == 1 ? c : 2; }\n");
    const auto compiled = support::run({"cc", "-static", "-o", (kept_ / "x").string(), (kept_ / "wait.c").string()});
    if (compiled.status != 0) GTEST_SKIP() << "no compiler of static programs: " << compiled.err;
    std::vector<std::byte> image = support::read_bytes(kept_ / "x");
    if (sizeof(void*) != 8) GTEST_SKIP() << "patches 64-bit program headers only";
    std::uint64_t at_header = 0;
    std::memcpy(&at_header, &image[32], 8);
    for (std::uint32_t type = 0; type != 4; at_header += 56) std::memcpy(&type, &image[at_header], 4);
    const std::uint32_t patch[] = {pax::pt_pax_flags, header_e};
    std::memcpy(&image[at_header - 56], patch, sizeof patch);
    write_bytes(image);
    ASSERT_EQ(header(), "---xe-");
  }
  void TearDown() override {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }

  void start() {
    int in[2];
    int out[2];
    ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    const base::Fd their_in(in[0]);
    const base::Fd their_out(out[1]);
    const base::Fd said(out[0]);
    answer_ = base::Fd(in[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, their_in.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions, their_out.get(), 1);
    std::string path = at("x").string();
    char* const arguments[] = {path.data(), nullptr};
    ASSERT_EQ(::posix_spawn(&child_, path.c_str(), &actions, nullptr, arguments, environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    char running = 0;
    ASSERT_EQ(::read(said.get(), &running, 1), 1);
  }
  // Ends the program; its exit status.
  int end_with(char value) {
    EXPECT_EQ(::write(answer_.get(), &value, 1), 1);
    int result = 0;
    EXPECT_EQ(::waitpid(child_, &result, 0), child_);
    child_ = 0;
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
  }

  pid_t child_ = 0;
  base::Fd answer_;
};

TEST_F(ApplyToARunningProgram, ReplacesItAndItRunsOn) {
  start();
  const auto before = picture();
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em)), "replaced");
  EXPECT_EQ(end_with(42), 42);
  EXPECT_EQ(header(), "--mxe-");
  EXPECT_EQ(changed_bytes(), "within p_flags");
  EXPECT_EQ(picture(), before);
  start();
  EXPECT_EQ(end_with(43), 43);
}

TEST_F(ApplyToARunningProgram, SetsItsXattrInPlace) {
  start();
  EXPECT_EQ(outcome(edit_to("e", header_e)), "in place");
  EXPECT_EQ(xattr(), "e");
  EXPECT_EQ(end_with(42), 42);
}

TEST_F(ApplyToARunningProgram, LeavesItForTheNextTimeIfItHasSeveralNames) {
  std::filesystem::create_hard_link(at("x"), at("y"));
  give("e");
  start();
  const auto before = picture();
  const std::string reason = at("x").string() + ": it is running and has several names; tried again next time";
  EXPECT_EQ(outcome(edit_to("em", header_em)), "cannot change the markings of " + reason);
  EXPECT_EQ(outcome(edit_to("e", header_em)), "cannot change the PT_PAX header of " + reason);
  EXPECT_EQ(xattr(), "e");
  EXPECT_EQ(changed_bytes(), "none");
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(end_with(42), 42);
  EXPECT_EQ(outcome(edit_to("em", header_em)), "step by step");
  start();
  EXPECT_EQ(end_with(43), 43);
}

TEST_F(ApplyToARunningProgram, StartsAfterEveryKindOfEdit) {
  for (const bool linked : {false, true}) {
    if (linked) std::filesystem::create_hard_link(at("x"), at("y"));
    for (const auto& [value, flags] :
         {std::pair("e", header_e), {"e", header_em}, {"em", header_em}, {"e", header_e}}) {
      ASSERT_TRUE(apply(edit_to(value, flags)).ok());
      start();
      EXPECT_EQ(end_with(7), 7);
    }
  }
}

TEST(IntermediateStores, AreThoseWithoutTheXattr) {
  const auto stores = [](std::optional<std::string> xattr, std::uint32_t header) {
    return pax::Stores{std::move(xattr), header, 0};
  };
  const auto between = [](const pax::Stores& before, const pax::Stores& after) {
    return intermediate_stores({{"/x"}, 0, 0, before, after});
  };
  using List = std::vector<pax::Stores>;
  EXPECT_EQ(between(stores("e", header_e), stores("em", header_em)),
            (List{stores({}, header_e), stores({}, header_em)}));
  EXPECT_EQ(between(stores({}, header_e), stores("em", header_em)), (List{stores({}, header_em)}));
  EXPECT_EQ(between(stores("e", header_e), stores({}, header_em)), (List{stores({}, header_e)}));
  EXPECT_EQ(between(stores("e", header_e), stores("em", header_e)), List());
  EXPECT_EQ(between(stores("e", header_e), stores("e", header_em)), List());
}

}  // namespace
}  // namespace revdep::migrate
