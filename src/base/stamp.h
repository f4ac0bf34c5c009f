// What tells, without reading it, that a file or directory is what it was: inode, size and times. The filesystem's clock is
// coarse: a stamp only counts once it is older than that clock's tick.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <ctime>

namespace revdep::base {

class Stamp {
 public:
  explicit Stamp(const struct stat& status)
      : device_(status.st_dev),
        inode_(status.st_ino),
        size_(status.st_size),
        modified_(nanoseconds(status.st_mtim)),
        changed_(nanoseconds(status.st_ctim)) {}

  /// Whether every change after `now` (seconds since the epoch, when the stamp was taken) makes it another one.
  [[nodiscard]] bool is_settled(std::time_t now) const { return now - changed_ / second > young; }

  friend bool operator==(const Stamp&, const Stamp&) = default;

 private:
  static constexpr std::int64_t second = 1'000'000'000;
  static constexpr std::time_t young = 2;  // s: of what the coarsest filesystem may stamp alike
  static std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * second + time.tv_nsec; }

  dev_t device_;
  ino_t inode_;
  off_t size_;
  std::int64_t modified_;  // ns since the epoch
  std::int64_t changed_;
};

}  // namespace revdep::base
