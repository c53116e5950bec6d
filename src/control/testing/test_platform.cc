#include "control/testing/test_platform.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <cstdlib>

#include "base/random.h"
#include "control/endpoints.h"
#include "registry/bundle.h"

namespace caravel::api {
namespace {

// 2026-11-24, noon UTC.
constexpr base::WallTime kNow{
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) +
    std::chrono::hours(12)};

std::filesystem::path NewFolder() {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      fmt::format("caravel-control-{}", base::RandomHex(8));
  std::filesystem::create_directory(folder);
  return folder;
}

}  // namespace

Result<CheckedBundle> FakeChecker::Check(const base::Fd& bundle,
                                         const registry::Version&,
                                         std::string_view) {
  CARAVEL_TRY(registry::Bundle::Map(bundle));
  const base::MutexLock lock(mutex_);
  ++checks_;
  while (held_) released_.Wait(mutex_);
  if (refusal_) return refusal_->Clone();
  CheckedBundle checked;
  checked.handlers = {"fetch"};
  checked.exports = exports_;
  checked.startup = std::chrono::milliseconds(7);
  CARAVEL_TRY(checked.code_cache, base::SealedMemoryFile("cache", "cached"));
  return checked;
}

void FakeChecker::SetExports(std::vector<std::string> exports) {
  const base::MutexLock lock(mutex_);
  exports_ = std::move(exports);
}

void FakeChecker::Refuse(Error error) {
  const base::MutexLock lock(mutex_);
  refusal_ = std::move(error);
}

void FakeChecker::Hold() {
  const base::MutexLock lock(mutex_);
  held_ = true;
}

void FakeChecker::Release() {
  const base::MutexLock lock(mutex_);
  held_ = false;
  released_.NotifyAll();
}

int FakeChecker::checks() const {
  const base::MutexLock lock(mutex_);
  return checks_;
}

void FakeObserver::Published(registry::Sequence sequence) {
  const base::MutexLock lock(mutex_);
  newest_ = sequence.value;
  ++waiting_;
  while (held_) released_.Wait(mutex_);
  --waiting_;
}

void FakeObserver::Hold() {
  const base::MutexLock lock(mutex_);
  held_ = true;
}

void FakeObserver::Release() {
  const base::MutexLock lock(mutex_);
  held_ = false;
  released_.NotifyAll();
}

int FakeObserver::waiting() const {
  const base::MutexLock lock(mutex_);
  return waiting_;
}

void FakeObserver::ObservabilityChanged(const registry::WorkerId&,
                                        const std::string& observability) {
  const base::MutexLock lock(mutex_);
  observability_ = observability;
}

std::string FakeObserver::observability() const {
  const base::MutexLock lock(mutex_);
  return observability_;
}

uint64_t FakeObserver::newest() const {
  const base::MutexLock lock(mutex_);
  return newest_;
}

void FakeKvObserver::Changed(std::vector<registry::KvPlace> places) {
  const base::MutexLock lock(mutex_);
  for (registry::KvPlace& place : places) places_.push_back(std::move(place));
}

std::vector<registry::KvPlace> FakeKvObserver::Take() {
  const base::MutexLock lock(mutex_);
  return std::exchange(places_, {});
}

TestPlatform::TestPlatform()
    : folder_(NewFolder()),
      clock_(kNow),
      blobs_(storage::DiskBlobs::Open((folder_ / "blobs").string(), files_)
                 .value()),
      held_blobs_(*blobs_) {
  database_ =
      storage::SqliteDatabase::Open((folder_ / "registry.db").string()).value();
  changes_ = storage::DatabaseLog::Open(*database_).value();
  auto secrets =
      registry::SecretBox::Open((folder_ / "secrets.key").string()).value();
  registry_ =
      registry::Registry::Open(*database_, *changes_, secrets, clock_, {})
          .value();
  kept_blobs_ =
      std::make_unique<registry::KeptBlobs>(*database_, held_blobs_, clock_);
  asset_uploads_ = std::make_unique<registry::AssetUploads>(*database_, clock_);
  crons_ = std::make_unique<registry::Crons>(*database_, clock_);
  kv_blobs_ =
      storage::DiskBlobs::Open((folder_ / "kv").string(), files_).value();
  kv_ = storage::KvStore::Open(*database_, *database_, *kv_blobs_, clock_)
            .value();
  kv_namespaces_ =
      registry::KvNamespaces::Open(*database_, *kv_, clock_).value();
  audit_ = registry::AuditLog::Open(*database_, clock_, log_, {}).value();
  const auto bootstrap = registry_->EnsureBootstrap().value();
  token_ = bootstrap.token.value();
  account_ = bootstrap.account.id.value;
}

TestPlatform::~TestPlatform() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<LogsFound> FakeLogs::Last(const std::set<registry::WorkerId>& workers,
                                 const registry::LogQuery& query,
                                 uint64_t before, size_t count) {
  constexpr size_t kLook = 2;
  LogsFound found;
  found.before = before == 0 ? events_.size() + 1 : before;
  for (size_t i = 0; i < kLook && found.before > 1; ++i) {
    if (found.events.size() == count) break;
    const registry::LogEvent& event = events_[--found.before - 1];
    if (workers.contains(event.worker) && Matches(query, event)) {
      found.events.push_back(event);
      found.bytes += base::Encode(event).size();
    }
  }
  found.more = found.before > 1;
  return found;
}

Services TestPlatform::services() {
  return {.registry = *registry_,
          .blobs = held_blobs_,
          .kept_blobs = *kept_blobs_,
          .asset_uploads = *asset_uploads_,
          .checker = checker_,
          .observer = observer_,
          .tails = tails_,
          .logs = logs_,
          .crons = *crons_,
          .kv_namespaces = *kv_namespaces_,
          .kv = *kv_,
          .kv_observer = kv_observer_,
          .audit = *audit_,
          .clock = clock_,
          .log = log_,
          .worker_port = 8787};
}

std::string TestReply::error() const {
  const auto& errors = json.at("errors").as_array();
  if (errors.empty()) return "none";
  return fmt::format("{} {}", errors[0].at("code").as_int64(),
                     errors[0].at("message").as_string().c_str());
}

TestClient::TestClient(TestPlatform& platform)
    : platform_(platform),
      handler_(platform.services(), Endpoints(), {}),
      token_(platform.token()) {}

TestReply TestClient::Send(std::string_view method, std::string_view path,
                           std::string body, std::string content_type) {
  constexpr std::string_view kAccount = "ACCOUNT";
  net::RequestHead head;
  head.method = method;
  head.authority = host_;
  head.target = fmt::format("/client/v4{}", path);
  if (const size_t at = head.target.find(kAccount); at != std::string::npos) {
    head.target.replace(at, kAccount.size(), platform_.account());
  }
  if (!token_.empty()) {
    head.headers.Add("authorization", fmt::format("Bearer {}", token_));
  }
  if (!content_type.empty()) head.headers.Add("content-type", content_type);
  head.headers.Add("user-agent", "wrangler/4.164.0");
  head.client = "192.0.2.7";

  const Admission admission = handler_.Admit(head);
  const Reply reply = admission.refusal
                          ? *admission.refusal
                          : handler_.Run(admission, std::move(body));
  boost::json::error_code not_json;
  return {.status = reply.status,
          .json = boost::json::parse(reply.body, not_json),
          .body = reply.body};
}

TestReply TestClient::Upload(std::string_view method, std::string_view path,
                             std::string_view metadata,
                             const std::vector<UploadPart>& parts) {
  std::string body = fmt::format(
      "--XX\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{}\r\n",
      metadata);
  for (const UploadPart& part : parts) {
    body += fmt::format(
        "--XX\r\nContent-Disposition: form-data; name=\"{0}\"; "
        "filename=\"{0}\"\r\nContent-Type: {1}\r\n\r\n{2}\r\n",
        part.name, part.content_type, part.content);
  }
  return Send(method, path, body + "--XX--\r\n",
              "multipart/form-data; boundary=XX");
}

TestReply TestClient::Put(std::string_view name, std::string_view metadata) {
  return Upload("PUT",
                fmt::format("/accounts/ACCOUNT/workers/scripts/{}", name),
                metadata, {kIndexModule});
}

}  // namespace caravel::api
