#include "net/client_stream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace caravel::net {
namespace {

// Bytes read from `fd`; 0 at the end, nothing when none are there now.
Result<std::optional<size_t>> ReceiveFrom(int fd, char* to, size_t size) {
  while (true) {
    const ssize_t got = ::recv(fd, to, size, MSG_DONTWAIT);
    if (got >= 0) return std::optional<size_t>(static_cast<size_t>(got));
    if (errno == EAGAIN) return std::optional<size_t>();
    if (errno == ECONNRESET) {
      return Error(ErrorCode::kUnavailable, "the server reset the connection");
    }
    if (errno != EINTR) return ErrnoError("read from the server", errno);
  }
}

}  // namespace

ClientStream::ClientStream(base::Fd socket, std::unique_ptr<TlsSession> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {}

Result<size_t> ClientStream::Receive() {
  if (!buffer_) buffer_.reset(new char[kInputBytes]);
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == kInputBytes) return size_t{0};
  return tls_ == nullptr ? ReceivePlain() : ReceiveTls();
}

Result<size_t> ClientStream::Discard() {
  begin_ = end_ = 0;
  buffer_.reset();
  std::array<char, 32 * 1024> bytes;
  CARAVEL_TRY(const std::optional<size_t> got,
              ReceiveFrom(socket_.get(), bytes.data(), bytes.size()));
  if (!got) return size_t{0};
  at_end_ |= *got == 0;
  return *got;
}

Result<size_t> ClientStream::ReceivePlain() {
  CARAVEL_TRY(
      const std::optional<size_t> got,
      ReceiveFrom(socket_.get(), buffer_.get() + end_, kInputBytes - end_));
  if (!got) return size_t{0};
  if (*got == 0) at_end_ = true;
  end_ += *got;
  return *got;
}

Result<size_t> ClientStream::ReceiveTls() {
  // What is decrypted already comes first; the socket is asked when that is too
  // little.
  if (tls_->established()) {
    CARAVEL_TRY(const size_t kept,
                tls_->Read(buffer_.get() + end_, kInputBytes - end_));
    end_ += kept;
    at_end_ |= tls_->ended();
    if (kept > 0 || at_end_) return kept;
  }
  std::array<char, 32 * 1024> ciphertext;
  CARAVEL_TRY(const std::optional<size_t> got,
              ReceiveFrom(socket_.get(), ciphertext.data(), ciphertext.size()));
  if (!got) return size_t{0};
  if (*got == 0) {
    at_end_ = true;
    return size_t{0};
  }
  return Decrypt({ciphertext.data(), *got});
}

Result<size_t> ClientStream::Decrypt(std::string_view ciphertext) {
  const bool was_ready = ready();
  const Status received = tls_->Receive(ciphertext);
  tls_->TakeOutput(output_);  // an alert, too, when it failed
  if (!received) {
    static_cast<void>(Flush().has_value());
    return received.error().Clone();
  }
  if (!was_ready && ready()) CARAVEL_TRY(Encrypt());
  if (!ready()) return size_t{0};
  CARAVEL_TRY(const size_t decrypted,
              tls_->Read(buffer_.get() + end_, kInputBytes - end_));
  tls_->TakeOutput(output_);  // answers to the peer's key updates
  end_ += decrypted;
  at_end_ |= tls_->ended();
  return decrypted;
}

void ClientStream::Consume(size_t size) {
  CARAVEL_CHECK(size <= input_size(), size, input_size());
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

Status ClientStream::Write(std::string_view bytes) {
  if (tls_ == nullptr) {
    output_.append(bytes);
    return {};
  }
  held_.append(bytes);
  return tls_->established() ? Encrypt() : Status();
}

Status ClientStream::Encrypt() {
  CARAVEL_TRY(tls_->Write(held_));
  held_.clear();
  tls_->TakeOutput(output_);
  return {};
}

Status ClientStream::StartTls(std::unique_ptr<TlsSession> tls) {
  CARAVEL_CHECK(tls_ == nullptr);
  tls_ = std::move(tls);
  tls_->TakeOutput(output_);
  const std::string received(input_view());
  begin_ = end_ = 0;
  if (received.empty()) return Flush();
  if (!buffer_) buffer_.reset(new char[kInputBytes]);
  CARAVEL_TRY(Decrypt(received));
  return Flush();
}

Status ClientStream::End() {
  ending_ = true;
  if (tls_ != nullptr) tls_->End();
  return Flush();
}

Status ClientStream::Flush() {
  if (tls_ != nullptr) tls_->TakeOutput(output_);
  while (sent_ < output_.size()) {
    const ssize_t sent =
        ::send(socket_.get(), output_.data() + sent_, output_.size() - sent_,
               MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) {
      return Error(ErrorCode::kUnavailable,
                   "the server closed the connection while the request was "
                   "being sent");
    }
    sent_ += static_cast<size_t>(sent);
  }
  if (sent_ == output_.size()) {
    output_.clear();
    sent_ = 0;
    if (ending_ && !std::exchange(end_sent_, true)) {
      (void)::shutdown(socket_.get(), SHUT_WR);
    }
  } else if (sent_ > output_.size() / 2) {
    output_.erase(0, sent_);
    sent_ = 0;
  }
  return {};
}

bool ClientStream::IsQuiet() const {
  char byte = 0;
  const ssize_t got = ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  return got < 0 && errno == EAGAIN && !at_end_;
}

}  // namespace caravel::net
