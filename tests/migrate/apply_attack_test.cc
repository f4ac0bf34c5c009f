// What may not be edited, and what forbids it: nothing outside is touched, each is named.
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "migrate/apply.h"
#include "migrate/apply_fixture.h"

namespace revdep::migrate {
namespace {

// /bin/x in the tree, and a victim outside of it that must stay as it is.
class ApplyUnderAttack : public ApplyTest {
 protected:
  void SetUp() override {
    ApplyTest::SetUp();
    write(program_with(header_e));
    std::filesystem::create_directory(at("bin"));
    ASSERT_EQ(::chmod(at("bin").c_str(), 0755), 0);
    std::filesystem::rename(at("x"), at("bin/x"));
    elf_builder::write_object(victim(), program_with(header_e));
    victim_before_ = victim_says();
  }
  void TearDown() override { EXPECT_EQ(victim_says(), victim_before_); }

  [[nodiscard]] std::filesystem::path victim() const { return kept_ / "bin/x"; }
  // Its ctime tells of every change.
  [[nodiscard]] std::string victim_says() const {
    return support::run({"stat", "-c", "%i %h %a %u %y %z", victim().string()}).out;
  }
  [[nodiscard]] Edit edit() const { return edit_to("em", header_em, {"/bin/x"}); }
  // Its reason, with the tree's root spelled ROOT.
  [[nodiscard]] std::string reason(const Edit& edit, Owners whose) const {
    const auto applied = apply(edit, whose);
    if (applied) return "applied";
    EXPECT_EQ(applied.error().object, at(edit.names.front().substr(1)).string());
    std::string text = applied.error().reason;
    const std::size_t root = text.find(directory_.string());
    if (root != std::string::npos) text.replace(root, directory_.string().size(), "ROOT");
    return text;
  }
  [[nodiscard]] std::string reason(const Edit& edit) const { return reason(edit, owners()); }

  std::string victim_before_;
};

TEST_F(ApplyUnderAttack, ADirectoryIsSwappedForASymlink) {
  const Edit planned = edit();
  std::filesystem::rename(at("bin"), at("old"));
  std::filesystem::create_symlink(kept_ / "bin", at("bin"));
  EXPECT_EQ(reason(planned), "its directory ROOT/bin is a symlink");
  EXPECT_EQ(header("old/x"), "---xe-");
}

TEST_F(ApplyUnderAttack, TheFileIsSwappedForASymlink) {
  const Edit planned = edit();
  std::filesystem::remove(at("bin/x"));
  std::filesystem::create_symlink(victim(), at("bin/x"));
  EXPECT_EQ(reason(planned), "it is a symlink");
}

TEST_F(ApplyUnderAttack, TheFileIsSwappedForAFifoADirectoryOrADevice) {
  const Edit planned = edit();
  std::filesystem::remove(at("bin/x"));
  ASSERT_EQ(::mkfifo(at("bin/x").c_str(), 0755), 0);
  EXPECT_EQ(reason(planned), "it is no regular file");
  std::filesystem::remove(at("bin/x"));
  std::filesystem::create_directory(at("bin/x"));
  EXPECT_EQ(reason(planned), "it is no regular file");
  std::filesystem::remove(at("bin/x"));
  if (::mknod(at("bin/x").c_str(), S_IFCHR | 0755, makedev(4000, 0)) != 0) GTEST_SKIP() << "may make no device";
  EXPECT_EQ(reason(planned), "it is no regular file");
}

TEST_F(ApplyUnderAttack, TheFileIsReplacedByAnother) {
  const Edit planned = edit();
  elf_builder::write_object(at("bin/new"), program_with(header_e));
  std::filesystem::rename(at("bin/new"), at("bin/x"));
  EXPECT_EQ(reason(planned), "it was replaced meanwhile");
  EXPECT_EQ(header("bin/x"), "---xe-");
}

TEST_F(ApplyUnderAttack, TheFileBecomesALinkToAnother) {
  const Edit planned = edit();
  std::filesystem::remove(at("bin/x"));
  std::filesystem::create_hard_link(victim(), at("bin/x"));
  victim_before_ = victim_says();
  EXPECT_EQ(reason(planned), "it was replaced meanwhile");
}

TEST_F(ApplyUnderAttack, TheMarkingChangesMeanwhile) {
  const Edit planned = edit();
  give("m", "bin/x");
  EXPECT_EQ(reason(planned), "its marking changed meanwhile");
  EXPECT_EQ(xattr("bin/x"), "m");
}

TEST_F(ApplyUnderAttack, TheContentIsNoElfObjectAnyMore) {
  const Edit planned = edit();
  support::write_file(at("bin/x"), "#!/bin/sh\n", 0755);
  EXPECT_EQ(reason(planned), "not an ELF object");
  EXPECT_EQ(support::read_file(at("bin/x")), "#!/bin/sh\n");
}

TEST_F(ApplyUnderAttack, OthersMayWriteToADirectoryOnTheWay) {
  const Edit planned = edit();
  ASSERT_EQ(::chmod(at("bin").c_str(), 0775), 0);
  EXPECT_EQ(reason(planned), "its directory ROOT/bin is writable by group or others");
  ASSERT_EQ(::chmod(at("bin").c_str(), 01777), 0);
  EXPECT_EQ(reason(planned), "its directory ROOT/bin is writable by group or others");
  EXPECT_EQ(header("bin/x"), "---xe-");
}

TEST_F(ApplyUnderAttack, ThePathLeadsOut) {
  Edit planned = edit();
  const std::string out = "/../" + kept_.path().filename().string() + "/bin/x";
  struct stat outside {};
  ASSERT_EQ(::stat(victim().c_str(), &outside), 0);
  planned.inode = outside.st_ino;
  for (const std::string& name : {out, "/bin/../.." + out.substr(3), std::string("bin/x"), std::string("/bin//x")}) {
    planned.names = {name};
    const auto applied = apply(planned);
    ASSERT_FALSE(applied.ok()) << name;
    EXPECT_EQ(applied.error().reason, "not a canonical path");
  }
}

TEST_F(ApplyUnderAttack, AHardLinkLiesWhereAnyoneMayWrite) {
  std::filesystem::create_directory(at("tmp"));
  std::filesystem::create_hard_link(at("bin/x"), at("tmp/x"));
  ASSERT_EQ(::chmod(at("tmp").c_str(), 01777), 0);
  EXPECT_EQ(reason(edit_to("em", header_em, {"/tmp/x"})), "its directory ROOT/tmp is writable by group or others");
  EXPECT_EQ(header("bin/x"), "---xe-");
  // The safe name is taken.
  EXPECT_EQ(outcome(edit_to("em", header_em, {"/tmp/x", "/bin/x"})), "step by step");
  EXPECT_EQ(header("bin/x"), "--mxe-");
}

TEST_F(ApplyUnderAttack, AnEditThatAddsAHeaderOrHasNoNameIsNone) {
  Edit planned = edit();
  planned.after.header.reset();
  EXPECT_EQ(reason(planned), "a header is neither added nor removed, and EI_PAX is not written");
  planned = edit();
  planned.after.ei_pax = 4;
  EXPECT_EQ(reason(planned), "a header is neither added nor removed, and EI_PAX is not written");
  planned = edit();
  planned.names.clear();
  EXPECT_EQ(apply(planned).error().reason, "it has no name");
}

TEST_F(ApplyUnderAttack, AFileOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(at("bin/x").c_str(), 1234, 1234), 0);
  const Edit planned = edit();
  EXPECT_EQ(reason(planned, Owners::root_only), "it belongs to user 1234, not to root");
  EXPECT_EQ(reason(planned, Owners::any), "applied");
  EXPECT_EQ(status("bin/x").st_uid, 1234U);
  EXPECT_EQ(header("bin/x"), "--mxe-");
}

// An edit that fails on its way. No xattr is as long as this one.
const std::string too_long(70000, 'e');

TEST_F(ApplyUnderAttack, AReplacementThatFailsLeavesTheOldFileAndNoOther) {
  give("e", "bin/x");
  const auto before = picture("bin/x");
  const ino_t inode = status("bin/x").st_ino;
  EXPECT_EQ(reason(edit_to(too_long, header_em, {"/bin/x"})),
            std::string("cannot set user.pax.flags on the copy: ") + std::strerror(E2BIG));
  EXPECT_EQ(status("bin/x").st_ino, inode);
  EXPECT_EQ(picture("bin/x"), before);
  EXPECT_EQ(header("bin/x"), "---xe-");
  EXPECT_EQ(xattr("bin/x"), "e");
  std::filesystem::remove(at("bin/x"));
  EXPECT_TRUE(std::filesystem::is_empty(at("bin")));
}

TEST_F(ApplyUnderAttack, AStepThatFailsIsTakenBack) {
  give("e", "bin/x");
  std::filesystem::create_hard_link(at("bin/x"), at("bin/y"));
  const auto before = picture("bin/x");
  const auto applied = apply(edit_to(too_long, header_em, {"/bin/x", "/bin/y"}));
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.error(), base::system_error("set user.pax.flags on", at("bin/x").string(), E2BIG));
  EXPECT_EQ(picture("bin/x"), before);
  EXPECT_EQ(header("bin/x"), "---xe-");
  EXPECT_EQ(xattr("bin/x"), "e");
}

class LeftOver : public ApplyUnderAttack {
 protected:
  [[nodiscard]] std::string remove() const {
    const auto tree = base::Tree::open(directory_.string());
    const auto error = remove_left_over(tree.value(), "/bin/x");
    return error ? error->reason : "removed";
  }
  [[nodiscard]] std::filesystem::path left_over() const { return at("bin/.x.revdep-pax"); }
};

TEST_F(LeftOver, HasOneNameBesideTheFile) {
  EXPECT_EQ(temporary_name("/usr/bin/x"), "/usr/bin/.x.revdep-pax");
  EXPECT_EQ(temporary_name("/x"), "/.x.revdep-pax");
  EXPECT_EQ(temporary_name('/' + std::string(255, 'n')), "/." + std::string(243, 'n') + ".revdep-pax");
}

TEST_F(LeftOver, IsRemoved) {
  EXPECT_EQ(remove(), "removed");
  support::write_file(left_over(), "half", 0);
  EXPECT_EQ(remove(), "removed");
  EXPECT_FALSE(std::filesystem::exists(left_over()));
}

TEST_F(LeftOver, IsNoHindranceToTheNextEdit) {
  support::write_file(left_over(), "half", 0);
  EXPECT_EQ(outcome(edit()), "replaced");
  EXPECT_FALSE(std::filesystem::exists(left_over()));
}

TEST_F(LeftOver, OfAnotherKindIsNotOurs) {
  std::filesystem::create_symlink(victim(), left_over());
  EXPECT_EQ(remove(), "it is no left-over of an edit");
  EXPECT_EQ(reason(edit()), "cannot create .x.revdep-pax beside it: File exists");
  EXPECT_TRUE(std::filesystem::is_symlink(left_over()));
}

TEST_F(LeftOver, IsNotLookedForWhereAnyoneMayWrite) {
  support::write_file(left_over(), "half", 0);
  ASSERT_EQ(::chmod(at("bin").c_str(), 01777), 0);
  EXPECT_EQ(remove(), "its directory " + at("bin").string() + " is writable by group or others");
  EXPECT_TRUE(std::filesystem::exists(left_over()));
}

// A filesystem of its own at /bin, in a mount namespace of the test's own.
class ApplyOnAFilesystem : public ApplyUnderAttack {
 protected:
  void mount(const char* type, const std::string& options) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can mount";
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(type, at("bin").c_str(), type, 0, options.c_str()) != 0) {
      GTEST_SKIP() << "cannot mount " << type << ": " << std::strerror(errno);
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(at("bin").c_str(), MNT_DETACH);
    ApplyUnderAttack::TearDown();
  }
  bool mounted_ = false;
};

TEST_F(ApplyOnAFilesystem, ThatIsFull) {
  ASSERT_NO_FATAL_FAILURE(mount("tmpfs", "size=64k,mode=0755"));
  if (IsSkipped()) return;
  std::vector<std::byte> bytes = unaligned_image(header_e);
  bytes.resize(40000, std::byte{1});
  support::write_file(at("bin/x"), bytes, 0755);
  EXPECT_EQ(reason(edit_to(std::nullopt, header_em, {"/bin/x"})),
            std::string("cannot copy its content: ") + std::strerror(ENOSPC));
  EXPECT_EQ(support::read_bytes(at("bin/x")), bytes);
  std::filesystem::remove(at("bin/x"));
  EXPECT_TRUE(std::filesystem::is_empty(at("bin")));
}

TEST_F(ApplyOnAFilesystem, ThatIsReadOnly) {
  ASSERT_NO_FATAL_FAILURE(mount("tmpfs", "mode=0755"));
  if (IsSkipped()) return;
  elf_builder::write_object(at("bin/x"), program_with(header_e));
  ASSERT_EQ(::mount("none", at("bin").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const std::string read_only = ": " + std::string(std::strerror(EROFS));
  const std::string file = at("bin/x").string();
  EXPECT_EQ(outcome(edit_to("em", header_e, {"/bin/x"})), "cannot set user.pax.flags on " + file + read_only);
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em, {"/bin/x"})),
            "cannot change the PT_PAX header of " + file + read_only);
  EXPECT_EQ(outcome(edit_to("em", header_em, {"/bin/x"})),
            "cannot replace " + file + ": cannot create .x.revdep-pax beside it" + read_only);
}

TEST_F(ApplyOnAFilesystem, WithoutXattrs) {
  ASSERT_NO_FATAL_FAILURE(mount("ramfs", "mode=0755"));
  if (IsSkipped()) return;
  elf_builder::write_object(at("bin/x"), program_with(header_e));
  EXPECT_EQ(reason(edit_to("em", header_e, {"/bin/x"})), "its filesystem has no user extended attributes");
  EXPECT_EQ(outcome(edit_to(std::nullopt, header_em, {"/bin/x"})), "in place");
  EXPECT_EQ(header("bin/x"), "--mxe-");
}

TEST_F(ApplyOnAFilesystem, ThatIsAnOverlaySaysTheCopyUp) {
  support::TempDir upper("/dev/shm");
  for (const char* const name : {"upper", "work"}) std::filesystem::create_directory(upper / name);
  std::filesystem::create_directory(kept_ / "lower");
  ASSERT_EQ(::chmod((kept_ / "lower").c_str(), 0755), 0);
  ASSERT_EQ(::chmod((upper / "upper").c_str(), 0755), 0);
  elf_builder::write_object(kept_ / "lower/x", program_with(header_e));
  const auto lower = support::read_bytes(kept_ / "lower/x");
  ASSERT_NO_FATAL_FAILURE(mount("overlay", "lowerdir=" + (kept_ / "lower").string() + ",upperdir=" +
                                               (upper / "upper").string() + ",workdir=" + (upper / "work").string()));
  if (IsSkipped()) return;
  const auto first = apply(edit_to(std::nullopt, header_em, {"/bin/x"}));
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_TRUE(first->copied_up);
  EXPECT_EQ(header("bin/x"), "--mxe-");
  EXPECT_EQ(support::read_bytes(kept_ / "lower/x"), lower);
  const auto second = apply(edit_to(std::nullopt, header_e, {"/bin/x"}));
  ASSERT_TRUE(second.ok()) << second.error().to_string();
  EXPECT_FALSE(second->copied_up);
}

TEST_F(ApplyUnderAttack, AnImmutableFile) {
  const std::string file = at("bin/x").string();
  if (support::run({"chattr", "+i", file}).status != 0) GTEST_SKIP() << "cannot make a file immutable here";
  const std::string said = outcome(edit());
  const std::string xattr_said = outcome(edit_to("em", header_e, {"/bin/x"}));
  ASSERT_EQ(support::run({"chattr", "-i", file}).status, 0);
  EXPECT_EQ(said, "cannot change the markings of " + file + ": it is immutable (chattr +i)");
  EXPECT_EQ(xattr_said, "cannot set user.pax.flags on " + file + ": it is immutable (chattr +i)");
}

TEST_F(ApplyUnderAttack, AFileWhoseContentIsSealed) {
  if (::setxattr(at("bin/x").c_str(), "security.ima", "\1", 1, 0) != 0) GTEST_SKIP() << "cannot set security.ima here";
  EXPECT_EQ(reason(edit()), "its content is sealed by security.ima");
  EXPECT_EQ(reason(edit_to(std::nullopt, header_em, {"/bin/x"})), "its content is sealed by security.ima");
  EXPECT_EQ(header("bin/x"), "---xe-");
  EXPECT_EQ(outcome(edit_to("em", header_e, {"/bin/x"})), "in place");
}

}  // namespace
}  // namespace revdep::migrate
