// OpenSSL over two memory BIOs: one holds what the peer sent, the other what we
// have for it. Its error queue belongs to the thread, so that it is cleared in
// front of each call whose error is read.
//
// Tests: tls_test.cc.
#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <limits>

namespace caravel::net {
namespace {

struct OpenSslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
template <typename T>
using Owned = std::unique_ptr<T, OpenSslDeleter>;

// The oldest error of the thread's queue, in OpenSSL's words.
std::string OpenSslReason() {
  const unsigned long code = ERR_peek_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "no reason is given" : reason;
}

Error OpenSslError(std::string_view what) {
  return Error(ErrorCode::kInternal,
               fmt::format("{}: {}", what, OpenSslReason()));
}

bool IsIpAddress(const std::string& host) {
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

int Size(std::string_view bytes) {
  return static_cast<int>(
      std::min<size_t>(bytes.size(), std::numeric_limits<int>::max()));
}

}  // namespace

class TlsContext::State {
 public:
  Owned<SSL_CTX> context;
};

class TlsSession::State {
 public:
  // What the return value of an SSL_ call means; a wish for more bytes is none.
  Status Judge(int returned);
  Error HandshakeError() const;

  Owned<SSL> session;
  std::string host;
  bool established = false;  // stays, whatever happens afterwards
  BIO* from_peer = nullptr;  // owned by the session
  BIO* to_peer = nullptr;    // owned by the session
};

TlsContext::TlsContext(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;
TlsSession::TlsSession(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
TlsSession::~TlsSession() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::CreateClient(
    std::string_view pem) {
  ERR_clear_error();
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return OpenSslError("prepare TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Buffers of idle connections are given back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);

  X509_STORE* trusted = SSL_CTX_get_cert_store(context.get());
  const Owned<BIO> bundle(BIO_new_mem_buf(pem.data(), Size(pem)));
  if (bundle == nullptr) return OpenSslError("read the trusted certificates");
  size_t count = 0;
  while (true) {
    const Owned<X509> certificate(
        PEM_read_bio_X509(bundle.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    X509_STORE_add_cert(trusted, certificate.get());
    ++count;
  }
  const unsigned long end = ERR_peek_last_error();
  if (ERR_GET_LIB(end) != ERR_LIB_PEM ||
      ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("trusted certificates: number {} is damaged: {}",
                             count + 1, OpenSslReason()));
  }
  ERR_clear_error();
  if (count == 0) {
    return Error(ErrorCode::kInvalid,
                 "trusted certificates: there is none in the bundle")
        .Remedy("install Debian's package ca-certificates");
  }
  auto state = std::make_unique<State>();
  state->context = std::move(context);
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(state)));
}

Result<std::unique_ptr<TlsSession>> TlsSession::Connect(
    const TlsContext& context, const std::string& host, TlsOffer offer) {
  ERR_clear_error();
  auto state = std::make_unique<State>();
  state->host = host;
  state->session.reset(SSL_new(context.state_->context.get()));
  Owned<BIO> from_peer(BIO_new(BIO_s_mem()));
  Owned<BIO> to_peer(BIO_new(BIO_s_mem()));
  if (state->session == nullptr || from_peer == nullptr || to_peer == nullptr) {
    return OpenSslError("begin TLS");
  }
  // An empty input means "wait", not "the end".
  BIO_set_mem_eof_return(from_peer.get(), -1);
  state->from_peer = from_peer.get();
  state->to_peer = to_peer.get();
  SSL* session = state->session.get();
  SSL_set_bio(session, from_peer.release(), to_peer.release());

  X509_VERIFY_PARAM* rules = SSL_get0_param(session);
  bool prepared = true;
  if (IsIpAddress(host)) {
    prepared = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  } else {
    // A name may end in the root's dot, a certificate's never does.
    std::string name = host;
    if (name.ends_with('.')) name.pop_back();
    X509_VERIFY_PARAM_set_hostflags(rules,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    prepared =
        !name.empty() &&
        X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size()) == 1 &&
        SSL_set_tlsext_host_name(session, name.c_str()) == 1;
  }
  constexpr std::string_view kProtocols = "\x08http/1.1";
  prepared =
      prepared &&
      (offer == TlsOffer::kNothing ||
       SSL_set_alpn_protos(
           session, reinterpret_cast<const unsigned char*>(kProtocols.data()),
           kProtocols.size()) == 0);
  if (!prepared) {
    return OpenSslError(fmt::format("begin TLS with \"{}\"", host));
  }
  SSL_set_connect_state(session);
  std::unique_ptr<TlsSession> made(new TlsSession(std::move(state)));
  CARAVEL_TRY(made->Receive({}));
  return made;
}

Status TlsSession::State::Judge(int returned) {
  switch (SSL_get_error(session.get(), returned)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_ZERO_RETURN:
      return {};
    default:
      break;
  }
  if (!established) return HandshakeError();
  return Error(ErrorCode::kUnavailable, "TLS failed: " + OpenSslReason());
}

Error TlsSession::State::HandshakeError() const {
  const long verified = SSL_get_verify_result(session.get());
  if (verified == X509_V_OK) {
    return Error(ErrorCode::kUnavailable,
                 "the TLS handshake failed: " + OpenSslReason());
  }
  ERR_clear_error();
  switch (verified) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Error(
          ErrorCode::kDenied,
          fmt::format("the certificate is not valid for \"{}\"", host));
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error(ErrorCode::kDenied, "the certificate has expired");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error(ErrorCode::kDenied, "the certificate is not valid yet");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return Error(ErrorCode::kDenied,
                   fmt::format("the certificate is not trusted ({})",
                               X509_verify_cert_error_string(verified)));
    default:
      return Error(ErrorCode::kDenied,
                   fmt::format("the certificate is refused: {}",
                               X509_verify_cert_error_string(verified)));
  }
}

Status TlsSession::Receive(std::string_view ciphertext) {
  while (!ciphertext.empty()) {
    const int taken =
        BIO_write(state_->from_peer, ciphertext.data(), Size(ciphertext));
    if (taken <= 0) return Error(ErrorCode::kLimit, "out of memory for TLS");
    ciphertext.remove_prefix(static_cast<size_t>(taken));
  }
  if (established()) return {};
  ERR_clear_error();
  CARAVEL_TRY(state_->Judge(SSL_do_handshake(state_->session.get())));
  state_->established = SSL_is_init_finished(state_->session.get()) != 0;
  return {};
}

bool TlsSession::established() const { return state_->established; }

Result<size_t> TlsSession::Read(char* to, size_t size) {
  size_t got = 0;
  while (got < size) {
    ERR_clear_error();
    size_t piece = 0;
    const int returned =
        SSL_read_ex(state_->session.get(), to + got, size - got, &piece);
    if (returned != 1) {
      CARAVEL_TRY(state_->Judge(returned));
      break;
    }
    got += piece;
  }
  return got;
}

bool TlsSession::ended() const {
  return (SSL_get_shutdown(state_->session.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

Status TlsSession::Write(std::string_view plaintext) {
  if (plaintext.empty()) return {};
  ERR_clear_error();
  size_t written = 0;
  // Into memory, without partial writes: all of it or an error.
  const int returned = SSL_write_ex(state_->session.get(), plaintext.data(),
                                    plaintext.size(), &written);
  if (returned == 1) return {};
  CARAVEL_TRY(state_->Judge(returned));
  return Error(ErrorCode::kUnavailable, "TLS takes no more bytes");
}

void TlsSession::End() {
  ERR_clear_error();
  SSL_shutdown(state_->session.get());
  ERR_clear_error();
}

void TlsSession::TakeOutput(std::string& to) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(state_->to_peer, &data);
  if (size <= 0) return;
  to.append(data, static_cast<size_t>(size));
  BIO_reset(state_->to_peer);
}

std::string TlsSession::version() const {
  return SSL_get_version(state_->session.get());
}

std::string TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(state_->session.get(), &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

}  // namespace caravel::net
