#include "storage/postgres_sql.h"

namespace caravel::storage {
namespace {

TEST(PostgresSqlTest, NumbersPlaceholdersInOrder) {
  EXPECT_EQ(ToPostgresSql("SELECT a FROM t WHERE a = ? AND b=?"),
            "SELECT a FROM t WHERE a = $1 AND b=$2");
}

TEST(PostgresSqlTest, NamesTypesAsPostgresDoes) {
  EXPECT_EQ(ToPostgresSql("a INTEGER, b REAL, c BLOB, d TEXT"),
            "a BIGINT, b DOUBLE PRECISION, c BYTEA, d TEXT");
  EXPECT_EQ(ToPostgresSql("INTEGERS, a_REAL, BLOB2"),
            "INTEGERS, a_REAL, BLOB2");
}

TEST(PostgresSqlTest, LeavesQuotesAndCommentsAlone) {
  for (const char* sql :
       {"'what? BLOB'", "'it''s ?'", "\"REAL?\"", "-- ? INTEGER\n", "/* ? */",
        "'open ?", "-- ?", "/* ?"}) {
    EXPECT_EQ(ToPostgresSql(sql), sql);
  }
  EXPECT_EQ(ToPostgresSql("'?' ? /*?*/ ?"), "'?' $1 /*?*/ $2");
}

}  // namespace
}  // namespace caravel::storage
