// Each Connect() is an Attempt, owned by the broker under a number. What comes
// back late (a name's addresses after the deadline) looks for the number and
// finds nothing.
//
// Tests: egress_test.cc.
#include "daemon/egress.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "daemon/counts.h"
#include "daemon/egress_race.h"

namespace caravel::daemon {
namespace {

// Addresses of one name that are tried: a name with a thousand is no reason to
// open a thousand sockets.
constexpr size_t kMaxTried = 16;

enum class Localhost : uint8_t { kNo, kItself, kBelow };

// Whether `host` is "localhost" or a name below it: loopback, whatever a
// resolver would say (RFC 6761, section 6.3). node:dns takes the same names for
// that (runtime/node/net/names.ts).
Localhost LocalhostOf(std::string host) {
  std::ranges::transform(host, host.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (host.ends_with('.')) host.pop_back();
  if (host == "localhost") return Localhost::kItself;
  return host.ends_with(".localhost") ? Localhost::kBelow : Localhost::kNo;
}

Resolver::Addresses LoopbackAddresses() {
  std::array<uint8_t, 16> v6 = {};
  v6.back() = 1;
  return {net::IpAddress::V4({127, 0, 0, 1}), net::IpAddress::V6(v6)};
}

Error OfAnotherWorker(const Error& refusal) {
  return Error(refusal.code(),
               refusal.message() +
                   ". Names below localhost are those of Workers: to call one "
                   "from another, bind it there, by \"services\" in the "
                   "configuration");
}

}  // namespace

// One Connect() under way.
struct EgressBroker::Attempt {
  std::string host;
  uint16_t port = 0;
  std::string worker;
  Done done;
  Reach reach = Reach::kByRules;
  Status room;                        // whether there was room for one more
  net::EventLoop::TimerId timer;      // its first step, then its deadline
  std::unique_ptr<ConnectRace> race;  // once the addresses are known
};

class EgressBroker::State : public std::enable_shared_from_this<State> {
 public:
  State(net::EventLoop& event_loop, Resolver& names,
        const EgressRules& egress_rules, base::Log& platform_log,
        const Options& given)
      : loop(event_loop),
        resolver(names),
        rules(egress_rules),
        log(platform_log),
        options(given),
        machine(given.machine_addresses) {}
  ~State() {
    for (const auto& [number, attempt] : attempts) loop.Cancel(attempt.timer);
  }

  void Start(uint64_t number);
  Status CheckRoom(const std::string& worker) const;
  Status Judge(const net::IpAddress& address, uint16_t port);
  void OnAddresses(uint64_t number, const Resolver::Addresses& addresses);
  void OnDeadline(uint64_t number);
  // The ends of an attempt: each tells the caller and forgets it.
  void Refuse(uint64_t number, const Error& why);
  void Fail(uint64_t number, ErrorCode code, std::string_view reason);
  void Finish(uint64_t number, Result<base::Fd> result);

  net::EventLoop& loop;
  Resolver& resolver;
  const EgressRules& rules;
  base::Log& log;
  const Options options;
  MachineAddresses machine;
  uint64_t last_number = 0;
  std::unordered_map<uint64_t, Attempt> attempts;
  Counts opening;  // attempts by worker
};

EgressBroker::EgressBroker(net::EventLoop& loop, Resolver& resolver,
                           const EgressRules& rules, base::Log& log)
    : EgressBroker(loop, resolver, rules, log, Options()) {}

EgressBroker::EgressBroker(net::EventLoop& loop, Resolver& resolver,
                           const EgressRules& rules, base::Log& log,
                           const Options& options)
    : state_(std::make_shared<State>(loop, resolver, rules, log, options)) {}

EgressBroker::~EgressBroker() = default;

void EgressBroker::Connect(const std::string& host, uint16_t port,
                           const std::string& worker, Done done, Reach reach) {
  State& state = *state_;
  const uint64_t number = ++state.last_number;
  Attempt attempt{.host = host,
                  .port = port,
                  .worker = worker,
                  .done = std::move(done),
                  .reach = reach,
                  .room = state.CheckRoom(worker),
                  .timer = {},
                  .race = nullptr};
  attempt.timer = state.loop.After(std::chrono::nanoseconds(0),
                                   [&state, number] { state.Start(number); });
  state.opening.Add(worker);
  state.attempts.emplace(number, std::move(attempt));
}

void EgressBroker::State::Start(uint64_t number) {
  Attempt& attempt = attempts.at(number);
  attempt.timer =
      loop.After(options.timeout, [this, number] { OnDeadline(number); });
  if (!attempt.room) {
    const Error& why = attempt.room.error();
    return Fail(number, why.code(), why.message());
  }
  if (attempt.port == 0) {
    return Fail(number, ErrorCode::kInvalid, "0 is no port to connect to");
  }
  const Result<std::optional<net::IpAddress>> literal =
      net::ParseIpLiteral(attempt.host);
  if (!literal) return Refuse(number, literal.error());
  if (literal->has_value()) return OnAddresses(number, {**literal});
  if (!net::MayBeHostName(attempt.host)) {
    return Refuse(number,
                  Error(ErrorCode::kInvalid, "it is no name of a host"));
  }
  if (LocalhostOf(attempt.host) != Localhost::kNo) {
    return OnAddresses(number, LoopbackAddresses());
  }
  resolver.Resolve(attempt.host, [weak = weak_from_this(), number](
                                     Result<Resolver::Addresses> addresses) {
    const std::shared_ptr<State> state = weak.lock();
    if (state == nullptr || !state->attempts.contains(number)) return;
    if (addresses) return state->OnAddresses(number, *addresses);
    state->Fail(number, addresses.error().code(),
                "the name does not resolve: " + addresses.error().message());
  });
}

Status EgressBroker::State::CheckRoom(const std::string& worker) const {
  const size_t count = opening.Of(worker);
  if (count >= options.max_opening_for_worker) {
    return Error(
        ErrorCode::kLimit,
        fmt::format("this Worker is opening {} connections already", count));
  }
  if (attempts.size() >= options.max_opening) {
    return Error(ErrorCode::kLimit,
                 fmt::format("{} connections are being opened already",
                             attempts.size()));
  }
  return {};
}

Status EgressBroker::State::Judge(const net::IpAddress& address,
                                  uint16_t port) {
  CARAVEL_TRY(rules.Check(address, port));
  if (rules.IsOpened(address)) return {};
  CARAVEL_TRY(const bool is_own, machine.Has(address, loop.Now()));
  if (!is_own) return {};
  return Error(ErrorCode::kDenied,
               fmt::format("the address {} is this machine's own; the operator "
                           "can allow it with --allow-egress {}/{}",
                           address.ToText(), address.ToText(), address.bits()));
}

void EgressBroker::State::OnAddresses(uint64_t number,
                                      const Resolver::Addresses& addresses) {
  std::vector<net::IpAddress> allowed;
  std::optional<Error> refusal;
  for (const net::IpAddress& address : addresses) {
    Status checked = attempts.at(number).reach == Reach::kAnywhere
                         ? Status()
                         : Judge(address, attempts.at(number).port);
    if (checked) {
      allowed.push_back(address);
    } else if (!refusal) {
      refusal = std::move(checked).error();
    }
  }
  if (allowed.empty()) {
    if (LocalhostOf(attempts.at(number).host) == Localhost::kBelow) {
      return Refuse(number, OfAnotherWorker(*refusal));
    }
    return Refuse(number, *refusal);
  }
  if (allowed.size() > kMaxTried) allowed.resize(kMaxTried);
  Attempt& attempt = attempts.at(number);
  attempt.race = std::make_unique<ConnectRace>(
      loop, std::move(allowed), attempt.port, options.head_start,
      [this, number](Result<base::Fd> result) {
        if (result) return Finish(number, std::move(result));
        Fail(number, result.error().code(), result.error().message());
      });
  attempt.race->Start();  // may end the attempt
}

void EgressBroker::State::OnDeadline(uint64_t number) {
  const Attempt& attempt = attempts.at(number);
  std::string reason =
      fmt::format("no answer in {} ms", options.timeout.count());
  if (attempt.race != nullptr && !attempt.race->first_failure().empty()) {
    reason += ", after " + attempt.race->first_failure();
  }
  Fail(number, ErrorCode::kUnavailable, reason);
}

void EgressBroker::State::Refuse(uint64_t number, const Error& why) {
  const Attempt& attempt = attempts.at(number);
  log.Info("egress refused", {{"worker", attempt.worker},
                              {"host", attempt.host},
                              {"port", attempt.port},
                              {"why", why.message()}});
  Finish(number,
         why.Clone().In(fmt::format("connection to \"{}\"", attempt.host)));
}

void EgressBroker::State::Fail(uint64_t number, ErrorCode code,
                               std::string_view reason) {
  const Attempt& attempt = attempts.at(number);
  const bool is_v6 = attempt.host.find(':') != std::string::npos;
  Finish(number,
         Error(code, fmt::format("connect to {}{}{}:{}: {}", is_v6 ? "[" : "",
                                 attempt.host, is_v6 ? "]" : "", attempt.port,
                                 reason)));
}

void EgressBroker::State::Finish(uint64_t number, Result<base::Fd> result) {
  // The caller may destroy the broker; the attempt stays whole until the end,
  // for its race may be what calls.
  const std::shared_ptr<State> alive = shared_from_this();
  const auto node = attempts.extract(number);
  const Attempt& attempt = node.mapped();
  loop.Cancel(attempt.timer);
  opening.Remove(attempt.worker);
  attempt.done(std::move(result));
}

}  // namespace caravel::daemon
