#include "host/link.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "host/build_id.h"

namespace caravel::host {
namespace {

constexpr std::chrono::milliseconds kEventInterval{100};
// Events kept while caraveld is away; beyond, they are counted and dropped.
constexpr size_t kMaxWaitingEvents = 4096;
// An events message stays far below the limit of a packet.
constexpr size_t kEventBytesPerPacket = 48 * 1024;
constexpr size_t kMaxSnapshotBytes = size_t{1} << 30;
// While caraveld is there it answers, slowly perhaps: a connection has a time
// limit of its own there.
constexpr std::chrono::seconds kAnswerLimit{30};

bool SameKey(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

}  // namespace

Result<std::unique_ptr<Link>> Link::Start(base::Fd listener, std::string key,
                                          const base::Clock& clock,
                                          base::Log& log, Delegate& delegate) {
  if (key.empty()) {
    return Error(ErrorCode::kInvalid, "the host was started without a key");
  }
  CARAVEL_TRY(std::unique_ptr<net::EventLoop> loop,
              net::EventLoop::Create(clock));
  std::unique_ptr<Link> link(new Link(std::move(loop), std::move(listener),
                                      std::move(key), log, delegate));
  link->thread_ = std::thread([raw = link.get()] { raw->Run(); });
  return link;
}

Link::Link(std::unique_ptr<net::EventLoop> loop, base::Fd listener,
           std::string key, base::Log& log, Delegate& delegate)
    : loop_(std::move(loop)),
      listener_(std::move(listener)),
      key_(std::move(key)),
      log_(log),
      delegate_(delegate) {}

void Link::Open() {
  (void)loop_->Post([this] {
    const Status status = loop_->Watch(listener_.get(), EPOLLIN, *this);
    CARAVEL_CHECK(status.has_value(), status.error().message());
  });
}

Link::~Link() {
  (void)loop_->Post([this] { stopping_ = true; });
  if (thread_.joinable()) thread_.join();
}

void Link::Run() {
  while (!stopping_) {
    loop_->Poll(std::chrono::nanoseconds(-1));
    closing_.reset();
  }
  channel_.reset();
}

void Link::OnEvents(uint32_t) {
  base::Fd socket(::accept4(listener_.get(), nullptr, nullptr,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid()) return;
  // The newest dialler is the living caraveld, if it knows the key.
  closing_ = std::move(channel_);
  joined_ = false;
  Result<std::unique_ptr<net::Channel>> channel =
      net::Channel::Create(*loop_, std::move(socket), *this);
  if (!channel) {
    log_.Warning("caraveld could not join",
                 {{"why", channel.error().message()}});
    return;
  }
  channel_ = std::move(*channel);
}

void Link::OnClosed(const Error& why) {
  log_.Info("caraveld is away", {{"why", why.message()}});
  joined_ = false;
  closing_ = std::move(channel_);
  for (auto& [number, question] : questions_) {
    loop_->Cancel(question.deadline);
    ArmDeadline(number, question, kDaemonPatience);
  }
}

void Link::OnPacket(net::Packet packet) {
  Result<registry::ToHost> message = registry::DecodeToHost(packet.bytes);
  if (!message) {
    log_.Error("a message of caraveld cannot be read",
               {{"why", message.error().message()}});
    return;
  }
  if (const auto* hello = std::get_if<registry::DaemonHello>(&*message)) {
    OnHello(*hello);
  } else if (joined_) {
    OnMessage(std::move(*message), std::move(packet.fds));
  }
}

void Link::OnHello(const registry::DaemonHello& hello) {
  if (!SameKey(hello.key, key_)) {
    log_.Error("somebody dialled who does not know the key");
    joined_ = false;
    closing_ = std::move(channel_);
    return;
  }
  joined_ = true;
  registry::HostHello answer;
  answer.pid = static_cast<uint32_t>(::getpid());
  answer.key = key_;
  answer.build = BuildId();
  answer.sequence = delegate_.AppliedSequence();
  std::vector<base::Fd> listeners = delegate_.DuplicateListeners();
  answer.listeners = static_cast<uint32_t>(listeners.size());
  channel_->Send(registry::EncodeFromHost(answer, std::move(listeners)));
  for (const auto& [number, question] : questions_) {
    channel_->Send(registry::EncodeFromHost(question.message));
  }
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
  } else if (auto* check = std::get_if<registry::CheckBundle>(&message)) {
    delegate_.OnCheck(std::move(*check),
                      fds.empty() ? base::Fd() : std::move(fds[0]));
  } else if (const auto* drain = std::get_if<registry::Drain>(&message)) {
    delegate_.OnDrain(std::chrono::milliseconds(drain->milliseconds));
  } else if (const auto* ask = std::get_if<registry::AskStats>(&message)) {
    delegate_.OnAskStats(ask->request);
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
  } else {
    if (failure) return question.connect(std::move(*failure));
    question.connect(std::move(fds[0]));
  }
}

void Link::Ask(uint64_t number, Question question) {
  ArmDeadline(number, question, joined_ ? kAnswerLimit : kDaemonPatience);
  if (joined_) channel_->Send(registry::EncodeFromHost(question.message));
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
                 .deadline = {}});
  });
}

void Link::Connect(registry::WorkerId worker, std::string host, uint16_t port,
                   ConnectCallback done) {
  (void)loop_->Post([this, worker = std::move(worker), host = std::move(host),
                     port, done = std::move(done)] {
    const uint64_t number = ++last_question_;
    Ask(number, {.message = registry::Connect{number, worker, host, port},
                 .bundle = {},
                 .connect = done,
                 .deadline = {}});
  });
}

void Link::Report(registry::FromHost message, std::vector<base::Fd> fds) {
  // A task must be copyable, descriptors are not.
  auto shared = std::make_shared<std::vector<base::Fd>>(std::move(fds));
  (void)loop_->Post([this, message = std::move(message), shared] {
    if (!joined_) return;
    net::Packet packet = registry::EncodeFromHost(message, std::move(*shared));
    if (packet.bytes.size() > net::kMaxPacketBytes) {
      log_.Error("a message to caraveld is too large and was dropped",
                 {{"bytes", packet.bytes.size()}});
      return;
    }
    channel_->Send(std::move(packet));
  });
}

void Link::ReportEvent(registry::LogEvent event) {
  (void)loop_->Post([this, event = std::move(event)]() mutable {
    if (events_.size() >= kMaxWaitingEvents) {
      ++dropped_events_;
      return;
    }
    events_.push_back(std::move(event));
    if (events_timer_set_) return;
    events_timer_set_ = true;
    (void)loop_->After(kEventInterval, [this] {
      events_timer_set_ = false;
      SendEvents();
    });
  });
}

void Link::SendEvents() {
  if (!joined_) return;
  registry::LogEvents batch;
  size_t bytes = 0;
  const auto send = [&] {
    batch.dropped = std::exchange(dropped_events_, 0);
    net::Packet packet = registry::EncodeFromHost(batch);
    // One huge event alone may not fit: it is counted as lost.
    if (packet.bytes.size() <= net::kMaxPacketBytes) {
      channel_->Send(std::move(packet));
    } else {
      dropped_events_ += batch.events.size();
    }
    batch = {};
    bytes = 0;
  };
  for (registry::LogEvent& event : events_) {
    const size_t size = base::Encode(event).size();
    if (bytes > 0 && bytes + size > kEventBytesPerPacket) send();
    batch.events.push_back(std::move(event));
    bytes += size;
  }
  events_.clear();
  if (!batch.events.empty() || dropped_events_ > 0) send();
}

}  // namespace caravel::host
