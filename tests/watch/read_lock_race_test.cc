// The moment between the opening of the lock file and the lock, held open by fanotify: the open() waits for an answer.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/fanotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "support/temp_dir.h"
#include "watch/read_lock.h"

namespace revdep::watch {
namespace {

constexpr int not_permitted = 77;

// Waits for someone to open the lock file, and has it replaced by one that is locked before that open() goes on.
[[noreturn]] void replace_while_it_is_opened(const std::string& path, int ready, int end) {
  const int fanotify = ::fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
  if (fanotify < 0) ::_exit(not_permitted);
  if (::fanotify_mark(fanotify, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, path.c_str()) != 0) ::_exit(not_permitted);
  fanotify_event_metadata event{};
  if (::write(ready, "r", 1) != 1 || ::read(fanotify, &event, sizeof event) != sizeof event) ::_exit(1);
  ::unlink(path.c_str());
  const int next = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
  const bool locked = ::lockf(next, F_TLOCK, 0) == 0;
  const fanotify_response answer{event.fd, FAN_ALLOW};
  const bool answered = ::write(fanotify, &answer, sizeof answer) == sizeof answer;
  ::close(event.fd);
  char byte = 0;
  const bool ended = ::read(end, &byte, 1) == 0;
  ::_exit(locked && answered && ended ? 0 : 1);
}

TEST(ReadLockRace, AFileThatIsReplacedWhileItIsOpenedIsNotTakenForTheLock) {
  const support::TempDir root;
  support::write_file(root / ".pkg.portage_lockfile", "");
  ReadLock lock((root / "pkg").string());
  int ready[2];
  int end[2];
  ASSERT_TRUE(::pipe2(ready, O_CLOEXEC) == 0 && ::pipe2(end, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(end[1]);
    replace_while_it_is_opened(lock.path(), ready[1], end[0]);
  }
  ::close(ready[1]);
  char byte = 0;
  const bool began = ::read(ready[0], &byte, 1) == 1;
  const LockState state = began ? lock.try_lock().state : LockState::absent;
  for (const int fd : {ready[0], end[0], end[1]}) ::close(fd);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == not_permitted) GTEST_SKIP() << "no fanotify";
  ASSERT_EQ(status, 0);
  EXPECT_EQ(state, LockState::busy);
}

}  // namespace
}  // namespace revdep::watch
