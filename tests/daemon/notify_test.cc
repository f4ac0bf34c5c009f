// What a service manager hears: by its socket, and when.
#include "revdep-paxd/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <regex>

#include "daemon/daemon_fixture.h"

namespace revdep::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// The manager's end. A message that does not come within twenty seconds is an empty one.
class Manager {
 public:
  explicit Manager(std::string address) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address[0] == '@') address[0] = '\0';
    std::memcpy(name.sun_path, address.data(), address.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    const timeval longest{20, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  }

  std::string next() {
    std::array<char, 4096> message{};
    const ssize_t size = ::recv(socket_.get(), message.data(), message.size(), 0);
    return {message.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  base::Fd socket_;
};

TEST(Notifier, SendsToAPathAndToAnAbstractName) {
  const support::TempDir directory;
  for (const std::string& address : {directory.string() + "/notify", "@revdep-test-" + std::to_string(::getpid())}) {
    Manager manager(address);
    Notifier(address.c_str()).send("READY=1\nSTATUS=fine");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=fine") << address;
  }
}

TEST(Notifier, WithoutAManagerNothingIsSent) {
  for (const char* const address : {static_cast<const char*>(nullptr), "", "relative", "/nobody/listens"}) {
    Notifier(address).send("READY=1");
  }
  Notifier(('/' + std::string(200, 'x')).c_str()).send("READY=1");
}

TEST(Watchdog, HearsTwiceInItsInterval) {
  using std::chrono::microseconds;
  EXPECT_EQ(watchdog_interval("60000000", nullptr, 7), microseconds(30'000'000));
  EXPECT_EQ(watchdog_interval("60000000", "7", 7), microseconds(30'000'000));
  EXPECT_EQ(watchdog_interval("60000000", "8", 7), std::nullopt) << "it watches another process";
  EXPECT_EQ(watchdog_interval(nullptr, "7", 7), std::nullopt);
  for (const char* const usec : {"", "0", "1", "-5", "1s", "99999999999999999999"}) {
    EXPECT_EQ(watchdog_interval(usec, nullptr, 7), std::nullopt) << usec;
  }
}

class Service : public DaemonTest {
 protected:
  [[nodiscard]] std::string address() const { return "@revdep-test-" + root(); }
};

TEST_F(Service, IsReadyOnceTheFirstTurnIsOver) {
  Manager manager(address());
  DaemonProcess daemon(root(), {}, {{"NOTIFY_SOCKET", address()}});
  std::string message = manager.next();
  while (message.starts_with("STATUS=")) message = manager.next();
  EXPECT_EQ(message, "READY=1\nSTATUS=4 objects known, 1 marked and 0 withdrawn since the start, 0 pending");
  EXPECT_EQ(marked("/usr/bin/a"), "em");
}

TEST_F(Service, TellsThatItReloadsAndStops) {
  Manager manager(address());
  DaemonProcess daemon(root(), {}, {{"NOTIFY_SOCKET", address()}});
  const auto skip_status = [&manager] {
    std::string message = manager.next();
    while (message.starts_with("STATUS=")) message = manager.next();
    return message;
  };
  EXPECT_THAT(skip_status(), StartsWith("READY=1"));
  for (const char* const text : {"mark /usr/bin/plain em\n", "mrak\n"}) {
    write(rules, text);
    daemon.send(SIGHUP);
    EXPECT_TRUE(std::regex_match(skip_status(), std::regex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*"))) << text;
    EXPECT_THAT(skip_status(), StartsWith("READY=1")) << text;
  }
  daemon.send(SIGTERM);
  EXPECT_EQ(skip_status(), "STOPPING=1");
  EXPECT_EQ(daemon.wait(), 0);
}

TEST_F(Service, IsReadyWithoutADatabase) {
  std::filesystem::remove_all(file("/var/db/pkg"));
  Manager manager(address());
  DaemonProcess daemon(root(), {}, {{"NOTIFY_SOCKET", address()}});
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=waits for the package database");
}

TEST_F(Service, KeepsTheWatchdogQuiet) {
  Manager manager(address());
  DaemonProcess daemon(root(), {}, {{"NOTIFY_SOCKET", address()}, {"WATCHDOG_USEC", "20000"}});
  int heard = 0;
  for (int messages = 0; messages < 20 && heard < 3; ++messages) heard += manager.next() == "WATCHDOG=1" ? 1 : 0;
  EXPECT_EQ(heard, 3);
}

}  // namespace
}  // namespace revdep::daemon
