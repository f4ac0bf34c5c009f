#include "revdep-pax/prompt.h"

#include <string>

namespace revdep::tool {

bool Prompt::confirm(std::string_view path) {
  while (!all_ && !none_) {
    output_ << "Set flags for " << path << " (y/n): ";
    output_.flush();
    std::string answer;
    none_ = !std::getline(input_, answer) || answer == "q" || answer == "Q";
    all_ = answer == "a" || answer == "A";
    if (answer == "y" || answer == "Y") return true;
    if (answer == "n" || answer == "N") return false;
  }
  return all_;
}

}  // namespace revdep::tool
