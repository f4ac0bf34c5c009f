#include "support/started.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace revdep::support {

const char* const waiter = R"c(
#include <dlfcn.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int argc, char** argv) {
  char byte;
  if (argc > 1 && !dlopen(argv[1], RTLD_NOW)) return 1;
  prctl(PR_SET_NAME, "a) Z 1 2 (b c)");
  return write(1, "r", 1) != 1 || read(0, &byte, 1) != 0;
})c";

Started::Started(std::vector<std::string> words) {
  int to[2];
  int from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category());
  const base::Fd its_input(to[0]);
  base::Fd its_output(from[1]);
  const base::Fd said(from[0]);
  input_ = base::Fd(to[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, its_input.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, its_output.get(), 1);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int error = ::posix_spawnp(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
  its_output.reset();
  char byte = 0;
  if (::read(said.get(), &byte, 1) != 1) throw std::runtime_error(words[0] + " did not get ready");
}

void Started::end() {
  input_.reset();
  if (pid_ == 0) return;
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
}

}  // namespace revdep::support
