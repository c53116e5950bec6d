#include "host/fetch_cache.h"

#include <algorithm>
#include <array>
#include <utility>

#include "host/freshness.h"

namespace caravel::host {
namespace {

constexpr std::string_view kStatusField = "CF-Cache-Status";
constexpr int64_t kMostSeconds = int64_t{60} * 60 * 24 * 366;
// Of an answer that is kept, what was meant for who asked for it.
constexpr std::array<std::string_view, 4> kNotKept = {kStatusField, "Age",
                                                      "Set-Cookie", "CF-Ray"};

net::ResponseHead With(const net::ResponseHead& head, std::string_view status) {
  net::ResponseHead told;
  told.status = head.status;
  told.reason = head.reason;
  told.body_size = head.body_size;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const net::Headers::Field field = head.headers[i];
    if (net::EqualsIgnoringCase(field.name, kStatusField)) continue;
    told.headers.Add(field.name, field.value);
  }
  told.headers.Add(kStatusField, status);
  return told;
}

}  // namespace

// Stands between the asker and the origin, and keeps what goes by.
class FetchCache::Run final : public net::Answerer, public net::Asker {
 public:
  // A request that is not `cacheable` only gets told so.
  Run(FetchCache& owner, uint64_t number, net::Asker& asker, bool cacheable)
      : owner_(owner),
        number_(number),
        asker_(asker),
        cacheable_(cacheable),
        key_(std::move(owner.key_)),
        rules_(std::move(owner.rules_)) {}
  ~Run() override { GiveUp(); }

  void Begin(net::Target& origin, net::RequestHead& head) {
    if (cacheable_) request_ = head.headers;
    origin_ = &origin.Start(head, *this);
  }

  // Answerer
  void OnRequestBody(std::string_view bytes) override {
    origin_->OnRequestBody(bytes);
  }
  void OnRequestEnd() override { origin_->OnRequestEnd(); }
  void OnResponseCredit(uint64_t bytes) override {
    origin_->OnResponseCredit(bytes);
  }
  void OnCancel(const Error& why) override {
    origin_->OnCancel(why);
    Leave();
  }

  // Asker
  void Respond(const net::ResponseHead& head, std::string_view body) override {
    Consider(head);
    Gather(body);
    asker_.Respond(With(head, status_), body);
    Keep();
    Leave();
  }
  void RespondStart(const net::ResponseHead& head) override {
    Consider(head);
    asker_.RespondStart(With(head, status_));
  }
  void RespondBody(std::string_view bytes) override {
    Gather(bytes);
    asker_.RespondBody(bytes);
  }
  void RespondEnd() override {
    asker_.RespondEnd();
    Keep();
    Leave();
  }
  void RespondAbort(const Error& why) override {
    asker_.RespondAbort(why);
    Leave();
  }
  void GrantRequestBody(uint64_t bytes) override {
    asker_.GrantRequestBody(bytes);
  }

 private:
  // Kept until the end of the call: it is `this` that goes.
  void Leave() { const auto gone = owner_.runs_.extract(number_); }

  void Consider(const net::ResponseHead& head) {
    if (!cacheable_) return;
    status_ = "BYPASS";
    const base::WallTime now = owner_.clock_.Wall();
    const int64_t seconds = FreshFor(*rules_, request_, head, now);
    if (seconds <= 0) return;
    status_ = "MISS";
    auto answer = std::make_unique<CachedAnswer>();
    answer->status = head.status;
    answer->reason = head.reason;
    for (size_t i = 0; i < head.headers.size(); ++i) {
      const net::Headers::Field field = head.headers[i];
      const bool kept =
          std::ranges::none_of(kNotKept, [&field](std::string_view name) {
            return net::EqualsIgnoringCase(field.name, name);
          });
      if (kept) answer->headers.Add(field.name, field.value);
    }
    answer->varies = VariesBy(head.headers, request_);
    answer->stored = now;
    answer->expires =
        now + std::chrono::seconds(std::min(seconds, kMostSeconds));
    answer_ = std::move(answer);
    if (head.body_size > 0) (void)Hold(static_cast<uint64_t>(head.body_size));
  }

  void Gather(std::string_view bytes) {
    if (answer_ == nullptr) return;
    const size_t needed = answer_->body.size() + bytes.size();
    if (needed > answer_->body.capacity() &&
        !Hold(std::max(needed,
                       std::min(2 * needed, owner_.cache_.limits().body)))) {
      return;
    }
    answer_->body += bytes;
  }

  // Has the body hold that much, which is counted; false: there is no room, and
  // nothing is kept.
  bool Hold(uint64_t size) {
    Cache& cache = owner_.cache_;
    // Both are there while one is copied into the other.
    if (size > cache.limits().body || !cache.Reserve(key_.account, size)) {
      GiveUp();
      return false;
    }
    std::string held;
    held.reserve(size);
    held.append(answer_->body);
    answer_->body.swap(held);
    cache.Release(key_.account, std::exchange(counted_, size));
    return true;
  }

  void GiveUp() {
    answer_.reset();
    owner_.cache_.Release(key_.account, std::exchange(counted_, 0));
  }

  void Keep() {
    if (answer_ == nullptr) return;
    owner_.cache_.Release(key_.account, std::exchange(counted_, 0));
    // Copies have nothing in reserve.
    answer_->headers = net::Headers(std::as_const(answer_->headers));
    answer_->varies = std::vector(std::as_const(answer_->varies));
    if (answer_->body.capacity() >
        answer_->body.size() + answer_->body.size() / 4) {
      answer_->body = std::string(std::as_const(answer_->body));
    }
    (void)owner_.cache_.Put(key_, std::move(answer_));
  }

  FetchCache& owner_;
  const uint64_t number_;
  net::Asker& asker_;
  const bool cacheable_;
  const Cache::Key key_;
  const std::shared_ptr<const runtime::FetchRules> rules_;
  net::Headers request_;
  net::Answerer* origin_ = nullptr;
  std::string_view status_ = "DYNAMIC";
  std::unique_ptr<CachedAnswer> answer_;  // nullptr: it is not kept
  size_t counted_ = 0;                    // bytes of its body
};

FetchCache::FetchCache(Cache& cache, CacheTarget& kept,
                       const base::Clock& clock)
    : cache_(cache), kept_(kept), clock_(clock) {}

FetchCache::~FetchCache() = default;

net::Target& FetchCache::Before(
    net::Target& origin, std::string account, std::string_view url,
    std::shared_ptr<const runtime::FetchRules> rules) {
  origin_ = &origin;
  key_ = {.account = std::move(account),
          .cache = "default",
          .url = rules->key.empty() ? std::string(url) : rules->key};
  rules_ = std::move(rules);
  return way_;
}

net::Answerer& FetchCache::Start(net::RequestHead& head, net::Asker& asker) {
  const bool cacheable = head.method == "GET" && head.body_size == 0;
  if (cacheable) {
    Cache::Found found = cache_.Match(key_, head.headers);
    if (found != nullptr) return kept_.Give(std::move(found), head, asker);
  }
  const uint64_t number = ++last_run_;
  Run& run = *runs_
                  .emplace(number, std::make_unique<Run>(*this, number, asker,
                                                         cacheable))
                  .first->second;
  run.Begin(*origin_, head);
  return run;
}

}  // namespace caravel::host
