#include "revdep-paxd/status.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/counted.h"
#include "base/escape.h"
#include "report/json_values.h"

namespace revdep::daemon {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& json, const Outcomes& outcomes) {
  json["marked"] = outcomes.marked;
  json["withdrawn"] = outcomes.withdrawn;
  json["refused"] = outcomes.refused;
  json["failed"] = outcomes.failed;
}

Json json_turn(const LastTurn& turn) {
  Json json{{"time", report::format_time(turn.time)}};
  json["duration_ms"] = static_cast<double>(turn.duration.count()) / 1000;
  json["full"] = turn.full;
  json["packages"] = turn.packages;
  json["objects"] = turn.objects;
  put(json, turn.outcomes);
  json["pending"] = turn.pending;
  json["complete"] = turn.complete;
  return json;
}

std::string text_of(const Json& json, const char* key) { return base::escape(json.at(key).get<std::string>()); }

std::string count_of(const Json& json, const char* key) { return std::to_string(json.at(key).get<std::uint64_t>()); }

std::string number_of(const Json& json, const char* key, std::string_view noun) {
  return base::counted(json.at(key).get<std::uint64_t>(), noun);
}

std::string outcomes_of(const Json& json) {
  return count_of(json, "marked") + " marked, " + count_of(json, "withdrawn") + " withdrawn, " +
         count_of(json, "refused") + " refused to change, " + count_of(json, "failed") + " failed";
}

std::string turn_of(const Json& json) {
  char duration[64];
  std::snprintf(duration, sizeof duration, "%.1f ms", json.at("duration_ms").get<double>());
  std::string text = "last turn: " + text_of(json, "time") + ", " + duration + ", " +
                     number_of(json, "packages", "package") + (json.at("full").get<bool>() ? " (all), " : ", ") +
                     number_of(json, "objects", "object") + " known: " + outcomes_of(json);
  if (const std::string pending = count_of(json, "pending"); pending != "0") text += ", " + pending + " pending";
  if (!json.at("complete").get<bool>()) text += "; not complete, to be tried again";
  return text + '\n';
}

std::string watching_of(const Json& json) {
  if (!json.at("database").get<bool>()) return "waits for the package database";
  std::string text = json.at("idle").get<bool>() ? "idle" : "has changes to take up";
  if (json.at("polling").get<bool>()) text += "; not everything can be watched: looks every 30 seconds";
  return text;
}

std::string text_of_status(const Json& json) {
  return "revdep-paxd runs as process " + std::to_string(json.at("pid").get<std::int64_t>()) + " since " +
         text_of(json, "started") + ", " + number_of(json, "rules", "rule") + " in force: " + watching_of(json) + '\n' +
         (json.at("last_turn").is_null() ? "no turn yet\n" : turn_of(json.at("last_turn"))) +
         "since the start: " + number_of(json, "turns", "turn") + ", " +
         number_of(json.at("totals"), "packages", "package") + ": " + outcomes_of(json.at("totals")) + '\n';
}

template <class Use>
base::Result<std::string> read_status_json(std::string_view json, const std::string& name, Use use) {
  try {
    const Json parsed = Json::parse(json);
    if (text_of(parsed, "kind") == "status") return use(parsed);
  } catch (const Json::exception&) {
    // Told below.
  }
  return base::Error{"read", name, "it is no status of a revdep-paxd"};
}

}  // namespace

std::string format_status_json(const Status& status) {
  Json json{{"schema", 1}, {"kind", "status"}, {"running", true}};
  json["pid"] = status.pid;
  json["started"] = report::format_time(status.started);
  json["idle"] = status.idle;
  json["database"] = status.database;
  json["polling"] = status.polling;
  json["rules"] = status.rules;
  json["kernel"] = report::json_kernel(status.kernel, status.kernel_source);
  json["turns"] = status.turns;
  json["last_turn"] = status.last ? json_turn(*status.last) : Json(nullptr);
  json["totals"]["packages"] = status.packages;
  put(json["totals"], status.outcomes);
  return json.dump(2) + '\n';
}

base::Result<std::string> format_status_text(std::string_view json, const std::string& name) {
  return read_status_json(json, name, text_of_status);
}

base::Result<std::string> check_status_json(std::string_view json, const std::string& name) {
  return read_status_json(json, name, [](const Json& status) { return status.dump(2) + '\n'; });
}

}  // namespace revdep::daemon
