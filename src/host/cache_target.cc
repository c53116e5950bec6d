#include "host/cache_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/arriving_body.h"
#include "host/conditions.h"

namespace caravel::host {
namespace {

constexpr std::string_view kPrefix = "caravel-cache";
constexpr uint64_t kWindow = 256 * 1024;

template <typename T>
std::optional<T> ToNumber(std::string_view text) {
  T value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// RFC 9110, sections 13.2.1 and 13.2.2.
bool IsUnchanged(const CachedAnswer& answer, const net::Headers& request) {
  if (answer.status / 100 != 2) return false;
  if (const auto tags = request.Find("if-none-match")) {
    const auto tag = answer.headers.Find("etag");
    return ListHasTag(*tags, tag.value_or(""), TagMatch::kWeak);
  }
  const auto since = request.Find("if-modified-since");
  const auto modified = answer.headers.Find("last-modified");
  if (!since || !modified) return false;
  const auto asked = ParseHttpDate(*since);
  const auto changed = ParseHttpDate(*modified);
  return asked && changed && *changed <= *asked;
}

// The part of the answer that the request asks for; nothing: all of it. Of
// encoded bytes nobody could decode a part.
std::optional<ByteRange> PartOf(const CachedAnswer& answer,
                                const net::Headers& request) {
  const auto range = request.Find("range");
  if (answer.status != 200 || !range ||
      answer.headers.Find("content-encoding")) {
    return {};
  }
  const auto if_range = request.Find("if-range");
  const bool holds =
      !if_range || *if_range == answer.headers.Find("last-modified") ||
      ListHasTag(*if_range, answer.headers.Find("etag").value_or(""),
                 TagMatch::kStrong);
  if (!holds) return {};
  return RangeOf(*range, answer.body.size());
}

}  // namespace

class CacheTarget::Exchange final : public net::Answerer {
 public:
  Exchange(CacheTarget& target, net::RequestHead& head, net::Asker& asker)
      : target_(target),
        asker_(&asker),
        method_(std::move(head.method)),
        headers_(std::move(head.headers)),
        key_{std::move(head.authority), "", std::move(head.target)},
        declared_(head.body_size),
        head_bytes_(target.cache_, key_.account),
        body_(target.cache_, key_.account) {
    key_.cache = headers_.Find(kPrefix).value_or("");
    const size_t held =
        headers_.held() + key_.cache.capacity() + key_.url.capacity();
    if (!head_bytes_.Add(held)) refusal_ = 503;
  }
  // Of what was found already, and how it was: `head` is that of a request.
  Exchange(CacheTarget& target, Cache::Found found, std::string_view how,
           net::RequestHead& head, net::Asker& asker)
      : target_(target),
        asker_(&asker),
        method_("MATCH"),
        headers_(std::move(head.headers)),
        declared_(0),
        head_bytes_(target.cache_, key_.account),
        body_(target.cache_, key_.account),
        matched_(std::move(found)),
        is_head_(head.method == "HEAD"),
        how_(how) {}

  bool over() const { return asker_ == nullptr; }
  bool due() const { return due_; }

  void OnRequestBody(std::string_view bytes) override {
    if (refusal_ != 0) return;
    uint64_t most = target_.cache_.limits().body;
    if (bytes.size() > most - body_.size()) {
      refusal_ = 413;
    } else {
      if (declared_ >= 0) most = std::min<uint64_t>(most, declared_);
      if (!body_.Append(bytes, most)) refusal_ = 503;
      granted_ -= std::min<uint64_t>(granted_, bytes.size());
    }
    StepLater();
  }
  void OnRequestEnd() override {
    complete_ = true;
    StepLater();
  }
  void OnResponseCredit(uint64_t bytes) override {
    credit_ += bytes;
    StepLater();
  }
  void OnCancel(const Error&) override {
    asker_ = nullptr;
    StepLater();
  }

  void StepLater() {
    if (!due_) target_.StepLater(*this);
    due_ = true;
  }
  void Step() {
    due_ = false;
    if (over()) return;
    if (found_ != nullptr) return SendPart();
    if (refusal_ != 0) return Answer(refusal_);
    if (!complete_) {
      if (granted_ < kWindow / 2) {
        asker_->GrantRequestBody(kWindow - granted_);
        granted_ = kWindow;
      }
      return;
    }
    if (method_ == "MATCH") return Match();
    if (method_ == "PUT") return Put();
    Answer(target_.cache_.Delete(key_) ? 200 : 404);
  }

 private:
  void Answer(uint16_t status) {
    net::ResponseHead head;
    head.status = status;
    head.body_size = 0;
    std::exchange(asker_, nullptr)->Respond(head, {});
  }

  void Put() {
    auto answer = std::make_shared<CachedAnswer>();
    uint64_t seconds = 0;
    for (size_t i = 0; i < headers_.size(); ++i) {
      const auto [name, value] = headers_[i];
      if (!name.starts_with(kPrefix)) {
        answer->headers.Add(name, value);
      } else if (name.ends_with("-status")) {
        answer->status = ToNumber<uint16_t>(value).value_or(0);
      } else if (name.ends_with("-reason")) {
        answer->reason = value;
      } else if (name.ends_with("-ttl")) {
        seconds = ToNumber<uint64_t>(value).value_or(0);
      } else if (name.ends_with("-vary")) {
        const size_t blank = std::min(value.find(' '), value.size());
        answer->varies.emplace_back(
            value.substr(0, blank),
            value.substr(std::min(blank + 1, value.size())));
      }
    }
    if (answer->status < 200 || answer->status > 599) return Answer(400);
    std::ranges::sort(answer->varies);
    const auto again = std::ranges::unique(answer->varies);
    answer->varies.erase(again.begin(), again.end());
    constexpr uint64_t kMostSeconds = uint64_t{60} * 60 * 24 * 366;
    answer->stored = target_.clock_.Wall();
    answer->expires =
        answer->stored + std::chrono::seconds(std::min(seconds, kMostSeconds));
    // Copies have nothing in reserve.
    answer->headers = net::Headers(std::as_const(answer->headers));
    answer->varies = std::vector(std::as_const(answer->varies));
    answer->body = body_.Take();
    Answer(target_.cache_.Put(key_, std::move(answer)) ? 200 : 503);
  }

  void Match() {
    Cache::Found answer = matched_ != nullptr
                              ? std::move(matched_)
                              : target_.cache_.Match(key_, headers_);
    if (answer == nullptr) return Answer(404);
    net::ResponseHead head;
    head.status = answer->status;
    head.reason = answer->reason;
    for (size_t i = 0; i < answer->headers.size(); ++i) {
      head.headers.Add(answer->headers[i].name, answer->headers[i].value);
    }
    head.headers.Add("cf-cache-status", how_);
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(
        target_.clock_.Wall() - answer->stored);
    head.headers.Add("age", fmt::to_string(std::max<int64_t>(age.count(), 0)));
    ByteRange part{0, answer->body.size()};
    head.body_size = static_cast<int64_t>(part.size);
    if (IsUnchanged(*answer, headers_)) {
      head.status = 304;
      head.reason.clear();
      head.body_size = 0;
      part.size = 0;
    } else if (const auto asked = PartOf(*answer, headers_);
               asked && !is_head_) {
      part = *asked;
      SetRange(part, answer->body.size(), head);
    }
    if (part.size == 0 || is_head_) {
      std::exchange(asker_, nullptr)->Respond(head, {});
      return;
    }
    found_ = std::move(answer);
    part_ = part;
    // Sending may last.
    headers_ = net::Headers();
    head_bytes_.Clear();
    asker_->RespondStart(head);
    SendPart();
  }

  void SendPart() {
    const size_t now = std::min<uint64_t>(part_.size, credit_);
    if (now > 0) {
      credit_ -= now;
      asker_->RespondBody(
          std::string_view(found_->body).substr(part_.begin, now));
      part_.begin += now;
      part_.size -= now;
    }
    if (part_.size == 0) std::exchange(asker_, nullptr)->RespondEnd();
  }

  CacheTarget& target_;
  net::Asker* asker_;  // nullptr: over
  const std::string method_;
  net::Headers headers_;
  Cache::Key key_;
  const int64_t declared_;  // bytes of the body; below 0: nobody knows
  ArrivingBytes head_bytes_;
  ArrivingBody body_;
  bool due_ = false;  // Step() is to be called
  bool complete_ = false;
  uint16_t refusal_ = 0;
  uint64_t granted_ = 0;
  uint64_t credit_ = 0;
  Cache::Found matched_;        // before this was asked
  const bool is_head_ = false;  // asked for without the body
  const std::string_view how_ = "HIT";
  Cache::Found found_;  // what is being sent
  ByteRange part_;      // what is still to be sent of it
};

CacheTarget::CacheTarget(net::EventLoop& loop, Cache& cache,
                         const base::Clock& clock)
    : loop_(loop), cache_(cache), clock_(clock) {}

CacheTarget::~CacheTarget() { loop_.Cancel(step_); }

net::Answerer& CacheTarget::Start(net::RequestHead& head, net::Asker& asker) {
  return Begin(std::make_unique<Exchange>(*this, head, asker));
}

net::Answerer& CacheTarget::Give(Cache::Found found, std::string_view how,
                                 net::RequestHead& head, net::Asker& asker) {
  return Begin(
      std::make_unique<Exchange>(*this, std::move(found), how, head, asker));
}

net::Answerer& CacheTarget::Begin(std::unique_ptr<Exchange> exchange) {
  Exchange& started = *exchange;
  exchanges_.emplace(&started, std::move(exchange));
  started.StepLater();
  return started;
}

void CacheTarget::StepLater(Exchange& exchange) {
  due_.push_back(&exchange);
  if (step_.value != 0) return;
  step_ = loop_.After(std::chrono::nanoseconds(0), [this] { Step(); });
}

void CacheTarget::Step() {
  step_ = {};
  const std::vector<Exchange*> due = std::exchange(due_, {});
  for (Exchange* exchange : due) exchange->Step();
  for (Exchange* exchange : due) {
    if (exchange->over() && !exchange->due()) exchanges_.erase(exchange);
  }
}

}  // namespace caravel::host
