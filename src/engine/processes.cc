#include "engine/processes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/fd.h"
#include "elf/marking_reader.h"

namespace revdep::engine {
namespace {

/// Many times what any program maps; a process can map some 65,000 files with names of 4 KiB to fill our memory.
constexpr std::size_t most_mapped = 10000;

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number{};
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (status != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

// The text before the next `separator`, which `rest` loses with it.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

// Calls `use` with each line. What errno was if it could not be read, or 0.
template <class Use>
int read_lines(int directory, const char* name, Use use) {
  const base::Fd fd(::openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return errno;
  std::string pending;
  std::array<char, 16384> block{};
  while (true) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    pending.append(block.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (std::size_t end = 0; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
      use(std::string_view(pending).substr(start, end - start));
    }
    pending.erase(0, start);
  }
  if (!pending.empty()) use(std::string_view(pending));
  return 0;
}

// What /proc/PID/stat says, as proc(5) numbers its fields.
struct Stat {
  char state = 0;           // 3
  bool has_program = true;  // 9, PF_KTHREAD is not set
  std::int64_t ticks = 0;   // 22
};

// The second field, the name in parentheses, may hold any byte; none that follows holds a parenthesis.
std::optional<Stat> parse_stat(std::string_view text) {
  constexpr std::uint64_t pf_kthread = 0x00200000;
  const std::size_t end = text.rfind(") ");
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(end + 2);
  std::array<std::string_view, 20> fields;
  for (std::string_view& field : fields) field = take(rest, ' ');
  const auto flags = parse_number<std::uint64_t>(fields[9 - 3]);
  const auto ticks = parse_number<std::int64_t>(fields[22 - 3]);
  if (fields[0].size() != 1 || !flags || !ticks) return std::nullopt;
  return Stat{fields[0][0], (*flags & pf_kthread) == 0, *ticks};
}

std::optional<pax::Effective> parse_effective(std::string_view text) {
  constexpr std::string_view on = "PEMRS", off = "pemrs";
  if (text.size() != on.size()) return std::nullopt;
  pax::Effective effective;
  for (std::size_t index = 0; index < on.size(); ++index) {
    if (text[index] != on[index] && text[index] != off[index]) return std::nullopt;
    effective.set(pax::letters[index], text[index] == on[index]);
  }
  return effective;
}

bool leads_to(const std::string& path, dev_t device, ino_t inode) {
  struct stat status {};
  return ::fstatat(AT_FDCWD, path.c_str(), &status, AT_NO_AUTOMOUNT) == 0 && status.st_dev == device &&
         status.st_ino == inode;
}

// The kernel appends " (deleted)" to the name of a file that has lost it, and no mark tells that from a name that
// ends so.
std::pair<std::string, bool> name_of(std::string text, dev_t device, ino_t inode) {
  constexpr std::string_view mark = " (deleted)";
  if (!text.ends_with(mark) || leads_to(text, device, inode)) return {std::move(text), false};
  text.resize(text.size() - mark.size());
  return {std::move(text), true};
}

// A newline in maps. The backslash itself is as it is.
constexpr std::string_view newline = "\\012";

std::string unescape(std::string text) {
  for (std::size_t at = 0; (at = text.find(newline, at)) != std::string::npos; ++at) {
    text.replace(at, newline.size(), 1, '\n');
  }
  return text;
}

// "7f0c1a000000-7f0c1a028000 r-xp 00028000 fe:00 131590     /usr/lib64/libz.so.1"
std::optional<MappedFile> parse_executable_mapping(std::string_view line) {
  take(line, ' ');
  const std::string_view permissions = take(line, ' ');
  take(line, ' ');
  const std::string_view device = take(line, ' ');
  const auto inode = parse_number<ino_t>(take(line, ' '));
  const std::size_t name = line.find_first_not_of(' ');
  const std::size_t colon = std::min(device.find(':'), device.size());
  const auto major = parse_number<unsigned>(device.substr(0, colon), 16);
  const auto minor = parse_number<unsigned>(device.substr(std::min(colon + 1, device.size())), 16);
  if (permissions.size() < 3 || permissions[2] != 'x' || !inode || *inode == 0 || !major || !minor ||
      name == std::string_view::npos) {
    return std::nullopt;
  }
  return MappedFile{std::string(line.substr(name)), makedev(*major, *minor), *inode, false};
}

class Scan {
 public:
  Scan(std::string proc, std::int64_t boot) : proc_(std::move(proc)), boot_(boot) {}

  void look_at(int directory, pid_t pid);
  ProcessList finish() {
    std::sort(list_.seen.begin(), list_.seen.end(), [](const Process& a, const Process& b) { return a.pid < b.pid; });
    return std::move(list_);
  }

  // A process that is gone is no problem.
  void fail(int error, pid_t pid, const char* file) {
    if (error == EACCES || error == EPERM) {
      ++list_.hidden;
    } else if (error != ENOENT && error != ESRCH) {
      list_.problems.push_back(base::system_error("read", path(pid, file), error));
    }
  }

 private:
  [[nodiscard]] std::string path(pid_t pid, const char* file) const {
    return proc_ + '/' + std::to_string(pid) + '/' + file;
  }
  bool read_executable(int directory, Process& process);
  int read_mapped(int directory, Process& process);

  std::string proc_;
  std::int64_t boot_;
  ProcessList list_;
};

bool Scan::read_executable(int directory, Process& process) {
  std::string link(std::size_t{2} * 4096, '\0');
  const ssize_t length = ::readlinkat(directory, "exe", link.data(), link.size());
  const base::Fd fd(length < 0 ? -1 : ::openat(directory, "exe", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) {
    fail(errno, process.pid, "exe");
    return false;
  }
  link.resize(static_cast<std::size_t>(length));
  base::Result<elf::MarkedObject> object = elf::read_marked_object(fd.get(), path(process.pid, "exe"));
  if (!object) {
    list_.problems.push_back(object.error());
    return false;
  }
  process.device = object->status.st_dev;
  process.inode = object->status.st_ino;
  process.changed = object->status.st_ctim;
  process.stores = std::move(object->stores);
  std::tie(process.executable, process.deleted) = name_of(std::move(link), process.device, process.inode);
  return true;
}

int Scan::read_mapped(int directory, Process& process) {
  std::set<MappedFile> files;
  bool too_many = false;
  const int error = read_lines(directory, "maps", [&](std::string_view line) {
    const auto file = parse_executable_mapping(line);
    if (!file) return;
    if (files.size() < most_mapped) {
      files.insert(*file);
    } else {
      too_many = too_many || !files.contains(*file);
    }
  });
  if (error != 0) return error;
  if (too_many) {
    list_.problems.push_back(
        {"read all of", path(process.pid, "maps"), "more than " + std::to_string(most_mapped) + " files are mapped"});
  }
  for (MappedFile file : files) {
    if (file.path.find(newline) != std::string::npos && !leads_to(file.path, file.device, file.inode)) {
      file.path = unescape(std::move(file.path));
    }
    std::tie(file.path, file.deleted) = name_of(std::move(file.path), file.device, file.inode);
    process.mapped.push_back(std::move(file));
  }
  std::sort(process.mapped.begin(), process.mapped.end());
  return 0;
}

void Scan::look_at(int directory, pid_t pid) {
  std::string text;
  if (const int error = read_lines(directory, "stat", [&](std::string_view line) { text += line; }); error != 0) {
    return fail(error, pid, "stat");
  }
  const auto stat = parse_stat(text);
  if (!stat || !stat->has_program || stat->state == 'Z' || stat->state == 'X') return;
  Process process;
  process.pid = pid;
  process.started = boot_ + stat->ticks / ::sysconf(_SC_CLK_TCK);
  if (!read_executable(directory, process)) return;
  const int error = read_lines(directory, "status", [&](std::string_view line) {
    constexpr std::string_view key = "PaX:\t";
    if (line.starts_with(key)) process.effective = parse_effective(line.substr(key.size()));
  });
  if (error != 0) return fail(error, pid, "status");
  if (const int unread = read_mapped(directory, process); unread != 0) return fail(unread, pid, "maps");
  list_.seen.push_back(std::move(process));
}

}  // namespace

base::Result<ProcessList> read_processes(const std::string& proc) {
  const base::Fd root(::open(proc.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return base::system_error("open", proc, errno);
  std::optional<std::int64_t> boot;
  const int unread = read_lines(root.get(), "stat", [&](std::string_view line) {
    constexpr std::string_view key = "btime ";
    if (line.starts_with(key)) boot = parse_number<std::int64_t>(line.substr(key.size()));
  });
  if (unread != 0) return base::system_error("read", proc + "/stat", unread);
  if (!boot) return base::Error{"read", proc + "/stat", "it does not tell when the system was booted"};

  Scan scan(proc, *boot);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(proc, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    const auto pid = parse_number<pid_t>(name);
    if (!pid) continue;
    // A descriptor of a directory of procfs stays with its process, even when another one gets the pid.
    const base::Fd directory(::openat(root.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (directory) {
      scan.look_at(directory.get(), *pid);
    } else {
      scan.fail(errno, *pid, "");
    }
  }
  if (error) return base::system_error("list", proc, error.value());
  return scan.finish();
}

}  // namespace revdep::engine
