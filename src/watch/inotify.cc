#include "watch/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace revdep::watch {
namespace {

constexpr std::size_t most_events = 65536;

void parse_events(const char* bytes, std::size_t size, std::vector<RawEvent>& events) {
  while (size >= sizeof(inotify_event)) {
    inotify_event head{};
    std::memcpy(&head, bytes, sizeof head);
    const std::size_t whole = sizeof head + head.len;
    if (whole > size) return;
    // Padded with NULs to the length of the header.
    const std::string_view padded(bytes + sizeof head, head.len);
    events.push_back({WatchId{head.wd}, head.mask, head.cookie, std::string(padded.substr(0, padded.find('\0')))});
    bytes += whole;
    size -= whole;
  }
}

}  // namespace

Watch::~Watch() {
  if (inotify_ != nullptr) inotify_->give_back(id_);
}

base::Result<std::unique_ptr<Inotify>> Inotify::create() {
  base::Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (fd) return std::unique_ptr<Inotify>(new Inotify(std::move(fd)));
  if (errno != EMFILE) return base::system_error("start", "inotify", errno);
  return base::Error{"start", "inotify",
                     "none is left for this user; the sysctl fs.inotify.max_user_instances says how many"};
}

base::Result<std::optional<Watch>> Inotify::add(const std::string& path, std::uint32_t mask) {
  const int descriptor = ::inotify_add_watch(fd_.get(), path.c_str(), mask | IN_MASK_ADD);
  if (descriptor >= 0) {
    ++shares_[WatchId{descriptor}];
    return std::optional<Watch>(Watch(*this, WatchId{descriptor}));
  }
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<Watch>();
  if (errno != ENOSPC) return base::system_error("watch", path, errno);
  return base::Error{"watch", path, "no watch is left; the sysctl fs.inotify.max_user_watches says how many there are"};
}

base::Result<std::vector<RawEvent>> Inotify::read() {
  alignas(inotify_event) std::array<char, 65536> buffer{};
  std::vector<RawEvent> events;
  while (events.size() < most_events) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) return base::system_error("read", "inotify events", got == 0 ? EIO : errno);
    parse_events(buffer.data(), static_cast<std::size_t>(got), events);
  }
  return events;
}

void Inotify::give_back(WatchId id) {
  const auto found = shares_.find(id);
  if (found == shares_.end() || --found->second > 0) return;
  shares_.erase(found);
  // Fails for a watch that the kernel has ended itself.
  ::inotify_rm_watch(fd_.get(), static_cast<int>(id));
}

}  // namespace revdep::watch
