// Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "revdep-paxd/metrics.h"

#include <cstdint>
#include <cstdio>
#include <string_view>

namespace revdep::daemon {
namespace {

std::string head(std::string_view metric, std::string_view type, std::string_view help) {
  const std::string name(metric);
  return "# HELP " + name + ' ' + std::string(help) + "\n# TYPE " + name + ' ' + std::string(type) + '\n';
}

std::string value(std::string_view metric, std::string_view type, std::string_view help, const std::string& number) {
  return head(metric, type, help) + std::string(metric) + ' ' + number + '\n';
}

std::string marks(std::string_view outcome, std::uint64_t number) {
  return "revdep_paxd_marks_total{outcome=\"" + std::string(outcome) + "\"} " + std::to_string(number) + '\n';
}

std::string seconds(std::chrono::microseconds duration) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", std::chrono::duration<double>(duration).count());
  return text;
}

}  // namespace

std::string format_metrics(const Status& status) {
  const LastTurn last = status.last.value_or(LastTurn{});
  return value("revdep_paxd_turns_total", "counter", "Turns since the start.", std::to_string(status.turns)) +
         value("revdep_paxd_packages_total", "counter", "Packages that were taken up since the start.",
               std::to_string(status.packages)) +
         head("revdep_paxd_marks_total", "counter", "What became of files since the start.") +
         marks("marked", status.outcomes.marked) + marks("withdrawn", status.outcomes.withdrawn) +
         marks("refused", status.outcomes.refused) + marks("failed", status.outcomes.failed) +
         value("revdep_paxd_last_turn_timestamp_seconds", "gauge",
               "When the last turn ended, in seconds since the epoch.", std::to_string(last.time)) +
         value("revdep_paxd_last_turn_duration_seconds", "gauge", "How long the last turn took.",
               seconds(last.duration)) +
         value("revdep_paxd_objects", "gauge", "ELF objects that are known.", std::to_string(last.objects)) +
         value("revdep_paxd_pending", "gauge", "Files whose change is to be tried again.",
               std::to_string(last.pending)) +
         value("revdep_paxd_complete", "gauge", "0 if something of the last turn is to be tried again.",
               last.complete ? "1" : "0") +
         value("revdep_paxd_polling", "gauge", "1 if something cannot be watched and is looked at now and then.",
               status.polling ? "1" : "0");
}

}  // namespace revdep::daemon
