#include "watch/read_lock.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/temp_dir.h"

namespace revdep::watch {
namespace {

// Another process that does with the lock file what it is told, as Portage does: lockf on the file, unlink when done.
class Portage {
 public:
  explicit Portage(std::string path) : path_(std::move(path)) {
    int to[2];
    int from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(to[1]);
      ::close(from[0]);
      serve(to[0], from[1]);
    }
    ::close(to[0]);
    ::close(from[1]);
    orders_ = base::Fd(to[1]);
    answers_ = base::Fd(from[0]);
  }
  Portage(const Portage&) = delete;
  Portage& operator=(const Portage&) = delete;
  ~Portage() {
    orders_.reset();
    ::waitpid(child_, nullptr, 0);
  }

  // 'l'ock, 't'ry to lock, 'u'nlink, 'c'lose; true if it worked.
  bool order(char what) const {
    char answer = 0;
    if (::write(orders_.get(), &what, 1) != 1 || ::read(answers_.get(), &answer, 1) != 1) return false;
    return answer == 'y';
  }

 private:
  [[noreturn]] void serve(int orders, int answers) const {
    int fd = -1;
    char what = 0;
    while (::read(orders, &what, 1) == 1) {
      bool done = false;
      switch (what) {
        case 'l':
        case 't':
          if (fd < 0) fd = ::open(path_.c_str(), O_RDWR | O_CREAT, 0660);
          done = ::lockf(fd, F_TLOCK, 0) == 0;
          break;
        case 'u':
          done = ::unlink(path_.c_str()) == 0;
          break;
        case 'c':
          done = ::close(fd) == 0;
          fd = -1;
          break;
        default:
          break;
      }
      const char answer = done ? 'y' : 'n';
      if (::write(answers, &answer, 1) != 1) break;
    }
    ::_exit(0);
  }

  std::string path_;
  pid_t child_ = 0;
  base::Fd orders_, answers_;
};

class ReadLockTest : public testing::Test {
 protected:
  LockState try_lock() {
    const ReadLock::Attempt attempt = lock_.try_lock();
    EXPECT_EQ(attempt.error, std::nullopt);
    return attempt.state;
  }

  support::TempDir root_;
  ReadLock lock_{(root_ / "db/pkg").string()};
  std::filesystem::path file_ = root_ / "db/.pkg.portage_lockfile";
};

TEST_F(ReadLockTest, TheFileIsBesideTheDatabase) {
  EXPECT_EQ(lock_.path(), file_.string());
  EXPECT_EQ(ReadLock("/var/db/pkg/").path(), "/var/db/.pkg.portage_lockfile");
}

TEST_F(ReadLockTest, WithoutAFileOrItsDirectoryThereIsNoLock) {
  EXPECT_EQ(try_lock(), LockState::absent);
  std::filesystem::create_directory(root_ / "db");
  EXPECT_EQ(try_lock(), LockState::absent);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(ReadLockTest, AFileThatAKilledMergeLeftIsNoObstacle) {
  support::write_file(file_, "");
  EXPECT_EQ(try_lock(), LockState::held);
}

TEST_F(ReadLockTest, WhileAMergeHoldsTheLockItIsBusy) {
  std::filesystem::create_directory(root_ / "db");
  const Portage portage(file_.string());
  ASSERT_TRUE(portage.order('l'));
  EXPECT_EQ(try_lock(), LockState::busy);
  EXPECT_EQ(try_lock(), LockState::busy);
  ASSERT_TRUE(portage.order('c'));
  EXPECT_EQ(try_lock(), LockState::held);
}

TEST_F(ReadLockTest, WhileItIsHeldNoMergeBeginsAndReadersDoNotDisturbEachOther) {
  support::write_file(file_, "");
  const Portage portage(file_.string());
  ReadLock other((root_ / "db/pkg").string());
  EXPECT_EQ(try_lock(), LockState::held);
  EXPECT_EQ(try_lock(), LockState::held);
  EXPECT_EQ(other.try_lock().state, LockState::held);
  EXPECT_FALSE(portage.order('t'));
  lock_.unlock();
  EXPECT_FALSE(portage.order('t'));
  other.unlock();
  EXPECT_TRUE(portage.order('t'));
}

TEST_F(ReadLockTest, TheMergeThatUnlinksTheFileLeavesNoLock) {
  std::filesystem::create_directory(root_ / "db");
  const Portage portage(file_.string());
  ASSERT_TRUE(portage.order('l'));
  EXPECT_EQ(try_lock(), LockState::busy);
  ASSERT_TRUE(portage.order('u'));
  EXPECT_EQ(try_lock(), LockState::absent);
}

TEST_F(ReadLockTest, TheNextMergesFileCountsAndNotThatOfTheLast) {
  std::filesystem::create_directory(root_ / "db");
  const Portage first(file_.string());
  const Portage second(file_.string());
  ASSERT_TRUE(first.order('l'));
  EXPECT_EQ(try_lock(), LockState::busy);
  ASSERT_TRUE(first.order('u'));
  ASSERT_TRUE(second.order('l'));
  ASSERT_TRUE(first.order('c'));
  EXPECT_EQ(try_lock(), LockState::busy);
  ASSERT_TRUE(second.order('c'));
  EXPECT_EQ(try_lock(), LockState::held);
}

TEST_F(ReadLockTest, WhatIsNoLockFileIsToldOnceAndStopsNothing) {
  std::filesystem::create_directory(root_ / "db");
  const auto told = [&] {
    const ReadLock::Attempt attempt = lock_.try_lock();
    EXPECT_EQ(attempt.state, LockState::absent);
    return attempt.error ? attempt.error->to_string() : "";
  };
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(told(), "cannot lock " + file_.string() + ": is no regular file");
  EXPECT_EQ(told(), "");
}

TEST_F(ReadLockTest, ASymlinkIsNotFollowed) {
  support::write_file(root_ / "db/elsewhere", "");
  std::filesystem::create_symlink("elsewhere", file_);
  const ReadLock::Attempt attempt = lock_.try_lock();
  EXPECT_EQ(attempt.state, LockState::absent);
  EXPECT_TRUE(attempt.error.has_value());
}

}  // namespace
}  // namespace revdep::watch
