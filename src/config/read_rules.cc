#include "config/read_rules.h"

#include <array>
#include <string_view>
#include <utility>

#include "config/config_files.h"

namespace revdep::config {
namespace {

constexpr std::array<std::string_view, 2> directories = {"/usr/lib/revdep-pax/rules.d", "/etc/revdep-pax/rules.d"};

void take(std::vector<base::Error> errors, std::vector<base::Error>& all) {
  for (base::Error& error : errors) all.push_back(std::move(error));
}

}  // namespace

ReadRules read_rules(base::Tree& tree) {
  ConfigFiles files = read_config_files(tree, directories);
  ReadRules read;
  for (const ConfigFile& file : files.files) take(parse_rules(file.text, file.name, read.rules), read.errors);
  take(std::move(files.errors), read.errors);
  return read;
}

}  // namespace revdep::config
