// Over glibc: getaddrinfo(), getnameinfo(), and res_nsend() for questions of
// DNS, whose answer goes on as it came. It is read where it is asked for, in
// the sandbox of the host.
//
// Tests: name_service_test.cc.
#include "daemon/name_lookup.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include <array>
#include <cerrno>
#include <memory>

#include "net/channel.h"
#include "net/ip_address.h"

namespace caravel::daemon {
namespace {

// For each server and try: a dead DNS server holds a thread for seconds, not
// for half a minute.
constexpr int kDnsSeconds = 2;
constexpr int kDnsTries = 2;
// A packet to a host has room for it.
constexpr size_t kMaxAnswerBytes = net::kMaxPacketBytes - 1024;
// A name with more is cut off.
constexpr size_t kMaxAddresses = 256;

Error Failed(std::string code) {
  return Error(ErrorCode::kNotFound, std::move(code));
}

Error AddressInfoError(int failure) {
  switch (failure) {
    case EAI_AGAIN:
      return Failed("EAI_AGAIN");
    case EAI_MEMORY:
      return Failed("EAI_MEMORY");
    case EAI_FAIL:
      return Failed("EAI_FAIL");
    default:
      return Failed("EAI_NONAME");
  }
}

Result<std::string> LookUpAddresses(const std::string& name) {
  if (!net::MayBeHostName(name)) return Failed("EAI_NONAME");
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int failure = ::getaddrinfo(name.c_str(), nullptr, &hints, &raw);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(raw,
                                                            ::freeaddrinfo);
  if (failure != 0) return AddressInfoError(failure);
  std::string answer;
  size_t count = 0;
  for (const addrinfo* each = list.get(); each != nullptr;
       each = each->ai_next) {
    const std::optional<net::IpAddress> address =
        net::IpAddress::From(*each->ai_addr);
    if (!address || ++count > kMaxAddresses) continue;
    if (!answer.empty()) answer += '\n';
    answer += address->ToText();
  }
  if (answer.empty()) return Failed("EAI_NONAME");
  return answer;
}

Result<std::string> LookUpHost(const std::string& address, uint16_t port) {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size = sizeof v4;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    size = sizeof v6;
  } else {
    return Failed("EAI_NONAME");
  }
  std::array<char, NI_MAXHOST> host;
  std::array<char, NI_MAXSERV> service;
  const int failure = ::getnameinfo(
      reinterpret_cast<const sockaddr*>(&storage), size, host.data(),
      host.size(), service.data(), service.size(), NI_NAMEREQD);
  if (failure != 0) return AddressInfoError(failure);
  return fmt::format("{}\n{}", host.data(), service.data());
}

// The state of a question to DNS, as glibc has it.
class Question {
 public:
  explicit Question(const std::optional<sockaddr_in>& dns_server) {
    prepared_ = ::res_ninit(&state_) == 0;
    if (!prepared_) return;
    state_.retrans = kDnsSeconds;
    state_.retry = kDnsTries;
    if (!dns_server) return;
    state_.nscount = 1;
    state_.nsaddr_list[0] = *dns_server;
    state_._u._ext.nscount = 0;
  }
  ~Question() {
    if (prepared_) ::res_nclose(&state_);
  }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  bool prepared() const { return prepared_; }
  struct __res_state* state() { return &state_; }

 private:
  struct __res_state state_ = {};
  bool prepared_ = false;
};

Result<std::string> LookUpRecords(const std::string& name, uint16_t type,
                                  const std::optional<sockaddr_in>& server) {
  if (!net::MayBeHostName(name)) return Failed("EBADNAME");
  Question question(server);
  if (!question.prepared()) return Failed("ENOTINITIALIZED");
  std::array<unsigned char, NS_PACKETSZ> asked;
  const int size =
      ::res_nmkquery(question.state(), ns_o_query, name.c_str(), ns_c_in, type,
                     nullptr, 0, nullptr, asked.data(), asked.size());
  if (size < 0) return Failed("EBADNAME");
  std::string answer(NS_MAXMSG, '\0');
  const int got = ::res_nsend(question.state(), asked.data(), size,
                              reinterpret_cast<unsigned char*>(answer.data()),
                              static_cast<int>(answer.size()));
  if (got < 0) {
    return Failed(errno == ECONNREFUSED ? "ECONNREFUSED" : "ETIMEOUT");
  }
  if (static_cast<size_t>(got) > kMaxAnswerBytes) return Failed("EBADRESP");
  answer.resize(static_cast<size_t>(got));
  return answer;
}

}  // namespace

Result<std::string> LookUpName(const registry::ResolveName& question,
                               const std::optional<sockaddr_in>& dns_server) {
  switch (question.asks) {
    case registry::NameQuestion::kAddresses:
      return LookUpAddresses(question.name);
    case registry::NameQuestion::kHost:
      return LookUpHost(question.name, question.number);
    case registry::NameQuestion::kRecords:
      return LookUpRecords(question.name, question.number, dns_server);
  }
  return Failed("EBADQUERY");
}

void LimitLookUpsOfThread() {
  if (::res_init() != 0) return;
  _res.retrans = kDnsSeconds;
  _res.retry = kDnsTries;
}

}  // namespace caravel::daemon
