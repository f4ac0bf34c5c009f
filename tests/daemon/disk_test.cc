// Disks that are full or read-only under a running daemon: it says so, leaves what it cannot change as it was, goes on, and
// catches up.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using Json = DaemonProcess::Json;
using testing::HasSubstr;

// Mounts go with the process: nobody else sees them.
class Disk : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonTest::SetUp();
    if (IsSkipped()) return;
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "no mounts of its own: " << std::strerror(errno);
    }
  }
  void TearDown() override {
    for (const std::string& place : mounted_) ::umount2(place.c_str(), MNT_DETACH);
  }

  void mount_memory(const std::string& path) {
    std::filesystem::create_directories(file(path));
    ASSERT_EQ(::mount("tmpfs", file(path).c_str(), "tmpfs", 0, "size=256k,mode=0755"), 0) << std::strerror(errno);
    mounted_.push_back(file(path));
  }
  // Whose inodes have no room for extended attributes. False: no such thing here.
  bool mount_image(const std::string& path) {
    const std::string image = file("/disk.img");
    write("/disk.img", "");
    std::filesystem::resize_file(image, 1U << 20U);
    std::filesystem::create_directories(file(path));
    if (support::run({"mkfs.ext4", "-q", "-I", "128", "-m", "0", image}).status != 0) return false;
    if (support::run({"mount", "-o", "loop", image, file(path)}).status != 0) return false;
    mounted_.push_back(file(path));
    return true;
  }
  void mount_itself(const std::string& path) {
    const std::string place = file(path);
    ASSERT_EQ(::mount(place.c_str(), place.c_str(), nullptr, MS_BIND, nullptr), 0) << std::strerror(errno);
    mounted_.push_back(place);
  }
  void set_read_only(const std::string& path, bool read_only) const {
    unsigned long flags = MS_REMOUNT | MS_BIND;
    if (read_only) flags |= MS_RDONLY;
    ASSERT_EQ(::mount(nullptr, file(path).c_str(), nullptr, flags, nullptr), 0) << std::strerror(errno);
  }

  // To the last byte, with a file of that name.
  void fill(const std::string& path) const {
    const base::Fd filler(::open(file(path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string chunk(4096, 'x');
    for (std::size_t size = chunk.size(); size > 0; size /= 2) {
      while (::write(filler.get(), chunk.data(), size) > 0) continue;
      ASSERT_EQ(errno, ENOSPC);
    }
  }

  // Merges /usr/bin/b, or what `package` says; `before_unlock` is done while the daemon still waits for the lock.
  void merge(const std::function<void()>& before_unlock, const TestPackage& package = user("app/b-1", "/usr/bin/b")) {
    root_->merge(package, "", [&](support::MergeStep step) {
      if (step == support::MergeStep::unlock) before_unlock();
      return true;
    });
  }

 private:
  std::vector<std::string> mounted_;
};

// So many that the journal has to grow, whatever room it has within.
TEST_F(Disk, FullForTheJournalLeavesFilesAsTheyAreUntilThereIsRoom) {
  mount_memory("/var/lib/revdep-pax");
  DaemonProcess daemon(root());
  const Json before = daemon.wait_for_turn();
  constexpr int files = 60;
  TestPackage package{"app/b-1", {}, {}};
  const auto path = [](int number) { return "/usr/bin/b" + std::to_string(number); };
  for (int number = 0; number < files; ++number) {
    package.files.push_back({path(number), elf_builder::program({"libjit.so.1"}), "", {}});
  }
  merge([&] { fill("/var/lib/revdep-pax/filler"); }, package);
  const Json failed = daemon.wait_for_turn(before.at("turns"));
  int unmarked = 0;
  for (int number = 0; number < files; ++number) {
    if (marked(path(number)) == "em") continue;
    EXPECT_EQ(marked(path(number)), "none");
    EXPECT_THAT(daemon.log(), HasSubstr("failed to mark " + path(number) + " [app/b-1]: "));
    ++unmarked;
  }
  EXPECT_GT(unmarked, 0);
  EXPECT_EQ(failed.at("last_turn").at("failed"), unmarked);
  EXPECT_EQ(failed.at("last_turn").at("pending"), unmarked);
  EXPECT_THAT(daemon.log(), HasSubstr("disk is full"));
  std::filesystem::remove(file("/var/lib/revdep-pax/filler"));
  daemon.send(SIGUSR1);
  EXPECT_EQ(daemon.wait_for_turn(failed.at("turns")).at("last_turn").at("pending"), 0);
  for (int number = 0; number < files; ++number) EXPECT_EQ(marked(path(number)), "em");
  EXPECT_EQ(find_left(), "");
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(Disk, FullBeforeThereIsAJournalIsSaidAndWaitedFor) {
  mount_memory("/var/lib/revdep-pax");
  fill("/var/lib/revdep-pax/filler");
  DaemonProcess daemon(root());
  const Json failed = daemon.wait_for_turn();
  EXPECT_EQ(marked("/usr/bin/a"), "none");
  EXPECT_THAT(daemon.log(), HasSubstr(file("/var/lib/revdep-pax/state.db")));
  EXPECT_THAT(daemon.log(), testing::AnyOf(HasSubstr("disk is full"), HasSubstr(std::strerror(ENOSPC))));
  std::filesystem::remove(file("/var/lib/revdep-pax/filler"));
  daemon.send(SIGUSR1);
  daemon.wait_for_turn(failed.at("turns"));
  EXPECT_EQ(marked("/usr/bin/a"), "em");
  EXPECT_EQ(find_left(), "");
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(Disk, FullForAMarkIsNamedAndTheMarkSetOnceThereIsRoom) {
  if (!mount_image("/opt")) GTEST_SKIP() << "no ext4 in a file";
  DaemonProcess daemon(root());
  const Json before = daemon.wait_for_turn();
  merge([&] { fill("/opt/filler"); }, user("app/b-1", "/opt/b"));
  const std::string content = support::read_file(file("/opt/b"));
  const Json failed = daemon.wait_for_turn(before.at("turns"));
  EXPECT_EQ(marked("/opt/b"), "none");
  EXPECT_EQ(failed.at("last_turn").at("failed"), 1);
  EXPECT_EQ(failed.at("last_turn").at("pending"), 1);
  EXPECT_THAT(daemon.log(), HasSubstr("failed to mark /opt/b [app/b-1]: "));
  EXPECT_THAT(daemon.log(), HasSubstr(std::strerror(ENOSPC)));
  std::filesystem::remove(file("/opt/filler"));
  daemon.send(SIGUSR1);
  EXPECT_EQ(daemon.wait_for_turn(failed.at("turns")).at("last_turn").at("pending"), 0);
  EXPECT_EQ(marked("/opt/b"), "em");
  EXPECT_EQ(support::read_file(file("/opt/b")), content);
  EXPECT_EQ(find_left(), "");
  EXPECT_EQ(daemon.end(), 0);
}

TEST_F(Disk, ReadOnlyForMarksIsNamedAndTheMarksSetOnceItCanBeWritten) {
  mount_itself("/usr");
  DaemonProcess daemon(root());
  const Json before = daemon.wait_for_turn();
  merge([&] { set_read_only("/usr", true); });
  const Json failed = daemon.wait_for_turn(before.at("turns"));
  EXPECT_EQ(failed.at("last_turn").at("failed"), 1);
  EXPECT_EQ(failed.at("last_turn").at("pending"), 1);
  EXPECT_THAT(daemon.log(), HasSubstr("failed to mark /usr/bin/b [app/b-1]: "));
  EXPECT_THAT(daemon.log(), HasSubstr(std::strerror(EROFS)));
  EXPECT_THAT(run_program(root(), {"--status"}).out, HasSubstr("1 failed, 1 pending"));
  set_read_only("/usr", false);
  daemon.send(SIGUSR1);
  EXPECT_EQ(daemon.wait_for_turn(failed.at("turns")).at("last_turn").at("pending"), 0);
  EXPECT_EQ(marked("/usr/bin/b"), "em");
  EXPECT_EQ(find_left(), "");
  EXPECT_EQ(daemon.end(), 0);
}

}  // namespace
}  // namespace revdep::daemon
