#include "host/cache_target.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::string_view WithoutWeakness(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

// Whether a list of If-None-Match has the tag, by the weak comparison.
bool HasTag(std::string_view list, std::string_view tag) {
  if (Trim(list) == "*") return true;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (WithoutWeakness(Trim(list.substr(0, comma))) == WithoutWeakness(tag)) {
      return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::optional<time_t> ToTime(std::string_view date) {
  tm parts = {};
  const std::string text(date);
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return {};
  return timegm(&parts);
}

// RFC 9110, section 13.2.2.
bool IsUnchanged(const CachedAnswer& answer, const net::Headers& request) {
  if (const auto tags = request.Find("if-none-match")) {
    const auto tag = answer.headers.Find("etag");
    return tag && HasTag(*tags, *tag);
  }
  const auto since = request.Find("if-modified-since");
  const auto modified = answer.headers.Find("last-modified");
  if (!since || !modified) return false;
  const auto asked = ToTime(*since);
  const auto changed = ToTime(*modified);
  return asked && changed && *changed <= *asked;
}

struct Part {
  size_t begin = 0;
  size_t size = 0;
};

// The one part that a Range asks for. Nothing: it asks for none that is known,
// or for several, and gets all (RFC 9110, section 14.2). An empty part: there
// is none such.
std::optional<Part> PartOf(std::string_view range, size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!range.starts_with(kUnit)) return {};
  range.remove_prefix(kUnit.size());
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != range.npos)
    return {};
  const std::string_view first = Trim(range.substr(0, dash));
  const std::string_view last = Trim(range.substr(dash + 1));
  if (first.empty()) {
    const auto suffix = ToNumber<uint64_t>(last);
    if (!suffix) return {};
    const size_t taken = std::min<uint64_t>(*suffix, size);
    return Part{size - taken, taken};
  }
  const auto begin = ToNumber<uint64_t>(first);
  const auto end = last.empty() ? UINT64_MAX - 1 : ToNumber<uint64_t>(last);
  if (!begin || !end || *end < *begin) return {};
  if (*begin >= size) return Part{};
  return Part{*begin, std::min<uint64_t>(*end, size - 1) - *begin + 1};
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
        declared_(head.body_size) {
    key_.cache = headers_.Find(kPrefix).value_or("");
    const size_t held =
        headers_.held() + key_.cache.capacity() + key_.url.capacity();
    if (target_.cache_.Reserve(key_.account, held)) {
      head_counted_ = held;
    } else {
      refusal_ = 503;
    }
  }
  // Of what was found already: `head` is that of a request.
  Exchange(CacheTarget& target, Cache::Found found, net::RequestHead& head,
           net::Asker& asker)
      : target_(target),
        asker_(&asker),
        method_("MATCH"),
        headers_(std::move(head.headers)),
        declared_(0),
        matched_(std::move(found)) {}
  ~Exchange() override {
    target_.cache_.Release(key_.account, head_counted_ + body_counted_);
  }

  bool over() const { return asker_ == nullptr; }
  bool due() const { return due_; }

  void OnRequestBody(std::string_view bytes) override {
    if (refusal_ != 0) return;
    if (bytes.size() > target_.cache_.limits().body - body_.size()) {
      refusal_ = 413;
    } else if (!MakeRoom(bytes.size())) {
      refusal_ = 503;
    } else {
      body_ += bytes;
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

  // Has the body hold that much, which is counted; false: there is no room.
  bool Hold(size_t size) {
    // Both are there while one is copied into the other.
    Cache& cache = target_.cache_;
    if (!cache.Reserve(key_.account, size)) return false;
    std::string held;
    held.reserve(size);
    held.append(body_);
    body_.swap(held);
    cache.Release(key_.account, std::exchange(body_counted_, size));
    return true;
  }

  // Twice as much as before each time, but no more than is to come.
  bool MakeRoom(size_t more) {
    const size_t needed = body_.size() + more;
    if (needed <= body_.capacity()) return true;
    uint64_t most = target_.cache_.limits().body;
    if (declared_ >= 0) {
      most = std::min(most, static_cast<uint64_t>(declared_));
    }
    return Hold(
        std::max<uint64_t>(needed, std::min(most, 2 * uint64_t{needed})));
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
    if (body_.capacity() > body_.size() + body_.size() / 4) {
      (void)Hold(body_.size());
    }
    target_.cache_.Release(key_.account, std::exchange(body_counted_, 0));
    answer->body = std::exchange(body_, {});
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
    head.headers.Add("cf-cache-status", "HIT");
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(
        target_.clock_.Wall() - answer->stored);
    head.headers.Add("age", fmt::to_string(std::max<int64_t>(age.count(), 0)));
    Part part{0, answer->body.size()};
    if (IsUnchanged(*answer, headers_)) {
      head.status = 304;
      head.reason.clear();
      part.size = 0;
    } else if (answer->status == 200) {
      part = Choose(*answer, head);
    }
    head.body_size = static_cast<int64_t>(part.size);
    if (part.size == 0) {
      std::exchange(asker_, nullptr)->Respond(head, {});
      return;
    }
    found_ = std::move(answer);
    part_ = part;
    // Sending may last.
    headers_ = net::Headers();
    target_.cache_.Release(key_.account, std::exchange(head_counted_, 0));
    asker_->RespondStart(head);
    SendPart();
  }

  // Of the body of a 200, what the request's Range asks for.
  Part Choose(const CachedAnswer& answer, net::ResponseHead& head) {
    const size_t size = answer.body.size();
    const auto range = headers_.Find("range");
    const auto if_range = headers_.Find("if-range");
    const bool applies =
        range && (!if_range || *if_range == answer.headers.Find("etag") ||
                  *if_range == answer.headers.Find("last-modified"));
    const auto part = applies ? PartOf(*range, size) : std::nullopt;
    if (!part) return {0, size};
    head.reason.clear();
    if (part->size == 0) {
      head.status = 416;
      head.headers.Add("content-range", fmt::format("bytes */{}", size));
    } else {
      head.status = 206;
      head.headers.Add("content-range",
                       fmt::format("bytes {}-{}/{}", part->begin,
                                   part->begin + part->size - 1, size));
    }
    return *part;
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
  std::string body_;
  size_t head_counted_ = 0;
  size_t body_counted_ = 0;
  bool due_ = false;  // Step() is to be called
  bool complete_ = false;
  uint16_t refusal_ = 0;
  uint64_t granted_ = 0;
  uint64_t credit_ = 0;
  Cache::Found matched_;  // before this was asked
  Cache::Found found_;    // what is being sent
  Part part_;             // what is still to be sent of it
};

CacheTarget::CacheTarget(net::EventLoop& loop, Cache& cache,
                         const base::Clock& clock)
    : loop_(loop), cache_(cache), clock_(clock) {}

CacheTarget::~CacheTarget() { loop_.Cancel(step_); }

net::Answerer& CacheTarget::Start(net::RequestHead& head, net::Asker& asker) {
  return Begin(std::make_unique<Exchange>(*this, head, asker));
}

net::Answerer& CacheTarget::Give(Cache::Found found, net::RequestHead& head,
                                 net::Asker& asker) {
  return Begin(
      std::make_unique<Exchange>(*this, std::move(found), head, asker));
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
