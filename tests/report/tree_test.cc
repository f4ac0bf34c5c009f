#include "report/tree.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/capture.h"

namespace revdep::report {
namespace {

using loader::How;

Tree example() {
  return {"/usr/bin/x",
          "X86_64",
          {{1, "liba.so.1", "/opt/liba.so.1", "/usr/bin/x", How::runpath},
           {2, "libb.so.1", "/opt/libb.so.1", "/opt/liba.so.1", How::rpath},
           {3, "libc.so.6", "/lib64/libc.so.6", "", How::loaded},
           {2, "libgone.so", "", "", How::not_found},
           {1, "libc.so.6", "/lib64/libc.so.6", "", How::cache},
           {2, "ld.so.2", "/lib64/ld.so.2", "", How::interpreter}}};
}

TEST(TreeText, HasEachNeededEntryUnderItsRequesterWithTheReason) {
  Capture capture;
  write_tree_text(capture.output(), example());
  EXPECT_EQ(capture.text(),
            "/usr/bin/x :X86_64\n"
            "  liba.so.1 => /opt/liba.so.1 (runpath of /usr/bin/x)\n"
            "    libb.so.1 => /opt/libb.so.1 (rpath of /opt/liba.so.1)\n"
            "      libc.so.6 => /lib64/libc.so.6 (already loaded)\n"
            "    libgone.so => not found\n"
            "  libc.so.6 => /lib64/libc.so.6 (ld.so.cache)\n"
            "    ld.so.2 => /lib64/ld.so.2 (interpreter)\n");
}

TEST(TreeJson, NestsAsTheTextDoes) {
  Capture capture;
  write_tree_json(capture.output(), example());
  const auto leaf = [](const char* soname, const char* path, const char* how) {
    return nlohmann::json{{"soname", soname}, {"path", path}, {"how", how}, {"libraries", nlohmann::json::array()}};
  };
  nlohmann::json gone = leaf("libgone.so", "", "not_found");
  gone["path"] = nullptr;
  nlohmann::json libb = leaf("libb.so.1", "/opt/libb.so.1", "rpath");
  libb["owner"] = "/opt/liba.so.1";
  libb["libraries"] = {leaf("libc.so.6", "/lib64/libc.so.6", "loaded")};
  nlohmann::json liba = leaf("liba.so.1", "/opt/liba.so.1", "runpath");
  liba["owner"] = "/usr/bin/x";
  liba["libraries"] = {libb, gone};
  nlohmann::json libc = leaf("libc.so.6", "/lib64/libc.so.6", "cache");
  libc["libraries"] = {leaf("ld.so.2", "/lib64/ld.so.2", "interpreter")};
  const nlohmann::json expected = {
      {"schema", 1}, {"kind", "tree"}, {"path", "/usr/bin/x"}, {"abi", "X86_64"}, {"libraries", {liba, libc}}};
  EXPECT_EQ(nlohmann::json::parse(capture.text()), expected);
}

TEST(TreeJson, OfAnObjectThatNeedsNothingHasNoLibraries) {
  Capture capture;
  write_tree_json(capture.output(), {"/x", "X86_64", {}});
  EXPECT_EQ(nlohmann::json::parse(capture.text())["libraries"], nlohmann::json::array());
}

TEST(Reason, NamesTheOwnerOfASearchPathEscaped) {
  EXPECT_EQ(reason(How::runpath, "/a\nb"), "runpath of /a\\x0ab");
  EXPECT_EQ(reason(How::directory, ""), "default directory");
  EXPECT_EQ(reason(How::path, ""), "path");
}

TEST(Chain, HasOneObjectALineWithTheSonameThatReachesIt) {
  const std::vector<ChainLink> chain = {{"", "/usr/bin/x"}, {"liba.so.1", "/opt/liba.so.1"}};
  Capture text;
  write_chain_text(text.output(), chain);
  EXPECT_EQ(text.text(), "/usr/bin/x\nliba.so.1\t/opt/liba.so.1\n");
  Capture json;
  write_chain_json(json.output(), chain);
  EXPECT_EQ(nlohmann::json::parse(json.text()), nlohmann::json::parse(R"({"schema": 1, "kind": "chain", "chain": [
                {"soname": null, "path": "/usr/bin/x"}, {"soname": "liba.so.1", "path": "/opt/liba.so.1"}]})"));
}

}  // namespace
}  // namespace revdep::report
