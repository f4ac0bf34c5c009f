#include "loader/ld_so_conf.h"

#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <unordered_set>
#include <utility>

#include "loader/glob.h"

namespace revdep::loader {
namespace {

constexpr std::size_t file_limit = std::size_t{1} << 20;
constexpr std::size_t glob_limit = 4096;
constexpr int include_depth_limit = 32;

constexpr std::string_view blanks = " \t";
constexpr std::string_view spaces = " \t\n\v\f\r";

constexpr std::string_view include_keyword = "include";
constexpr std::string_view hwcap_keyword = "hwcap";

bool has_blank_at(std::string_view line, std::size_t position) {
  return position < line.size() && blanks.find(line[position]) != std::string_view::npos;
}

bool is_include(std::string_view line) {
  return line.starts_with(include_keyword) && has_blank_at(line, include_keyword.size());
}

// This keyword is known in capitals, too.
bool is_hwcap(std::string_view line) {
  return has_blank_at(line, hwcap_keyword.size()) &&
         ::strncasecmp(line.data(), hwcap_keyword.data(), hwcap_keyword.size()) == 0;
}

// Takes a line less its comment and leading white space. ldconfig works on C strings, so that a NUL ends the line.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  line = line.substr(0, line.find_first_of(std::string_view("#\0", 2)));
  line.remove_prefix(std::min(line.find_first_not_of(spaces), line.size()));
  return line;
}

// add_dir_1's canonification: type suffix, trailing white space, trailing slashes. The root itself ends up empty there
// and is ignored, and so it is here.
std::string_view trim_directory(std::string_view line) {
  line = line.substr(0, line.find('='));
  line = line.substr(0, line.find_last_not_of(spaces) + 1);
  return line.substr(0, line.find_last_not_of('/') + 1);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return parts;
    text.remove_prefix(start);
    parts.emplace_back(text.substr(0, text.find_first_of(separators)));
    text.remove_prefix(parts.back().size());
  }
}

class Reader {
 public:
  explicit Reader(base::Tree& tree) : tree_(tree) {}

  void read(const std::string& path, int depth);
  ConfDirectories take() { return std::move(result_); }

 private:
  void add_directory(const std::string& directory, const std::string& from);
  void include(const std::string& pattern, const std::string& from, int depth);
  void report(std::string_view action, const std::string& object, std::string_view reason) {
    result_.problems.push_back({std::string(action), object, std::string(reason)});
  }

  base::Tree& tree_;
  ConfDirectories result_;
  std::unordered_set<std::string> files_;   // canonical paths already read
  std::unordered_set<std::string> places_;  // canonical paths of result_.directories
};

void Reader::read(const std::string& path, int depth) {
  const base::Tree::Resolved place = tree_.resolve(path);
  if (place.kind == base::FileKind::directory || place.error == ENOENT || place.error == ENOTDIR) return;
  if (!files_.insert(place.path).second) return;
  const base::Result<std::string> text = tree_.read_file(path, file_limit);
  if (!text) {
    result_.problems.push_back(text.error());
    return;
  }
  for (const ConfLine& line : parse_ld_so_conf(*text)) {
    if (line.kind == ConfLine::Kind::include) {
      include(line.text, path, depth);
    } else {
      add_directory(line.text, path);
    }
  }
}

void Reader::add_directory(const std::string& directory, const std::string& from) {
  if (!directory.starts_with('/')) {
    report("use directory", directory, "relative, in " + tree_.prefix() + from);
    return;
  }
  const std::string* const place = tree_.resolve_directory(directory);
  if (place != nullptr && places_.insert(*place).second) result_.directories.push_back(directory);
}

void Reader::include(const std::string& pattern, const std::string& from, int depth) {
  if (depth == include_depth_limit) {
    report("include", pattern, "too many files within each other, in " + tree_.prefix() + from);
    return;
  }
  const std::string absolute =
      pattern.starts_with('/') ? pattern : base::join_path(base::split_path(from).first, pattern);
  for (const std::string& path : expand_glob(tree_, absolute, glob_limit)) read(path, depth + 1);
}

}  // namespace

std::vector<ConfLine> parse_ld_so_conf(std::string_view text) {
  std::vector<ConfLine> lines;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (is_include(line)) {
      for (std::string& pattern : split(line.substr(include_keyword.size()), blanks)) {
        lines.push_back({ConfLine::Kind::include, std::move(pattern)});
      }
      continue;
    }
    if (is_hwcap(line)) continue;
    if (const std::string_view directory = trim_directory(line); !directory.empty()) {
      lines.push_back({ConfLine::Kind::directory, std::string(directory)});
    }
  }
  return lines;
}

ConfDirectories read_ld_so_conf(base::Tree& tree, std::string_view path) {
  Reader reader(tree);
  reader.read(std::string(path), 0);
  return reader.take();
}

std::vector<std::string> parse_musl_path(std::string_view text) {
  return split(text.substr(0, text.find('\0')), ":\n");
}

std::vector<std::string> parse_preload(std::string_view text) {
  // What elf/rtld.c does with the file, to the letter: its search for the next '#' starts over at the front of the file
  // but looks only as far as the rest is long. A comment further back can thus survive, its words taken for names.
  std::string file(text);
  std::size_t rest = file.size();
  std::size_t comment = 0;  // nothing before it is a '#' any more
  while (rest > 0) {
    comment = file.find('#', comment);
    if (comment >= rest) break;
    rest -= comment;
    do {
      file[comment] = ' ';
    } while (--rest > 0 && file[++comment] != '\n');
  }
  // A NUL ends the list, but the name that ends with the file is read apart from it.
  constexpr std::string_view separators = ": \t\n";
  const std::size_t last = file.find_last_of(separators) + 1;
  const std::string_view list = std::string_view(file).substr(0, last);
  std::vector<std::string> names = split(list.substr(0, list.find('\0')), separators);
  const std::string_view tail = std::string_view(file).substr(last);
  if (const std::string_view name = tail.substr(0, tail.find('\0')); !name.empty()) names.emplace_back(name);
  return names;
}

}  // namespace revdep::loader
