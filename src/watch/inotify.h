// inotify as a file descriptor: watches that several users share, and the kernel's events as values. Does not know what
// an event means to whom.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace revdep::watch {

/// The kernel's watch descriptor. One inode has one, whatever paths it was watched by; none is used again after its end.
enum class WatchId : int {};

struct RawEvent {
  WatchId watch{};  ///< -1 of IN_Q_OVERFLOW
  std::uint32_t mask = 0;
  std::uint32_t cookie = 0;
  std::string name;  ///< empty: the watched inode itself
};

class Inotify;

/// A share in a watch, which ends with its last share. Must not outlive its Inotify.
class Watch {
 public:
  Watch(Watch&& other) noexcept : inotify_(std::exchange(other.inotify_, nullptr)), id_(other.id_) {}
  Watch& operator=(Watch&& other) noexcept {
    std::swap(inotify_, other.inotify_);
    std::swap(id_, other.id_);
    return *this;
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  [[nodiscard]] WatchId id() const { return id_; }

 private:
  friend class Inotify;
  Watch(Inotify& inotify, WatchId id) : inotify_(&inotify), id_(id) {}

  Inotify* inotify_;
  WatchId id_;
};

class Inotify {
 public:
  /// Error: no descriptor; when it is the user's limit, the sysctl is named.
  static base::Result<std::unique_ptr<Inotify>> create();

  Inotify(const Inotify&) = delete;
  Inotify& operator=(const Inotify&) = delete;
  ~Inotify() = default;

  /// Non-blocking; readable when there are events.
  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Watches what `path` leads to for `mask`, which may also hold IN_ONLYDIR and IN_DONT_FOLLOW. An inode that is watched
  /// already keeps the events it was watched for until its last share goes, so a user may get more than it asked for.
  /// nullopt: nothing (suitable) is there. Error: anything else; when no watch is left, the sysctl is named.
  base::Result<std::optional<Watch>> add(const std::string& path, std::uint32_t mask);

  /// All events that there are, at most some 65,000 a call; never waits. Each user is to be shown all of them.
  base::Result<std::vector<RawEvent>> read();

 private:
  friend class Watch;
  explicit Inotify(base::Fd fd) : fd_(std::move(fd)) {}
  void give_back(WatchId id);

  base::Fd fd_;
  std::map<WatchId, unsigned> shares_;
};

}  // namespace revdep::watch
