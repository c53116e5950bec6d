#include "host/link.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace caravel::host {
namespace {

constexpr std::chrono::milliseconds kEventInterval{100};
// Events held while caraveld is away or does not read.
constexpr size_t kMaxHeldEventBytes = 2 << 20;
// While so much waits for the socket, events are held: a channel with too long
// a backlog is given up, and the host with it.
constexpr size_t kMaxEventBacklog = net::kMaxChannelBacklog / 4;
// An events message stays far below the limit of a packet.
constexpr size_t kEventBytesPerPacket = 48 * 1024;
constexpr size_t kMaxSnapshotBytes = size_t{1} << 30;
// While caraveld is there it answers, slowly perhaps: a connection has a time
// limit of its own there.
constexpr std::chrono::seconds kAnswerLimit{30};
// Nothing with a longer name is found, in DNS or elsewhere. Workers choose
// names of any length; what asks caraveld of one is a packet.
constexpr size_t kMaxNameBytes = 1024;

}  // namespace

Result<std::unique_ptr<Link>> Link::Start(base::Fd listener, Identity identity,
                                          const base::Clock& clock,
                                          base::Log& log, KvCache& kv_cache,
                                          Delegate& delegate) {
  if (identity.key.empty()) {
    return Error(ErrorCode::kInvalid, "the host was started without a key");
  }
  CARAVEL_TRY(std::unique_ptr<net::EventLoop> loop,
              net::EventLoop::Create(clock));
  std::unique_ptr<Link> link(new Link(std::move(loop), std::move(listener),
                                      std::move(identity), log, kv_cache,
                                      delegate));
  link->thread_ = std::thread([raw = link.get()] { raw->Run(); });
  return link;
}

Link::Link(std::unique_ptr<net::EventLoop> loop, base::Fd listener,
           Identity identity, base::Log& log, KvCache& kv_cache,
           Delegate& delegate)
    : loop_(std::move(loop)),
      identity_(std::move(identity)),
      log_(log),
      delegate_(delegate),
      door_(*loop_, std::move(listener), identity_.key, log,
            [this](std::unique_ptr<net::Channel> channel) {
              OnJoined(std::move(channel));
            }),
      kv_(*loop_, kv_cache, log,
          [this](net::Packet packet) {
            if (channel_ != nullptr) channel_->Send(std::move(packet));
          }),
      events_(kMaxHeldEventBytes) {}

void Link::Open() {
  (void)loop_->Post([this] {
    const Status status = door_.Open();
    CARAVEL_CHECK(status.has_value(), status.error().message());
  });
}

Link::~Link() { Stop(); }

void Link::Stop() {
  (void)loop_->Post([this] { stopping_ = true; });
  if (thread_.joinable()) thread_.join();
}

void Link::Run() {
  while (!stopping_) loop_->Poll(std::chrono::nanoseconds(-1));
}

void Link::OnClosed(const Error& why) {
  log_.Info("caraveld is away", {{"why", why.message()}});
  channel_.reset();
  for (auto& [number, question] : questions_) {
    loop_->Cancel(question.deadline);
    ArmDeadline(number, question, kDaemonPatience);
  }
  kv_.OnAway();
  TellFinished();
}

void Link::OnPacket(net::Packet packet) {
  Result<registry::ToHost> message = registry::DecodeToHost(packet.bytes);
  if (!message) {
    log_.Error("a message of caraveld cannot be read",
               {{"why", message.error().message()}});
    return;
  }
  OnMessage(std::move(*message), std::move(packet.fds));
}

void Link::OnJoined(std::unique_ptr<net::Channel> channel) {
  channel_ = std::move(channel);
  channel_->SetHandler(*this);
  registry::HostHello answer;
  answer.pid = static_cast<uint32_t>(::getpid());
  answer.key = identity_.key;
  answer.build = identity_.build;
  answer.sequence = delegate_.AppliedSequence();
  std::vector<base::Fd> listeners = delegate_.DuplicateListeners();
  answer.listeners = static_cast<uint32_t>(listeners.size());
  channel_->Send(registry::EncodeFromHost(answer, std::move(listeners)));
  for (const auto& [number, question] : questions_) {
    channel_->Send(registry::EncodeFromHost(question.message));
  }
  kv_.OnJoined();
  if (finished_) return SendLastEvents();
  SendEvents();
}

void Link::OnMessage(registry::ToHost message, std::vector<base::Fd> fds) {
  if (std::holds_alternative<registry::Listen>(message)) {
    delegate_.OnListen(std::move(fds));
  } else if (std::holds_alternative<registry::LoadSnapshot>(message)) {
    OnSnapshotFile(std::move(fds));
  } else if (const auto* change =
                 std::get_if<registry::ApplyChange>(&message)) {
    OnChangeMessage(*change, std::move(fds));
  } else if (const auto* opened =
                 std::get_if<registry::BundleOpened>(&message)) {
    OnAnswer(opened->request, opened->error, std::move(fds));
  } else if (const auto* connected =
                 std::get_if<registry::Connected>(&message)) {
    OnAnswer(connected->request, connected->error, std::move(fds));
  } else if (const auto* asset = std::get_if<registry::AssetOpened>(&message)) {
    OnAnswer(asset->request, asset->error, std::move(fds));
  } else if (auto* resolved = std::get_if<registry::NameResolved>(&message)) {
    OnResolved(*resolved);
  } else if (const auto* kv = std::get_if<registry::KvAnswered>(&message)) {
    kv_.OnAnswered(*kv, std::move(fds));
  } else if (const auto* drop = std::get_if<registry::DropKv>(&message)) {
    kv_.OnDrop(*drop);
  } else if (const auto* lease = std::get_if<registry::LeaseKv>(&message)) {
    kv_.OnLease(*lease);
  } else if (auto* check = std::get_if<registry::CheckBundle>(&message)) {
    delegate_.OnCheck(std::move(*check),
                      fds.empty() ? base::Fd() : std::move(fds[0]));
  } else if (const auto* drain = std::get_if<registry::Drain>(&message)) {
    delegate_.OnDrain(std::chrono::milliseconds(drain->milliseconds));
  } else if (const auto* ask = std::get_if<registry::AskStats>(&message)) {
    delegate_.OnAskStats(ask->request);
  } else if (auto* hold = std::get_if<registry::HoldVersions>(&message)) {
    delegate_.OnHold(std::move(hold->versions));
  } else if (const auto* tail = std::get_if<registry::TailWorkers>(&message)) {
    OnTailedFile(*tail, std::move(fds));
  } else if (auto* run = std::get_if<registry::RunScheduled>(&message)) {
    delegate_.OnRunScheduled(std::move(*run));
  }
}

void Link::OnSnapshotFile(std::vector<base::Fd> fds) {
  if (fds.empty()) return;
  Result<std::string> bytes = base::ReadWholeFile(fds[0], kMaxSnapshotBytes);
  Result<registry::Snapshot> snapshot =
      bytes ? base::Decode<registry::Snapshot>(*bytes)
            : Result<registry::Snapshot>(std::move(bytes).error());
  if (!snapshot) {
    log_.Error(
        "a snapshot of what is published was refused; the last good one "
        "stays",
        {{"why", snapshot.error().message()}});
    return;
  }
  delegate_.OnSnapshot(std::move(*snapshot));
}

void Link::OnTailedFile(const registry::TailWorkers& message,
                        std::vector<base::Fd> fds) {
  using Workers = std::vector<registry::WorkerId>;
  Result<std::string> bytes =
      fds.empty() ? Result<std::string>(
                        Error(ErrorCode::kInvalid, "it came without a file"))
                  : base::ReadWholeFile(fds[0], kMaxSnapshotBytes);
  Result<Workers> workers = bytes ? base::Decode<Workers>(*bytes)
                                  : Result<Workers>(std::move(bytes).error());
  if (workers) {
    delegate_.OnTail(std::move(*workers));
  } else {
    log_.Error("the list of Workers that tell all events was refused",
               {{"why", workers.error().message()}});
  }
  // Also of a refused one: else no further list would come.
  channel_->Send(registry::EncodeFromHost(registry::TailTaken{message.number}));
}

void Link::OnChangeMessage(const registry::ApplyChange& message,
                           std::vector<base::Fd> fds) {
  std::string bytes = message.change;
  if (bytes.empty() && !fds.empty()) {
    Result<std::string> content =
        base::ReadWholeFile(fds[0], kMaxSnapshotBytes);
    if (content) bytes = std::move(*content);
  }
  Result<registry::Change> change = base::Decode<registry::Change>(bytes);
  if (!change) {
    log_.Error("a change of what is published was refused",
               {{"why", change.error().message()}});
    return;
  }
  delegate_.OnChange(std::move(*change));
}

void Link::OnAnswer(uint64_t number, const std::string& error,
                    std::vector<base::Fd> fds) {
  const auto found = questions_.find(number);
  if (found == questions_.end()) return;  // it was given up
  Question question = std::move(found->second);
  questions_.erase(found);
  loop_->Cancel(question.deadline);
  std::optional<Error> failure;
  if (!error.empty()) {
    failure = Error(ErrorCode::kUnavailable, error);
  } else if (fds.empty()) {
    failure = Error(ErrorCode::kInternal, "an answer without its descriptor");
  }
  if (question.bundle) {
    if (failure) return question.bundle(std::move(*failure));
    OpenedBundle opened{.bundle = std::move(fds[0]), .code_cache = {}};
    if (fds.size() > 1) opened.code_cache = std::move(fds[1]);
    question.bundle(std::move(opened));
  } else if (question.connect) {
    if (failure) return question.connect(std::move(*failure));
    question.connect(std::move(fds[0]));
  }
}

void Link::Ask(uint64_t number, Question question) {
  ArmDeadline(number, question,
              channel_ != nullptr ? kAnswerLimit : kDaemonPatience);
  if (channel_ != nullptr) {
    channel_->Send(registry::EncodeFromHost(question.message));
  }
  questions_.emplace(number, std::move(question));
}

void Link::ArmDeadline(uint64_t number, Question& question,
                       std::chrono::seconds limit) {
  question.deadline = loop_->After(limit, [this, number] {
    Fail(number,
         Error(ErrorCode::kUnavailable, "caraveld, which this needs, is away"));
  });
}

void Link::Fail(uint64_t number, Error why) {
  const auto found = questions_.find(number);
  if (found == questions_.end()) return;
  Question question = std::move(found->second);
  questions_.erase(found);
  if (question.bundle) {
    question.bundle(std::move(why));
  } else if (question.resolve) {
    question.resolve(std::move(why));
  } else {
    question.connect(std::move(why));
  }
}

void Link::OpenBundle(registry::WorkerId worker, registry::VersionId version,
                      BundleCallback done) {
  (void)loop_->Post([this, worker = std::move(worker),
                     version = std::move(version), done = std::move(done)] {
    const uint64_t number = ++last_question_;
    Ask(number, {.message = registry::OpenBundle{number, worker, version},
                 .bundle = done,
                 .connect = {},
                 .resolve = {},
                 .deadline = {}});
  });
}

void Link::OpenAssets(registry::WorkerId worker, registry::VersionId version,
                      AssetOpener::Done done) {
  (void)loop_->Post([this, worker = std::move(worker),
                     version = std::move(version), done = std::move(done)] {
    const uint64_t number = ++last_question_;
    Ask(number, {.message = registry::OpenAssets{number, worker, version},
                 .bundle = {},
                 .connect = done,
                 .resolve = {},
                 .deadline = {}});
  });
}

void Link::OpenAsset(registry::WorkerId worker, registry::VersionId version,
                     uint32_t index, registry::AssetCoding coding,
                     AssetOpener::Done done) {
  (void)loop_->Post([this, worker = std::move(worker),
                     version = std::move(version), index, coding,
                     done = std::move(done)] {
    const uint64_t number = ++last_question_;
    Ask(number,
        {.message = registry::OpenAsset{number, worker, version, index, coding},
         .bundle = {},
         .connect = done,
         .resolve = {},
         .deadline = {}});
  });
}

void Link::Connect(registry::WorkerId worker, std::string host, uint16_t port,
                   ConnectCallback done) {
  AskConnect({.request = 0,
              .worker = std::move(worker),
              .host = std::move(host),
              .port = port},
             std::move(done));
}

void Link::ConnectToOrigin(registry::ZoneId zone, std::string host,
                           uint16_t port, ConnectCallback done) {
  AskConnect({.request = 0,
              .worker = {},
              .host = std::move(host),
              .port = port,
              .zone = std::move(zone)},
             std::move(done));
}

void Link::AskConnect(registry::Connect question, ConnectCallback done) {
  (void)loop_->Post(
      [this, question = std::move(question), done = std::move(done)]() mutable {
        if (question.host.size() > kMaxNameBytes) {
          return done(Error(ErrorCode::kInvalid,
                            fmt::format("the host's name has {} bytes: connect "
                                        "to one of at most {}",
                                        question.host.size(), kMaxNameBytes)));
        }
        const uint64_t number = ++last_question_;
        question.request = number;
        Ask(number, {.message = std::move(question),
                     .bundle = {},
                     .connect = done,
                     .resolve = {},
                     .deadline = {}});
      });
}

void Link::Resolve(registry::ResolveName question, ResolveCallback done) {
  (void)loop_->Post([this, question = std::move(question),
                     done = std::move(done)]() mutable {
    if (question.name.size() > kMaxNameBytes) {
      const bool records = question.asks == registry::NameQuestion::kRecords;
      return done(
          Error(ErrorCode::kNotFound, records ? "EBADNAME" : "EAI_NONAME"));
    }
    const uint64_t number = ++last_question_;
    question.request = number;
    Ask(number, {.message = std::move(question),
                 .bundle = {},
                 .connect = {},
                 .resolve = std::move(done),
                 .deadline = {}});
  });
}

void Link::AskKv(KvLine::Question question, KvLine::Done done) {
  (void)loop_->Post(
      [this, question = std::move(question), done = std::move(done)]() mutable {
        kv_.Ask(std::move(question), std::move(done));
      });
}

void Link::OnResolved(registry::NameResolved& answer) {
  auto node = questions_.extract(answer.request);
  if (node.empty() || !node.mapped().resolve) return;
  loop_->Cancel(node.mapped().deadline);
  if (answer.error.empty()) {
    node.mapped().resolve(std::move(answer.answer));
  } else {
    node.mapped().resolve(Error(ErrorCode::kNotFound, answer.error));
  }
}

void Link::Report(registry::FromHost message, std::vector<base::Fd> fds) {
  // A task must be copyable, descriptors are not.
  auto shared = std::make_shared<std::vector<base::Fd>>(std::move(fds));
  (void)loop_->Post([this, message = std::move(message), shared] {
    if (channel_ == nullptr) return;
    net::Packet packet = registry::EncodeFromHost(message, std::move(*shared));
    if (packet.bytes.size() > net::kMaxPacketBytes) {
      log_.Error("a message to caraveld is too large and was dropped",
                 {{"bytes", packet.bytes.size()}});
      return;
    }
    channel_->Send(std::move(packet));
  });
}

void Link::ReportEvent(registry::AccountId account, registry::LogEvent event) {
  (void)loop_->Post(
      [this, account = std::move(account), event = std::move(event)]() mutable {
        events_.Add(account, std::move(event));
        SendEventsSoon();
      });
}

void Link::SendEventsSoon() {
  if (std::exchange(events_timer_set_, true)) return;
  (void)loop_->After(kEventInterval, [this] {
    events_timer_set_ = false;
    if (channel_ == nullptr) return;
    if (channel_->backlog() > kMaxEventBacklog) {
      SendEventsSoon();
    } else {
      SendEvents();
    }
  });
}

void Link::Finish(std::chrono::milliseconds limit, std::function<void()> done) {
  (void)loop_->Post([this, limit, done = std::move(done)] {
    finished_ = done;
    (void)loop_->After(limit, [this] { TellFinished(); });
    if (channel_ != nullptr) SendLastEvents();
  });
}

void Link::TellFinished() {
  if (finished_) std::exchange(finished_, nullptr)();
}

void Link::SendEvents() {
  HeldEvents::Batch held = events_.Take();
  registry::LogEvents batch;
  size_t bytes = 0;
  const auto send = [&] {
    batch.dropped = std::exchange(held.dropped, 0);
    channel_->Send(registry::EncodeFromHost(batch));
    batch = {};
    bytes = 0;
  };
  for (HeldEvents::Event& each : held.events) {
    if (bytes > 0 && bytes + each.bytes > kEventBytesPerPacket) send();
    if (each.bytes > kEventBytesPerPacket) {
      if (!SendLargeEvent(each.event)) events_.CountDropped(each.event);
      continue;
    }
    batch.events.push_back(std::move(each.event));
    bytes += each.bytes;
  }
  if (!batch.events.empty() || held.dropped > 0) send();
  if (!events_.empty()) SendEventsSoon();
}

void Link::SendLastEvents() {
  SendEvents();
  // The notices of what could not be sent, which are small.
  if (!events_.empty()) SendEvents();
  channel_->Finish();
}

bool Link::SendLargeEvent(const registry::LogEvent& event) {
  const std::string encoded = base::Encode(event);
  if (encoded.size() > registry::kMaxLogEventBytes) return false;
  Result<base::Fd> file = base::SealedMemoryFile("event", encoded);
  if (!file) return false;
  std::vector<base::Fd> fds;
  fds.push_back(std::move(*file));
  channel_->Send(
      registry::EncodeFromHost(registry::LogEvents{}, std::move(fds)));
  return true;
}

}  // namespace caravel::host
