// Lists of known objects from any bytes, asked about any name: the entry that fits is whole, and spelled out again it
// is the same entry.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/known.h"
#include "pax/marking.h"

namespace {

using revdep::audit::Known;
using revdep::audit::KnownList;

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

std::string spell(revdep::pax::Relaxations flags) {
  return flags.empty() ? "-" : revdep::pax::format_letters(revdep::pax::as_marking(flags));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  KnownList list;
  for (const auto& error : list.add(text, "a.conf"))
    expect(error.object.starts_with("a.conf:") && !error.reason.empty());
  const std::string_view name = text.substr(0, text.find_first_of(" \n"));
  const Known* const known = list.find(name, name);
  if (known == nullptr) return 0;
  expect(!known->pattern.empty() && known->date.size() == 7 && !known->evidence.empty());
  std::string flags = spell(known->flags);
  if (known->without_emutramp != known->flags) flags += '|' + spell(known->without_emutramp);
  KnownList again;
  expect(again.add(known->pattern + ' ' + flags + ' ' + known->date + ' ' + known->evidence, "b.conf").empty());
  const Known* const same = again.find(name, name);
  expect(same != nullptr && *same == *known);
  return 0;
}
