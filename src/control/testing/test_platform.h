#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "control/api_handler.h"
#include "control/log_search.h"
#include "control/services.h"
#include "control/tail_sessions.h"
#include "storage/database_log.h"
#include "storage/disk_blobs.h"
#include "storage/files.h"
#include "storage/sqlite_database.h"
#include "storage/testing/held_blobs.h"

// For tests: the API over a real registry in a folder of its own, without a
// network and without V8.
namespace caravel::api {

// Finds what a test tells it to find. Threads: any.
class FakeChecker final : public BundleChecker {
 public:
  Result<CheckedBundle> Check(const base::Fd& bundle,
                              const registry::Version& version,
                              std::string_view worker_name) override;

  // What all that is checked from now on exports beside its default.
  void SetExports(std::vector<std::string> exports);
  // The next checks fail with this.
  void Refuse(Error error);
  // Checks from now on wait for Release().
  void Hold();
  void Release();
  int checks() const;  // that have begun

 private:
  mutable base::Mutex mutex_;
  std::vector<std::string> exports_ CARAVEL_GUARDED_BY(mutex_);
  std::optional<Error> refusal_ CARAVEL_GUARDED_BY(mutex_);
  int checks_ CARAVEL_GUARDED_BY(mutex_) = 0;
  bool held_ CARAVEL_GUARDED_BY(mutex_) = false;
  base::CondVar released_;
};

// Remembers the changes that it heard of. Threads: any.
class FakeObserver final : public PublishObserver {
 public:
  // Whoever has published waits until Release().
  void Hold();
  void Release();
  int waiting() const;
  void Published(registry::Sequence sequence) override;
  void SchedulesChanged() override {}
  void ObservabilityChanged(const registry::WorkerId& worker,
                            const std::string& observability) override;
  uint64_t newest() const;
  // What it heard last of any Worker; "unheard" at first.
  std::string observability() const;

 private:
  mutable base::Mutex mutex_;
  base::CondVar released_;
  bool held_ CARAVEL_GUARDED_BY(mutex_) = false;
  int waiting_ CARAVEL_GUARDED_BY(mutex_) = 0;
  std::string observability_ CARAVEL_GUARDED_BY(mutex_) = "unheard";
  uint64_t newest_ CARAVEL_GUARDED_BY(mutex_) = 0;
};

// A log in memory; one look goes over two events.
class FakeLogs final : public LogSearch {
 public:
  void Append(registry::LogEvent event) { events_.push_back(std::move(event)); }
  Result<LogsFound> Last(const std::set<registry::WorkerId>& workers,
                         const registry::LogQuery& query, uint64_t before,
                         size_t count) override;

 private:
  std::vector<registry::LogEvent> events_;
};

// Remembers the entries that it heard of. Threads: any.
class FakeKvObserver final : public KvObserver {
 public:
  void Changed(std::vector<registry::KvPlace> places) override;
  // Those since the last call.
  std::vector<registry::KvPlace> Take();

 private:
  base::Mutex mutex_;
  std::vector<registry::KvPlace> places_ CARAVEL_GUARDED_BY(mutex_);
};

class TestPlatform {
 public:
  TestPlatform();
  ~TestPlatform();
  TestPlatform(const TestPlatform&) = delete;
  TestPlatform& operator=(const TestPlatform&) = delete;

  const std::string& token() const { return token_; }
  const std::string& account() const { return account_; }
  registry::Registry& registry() { return *registry_; }
  FakeChecker& checker() { return checker_; }
  FakeObserver& observer() { return observer_; }
  TailSessions& tails() { return tails_; }
  FakeLogs& logs() { return logs_; }
  registry::Crons& crons() { return *crons_; }
  registry::AssetUploads& asset_uploads() { return *asset_uploads_; }
  registry::KeptBlobs& kept_blobs() { return *kept_blobs_; }
  FakeKvObserver& kv_observer() { return kv_observer_; }
  storage::KvStore& kv() { return *kv_; }
  storage::Database& database() { return *database_; }
  storage::HeldBlobs& blobs() { return held_blobs_; }
  base::FakeClock& clock() { return clock_; }

  // Without an origin.
  void AddZone(std::string_view name) {
    registry_->zones().Add({account_}, name, "", false).value();
  }
  size_t RoutesOf(std::string_view worker) {
    return registry_->zones().ListRoutesOf({account_}, worker).value().size();
  }

  Services services();

 private:
  const std::filesystem::path folder_;
  base::FakeClock clock_;
  base::NullLog log_;
  storage::SystemFiles files_;
  std::unique_ptr<storage::SqliteDatabase> database_;
  std::unique_ptr<storage::DatabaseLog> changes_;
  std::unique_ptr<storage::DiskBlobs> blobs_;
  storage::HeldBlobs held_blobs_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<registry::KeptBlobs> kept_blobs_;
  std::unique_ptr<registry::AssetUploads> asset_uploads_;
  std::unique_ptr<registry::Crons> crons_;
  std::unique_ptr<storage::DiskBlobs> kv_blobs_;
  std::unique_ptr<storage::KvStore> kv_;
  std::unique_ptr<registry::KvNamespaces> kv_namespaces_;
  std::unique_ptr<registry::AuditLog> audit_;
  FakeKvObserver kv_observer_;
  FakeChecker checker_;
  FakeObserver observer_;
  TailSessions tails_{clock_, [] {}};
  FakeLogs logs_;
  std::string token_;
  std::string account_;
};

// What a client got.
struct TestReply {
  int status = 0;
  boost::json::value json;  // null: the body is none
  std::string body;

  bool success() const { return json.at("success").as_bool(); }
  const boost::json::value& result() const { return json.at("result"); }
  // "10007 message", of the first error; "none".
  std::string error() const;
};

// A client of the API that speaks to the handler directly.
class TestClient {
 public:
  // `platform` outlives the client.
  explicit TestClient(TestPlatform& platform);

  // `path` is below /client/v4; "ACCOUNT" in it stands for the account's id.
  TestReply Send(std::string_view method, std::string_view path,
                 std::string body = {}, std::string content_type = {});
  TestReply Get(std::string_view path) { return Send("GET", path); }

  struct UploadPart {
    std::string name;
    std::string content_type;
    std::string content;
  };
  TestReply Upload(std::string_view method, std::string_view path,
                   std::string_view metadata,
                   const std::vector<UploadPart>& parts);

  // A Worker of one module, uploaded as the first deploy does it.
  TestReply Put(std::string_view name,
                std::string_view metadata = R"({"main_module":"index.js"})");

  // Of the requests from now on.
  void set_token(std::string token) { token_ = std::move(token); }
  void set_host(std::string host) { host_ = std::move(host); }

 private:
  TestPlatform& platform_;
  ApiHandler handler_;
  std::string token_;
  std::string host_ = "localhost:8788";
};

inline const TestClient::UploadPart kIndexModule{
    "index.js", "application/javascript+module", "export default {}"};

}  // namespace caravel::api
