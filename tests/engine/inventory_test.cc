#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/records.h"
#include "engine/sample_root.h"
#include "support/elf_builder.h"

namespace revdep::engine_test {
namespace {

using engine::may_be_object;

TEST(MayBeObject, NamesOfTextImagesAndArchivesAreNot) {
  for (const char* const ending :
       {"a",    "bz2", "c",   "cc",  "cfg", "cmake", "conf", "cpp",  "css", "desktop", "dts", "dtsi", "ebuild",
        "el",   "elc", "gif", "gz",  "h",   "hpp",   "htm",  "html", "ico", "ini",     "jar", "jpg",  "js",
        "json", "la",  "lua", "m4",  "md",  "mo",    "ogg",  "otf",  "pc",  "pdf",     "php", "pl",   "pm",
        "png",  "po",  "pod", "py",  "pyc", "pyi",   "pyo",  "qml",  "rb",  "rst",     "sh",  "svg",  "svgz",
        "tcl",  "tex", "ttf", "txt", "vim", "wav",   "xml",  "xpm",  "xz",  "yaml",    "yml", "zip",  "zst"}) {
    EXPECT_FALSE(may_be_object(std::string("/usr/share/x.") + ending)) << ending;
  }
}

TEST(MayBeObject, EverythingElseMayBeOne) {
  for (const char* const path :
       {"/usr/bin/perl", "/usr/lib64/libfoo.so", "/usr/lib64/libfoo.so.1.0", "/usr/bin/python3.11", "/lib/modules/x.ko",
        "/usr/lib64/obj.o", "/opt/x.d/program", "/opt/my app.bin", "/opt/.hidden", "/opt/.py", "/opt/x.", "/opt/x.PY",
        "/opt/x.node", "/opt/x.exe", "/opt/libx.so.debug", "/opt/prog.c "}) {
    EXPECT_TRUE(may_be_object(path)) << path;
  }
}

struct Read {
  explicit Read(const std::string& root)
      : tree(std::move(*base::Tree::open(root))), database(std::move(*vdb::Database::open(root + "/var/db/pkg"))) {
    engine::SecondReader second_reader;
    inventory = engine::read_vdb_inventory(tree, database, second_reader, [](engine::Record&) {});
  }
  const engine::Record* find(std::string_view path) const {
    for (const engine::Record& record : inventory.records) {
      if (record.path == path) return &record;
    }
    return nullptr;
  }
  base::Tree tree;
  vdb::Database database;
  engine::Inventory inventory;
};

TEST(VdbInventory, RecordsAreSortedByCanonicalPathEachOnce) {
  const SampleRoot root;
  const Read read(root.path());
  for (std::size_t index = 1; index < read.inventory.records.size(); ++index) {
    EXPECT_LT(read.inventory.records[index - 1].path, read.inventory.records[index].path);
  }
  EXPECT_EQ(read.inventory.packages.size(), 14U);
  EXPECT_THAT(read.inventory.incomplete, testing::IsEmpty());
}

TEST(VdbInventory, APathThroughADirectorySymlinkIsTheCanonicalFile) {
  const SampleRoot root;
  root.replace_in(root.database("app-test/links-1/NEEDED.ELF.2"), "/usr/real/inreal", "/usr/linkdir/inreal");
  const Read read(root.path());
  EXPECT_NE(read.find("/usr/real/inreal"), nullptr);
  EXPECT_EQ(read.find("/usr/linkdir/inreal"), nullptr);
}

TEST(VdbInventory, OfAListedFileThatIsNotThereOnlyThePackageIsNoted) {
  const SampleRoot root;
  std::filesystem::remove(root / "usr/bin/only");
  const Read read(root.path());
  EXPECT_EQ(read.find("/usr/bin/only"), nullptr);
  ASSERT_EQ(read.inventory.incomplete.size(), 1U);
  EXPECT_EQ(to_string(read.inventory.packages[read.inventory.incomplete.begin()->index()]), "app-solo/only-1");
  EXPECT_THAT(read.inventory.problems, testing::IsEmpty());
}

TEST(VdbInventory, AFileThatTwoPackagesDescribeDifferentlyIsRead) {
  const SampleRoot root;
  root.append("virtual/empty-1/NEEDED.ELF.2", "X86_64;/usr/bin/only;;;libgone.so.1;x86_64\n");
  const Read read(root.path());
  ASSERT_NE(read.find("/usr/bin/only"), nullptr);
  EXPECT_TRUE(read.find("/usr/bin/only")->facts_needed);
  EXPECT_FALSE(read.find("/usr/bin/foouser")->facts_needed);
}

TEST(FilesystemInventory, TreesAreSearchedBelowAndDirectoriesAreNot) {
  const support::TempDir root;
  support::write_file(root / "bin/one", "");
  support::write_file(root / "bin/sub/two", "");
  support::write_file(root / "opt/a/b/three", "");
  support::write_file(root / "opt/four.py", "");
  std::filesystem::create_symlink("/bin/one", root / "opt/link");
  std::filesystem::create_directory_symlink("..", root / "opt/a/up");
  auto tree = base::Tree::open(root.string());
  ASSERT_TRUE(tree);
  const engine::Inventory inventory =
      engine::read_filesystem_inventory(*tree, {"/bin", "/no/such"}, {"/opt", "/gone"}, [](engine::Record&) {});
  std::vector<std::string> paths;
  for (const engine::Record& record : inventory.records) paths.push_back(record.path);
  EXPECT_THAT(paths, testing::ElementsAre("/bin/one", "/opt/a/b/three"));
  // A directory of $PATH may be absent; a tree was asked for by name.
  ASSERT_EQ(inventory.problems.size(), 1U);
  EXPECT_EQ(inventory.problems[0].object, root.string() + "/gone");
}

}  // namespace
}  // namespace revdep::engine_test
