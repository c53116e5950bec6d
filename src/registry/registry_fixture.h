#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "registry/registry.h"
#include "storage/database_log.h"
#include "storage/testing/new_sqlite.h"

// For the tests of the registry: one on a database of its own, with an account.
namespace caravel::registry {

inline NewVersion CodeOf(std::string digest) {
  NewVersion version;
  version.bundle_digest = std::move(digest);
  version.compatibility_date = "2026-01-01";
  version.compatibility_flags = {"nodejs_als"};
  version.handlers = {"fetch"};
  version.startup_ms = 3;
  return version;
}

inline Origin ByWrangler(std::string message = "first") {
  return {.author = "me@example.com",
          .source = "wrangler",
          .annotations = {{"workers/message", std::move(message)}}};
}

// Runs on each engine: the registry's SQL is what is under test, too.
class RegistryTest
    : public ::testing::TestWithParam<std::function<storage::TestDatabase()>> {
 protected:
  void SetUp() override {
    ground_ = GetParam()();
    if (!ground_.unavailable.empty()) GTEST_SKIP() << ground_.unavailable;
    log_ = storage::DatabaseLog::Open(*ground_.database).value();
    registry_ = OpenOn(*ground_.database);
    account_ = registry_->EnsureBootstrap().value().account;
  }

  std::unique_ptr<Registry> OpenOn(storage::Database& database,
                                   std::string domain = "") {
    return Registry::Open(database, *log_, box_, clock_, {std::move(domain)})
        .value();
  }

  Result<Published> Publish(std::string_view worker, const NewVersion& version,
                            const Origin& origin = ByWrangler()) {
    return registry_->Publish(account_.id, worker, version, origin);
  }
  Result<Published> Publish(std::string_view worker, std::string digest) {
    return Publish(worker, CodeOf(std::move(digest)));
  }

  Snapshot LoadSnapshot() { return registry_->LoadSnapshot().value(); }
  PublishedWorker OnlyWorker() {
    Snapshot snapshot = LoadSnapshot();
    CARAVEL_CHECK(snapshot.workers.size() == 1, snapshot.workers.size());
    return snapshot.workers[0];
  }

  storage::TestDatabase ground_;
  base::FakeClock clock_;
  const SecretBox box_{SecretBox::Key{7}};
  std::unique_ptr<storage::Log> log_;
  std::unique_ptr<Registry> registry_;
  Account account_;
};

}  // namespace caravel::registry
