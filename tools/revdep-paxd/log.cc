#include "revdep-paxd/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "revdep-paxd/journal_sink.h"

namespace revdep::daemon {
namespace {

using Kind = config::LogTarget::Kind;
using Sink = std::shared_ptr<spdlog::sinks::sink>;

// A service that was put into the background without a journal.
bool is_null_device(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(1, 3);
}

Kind choose(Kind wanted) {
  const bool is_read_by_journal = is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM"));
  if (wanted != Kind::automatic) return wanted;
  if (is_read_by_journal) return Kind::journald;
  return is_null_device(STDERR_FILENO) ? Kind::syslog : Kind::standard_error;
}

base::Result<Sink> make_sink(const config::LogTarget& target) {
  switch (choose(target.kind)) {
    case Kind::journald: {
      if (is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM"))) {
        return Sink(std::make_shared<PrefixSink>(STDERR_FILENO));
      }
      auto sink = JournalSink::connect();
      if (!sink) return sink.error();
      return Sink(std::move(*sink));
    }
    case Kind::syslog:
      return Sink(std::make_shared<spdlog::sinks::syslog_sink_mt>("revdep-paxd", LOG_PID, LOG_DAEMON, false));
    case Kind::file:
      try {
        Sink sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(target.path);
        sink->set_pattern("%Y-%m-%dT%H:%M:%S%z %l: %v");
        return sink;
      } catch (const spdlog::spdlog_ex&) {
        return base::system_error("log to", target.path, errno);
      }
    default:
      Sink sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      sink->set_pattern("revdep-paxd: %l: %v");
      return sink;
  }
}

}  // namespace

bool is_on_standard_error(const config::LogTarget& target) {
  const Kind kind = choose(target.kind);
  return kind == Kind::standard_error ||
         (kind == Kind::journald && is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM")));
}

std::optional<base::Error> start_log(const config::Settings& settings) {
  base::Result<Sink> sink = make_sink(settings.log_target);
  if (!sink) return sink.error();
  auto logger = std::make_shared<spdlog::logger>("revdep-paxd", std::move(*sink));
  logger->set_level(spdlog::level::from_str(settings.log_level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return std::nullopt;
}

}  // namespace revdep::daemon
