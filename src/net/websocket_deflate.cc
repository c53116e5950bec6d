// Each message ends in an empty stored block, of which the last four bytes are
// not sent: the receiver puts them back. A sender may also end with a block
// that is marked as the last one (7.2.3.4): what follows begins a new stream.
//
// Tests: websocket_deflate_test.cc, tests/fuzz/websocket_fuzz.cc.
#include "net/websocket_deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"

namespace caravel::net {
namespace {

constexpr std::string_view kTail("\x00\x00\xFF\xFF", 4);
// A tenth of the memory that zlib takes by default, for a few percent of size.
constexpr int kMemoryLevel = 5;
constexpr size_t kPiece = 16 * 1024;

Bytef* Input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

WebSocketDeflater::WebSocketDeflater(uint8_t window_bits, bool takeover)
    : stream_(std::make_unique<z_stream>()), takeover_(takeover) {
  CARAVEL_CHECK(window_bits >= 9 && window_bits <= 15, int(window_bits));
  works_ =
      deflateInit2(stream_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                   -int{window_bits}, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
}

WebSocketDeflater::~WebSocketDeflater() { deflateEnd(stream_.get()); }

size_t WebSocketDeflater::MemoryBytes(uint8_t window_bits) {
  return (size_t{4} << window_bits) + (size_t{1} << (kMemoryLevel + 9));
}

bool WebSocketDeflater::Run(std::string_view message, std::string& out) {
  if (!works_) return false;
  if (message.empty()) {  // 7.2.3.6
    out.push_back('\0');
    return true;
  }
  CARAVEL_CHECK(message.size() <= std::numeric_limits<uInt>::max());
  stream_->next_in = Input(message);
  stream_->avail_in = static_cast<uInt>(message.size());
  const size_t begin = out.size();
  do {
    std::array<char, kPiece> piece;
    stream_->next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_->avail_out = piece.size();
    const int result = deflate(stream_.get(), Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_BUF_ERROR) return works_ = false;
    out.append(piece.data(), piece.size() - stream_->avail_out);
  } while (stream_->avail_out == 0);
  if (!std::string_view(out).substr(begin).ends_with(kTail)) {
    return works_ = false;
  }
  out.resize(out.size() - kTail.size());
  if (!takeover_) deflateReset(stream_.get());
  return true;
}

WebSocketInflater::WebSocketInflater(bool takeover)
    : stream_(std::make_unique<z_stream>()), takeover_(takeover) {
  works_ = inflateInit2(stream_.get(), -MAX_WBITS) == Z_OK;
}

WebSocketInflater::~WebSocketInflater() { inflateEnd(stream_.get()); }

size_t WebSocketInflater::MemoryBytes() {
  constexpr size_t kState = 10 * 1024;
  return (size_t{1} << MAX_WBITS) + kState;
}

WebSocketInflater::Outcome WebSocketInflater::Take(std::string_view payload,
                                                   size_t most,
                                                   std::string& out) {
  if (!works_) return Outcome::kDamaged;
  CARAVEL_CHECK(payload.size() <= std::numeric_limits<uInt>::max());
  stream_->next_in = Input(payload);
  stream_->avail_in = static_cast<uInt>(payload.size());
  bool is_full = false;
  while (stream_->avail_in > 0 || is_full) {
    if (ended_) {
      ended_ = false;
      if (inflateReset(stream_.get()) != Z_OK) return Outcome::kDamaged;
    }
    std::array<char, kPiece> piece;
    stream_->next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_->avail_out = piece.size();
    const int result = inflate(stream_.get(), Z_SYNC_FLUSH);
    // What was made before a fault counts: how the bytes were cut changes
    // nothing.
    const size_t made = piece.size() - stream_->avail_out;
    const size_t room = most - out.size();
    out.append(piece.data(), std::min(made, room));
    if (made > room) return Outcome::kTooBig;
    if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) {
      works_ = false;
      return Outcome::kDamaged;
    }
    ended_ = result == Z_STREAM_END;
    is_full = !ended_ && stream_->avail_out == 0;
    // Nothing more can be made of it: what is left would be left for ever.
    if (result == Z_BUF_ERROR && !is_full && stream_->avail_in > 0) {
      return Outcome::kDamaged;
    }
  }
  return Outcome::kOk;
}

WebSocketInflater::Outcome WebSocketInflater::End(size_t most,
                                                  std::string& out) {
  // Behind a last block there is no empty one to complete.
  const Outcome outcome = ended_ ? Outcome::kOk : Take(kTail, most, out);
  if (outcome != Outcome::kOk || (takeover_ && !ended_)) return outcome;
  ended_ = false;
  return inflateReset(stream_.get()) == Z_OK ? Outcome::kOk : Outcome::kDamaged;
}

}  // namespace caravel::net
