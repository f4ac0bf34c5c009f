// revdep-paxd: PaX markings, given again after each install.
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "revdep-paxd/options.h"
#include "revdep-paxd/run.h"

int main(int argc, char** argv) {
  constexpr int unusable = 2;
  try {
    // A reader that goes away is an error of write(), not the end of a run that may be marking files.
    std::signal(SIGPIPE, SIG_IGN);
    const auto parsed = revdep::daemon::parse_options(std::vector<std::string>(argv + 1, argv + argc));
    if (parsed.complaint.empty()) return revdep::daemon::run(parsed.options);
    std::cerr << "revdep-paxd: " << parsed.complaint << '\n' << revdep::daemon::usage_text();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::broken_pipe) std::cerr << "revdep-paxd: " << error.what() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "revdep-paxd: " << error.what() << '\n';
  }
  return unusable;
}
