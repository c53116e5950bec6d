#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/lifetime.h"
#include "base/result.h"
#include "net/tls.h"

namespace caravel::net {

// The bytes of a connected socket, in the clear or through TLS. It reads into
// one buffer, as far as that has room, and keeps what the socket does not take.
// Who owns it waits for the socket and calls.
//
// Threads: the one that drives the loop.
class ClientStream {
 public:
  static constexpr size_t kInputBytes = 64 * 1024;

  // `socket` is connected and non-blocking; `tls` is nullptr for bytes in the
  // clear, else a session that has just begun.
  ClientStream(base::Fd socket, std::unique_ptr<TlsSession> tls);

  int fd() const { return socket_.get(); }
  // Whether the TLS handshake is done; what is written before waits for it.
  bool ready() const { return tls_ == nullptr || tls_->established(); }

  // Reads once from the socket, as far as there is room in input(). Returns how
  // many bytes input() gained; 0: none are there now, or at_end(). An error is
  // final.
  Result<size_t> Receive();
  // The same for a stream that nobody reads any more: what comes is passed over
  // as it is, undecrypted, and what input() held is gone. Requires: ready(),
  // and no Receive() follows.
  Result<size_t> Discard();
  // Whether nothing will come any more, and whether the peer said so itself: by
  // TLS's close_notify, or in the clear by closing.
  bool at_end() const { return at_end_; }
  bool ended_cleanly() const {
    return at_end_ && (tls_ == nullptr || tls_->ended());
  }

  // What was received and not consumed; writable, for decoding in place. Valid
  // until Receive(), Consume() or Rest().
  char* input() { return buffer_.get() + begin_; }
  size_t input_size() const { return end_ - begin_; }
  std::string_view input_view() const CARAVEL_LIFETIME_BOUND {
    return {buffer_.get() + begin_, end_ - begin_};
  }
  // Requires: size <= input_size().
  void Consume(size_t size);
  bool has_room() const { return input_size() < kInputBytes; }

  // Goes on through TLS behind what was written in the clear. What was received
  // and not consumed counts as the peer's side of the handshake: nobody can
  // slip in bytes that would then pass for protected ones.
  // Requires: in the clear until here.
  Status StartTls(std::unique_ptr<TlsSession> tls);
  // Says that nothing follows what was written: by TLS's close_notify, and to
  // the socket once all is sent. Requires: ready(), and called once.
  Status End();
  // Whether that was said.
  bool end_sent() const { return end_sent_; }

  // Queues bytes for the peer, and sends what waits as far as the socket takes
  // it. An error is final for sending; what the peer sent can still be read.
  Status Write(std::string_view bytes);
  Status Flush();
  size_t unsent() const { return held_.size() + output_.size() - sent_; }
  // Whether bytes wait for the socket (and not for the handshake).
  bool wants_to_send() const { return sent_ < output_.size(); }

  // Whether an idle connection is still open with nothing to be read, asked of
  // the socket itself.
  bool IsQuiet() const;
  // Gives memory back while nothing is exchanged. Requires: input_size() == 0.
  void Rest() { buffer_.reset(); }

  // "TLSv1.3"; empty in the clear.
  std::string tls_version() const {
    return tls_ == nullptr ? "" : tls_->version();
  }

 private:
  Result<size_t> ReceivePlain();
  Result<size_t> ReceiveTls();
  Status Encrypt();
  // Takes ciphertext, and decrypts what it makes readable into input().
  Result<size_t> Decrypt(std::string_view ciphertext);

  base::Fd socket_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
  std::string held_;    // plaintext written before the handshake was done
  std::string output_;  // for the socket
  size_t sent_ = 0;     // of output_
  bool ending_ = false;
  bool end_sent_ = false;
};

}  // namespace caravel::net
