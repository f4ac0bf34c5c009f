#include "migrate/journal_rows.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace revdep::migrate {
namespace {

constexpr std::array<std::pair<EditState, std::string_view>, 4> states = {{{EditState::open, "open"},
                                                                           {EditState::done, "done"},
                                                                           {EditState::failed, "failed"},
                                                                           {EditState::undone, "undone"}}};
constexpr std::string_view letter_names = "PEMRS";  // in the order of pax::letters
constexpr std::size_t sha256_digits = 64;
constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// Canonical, so that nothing below a root leads out of it.
bool is_canonical(std::string_view path) {
  if (!path.starts_with('/') || has_nul(path)) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view component = path.substr(0, path.find('/'));
    if (component.empty() || component == "." || component == "..") return false;
    path.remove_prefix(component.size());
  }
  return true;
}

bool is_sha256(std::string_view text) {
  return text.size() == sha256_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// What is wrong with a value, however it came here; "" when nothing is.

std::string problem_of(const Identity& file) {
  if (!is_canonical(file.path)) return "path is not canonical";
  if (!std::in_range<std::int64_t>(file.size)) return "size is out of range";
  if (!is_sha256(file.sha256)) return "sha256 is not 64 lower-case hexadecimal digits";
  return {};
}

std::string problem_of(const std::vector<pax::Letter>& letters) {
  for (auto at = letters.begin(); at != letters.end(); ++at) {
    if (std::find(letters.begin(), at, *at) != at) return "a letter comes twice";
  }
  return {};
}

std::string problem_of(const std::vector<Reason>& reasons) {
  std::vector<pax::Letter> letters;
  for (const Reason& reason : reasons) {
    letters.push_back(reason.letter);
    for (const std::string& asker : reason.askers) {
      if (asker.empty() || has_nul(asker)) return "an asker is empty or has a NUL in it";
    }
  }
  return problem_of(letters);
}

std::string problem_of(const pax::Stores& stores) {
  return stores.xattr && stores.xattr->size() > pax::xattr_limit + 1 ? "xattr is too long" : "";
}

std::string problem_of(const Run& run) { return has_nul(run.command) ? "command has a NUL in it" : ""; }

std::string problem_of(const JournalledEdit& edit) {
  for (const std::string& name : edit.names) {
    if (!is_canonical(name)) return "a name is not canonical";
  }
  for (std::string problem :
       {problem_of(edit.file), problem_of(edit.before), problem_of(edit.after), problem_of(edit.reasons)}) {
    if (!problem.empty()) return problem;
  }
  return {};
}

std::string problem_of(const Claim& claim) {
  std::string problem = problem_of(claim.file);
  return problem.empty() ? problem_of(claim.reasons) : problem;
}

std::string problem_of(const Hold& hold) {
  if (hold.letters.empty()) return "it holds no letter";
  std::string problem = problem_of(hold.file);
  return problem.empty() ? problem_of(hold.letters) : problem;
}

template <class T>
std::optional<base::Error> refuse(const T& value, const std::string& object) {
  const std::string problem = problem_of(value);
  if (problem.empty()) return std::nullopt;
  return base::Error{"journal", object, problem};
}

std::string pack(const std::vector<std::string>& names) {
  std::string bytes;
  for (const std::string& name : names) bytes.append(name).push_back('\0');
  return bytes;
}

std::string pack(const std::vector<pax::Letter>& letters) {
  std::string bytes;
  for (const pax::Letter letter : letters) bytes += letter_names[static_cast<std::size_t>(letter)];
  return bytes;
}

std::string pack(const std::vector<Reason>& reasons) {
  std::string bytes;
  for (const Reason& reason : reasons) {
    bytes += letter_names[static_cast<std::size_t>(reason.letter)];
    bytes += pack(reason.askers);
    bytes += '\0';
  }
  return bytes;
}

Value id_value(std::int64_t id) { return id == 0 ? Value() : Value(id); }

template <class T>
Value integer_value(T number) {
  return static_cast<std::int64_t>(number);
}

void append(Row& row, const Identity& file) {
  row.emplace_back(Blob{file.path});
  row.push_back(integer_value(file.size));
  row.emplace_back(file.sha256);
}

void append(Row& row, const pax::Stores& stores) {
  row.push_back(stores.xattr ? Value(Blob{*stores.xattr}) : Value());
  row.push_back(stores.header ? integer_value(*stores.header) : Value());
  row.push_back(integer_value(stores.ei_pax));
}

// Takes a row's columns in order. The first that is not what it must be is remembered; from there on all are empty.
class Columns {
 public:
  Columns(const Row& row, const char* table) : row_(row), table_(table) {
    if (!row.empty() && std::holds_alternative<std::int64_t>(row.front())) id_ = std::get<std::int64_t>(row.front());
  }

  std::int64_t integer(const char* name, std::int64_t least, std::int64_t most) {
    const auto* const number = take<std::int64_t>(name);
    if (number == nullptr) return 0;
    if (*number < least || *number > most) return fail(name, "is out of range"), 0;
    return *number;
  }
  std::string blob(const char* name) {
    const auto* const blob = take<Blob>(name);
    return blob != nullptr ? blob->bytes : std::string();
  }
  std::string text(const char* name) {
    const auto* const text = take<std::string>(name);
    return text != nullptr ? *text : std::string();
  }
  // Whether the next column is NULL, which is then taken.
  bool null() {
    const bool is_null = next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_]);
    if (is_null) ++next_;
    return is_null;
  }

  std::int64_t id(const char* name) { return integer(name, 1, any); }
  Identity identity() {
    Identity file;
    file.path = blob("path");
    file.size = static_cast<std::uint64_t>(integer("size", 0, any));
    file.sha256 = text("sha256");
    return file;
  }
  pax::Stores stores() {
    pax::Stores stores;
    if (!null()) stores.xattr = blob("xattr");
    if (!null()) {
      stores.header = static_cast<std::uint32_t>(integer("header", 0, std::numeric_limits<std::uint32_t>::max()));
    }
    stores.ei_pax = static_cast<std::uint8_t>(integer("ei", 0, std::numeric_limits<std::uint8_t>::max()));
    return stores;
  }
  std::vector<std::string> names() {
    const std::string bytes = blob("names");
    std::vector<std::string> names;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\0');
      if (end == std::string_view::npos) return fail("names", "ends within a name"), std::vector<std::string>();
      names.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    return names;
  }
  std::vector<Reason> reasons() {
    const std::string bytes = blob("reasons");
    std::vector<Reason> reasons;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      Reason& reason = reasons.emplace_back();
      reason.letter = letter(rest.front(), "reasons");
      rest.remove_prefix(1);
      while (true) {
        const std::size_t end = rest.find('\0');
        if (end == std::string_view::npos) return fail("reasons", "ends within a reason"), std::vector<Reason>();
        const std::string_view asker = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (asker.empty()) break;
        reason.askers.emplace_back(asker);
      }
    }
    return reasons;
  }
  std::vector<pax::Letter> letters() {
    std::vector<pax::Letter> letters;
    for (const char name : text("letters")) letters.push_back(letter(name, "letters"));
    return letters;
  }
  EditState state() {
    const std::string name = text("state");
    for (const auto& [state, known] : states) {
      if (name == known) return state;
    }
    return fail("state", "is unknown"), EditState::open;
  }

  template <class T>
  base::Result<T> finish(const T& value) const {
    const std::string problem = problem_.empty() ? problem_of(value) : problem_;
    if (problem.empty()) return value;
    const std::string row = id_ ? std::to_string(*id_) : "?";
    return base::Error{"use", "row " + row + " of table " + table_, problem};
  }

 private:
  template <class T>
  const T* take(const char* name) {
    const T* const value = next_ < row_.size() ? std::get_if<T>(&row_[next_]) : nullptr;
    ++next_;
    if (value == nullptr) fail(name, "is of the wrong type");
    return value;
  }
  pax::Letter letter(char name, const char* column) {
    const std::size_t index = letter_names.find(name);
    if (index != std::string_view::npos) return pax::letters[index];
    fail(column, "has an unknown letter");
    return pax::Letter::P;
  }
  void fail(const char* name, const char* reason) {
    if (problem_.empty()) problem_ = std::string(name) + " " + reason;
  }

  const Row& row_;
  const char* table_;
  std::size_t next_ = 0;
  std::optional<std::int64_t> id_;
  std::string problem_;
};

}  // namespace

std::string format_state(EditState state) { return std::string(states[static_cast<std::size_t>(state)].second); }

base::Result<Row> encode(const Run& run) {
  if (auto error = refuse(run, "a run")) return *error;
  return Row{id_value(run.id), integer_value(run.time), integer_value(run.uid), Blob{run.command},
             run.undoes ? Value(*run.undoes) : Value()};
}

base::Result<Row> encode(const JournalledEdit& edit) {
  if (auto error = refuse(edit, "an edit of " + edit.file.path)) return *error;
  Row row{id_value(edit.id), integer_value(edit.run), format_state(edit.state)};
  append(row, edit.file);
  row.emplace_back(Blob{pack(edit.names)});
  append(row, edit.before);
  append(row, edit.after);
  row.emplace_back(Blob{pack(edit.reasons)});
  row.push_back(integer_value(edit.mtime_ns));
  return row;
}

base::Result<Row> encode(const Claim& claim) {
  if (auto error = refuse(claim, "a claim on " + claim.file.path)) return *error;
  Row row{Value()};
  append(row, claim.file);
  row.emplace_back(Blob{pack(claim.reasons)});
  row.push_back(integer_value(claim.filler_e));
  row.push_back(integer_value(claim.created_xattr));
  return row;
}

base::Result<Row> encode(const Hold& hold) {
  if (auto error = refuse(hold, "a hold on " + hold.file.path)) return *error;
  Row row{Value()};
  append(row, hold.file);
  row.emplace_back(pack(hold.letters));
  row.push_back(integer_value(hold.run));
  return row;
}

base::Result<Run> decode_run(const Row& row) {
  Columns columns(row, "run");
  Run run;
  run.id = columns.id("id");
  run.time = columns.integer("time", -any, any);
  run.uid = static_cast<std::uint32_t>(columns.integer("uid", 0, std::numeric_limits<std::uint32_t>::max()));
  run.command = columns.blob("command");
  if (!columns.null()) run.undoes = columns.id("undoes");
  return columns.finish(run);
}

base::Result<JournalledEdit> decode_edit(const Row& row) {
  Columns columns(row, "edit");
  JournalledEdit edit;
  edit.id = columns.id("id");
  edit.run = columns.id("run");
  edit.state = columns.state();
  edit.file = columns.identity();
  edit.names = columns.names();
  edit.before = columns.stores();
  edit.after = columns.stores();
  edit.reasons = columns.reasons();
  edit.mtime_ns = columns.integer("mtime_ns", -any, any);
  return columns.finish(edit);
}

base::Result<Claim> decode_claim(const Row& row) {
  Columns columns(row, "claim");
  Claim claim;
  columns.id("id");
  claim.file = columns.identity();
  claim.reasons = columns.reasons();
  claim.filler_e = columns.integer("filler_e", 0, 1) != 0;
  claim.created_xattr = columns.integer("created_xattr", 0, 1) != 0;
  return columns.finish(claim);
}

base::Result<Hold> decode_hold(const Row& row) {
  Columns columns(row, "hold");
  Hold hold;
  columns.id("id");
  hold.file = columns.identity();
  hold.letters = columns.letters();
  hold.run = columns.id("run");
  return columns.finish(hold);
}

}  // namespace revdep::migrate
