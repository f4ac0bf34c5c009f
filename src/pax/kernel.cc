#include "pax/kernel.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace revdep::pax {
namespace {

struct Key {
  std::string_view name;
  bool Kernel::*member;
};

constexpr std::array<Key, 12> keys = {{
    {"pageexec", &Kernel::pageexec},
    {"segmexec", &Kernel::segmexec},
    {"emutramp", &Kernel::emutramp},
    {"mprotect", &Kernel::mprotect},
    {"randmmap", &Kernel::randmmap},
    {"header", &Kernel::reads_header},
    {"xattr", &Kernel::reads_xattr},
    {"ei", &Kernel::reads_ei},
    {"softmode", &Kernel::softmode},
    {"nx", &Kernel::nx},
    {"randomize", &Kernel::randomize},
    {"up_to_3_11", &Kernel::up_to_3_11},
}};

std::optional<bool> parse_value(std::string_view value) {
  if (value == "yes" || value == "1") return true;
  if (value == "no" || value == "0") return false;
  return std::nullopt;
}

base::Error bad(const std::string& reason) { return {"parse", "kernel description", reason}; }

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string known_keys() {
  std::string text;
  for (const Key& key : keys) {
    if (!text.empty()) text += ", ";
    text += key.name;
  }
  return text;
}

}  // namespace

bool has_feature(const Kernel& kernel, Letter letter) {
  switch (letter) {
    case Letter::P:
      return kernel.pageexec;
    case Letter::E:
      return kernel.emutramp;
    case Letter::M:
      return kernel.mprotect;
    case Letter::R:
      return kernel.randmmap;
    case Letter::S:
      return kernel.segmexec;
  }
  return false;
}

base::Result<Kernel> parse_kernel(std::string_view text, Kernel base) {
  std::array<bool, keys.size()> seen = {};
  bool more = !text.empty();
  while (more) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);

    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const auto key = std::ranges::find(keys, name, &Key::name);
    if (key == keys.end()) return bad("unknown key " + quoted(name) + ", known are " + known_keys());
    if (equals == std::string_view::npos) return bad(quoted(name) + " has no value, known are yes, no, 1, 0");
    const std::string_view value = item.substr(equals + 1);
    const auto state = parse_value(value);
    if (!state) {
      return bad("unknown value " + quoted(value) + " of " + quoted(name) + ", known are yes, no, 1, 0");
    }
    bool& is_seen = seen[static_cast<std::size_t>(key - keys.begin())];
    if (is_seen) return bad(quoted(name) + " is given twice");
    is_seen = true;
    base.*(key->member) = *state;
  }
  return base;
}

}  // namespace revdep::pax
