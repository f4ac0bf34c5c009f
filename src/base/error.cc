#include "base/error.h"

#include <system_error>

namespace revdep::base {

std::string Error::to_string() const {
  std::string text = "cannot " + action;
  if (!object.empty()) text += ' ' + object;
  return text + ": " + reason;
}

Error system_error(std::string_view action, std::string_view object, int error_number) {
  return {std::string(action), std::string(object), std::generic_category().message(error_number)};
}

}  // namespace revdep::base
