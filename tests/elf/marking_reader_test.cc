#include "elf/marking_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstring>

#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::elf {
namespace {

using elf_builder::Object;
using support::TempDir;

class ReadMarkedObject : public testing::Test {
 protected:
  ReadMarkedObject() {
    Object object = elf_builder::program({"libc.so.6"});
    object.pax_flags = {0x2800};
    object.ident_padding[5] = 4;
    elf_builder::write_object(directory_ / "prog", object);
  }

  base::Result<MarkedObject> read(std::string_view path) {
    base::Result<base::Tree> tree = base::Tree::open(directory_.string());
    if (!tree.ok()) return tree.error();
    return read_marked_object(*tree, path);
  }
  std::string reason(std::string_view path) {
    const base::Result<MarkedObject> object = read(path);
    return object.ok() ? "" : object.error().reason;
  }
  void set_xattr(const std::string& value) {
    const int error = ::setxattr((directory_ / "prog").c_str(), pax::xattr_name, value.data(), value.size(), 0);
    if (error != 0 && errno == ENOTSUP) GTEST_SKIP() << "no user xattrs on " << directory_.string();
    ASSERT_EQ(error, 0) << std::strerror(errno);
  }

  TempDir directory_;
};

TEST_F(ReadMarkedObject, GivesAllStoresHeadAndStatus) {
  const base::Result<MarkedObject> object = read("/prog");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(object->stores.xattr, std::nullopt);
  EXPECT_EQ(object->stores.header, 0x2800U);
  EXPECT_EQ(object->stores.ei_pax, 4);
  EXPECT_EQ(object->head.interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_EQ(object->status.st_mode & 07777U, 0755U);
}

TEST_F(ReadMarkedObject, WithoutAHeaderThereIsNone) {
  elf_builder::write_object(directory_ / "plain", elf_builder::program({}));
  const base::Result<MarkedObject> object = read("/plain");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(object->stores, pax::Stores{});
}

TEST_F(ReadMarkedObject, AnEmptyXattrIsPresent) {
  ASSERT_NO_FATAL_FAILURE(set_xattr(""));
  if (IsSkipped()) return;
  EXPECT_EQ(read("/prog")->stores.xattr, "");
}

TEST_F(ReadMarkedObject, FiveBytesOfXattrAreKept) {
  ASSERT_NO_FATAL_FAILURE(set_xattr("pEmRs"));
  if (IsSkipped()) return;
  EXPECT_EQ(read("/prog")->stores.xattr, "pEmRs");
}

TEST_F(ReadMarkedObject, ALongerXattrIsKeptUpToItsSixthByteAndVoid) {
  for (const std::string& value : {std::string("pEmRsP"), std::string("pEmRs\n"), "pEmRsX" + std::string(94, 'x')}) {
    ASSERT_NO_FATAL_FAILURE(set_xattr(value));
    if (IsSkipped()) return;
    const base::Result<MarkedObject> object = read("/prog");
    ASSERT_TRUE(object.ok());
    ASSERT_TRUE(object->stores.xattr);
    EXPECT_EQ(*object->stores.xattr, value.substr(0, 6));
    EXPECT_EQ(pax::parse_letters(*object->stores.xattr), std::nullopt);
  }
}

TEST_F(ReadMarkedObject, AnErrorNamesTheWholePath) {
  const base::Result<MarkedObject> object = read("/absent");
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error().to_string(), "cannot open " + directory_.string() + "/absent: No such file or directory");
}

TEST_F(ReadMarkedObject, ASymlinkIsNotFollowed) {
  std::filesystem::create_symlink("prog", directory_ / "link");
  EXPECT_EQ(reason("/link"), "Too many levels of symbolic links");
}

TEST_F(ReadMarkedObject, AFifoIsNoObjectAndDoesNotBlock) {
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(reason("/fifo"), "not a regular file");
}

TEST_F(ReadMarkedObject, ADirectoryADeviceAndASocketAreNoObjects) {
  std::filesystem::create_directory(directory_ / "directory");
  const base::Result<MarkedObject> inside = read("/directory");
  ASSERT_FALSE(inside.ok());
  EXPECT_EQ(inside.error().to_string(), "cannot read " + directory_.string() + "/directory: not a regular file");
  const int device = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const base::Result<MarkedObject> object = read_marked_object(device, "/dev/null");
  ::close(device);
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error().to_string(), "cannot read /dev/null: not a regular file");
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_FALSE(read_marked_object(socket, "socket").ok());
  ::close(socket);
}

TEST_F(ReadMarkedObject, OtherFilesAreNoElfObjects) {
  support::write_file(directory_ / "script", "#!/bin/sh\n");
  support::write_file(directory_ / "empty", "");
  EXPECT_EQ(reason("/script"), "not an ELF object");
  EXPECT_EQ(reason("/empty"), "not an ELF object");
}

TEST_F(ReadMarkedObject, TheGivenDescriptorStaysOpenAndWhereItWas) {
  const base::Fd fd(::open((directory_ / "prog").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(read_marked_object(fd.get(), "prog").ok());
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_CUR), 0);
}

}  // namespace
}  // namespace revdep::elf
