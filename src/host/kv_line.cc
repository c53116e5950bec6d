#include "host/kv_line.h"

#include <fmt/format.h>

#include <utility>

#include "registry/kv_bytes.h"

namespace caravel::host {
namespace {

// Under way at a time. Each has at most one packet's bytes in a socket.
constexpr size_t kUnderWay = 64;
// Larger questions and answers travel as descriptors.
constexpr size_t kInPacket = 40 << 10;
constexpr size_t kMostAnswerBytes = 64 << 20;
constexpr std::chrono::seconds kKvAnswerLimit{30};
constexpr std::chrono::seconds kPatience{2};  // while caraveld is away

KvLine::Answer Failure(uint16_t status, std::string why) {
  auto answer = std::make_shared<registry::KvAnswer>();
  answer->status = status;
  answer->error = std::move(why);
  return answer;
}

// The answer of a packet, or of its descriptor. The error says why there is
// none, for the log.
Result<registry::KvAnswer> Decoded(const registry::KvAnswered& answered,
                                   const std::vector<base::Fd>& fds) {
  if (!answered.answer.empty() || fds.empty()) {
    return base::Decode<registry::KvAnswer>(answered.answer);
  }
  CARAVEL_TRY(const std::string bytes,
              base::ReadWholeFile(fds[0], kMostAnswerBytes));
  return base::Decode<registry::KvAnswer>(bytes);
}

}  // namespace

KvLine::Answer KvLine::TooMany() {
  return Failure(429, "Too Many Requests: too much is under way");
}

KvLine::KvLine(net::EventLoop& loop, KvCache& cache, base::Log& log, Send send)
    : loop_(loop),
      cache_(cache),
      log_(log),
      send_(std::move(send)),
      shares_(kUnderWay) {}

KvLine::~KvLine() {
  for (auto& [number, asked] : asked_) loop_.Cancel(asked.deadline);
}

void KvLine::Ask(Question question, Done done) {
  const uint64_t number = ++last_number_;
  const std::string worker = question.worker.value;
  Asked& asked = asked_
                     .emplace(number, Asked{.question = std::move(question),
                                            .done = std::move(done),
                                            .sent = false,
                                            .deadline = {}})
                     .first->second;
  Arm(number, asked);
  if (shares_.TryTake(worker)) {
    SendNow(number, asked);
  } else {
    shares_.Wait(worker, number);
  }
}

void KvLine::Arm(uint64_t number, Asked& asked) {
  asked.deadline =
      loop_.After(joined_ ? std::chrono::nanoseconds(kKvAnswerLimit)
                          : std::chrono::nanoseconds(kPatience),
                  [this, number] {
                    Fail(number, 503,
                         "Service Unavailable: caraveld, which this needs, "
                         "is away");
                  });
}

void KvLine::SendNow(uint64_t number, Asked& asked) {
  asked.sent = true;
  if (!joined_) return;  // OnJoined() sends it
  const Question& question = asked.question;
  registry::AskKv ask{.request = number,
                      .worker = question.worker,
                      .version = question.version,
                      .binding = question.binding,
                      .question = base::Encode(question.asks)};
  std::vector<base::Fd> fds;
  if (ask.question.size() > kInPacket) {
    auto file = base::SealedMemoryFile("kv", ask.question);
    if (!file) {
      log_.Error("a question to KV cannot be sent",
                 {{"why", file.error().message()}});
      return FailSoon(number, asked);
    }
    fds.push_back(std::move(*file));
    ask.question.clear();
  }
  send_(registry::EncodeFromHost(ask, std::move(fds)));
}

void KvLine::FailSoon(uint64_t number, Asked& asked) {
  loop_.Cancel(asked.deadline);
  asked.deadline = loop_.After(std::chrono::nanoseconds(0), [this, number] {
    Fail(number, 500, "Internal Server Error");
  });
}

void KvLine::OnJoined() {
  joined_ = true;
  cache_.SetLease(std::chrono::nanoseconds(0));
  cache_.DropAll();
  std::vector<uint64_t> numbers;
  for (auto& [number, asked] : asked_) {
    loop_.Cancel(asked.deadline);
    Arm(number, asked);
    if (asked.sent) numbers.push_back(number);
  }
  for (const uint64_t number : numbers) {
    const auto asked = asked_.find(number);
    if (asked != asked_.end()) SendNow(number, asked->second);
  }
}

void KvLine::OnAway() {
  joined_ = false;
  for (auto& [number, asked] : asked_) {
    loop_.Cancel(asked.deadline);
    Arm(number, asked);
  }
}

void KvLine::Fail(uint64_t number, uint16_t status, std::string why) {
  const auto asked = asked_.find(number);
  if (asked == asked_.end()) return;
  Finish(asked, Failure(status, std::move(why)));
}

void KvLine::Finish(std::map<uint64_t, Asked>::iterator asked, Answer answer) {
  const uint64_t number = asked->first;
  const Asked ended = std::move(asked->second);
  asked_.erase(asked);
  loop_.Cancel(ended.deadline);
  const std::string& worker = ended.question.worker.value;
  if (ended.sent) {
    shares_.Release(worker);
  } else {
    shares_.StopWaiting(worker, number);
  }
  ended.done(std::move(answer));
  while (const std::optional<uint64_t> next = shares_.TakeNext()) {
    SendNow(*next, asked_.at(*next));
  }
}

void KvLine::OnAnswered(const registry::KvAnswered& answered,
                        std::vector<base::Fd> fds) {
  const auto asked = asked_.find(answered.request);
  if (asked == asked_.end() || !asked->second.sent) return;  // given up
  auto decoded = Decoded(answered, fds);
  if (!decoded) {
    log_.Error("an answer of KV cannot be read",
               {{"why", decoded.error().message()}});
    return Finish(asked, Failure(500, "Internal Server Error"));
  }
  const Question& question = asked->second.question;
  const KvHolds::Hold hold = holds_.TryHold(
      question.account.value, question.held, registry::BytesOf(*decoded));
  if (hold == nullptr) return Finish(asked, TooMany());
  const Answer answer =
      std::make_shared<const registry::KvAnswer>(std::move(*decoded));
  if (answered.may_keep && answer->error.empty() && answer->items.size() == 1 &&
      question.asks.keys.size() == 1) {
    cache_.Keep(question.account.value,
                {.space = question.space, .key = question.asks.keys[0]},
                answer);
  }
  Finish(asked,
         Answer(answer.get(), [answer, hold](const registry::KvAnswer*) {}));
}

void KvLine::OnDrop(const registry::DropKv& drop) {
  if (drop.places.empty()) {
    cache_.DropAll();
  } else {
    cache_.Drop(drop.places);
  }
  send_(registry::EncodeFromHost(registry::KvDropped{drop.number}));
}

void KvLine::OnLease(const registry::LeaseKv& lease) {
  cache_.SetLease(std::chrono::nanoseconds(lease.until_ns));
}

}  // namespace caravel::host
