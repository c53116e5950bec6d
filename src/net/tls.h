#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::net {

class TlsSession;

// Which protocols a client names in its handshake (ALPN, RFC 7301): "http/1.1",
// or none, where the protocol is the Worker's own.
enum class TlsOffer : unsigned char { kHttp1, kNothing };

// What the sessions of one side share: certificates that are trusted, versions,
// ciphers. TLS 1.2 and 1.3. Uses only what OpenSSL 3.0 (Debian's, in caraveld)
// and 3.5 (Node's, in a host) both have.
//
// Immutable; any thread may make sessions from it.
class TlsContext {
 public:
  // For clients that trust the certificates in `pem`, a bundle such as the
  // system's /etc/ssl/certs/ca-certificates.crt: its bytes, because a host
  // process can open no file. Reading a full bundle takes some milliseconds.
  // kInvalid when it holds no certificate or a damaged one.
  static Result<std::unique_ptr<TlsContext>> CreateClient(std::string_view pem);
  ~TlsContext();

 private:
  friend class TlsSession;
  class State;
  explicit TlsContext(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// One TLS connection as a state machine over bytes: ciphertext from the peer
// goes in, plaintext comes out, and the other way round. It touches no
// descriptor.
//
// Threads: one at a time.
class TlsSession {
 public:
  // A client's session with `host` (a name, or a numeric address without
  // brackets): sent as server name (RFC 6066, section 3; not for an address),
  // and the certificate must be valid for it. The first bytes of the handshake
  // stand ready for TakeOutput(). The context may be destroyed before the
  // session.
  static Result<std::unique_ptr<TlsSession>> Connect(
      const TlsContext& context, const std::string& host,
      TlsOffer offer = TlsOffer::kHttp1);
  ~TlsSession();

  // Takes ciphertext from the peer and moves the handshake on. The error says
  // why the handshake or the stream failed: "the certificate has expired"; an
  // alert for the peer may then stand ready.
  Status Receive(std::string_view ciphertext);

  // Whether the handshake is done: only then may Read() and Write() be called.
  bool established() const;

  // Moves decrypted bytes to `to`, at most `size`; 0: no more for now.
  Result<size_t> Read(char* to, size_t size);
  // Whether the peer said that nothing follows (close_notify). An end of the
  // socket without it may be somebody cutting the stream short.
  bool ended() const;

  // Encrypts all of `plaintext` for TakeOutput().
  Status Write(std::string_view plaintext);
  // Says that nothing follows. Requires: established().
  void End();

  // Appends what stands ready for the peer to `to`; it is then no longer here.
  void TakeOutput(std::string& to);

  std::string version() const;   // "TLSv1.3"
  std::string protocol() const;  // what ALPN chose; may be empty

 private:
  class State;
  explicit TlsSession(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace caravel::net
