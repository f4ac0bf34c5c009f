#include "report/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <system_error>

#include "report/capture.h"

namespace revdep::report {
namespace {

TEST(Output, WritesEverythingInOrderWhateverTheSize) {
  Capture capture;
  std::string expected;
  for (int i = 0; i < 40000; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    capture.output() << line;
    expected += line;
  }
  EXPECT_EQ(capture.text(), expected);
}

TEST(Output, AFullDeviceIsAnError) {
  const base::Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  Output output(full.get());
  output << "x";
  try {
    output.flush();
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
    EXPECT_STREQ(error.what(), "cannot write the report: No space left on device");
  }
}

}  // namespace
}  // namespace revdep::report
