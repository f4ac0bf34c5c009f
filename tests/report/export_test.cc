#include "report/export.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/capture.h"

namespace revdep::report {
namespace {

nlohmann::json exported(const std::vector<ExportedObject>& objects, const std::vector<ExportedPackage>& packages) {
  Capture capture;
  write_export(capture.output(), objects, packages);
  return nlohmann::json::parse(capture.text());
}

TEST(Export, HasObjectsEdgesBothMapsAndPackages) {
  const std::vector<ExportedObject> objects = {
      {"/bin/a",
       "app/a-1",
       "X86_64",
       "",
       "/lib64/ld.so",
       letters("em"),
       {{"libx.so.1", "/lib64/libx.so.1"}, {"libgone.so", ""}}},
      {"/bin/b", "", "X86_64", "", "", std::nullopt, {{"libx.so.1", "/lib64/libx.so.1"}}},
      {"/lib/libx.so.1", "lib/x-2", "386", "libx.so.1", "", std::nullopt, {}}};
  const std::vector<ExportedPackage> packages = {
      {{"app", "a-1"}, {"0/2", "amd64  ~arm64\n", "x86_64-pc-linux-gnu", "gentoo"}}, {{"lib", "x-2"}, {}}};
  EXPECT_EQ(exported(objects, packages), nlohmann::json::parse(R"({
    "schema": 1, "kind": "export",
    "packages": [
      {"category": "app", "pf": "a-1", "slot": "0/2", "keywords": ["amd64", "~arm64"], "chost": "x86_64-pc-linux-gnu",
       "repository": "gentoo"},
      {"category": "lib", "pf": "x-2", "slot": null, "keywords": [], "chost": null, "repository": null}],
    "objects": [
      {"path": "/bin/a", "package": "app/a-1", "abi": "X86_64", "soname": null, "interpreter": "/lib64/ld.so",
       "marking": "-em--",
       "needed": [{"soname": "libx.so.1", "path": "/lib64/libx.so.1"}, {"soname": "libgone.so", "path": null}]},
      {"path": "/bin/b", "package": null, "abi": "X86_64", "soname": null, "interpreter": null, "marking": null,
       "needed": [{"soname": "libx.so.1", "path": "/lib64/libx.so.1"}]},
      {"path": "/lib/libx.so.1", "package": "lib/x-2", "abi": "386", "soname": "libx.so.1", "interpreter": null,
       "marking": null, "needed": []}],
    "direct": {"386": {"/lib/libx.so.1": []},
               "X86_64": {"/bin/a": ["libx.so.1", "libgone.so"], "/bin/b": ["libx.so.1"]}},
    "inverse": {"X86_64": {"libgone.so": ["/bin/a"], "libx.so.1": ["/bin/a", "/bin/b"]}}})"));
}

TEST(Export, OfAnEmptySystemIsADocumentToo) {
  EXPECT_EQ(exported({}, {}), nlohmann::json::parse(R"({"schema": 1, "kind": "export", "packages": [], "objects": [],
                                                        "direct": {}, "inverse": {}})"));
}

TEST(Export, NamesThatAreNotUtf8HaveTheirBytesBesideThem) {
  const nlohmann::json document = exported({{"/\xff", "", "X86_64", "", "", std::nullopt, {}}}, {});
  EXPECT_EQ(document["objects"][0]["path"], "/\\xff");
  EXPECT_EQ(document["objects"][0]["path_bytes"], "L/8=");
  EXPECT_TRUE(document["direct"]["X86_64"].contains("/\\xff"));
}

}  // namespace
}  // namespace revdep::report
