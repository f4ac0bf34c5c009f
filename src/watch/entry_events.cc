#include "watch/entry_events.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>

namespace revdep::watch {
namespace {

constexpr std::uint32_t mask =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;
constexpr std::uint32_t ended = IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF;

// Where nothing changes but by this kernel, which tells of it: not over a network.
bool is_local(const std::string& directory) {
  constexpr std::int64_t xfs = 0x58465342;
  constexpr std::int64_t bcachefs = 0xca451a4e;
  constexpr std::int64_t zfs = 0x2fc12fc1;
  constexpr std::array<std::int64_t, 9> local = {EXT4_SUPER_MAGIC, xfs,         BTRFS_SUPER_MAGIC,
                                                 F2FS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC,
                                                 bcachefs,         zfs,         SQUASHFS_MAGIC};
  struct statfs status {};
  return ::statfs(directory.c_str(), &status) == 0 &&
         std::ranges::find(local, std::int64_t{status.f_type}) != local.end();
}

}  // namespace

std::unique_ptr<EntryEvents> EntryEvents::create() {
  auto inotify = Inotify::create();
  base::Fd mounts(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!inotify || !mounts) return nullptr;
  return std::unique_ptr<EntryEvents>(new EntryEvents(std::move(*inotify), std::move(mounts)));
}

// What is mounted over a directory raises no event in it.
bool EntryEvents::mounts_changed() const {
  pollfd changed{mounts_.get(), POLLPRI, 0};
  return ::poll(&changed, 1, 0) != 0;
}

void EntryEvents::look() {
  names_.clear();
  const auto events = inotify_->read();
  const auto is_lost = [](const RawEvent& event) { return (event.mask & IN_Q_OVERFLOW) != 0; };
  if (!events || mounts_changed() || std::ranges::any_of(*events, is_lost)) return forget();
  std::set<WatchId> gone;
  for (const RawEvent& event : *events) {
    if (!event.name.empty()) names_[event.watch].insert(event.name);
    if ((event.mask & ended) != 0) gone.insert(event.watch);
  }
  if (gone.empty()) return;
  std::erase_if(watches_, [&](const auto& entry) { return gone.contains(entry.second.id()); });
}

const std::set<std::string>* EntryEvents::changed_in(const std::string& directory) {
  static const std::set<std::string> none;
  if (const auto known = watches_.find(directory); known != watches_.end()) {
    const auto names = names_.find(known->second.id());
    return names == names_.end() ? &none : &names->second;
  }
  if (!is_local(directory)) return nullptr;
  auto watch = inotify_->add(directory, mask);
  if (watch && *watch) watches_.emplace(directory, **std::move(watch));
  return nullptr;
}

void EntryEvents::forget() { watches_.clear(); }

}  // namespace revdep::watch
