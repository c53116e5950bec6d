#include "host/origins.h"

#include <map>
#include <optional>
#include <utility>

#include "net/client_pool.h"
#include "net/tls.h"

namespace caravel::host {
namespace {

// Of one shard.
constexpr size_t kMaxRawConnections = 2048;

// Owners of connections are Workers, by their id, and zones.
constexpr std::string_view kZoneOwner = "zone ";

// Sockets from caraveld's egress broker. An answer comes on the link's thread
// and is brought to the shard's loop.
class BrokerDialer final : public net::Dialer {
 public:
  BrokerDialer(net::EventLoop& loop, Link& link) : loop_(loop), link_(link) {}

  void Dial(const std::string& owner, const std::string& host, uint16_t port,
            Done done) override {
    const auto tell = [&loop = loop_,
                       done = std::move(done)](Result<base::Fd> socket) {
      auto shared = std::make_shared<Result<base::Fd>>(std::move(socket));
      (void)loop.Post([done, shared] { done(std::move(*shared)); });
    };
    if (owner.starts_with(kZoneOwner)) {
      link_.ConnectToOrigin({owner.substr(kZoneOwner.size())}, host, port,
                            tell);
    } else {
      link_.Connect({owner}, host, port, tell);
    }
  }

 private:
  net::EventLoop& loop_;
  Link& link_;
};

}  // namespace

Status FillFromUrl(std::string_view url, net::RequestHead& head) {
  const size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      (scheme != "http" && scheme != "https")) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("Fetch API cannot load: {}", url.substr(0, 200)));
  }
  url.remove_prefix(scheme_end + 3);
  url = url.substr(0, url.find('#'));
  const size_t path = url.find_first_of("/?");
  std::string_view authority = url.substr(0, path);
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  // No host name is longer (RFC 1035, section 2.3.4), with brackets and port.
  if (authority.size() > 253 + 8) {
    return Error(ErrorCode::kInvalid, "the host name of the URL is too long");
  }
  head.scheme = scheme;
  head.authority = authority;
  head.target = path == std::string_view::npos ? std::string("/")
                                               : std::string(url.substr(path));
  if (head.target.front() == '?') head.target.insert(0, 1, '/');
  return {};
}

class Origins::State {
 public:
  // The pool, by which a request goes to another host than it names.
  class Detour final : public net::Target {
   public:
    explicit Detour(net::ClientPool& pool) : pool_(pool) {}
    void Set(std::string owner, std::string host) {
      owner_ = std::move(owner);
      host_ = std::move(host);
    }
    net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override {
      Result<net::Origin> origin = net::OriginOf(owner_, head);
      if (!origin) return pool_.Start(owner_, head, asker);  // it says why
      origin->tls_name = std::exchange(origin->host, host_);
      return pool_.StartAt(*origin, head, asker);
    }

   private:
    net::ClientPool& pool_;
    std::string owner_;
    std::string host_;
  };

  State(net::EventLoop& loop, Link& link, const OriginSettings& settings)
      : settings_(settings),
        dialer_(loop, link),
        pool_(
            loop, dialer_, [this] { return TrustedContext(); },
            net::ClientPool::Options()),
        raw_(
            loop, dialer_, [this] { return TrustedContext(); },
            kMaxRawConnections) {}

  RawConnections& raw() { return raw_; }
  net::ClientPool& pool() { return pool_; }
  Detour& detour() { return detour_; }
  net::Target& TargetFor(const registry::WorkerId& worker) {
    std::unique_ptr<net::Target>& target = targets_[worker.value];
    if (target == nullptr) target = pool_.ForOwner(worker.value);
    return *target;
  }

 private:
  Result<const net::TlsContext*> TrustedContext() {
    if (tls_ == nullptr) {
      CARAVEL_TRY(tls_, net::TlsContext::CreateClient(settings_.ca_certificates)
                            .In("the system's certificates"));
    }
    return tls_.get();
  }

  const OriginSettings& settings_;
  BrokerDialer dialer_;
  std::unique_ptr<net::TlsContext> tls_;
  net::ClientPool pool_;
  Detour detour_{pool_};
  RawConnections raw_;
  std::map<std::string, std::unique_ptr<net::Target>> targets_;
};

Origins::Origins(net::EventLoop& loop, Link& link,
                 const OriginSettings& settings)
    : state_(std::make_unique<State>(loop, link, settings)) {}
Origins::~Origins() = default;

RawConnections& Origins::raw() { return state_->raw(); }

Result<net::Target*> Origins::Find(const registry::WorkerId& worker,
                                   std::string_view url,
                                   net::RequestHead& head) {
  CARAVEL_TRY(FillFromUrl(url, head));
  return &state_->TargetFor(worker);
}

net::Target& Origins::Through(const registry::WorkerId& worker,
                              std::string host) {
  state_->detour().Set(worker.value, std::move(host));
  return state_->detour();
}

net::Answerer& Origins::StartAtOrigin(const Zone& zone, net::RequestHead& head,
                                      net::Asker& asker) {
  const registry::ZoneOrigin& to = *zone.origin();
  net::Origin origin{.owner = std::string(kZoneOwner) + zone.id().value,
                     .tls = to.tls,
                     .host = to.host,
                     .port = to.port};
  const bool is_address =
      to.host.find(':') != std::string::npos ||
      to.host.find_first_not_of("0123456789.") == std::string::npos;
  if (to.tls && is_address) {
    const std::string_view authority = head.authority;
    origin.tls_name =
        registry::LowerHost(authority.substr(0, authority.find(':')));
  }
  return state_->pool().StartAt(origin, head, asker);
}

}  // namespace caravel::host
