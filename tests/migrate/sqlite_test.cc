#include "migrate/sqlite.h"

#include <gtest/gtest.h>

namespace revdep::migrate {
namespace {

std::unique_ptr<Database> in_memory() { return std::move(Database::open_in_memory().value()); }

TEST(Sqlite, ValuesOfEveryTypeComeBackAsTheyWere) {
  const auto database = in_memory();
  ASSERT_EQ(database->execute("CREATE TABLE t (a, b, c, d, e, f, g)"), std::nullopt);
  const Row row = {std::monostate{},
                   std::int64_t{-1},
                   0.5,
                   std::string("text"),
                   std::string(),
                   Blob{std::string("\0\xff", 2)},
                   Blob{}};
  ASSERT_EQ(database->execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", row), std::nullopt);
  EXPECT_EQ(database->query("SELECT * FROM t").value(), std::vector<Row>{row});
}

TEST(Sqlite, ATransactionThatIsNotCommittedIsRolledBack) {
  const auto database = in_memory();
  ASSERT_EQ(database->execute("CREATE TABLE t (a)"), std::nullopt);
  for (const bool commits : {false, true}) {
    Transaction transaction(*database);
    ASSERT_EQ(transaction.begin(), std::nullopt);
    ASSERT_EQ(database->execute("INSERT INTO t VALUES (1)"), std::nullopt);
    if (commits) {
      EXPECT_EQ(transaction.commit(), std::nullopt);
    }
  }
  EXPECT_EQ(database->query("SELECT count(*) FROM t").value(), (std::vector<Row>{{std::int64_t{1}}}));
}

TEST(Sqlite, AStatementWithoutAnEndIsStoppedAtItsLimit) {
  const auto database = in_memory();
  database->limit_steps(1'000'000);
  const auto rows =
      database->query("WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().reason, "it is not what its size allows");
  database->limit_steps(0);
  EXPECT_TRUE(database->query("SELECT 1"));
}

TEST(Sqlite, AnErrorSaysWhetherItReadOrWrote) {
  const auto database = in_memory();
  EXPECT_EQ(database->query("SELECT * FROM t").error().to_string(),
            "cannot read the journal in memory: no such table: t");
  ASSERT_EQ(database->execute("CREATE TABLE t (a NOT NULL)"), std::nullopt);
  EXPECT_EQ(database->execute("INSERT INTO t VALUES (NULL)")->to_string(),
            "cannot write to the journal in memory: NOT NULL constraint failed: t.a");
}

}  // namespace
}  // namespace revdep::migrate
