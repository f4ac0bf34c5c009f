#include <algorithm>
#include <string_view>

#include "report/findings.h"

namespace revdep::report {
namespace {

// Never special to a shell, wherever in a word.
bool is_plain_in_shell(char character) {
  constexpr std::string_view marks = "_@%+=:,./-";
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || marks.find(character) != std::string_view::npos;
}

void append_word(std::string& command, const std::string& word) {
  if (!word.empty() && std::ranges::all_of(word, is_plain_in_shell)) {
    command += word;
    return;
  }
  command += '\'';
  for (const char character : word) {
    if (character == '\'') {
      command += R"('\'')";
    } else {
      command += character;
    }
  }
  command += '\'';
}

}  // namespace

std::string shell_command(const std::vector<std::string>& words) {
  std::string command;
  for (const std::string& word : words) {
    if (!command.empty()) command += ' ';
    append_word(command, word);
  }
  return command;
}

}  // namespace revdep::report
