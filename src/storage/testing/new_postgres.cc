#include "storage/testing/new_postgres.h"

#include <gtest/gtest.h>

#include "storage/postgres_database.h"
#include "storage/testing/postgres_server.h"

namespace caravel::storage {
namespace {

constexpr size_t kConnections = 4;

class SharedServer : public ::testing::Environment {
 public:
  void TearDown() override { server_.reset(); }

  std::string NewDatabase() {
    if (server_ == nullptr) server_ = PostgresServer::Start().value();
    return server_->MakeDatabase(fmt::format("test_{}", ++databases_)).value();
  }

 private:
  std::unique_ptr<PostgresServer> server_;
  int databases_ = 0;
};

}  // namespace

std::string NewPostgresAddress() {
  // GoogleTest owns it, and tears it down behind the last test.
  static auto* const shared = static_cast<SharedServer*>(
      ::testing::AddGlobalTestEnvironment(new SharedServer()));
  return shared->NewDatabase();
}

TestDatabase NewPostgres() {
  TestDatabase test;
  if (!PostgresServer::IsInstalled()) {
    test.unavailable = kNoPostgres;
    return test;
  }
  const std::string address = NewPostgresAddress();
  test.open_again = [address]() -> std::unique_ptr<Database> {
    return PostgresDatabase::Open(address, kConnections).value();
  };
  test.database = test.open_again();
  return test;
}

}  // namespace caravel::storage
