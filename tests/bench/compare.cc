// Times whole commands against each other, in turn, so that a machine that drifts drifts for all of them.
//
// Usage: compare RUNS COMMAND... : each COMMAND is one word for /bin/sh. Prints per command the minimum, median and
// maximum wall time in ms and its peak memory, and for all but the first the median of its ratios to the first.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Run {
  double milliseconds = 0;
  long peak_kib = 0;
};

Run time_once(const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    // exec: the shell is not to be a second process in what is measured.
    const std::string line = "exec " + command;
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    std::_Exit(127);
  }
  int status = 0;
  struct rusage usage {};
  ::wait4(child, &status, 0, &usage);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
    std::fprintf(stderr, "compare: '%s' failed\n", command.c_str());
    std::exit(1);
  }
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), usage.ru_maxrss};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 2 ? std::atoi(argv[1]) : 0;
  if (runs < 1) {
    std::fputs("usage: compare RUNS COMMAND...\n", stderr);
    return 2;
  }
  const std::vector<std::string> commands(argv + 2, argv + argc);
  std::vector<std::vector<double>> times(commands.size());
  std::vector<std::vector<double>> ratios(commands.size());
  std::vector<long> peaks(commands.size());
  for (int run = -1; run < runs; ++run) {
    for (std::size_t index = 0; index < commands.size(); ++index) {
      const Run result = time_once(commands[index]);
      if (run < 0) continue;  // warm-up
      times[index].push_back(result.milliseconds);
      ratios[index].push_back(result.milliseconds / times[0].back());
      peaks[index] = std::max(peaks[index], result.peak_kib);
    }
  }
  for (std::size_t index = 0; index < commands.size(); ++index) {
    const auto [low, high] = std::minmax_element(times[index].begin(), times[index].end());
    std::printf("%8.2f %8.2f %8.2f ms  %7ld KiB  %5.2fx  %s\n", *low, median(times[index]), *high, peaks[index],
                median(ratios[index]), commands[index].c_str());
  }
  return 0;
}
