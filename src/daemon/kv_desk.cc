// A question is looked at on the loop, carried out on a thread, and answered on
// the loop again. Between these steps only values travel.
//
// Tests: kv_desk_test.cc.
#include "daemon/kv_desk.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"
#include "daemon/kv_questions.h"
#include "storage/kv_limits.h"

namespace caravel::daemon {
namespace {

using registry::KvAnswer;
using registry::KvQuestion;
using registry::KvVerb;

// Larger answers travel as descriptors.
constexpr size_t kInPacket = 40 << 10;
constexpr size_t kMostQuestionBytes = storage::kKvValueBytes + (64 << 10);
// What travels as a descriptor takes those too, of which there are only so
// many.
constexpr size_t kLeastCharged = 256 << 10;
// Beyond the longest that a host can hold up a change.
constexpr std::chrono::seconds kMostPatience{5};

size_t Charge(size_t bytes) {
  return bytes > kInPacket ? std::max(bytes, kLeastCharged) : bytes;
}

}  // namespace

// An answer as it travels: encoded here, or in the descriptor.
struct KvDesk::Encoded {
  explicit Encoded(const KvAnswer& answer, net::ByteShares::Hold held = {})
      : bytes(base::Encode(answer)), hold(std::move(held)) {
    if (bytes.size() <= kInPacket) return;
    auto made = base::SealedMemoryFile("kv", bytes);
    if (made) {
      file = std::move(*made);
      bytes = std::string();
    } else {
      bytes = base::Encode(FailedKvBy(made.error()));
    }
  }
  std::string bytes;
  base::Fd file;
  net::ByteShares::Hold hold;
};

KvDesk::KvDesk(net::EventLoop& loop, const base::Clock& clock, base::Log& log,
               const PublishedState& published, storage::KvStore* store,
               Send send, size_t memory)
    : loop_(loop),
      clock_(clock),
      log_(log),
      published_(published),
      send_(std::move(send)),
      memory_(memory),
      sent_(loop),
      leases_(loop, clock),
      alive_(std::make_shared<KvDesk*>(this)),
      threads_(store == nullptr
                   ? nullptr
                   : std::make_unique<KvThreads>(*store, clock, log)) {}

KvDesk::~KvDesk() { threads_.reset(); }

void KvDesk::Use(storage::KvStore& store) {
  CARAVEL_CHECK(threads_ == nullptr);
  threads_ = std::make_unique<KvThreads>(store, clock_, log_);
}

void KvDesk::OnHostLeft(HostPort& host) {
  queue_.OnHostLeft(host.id());
  under_way_.Forget(host.id());
  leases_.Leave(host);
}

void KvDesk::OnLoop(std::function<void(KvDesk&)> step) {
  (void)loop_.Post(
      [weak = std::weak_ptr<KvDesk*>(alive_), step = std::move(step)] {
        const std::shared_ptr<KvDesk*> desk = weak.lock();
        if (desk != nullptr) step(**desk);
      });
}

std::optional<std::string> KvDesk::SpaceOf(const registry::AskKv& asked) const {
  const registry::Version* version =
      published_.FindGranted(asked.worker, asked.version);
  if (version == nullptr) return std::nullopt;
  for (const registry::Binding& binding : version->bindings) {
    if (binding.name == asked.binding &&
        binding.type == registry::BindingType::kKvNamespace) {
      return binding.text;
    }
  }
  return std::nullopt;
}

void KvDesk::Answer(HostPort& host, const registry::AskKv& asked,
                    std::vector<base::Fd> fds) {
  const Asker asker{.host = host.id(), .request = asked.request};
  under_way_.Add(asker.host);
  if (under_way_.Of(asker.host) > kMostOfHost) {
    return Refuse(asker, 429, "Too Many Requests");
  }
  // A task must be copyable, descriptors are not.
  auto shared = std::make_shared<std::vector<base::Fd>>(std::move(fds));
  if (queue_.Add(host.id(), [this, &host, asked, shared] {
        AnswerNow(host, asked, shared);
      })) {
    return;
  }
  Refuse(asker, 503, "Service Unavailable: caraveld is starting");
}

void KvDesk::AnswerNow(HostPort& host, const registry::AskKv& asked,
                       const std::shared_ptr<std::vector<base::Fd>>& fds) {
  Asker asker{.host = host.id(), .request = asked.request};
  const std::optional<std::string> space = SpaceOf(asked);
  if (!space) {
    log_.Warning("host asked for a KV namespace that it was not granted",
                 {{"host", host.id()},
                  {"worker", asked.worker.value},
                  {"version", asked.version.value},
                  {"binding", asked.binding.substr(0, 255)}});
    return Refuse(asker, 403, "Forbidden: there is no such binding");
  }
  if (threads_ == nullptr) {
    return Refuse(asker, 503,
                  "Service Unavailable: caraveld is without its database");
  }
  asker.space = *space;
  asker.account = published_.AccountOf(asked.worker).value;
  if (asked.question.empty()) return BeginLarge(asker, fds);
  auto asks = base::Decode<KvQuestion>(asked.question);
  if (!asks) return Refuse(asker, 400, "Bad Request");
  Begin(asker, std::move(*asks));
}

void KvDesk::BeginLarge(Asker asker,
                        const std::shared_ptr<std::vector<base::Fd>>& fds) {
  struct stat status = {};
  if (fds->empty() || ::fstat(fds->front().get(), &status) != 0 ||
      status.st_size < 0 ||
      static_cast<size_t>(status.st_size) > kMostQuestionBytes) {
    return Refuse(asker, 400, "Bad Request");
  }
  const auto size = static_cast<size_t>(status.st_size);
  asker.hold = memory_.TryHold(asker.account, Charge(size));
  if (asker.hold == nullptr) {
    return Finish(asker, Encoded(TooManyKv()), /*may_keep=*/false);
  }
  threads_->Read([this, asker, fds, size](storage::KvStore&) {
    // No more than was counted, should the host let it grow meanwhile.
    auto bytes = base::ReadWholeFile(fds->front(), size);
    auto asks = bytes ? base::Decode<KvQuestion>(*bytes)
                      : Result<KvQuestion>(std::move(bytes).error());
    if (!asks) {
      OnLoop([asker](KvDesk& desk) { desk.Refuse(asker, 400, "Bad Request"); });
      return;
    }
    // A task must be copyable, and a value not be copied.
    auto shared = std::make_shared<KvQuestion>(std::move(*asks));
    OnLoop([asker, shared](KvDesk& desk) {
      desk.Begin(asker, std::move(*shared));
    });
  });
}

void KvDesk::Begin(const Asker& asker, KvQuestion asks) {
  const Status good = CheckKvQuestion(asks);
  if (!good) return Refuse(asker, 400, good.error().message());
  switch (asks.verb) {
    case KvVerb::kGet:
      return BeginGet(asker, asks.keys[0]);
    case KvVerb::kPut:
    case KvVerb::kDelete:
      return BeginWrite(asker, std::move(asks));
    case KvVerb::kGetMany:
    case KvVerb::kList:
      return Look(asker, std::move(asks));
  }
}

std::function<bool(size_t)> KvDesk::Holder(const Asker& asker,
                                           net::ByteShares::Hold& hold) {
  return [this, &hold, account = asker.account](size_t bytes) {
    hold = memory_.TryHold(account, Charge(bytes));
    return hold != nullptr;
  };
}

std::shared_ptr<const KvDesk::Encoded> KvDesk::EncodedOf(
    const Result<KvAnswer>& got, net::ByteShares::Hold hold) {
  if (got) return std::make_shared<const Encoded>(*got, std::move(hold));
  log_.Error("entries of KV are not read", {{"why", got.error().ToText()}});
  return std::make_shared<const Encoded>(FailedKvBy(got.error()));
}

void KvDesk::BeginGet(const Asker& asker, const std::string& key) {
  KvQuestion asks;
  asks.keys = {key};
  const KvLeases::Fill fill =
      leases_.BeginFill(asker.host, {.space = asker.space, .key = key});
  threads_->Read(
      [this, asker, fill, asks = std::move(asks)](storage::KvStore& store) {
        net::ByteShares::Hold hold;
        Result<KvAnswer> got =
            ReadKv(store, asker.space, asks, Holder(asker, hold));
        const bool good = got && got->error.empty();
        auto answer = EncodedOf(got, std::move(hold));
        OnLoop([asker, fill, good, answer](KvDesk& desk) {
          const bool unchanged = desk.leases_.EndFill(fill, good);
          desk.Finish(asker, *answer, unchanged && good);
        });
      });
}

void KvDesk::Look(const Asker& asker, KvQuestion asks) {
  threads_->Read(
      [this, asker, asks = std::move(asks)](storage::KvStore& store) {
        net::ByteShares::Hold hold;
        const Result<KvAnswer> got =
            ReadKv(store, asker.space, asks, Holder(asker, hold));
        auto answer = EncodedOf(got, std::move(hold));
        OnLoop([asker, answer](KvDesk& desk) {
          desk.Finish(asker, *answer, /*may_keep=*/false);
        });
      });
}

void KvDesk::BeginWrite(const Asker& asker, KvQuestion asks) {
  const registry::KvPlace place{.space = asker.space, .key = asks.keys[0]};
  storage::KvWrite write{.space = place.space, .key = place.key, .content = {}};
  if (asks.verb == KvVerb::kPut) {
    write.content = storage::KvContent{.value = std::move(asks.value),
                                       .metadata = std::move(asks.metadata),
                                       .expiration = asks.expiration};
  }
  threads_->Write(
      std::move(write), [this, asker, place](const Result<bool>& written) {
        auto answer = std::make_shared<const Encoded>(
            !written   ? FailedKvBy(written.error())
            : *written ? KvAnswer()
                       : FailedKv(404, "Not Found: the namespace was deleted"));
        OnLoop([asker, place, answer](KvDesk& desk) {
          // Where writing failed nobody knows what is there.
          desk.leases_.Changed({place}, [&desk, asker, answer] {
            desk.Finish(asker, *answer, /*may_keep=*/false);
          });
        });
      });
}

void KvDesk::Refuse(const Asker& asker, uint16_t status, std::string why) {
  Finish(asker, Encoded(FailedKv(status, std::move(why))), /*may_keep=*/false);
}

void KvDesk::Finish(const Asker& asker, const Encoded& answer, bool may_keep) {
  // What a host asked that has left since is not counted any more.
  if (under_way_.Of(asker.host) > 0) under_way_.Remove(asker.host);
  Result<std::vector<base::Fd>> fds = FdsOf(answer);
  send_(
      asker.host,
      registry::KvAnswered{
          .request = asker.request,
          .answer = fds ? answer.bytes : base::Encode(FailedKvBy(fds.error())),
          .may_keep = may_keep && fds},
      fds ? std::move(*fds) : std::vector<base::Fd>());
}

Result<std::vector<base::Fd>> KvDesk::FdsOf(const Encoded& answer) {
  std::vector<base::Fd> fds;
  if (!answer.file.valid()) return fds;
  CARAVEL_TRY(base::Fd file, answer.file.Duplicate());
  CARAVEL_TRY(base::Fd end, sent_.Add(answer.hold));
  fds.push_back(std::move(file));
  fds.push_back(std::move(end));
  return fds;
}

void KvDesk::Changed(std::vector<registry::KvPlace> places) {
  struct Told {
    base::Mutex mutex;
    base::CondVar changed;
    bool done CARAVEL_GUARDED_BY(mutex) = false;
  };
  auto told = std::make_shared<Told>();
  const bool posted = loop_.Post([weak = std::weak_ptr<KvDesk*>(alive_), told,
                                  places = std::move(places)] {
    const std::shared_ptr<KvDesk*> desk = weak.lock();
    const auto tell = [told] {
      const base::MutexLock lock(told->mutex);
      told->done = true;
      told->changed.NotifyAll();
    };
    if (desk == nullptr) return tell();
    (*desk)->leases_.Changed(places, tell);
  });
  if (!posted) return;  // the loop is closed: no host is left
  const base::MutexLock lock(told->mutex);
  while (!told->done) {
    if (!told->changed.WaitFor(told->mutex, kMostPatience)) return;
  }
}

}  // namespace caravel::daemon
