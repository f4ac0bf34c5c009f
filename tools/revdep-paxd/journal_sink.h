// Log lines to systemd's journal, without libsystemd: by a prefix on standard error, or by its socket. Formats nothing.
#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <memory>

#include "base/error.h"
#include "base/fd.h"

namespace revdep::daemon {

/// Whether standard error is the journal's already: $JOURNAL_STREAM, which may be null, says which file that is.
bool is_journal(int fd, const char* journal_stream);

/// One line "<6>text" a message on a descriptor that the journal reads, as of sd-daemon(3).
class PrefixSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit PrefixSink(int fd) : fd_(fd) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  int fd_;
};

/// One datagram a message to the journal's own socket: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
class JournalSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  /// Error: nobody listens there.
  static base::Result<std::shared_ptr<JournalSink>> connect(const char* path = "/run/systemd/journal/socket");

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  explicit JournalSink(base::Fd socket) : socket_(std::move(socket)) {}
  base::Fd socket_;
};

}  // namespace revdep::daemon
