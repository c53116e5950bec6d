#include "host/fetch_cache.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "host/arriving_body.h"
#include "host/freshness.h"

namespace caravel::host {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::string_view kStatusField = "CF-Cache-Status";
constexpr int64_t kMostSeconds = int64_t{60} * 60 * 24 * 366;
// Of an answer that is kept, what was meant for who asked for it.
constexpr Names kNotKept = {kStatusField, "Age", "Set-Cookie", "CF-Ray"};
// Of an answer that another one's head renews, what tells of its own body (RFC
// 9111, section 3.2).
constexpr Names kOfBody = {"Content-Encoding", "Content-Length",
                           "Content-Range", "Content-Type"};
// What only an origin whose answer is not known here is asked.
constexpr Names kConditions = {"If-None-Match", "If-Modified-Since"};

// What an origin may answer by though its Vary does not say so: were it not for
// these, who asks with one of them would choose what all others are given. In
// Cloudflare's cache key too (its documentation, "Cache keys").
constexpr Names kOfKey = {"Origin",
                          "X-HTTP-Method-Override",
                          "X-HTTP-Method",
                          "X-Method-Override",
                          "X-Forwarded-Host",
                          "X-Host",
                          "X-Forwarded-Scheme",
                          "X-Original-URL",
                          "X-Rewrite-URL",
                          "Forwarded"};

// Codings that a Worker's answers are decoded from for clients that take none
// of them: what is kept for all comes in one of these, whatever the one client
// takes that is asked for.
constexpr std::string_view kCodings = "br, gzip";

bool IsIn(Names names, std::string_view name) {
  return std::ranges::any_of(names, [name](std::string_view each) {
    return net::EqualsIgnoringCase(each, name);
  });
}

// The fields without those.
net::Headers Without(Names names, const net::Headers& headers) {
  net::Headers others;
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::Headers::Field field = headers[i];
    if (!IsIn(names, field.name)) others.Add(field.name, field.value);
  }
  return others;
}

// A part is of bytes as they are, and is not kept.
void AskForKnownCodings(net::Headers& request) {
  const auto asked = request.Find("Accept-Encoding");
  if (!asked || *asked == kCodings || request.Find("Range")) return;
  request = Without({"Accept-Encoding"}, request);
  request.Add("Accept-Encoding", kCodings);
}

net::ResponseHead With(const net::ResponseHead& head, std::string_view status) {
  net::ResponseHead told;
  told.status = head.status;
  told.reason = head.reason;
  told.body_size = head.body_size;
  told.headers = Without({kStatusField}, head.headers);
  told.headers.Add(kStatusField, status);
  return told;
}

// The cache in which answers to such requests are: no name that a Worker gives
// one has a line's end in it, and no value of a field.
std::string CacheFor(const net::Headers& request) {
  std::string cache = "default";
  for (const std::string_view name : kOfKey) {
    for (size_t i = 0; i < request.size(); ++i) {
      const net::Headers::Field field = request[i];
      if (!net::EqualsIgnoringCase(field.name, name)) continue;
      if (name == "X-Forwarded-Scheme" &&
          (field.value == "http" || field.value == "https")) {
        continue;
      }
      cache.append("\n").append(name).append(":").append(field.value);
    }
  }
  return cache;
}

// The head of an answer that is kept, as another one's head renews it.
net::ResponseHead Renewed(const CachedAnswer& kept, const net::Headers& by) {
  net::ResponseHead head;
  head.status = kept.status;
  head.reason = kept.reason;
  for (size_t i = 0; i < kept.headers.size(); ++i) {
    const net::Headers::Field field = kept.headers[i];
    if (!by.Find(field.name) || IsIn(kOfBody, field.name)) {
      head.headers.Add(field.name, field.value);
    }
  }
  for (size_t i = 0; i < by.size(); ++i) {
    if (!IsIn(kOfBody, by[i].name)) head.headers.Add(by[i].name, by[i].value);
  }
  return head;
}

}  // namespace

// Stands between the asker and the origin, and keeps what goes by.
class FetchCache::Run final : public HandedOn {
 public:
  static constexpr std::string_view kBypass = "BYPASS";

  // A request whose answer is not kept, which is told so.
  Run(FetchCache& owner, net::Asker& asker, std::string_view status)
      : HandedOn(asker),
        owner_(owner),
        status_(status),
        key_(),
        request_bytes_(owner.cache_, ""),
        answer_bytes_(owner.cache_, ""),
        body_(owner.cache_, "") {}
  // One whose answer may be kept. `stale`: what was, if it is asked whether
  // that still holds.
  Run(FetchCache& owner, net::Asker& asker, Cache::Key key, Cache::Found stale,
      std::shared_ptr<const runtime::FetchRules> rules)
      : HandedOn(asker),
        owner_(owner),
        key_(std::move(key)),
        rules_(std::move(rules)),
        request_bytes_(owner.cache_, key_.account),
        answer_bytes_(owner.cache_, key_.account),
        body_(owner.cache_, key_.account),
        stale_(std::move(stale)) {}

  void Begin(net::Target& origin, net::RequestHead& head) {
    if (rules_ != nullptr && request_bytes_.Add(head.headers.held())) {
      request_ = head.headers;
      if (stale_ != nullptr) AskWhetherItHolds(head.headers);
    } else if (rules_ != nullptr) {
      rules_.reset();  // there is no room
      stale_.reset();
    }
    HandOnTo(origin.Start(head, *this));
  }

  // Answerer
  void OnRequestEnd() override {
    ended_ = true;
    HandedOn::OnRequestEnd();
  }
  void OnResponseCredit(uint64_t bytes) override {
    if (stale_ != nullptr) credit_ += bytes;
    HandedOn::OnResponseCredit(bytes);
  }

  // Asker
  void Respond(const net::ResponseHead& head, std::string_view body) override {
    if (is_given_) return HandedOn::Respond(head, body);
    if (StillHolds(head)) return GiveKept(head.headers);
    Answered(head);
    Gather(body);
    if (answer_ == nullptr && rules_ != nullptr) status_ = kBypass;
    asker().Respond(With(head, status_), body);
    Keep();
    Leave();
  }
  void RespondStart(const net::ResponseHead& head) override {
    if (is_given_) return HandedOn::RespondStart(head);
    if (StillHolds(head)) {
      renewal_ = head.headers;
      return;
    }
    Answered(head);
    asker().RespondStart(With(head, status_));
  }
  void RespondBody(std::string_view bytes) override {
    if (renewal_) return;  // none belongs to its head
    if (!is_given_) Gather(bytes);
    HandedOn::RespondBody(bytes);
  }
  void RespondEnd() override {
    if (renewal_) return GiveKept(*std::exchange(renewal_, std::nullopt));
    asker().RespondEnd();
    Keep();
    Leave();
  }

 private:
  void AskWhetherItHolds(net::Headers& headers) const {
    headers = Without(kConditions, headers);
    if (const auto tag = stale_->headers.Find("ETag")) {
      headers.Add("If-None-Match", *tag);
    }
    if (const auto modified = stale_->headers.Find("Last-Modified")) {
      headers.Add("If-Modified-Since", *modified);
    }
  }

  bool StillHolds(const net::ResponseHead& head) const {
    return stale_ != nullptr && head.status == 304;
  }

  // Gives what was stale, renewed by the fields of what the origin has said.
  void GiveKept(const net::Headers& by) {
    Consider(Renewed(*stale_, by));
    Hold(stale_->body.size());
    Gather(stale_->body);
    Keep();
    Cache::Found renewed =
        owner_.cache_.Match(key_, request_, Cache::Stale::kGiven);
    if (renewed != nullptr) stale_ = std::move(renewed);
    is_given_ = true;
    net::RequestHead head;
    head.headers = std::exchange(request_, {});
    request_bytes_.Clear();
    HandOnTo(owner_.kept_.Give(std::move(stale_), "REVALIDATED", head, *this));
    if (credit_ > 0) answerer().OnResponseCredit(credit_);
    if (ended_) answerer().OnRequestEnd();
  }

  void Answered(const net::ResponseHead& head) {
    if (IsInOthersCoding(head)) rules_.reset();
    Consider(head);
    stale_.reset();
    request_ = {};
    request_bytes_.Clear();
  }

  // Who asks for a part is asked for in the codings that it names itself, in
  // which an origin may answer though it gives the whole.
  bool IsInOthersCoding(const net::ResponseHead& head) const {
    return request_.Find("Range") && head.headers.Find("Content-Encoding");
  }

  // What becomes of an answer with that head.
  void Consider(const net::ResponseHead& head) {
    if (rules_ == nullptr) return;
    const base::WallTime now = owner_.clock_.Wall();
    const auto seconds = FreshFor(*rules_, request_, head, now);
    answer_ = std::make_unique<CachedAnswer>();
    answer_->status = head.status;
    answer_->reason = head.reason;
    answer_->headers = Without(kNotKept, head.headers);
    answer_->varies = VariesBy(head.headers, request_);
    answer_->stored = now;
    answer_->expires =
        now + std::chrono::seconds(std::min(seconds.value_or(0), kMostSeconds));
    status_ = stale_ == nullptr ? "MISS" : "EXPIRED";
    if (!seconds || (*seconds == 0 && !answer_->has_validator()) ||
        !answer_bytes_.Add(answer_->bytes())) {
      GiveUp();
    }
    if (head.body_size > 0) Hold(static_cast<uint64_t>(head.body_size));
    if (answer_ == nullptr) status_ = kBypass;
  }

  void Hold(uint64_t bytes) {
    if (answer_ == nullptr) return;
    if (bytes > owner_.cache_.limits().body || !body_.Hold(bytes)) GiveUp();
  }

  void Gather(std::string_view bytes) {
    if (answer_ == nullptr) return;
    const size_t most = owner_.cache_.limits().body;
    if (bytes.size() > most - body_.size() || !body_.Append(bytes, most)) {
      GiveUp();
    }
  }

  void GiveUp() {
    answer_.reset();
    answer_bytes_.Clear();
    body_.Clear();
  }

  void Keep() {
    if (answer_ == nullptr) return;
    // Copies have nothing in reserve.
    answer_->headers = net::Headers(std::as_const(answer_->headers));
    answer_->varies = std::vector(std::as_const(answer_->varies));
    answer_->body = body_.Take();
    answer_bytes_.Clear();
    (void)owner_.cache_.Put(key_, std::move(answer_));
  }

  FetchCache& owner_;
  std::string_view status_ = kBypass;
  const Cache::Key key_;
  std::shared_ptr<const runtime::FetchRules>
      rules_;             // nullptr: nothing is kept
  net::Headers request_;  // as it was asked
  ArrivingBytes request_bytes_;
  std::unique_ptr<CachedAnswer> answer_;  // nullptr: it is not kept
  ArrivingBytes answer_bytes_;            // without its body
  ArrivingBody body_;
  Cache::Found stale_;  // until the origin answers something else
  std::optional<net::Headers> renewal_;  // the head by which that still holds
  bool is_given_ = false;                // it is what answers
  uint64_t credit_ = 0;                  // for what will
  bool ended_ = false;                   // the request
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
          .cache = {},
          .url = rules->key.empty() ? std::string(url) : rules->key};
  rules_ = std::move(rules);
  return way_;
}

net::Answerer& FetchCache::Start(net::RequestHead& head, net::Asker& asker) {
  std::unique_ptr<Run> run;
  const bool is_head = head.method == "HEAD";
  if ((head.method != "GET" && !is_head) || head.body_size != 0) {
    run = std::make_unique<Run>(*this, asker, "DYNAMIC");
  } else {
    AskForKnownCodings(head.headers);
    key_.cache = CacheFor(head.headers);
    Cache::Found found = cache_.Match(key_, head.headers, Cache::Stale::kGiven);
    if (found != nullptr && found->expires > clock_.Wall()) {
      return kept_.Give(std::move(found), "HIT", head, asker);
    }
    // A head without its body is not kept.
    run = is_head ? std::make_unique<Run>(*this, asker, Run::kBypass)
                  : std::make_unique<Run>(*this, asker, std::move(key_),
                                          std::move(found), std::move(rules_));
  }
  Run& begun = runs_.Add(std::move(run));
  begun.Begin(*origin_, head);
  return begun;
}

}  // namespace caravel::host
