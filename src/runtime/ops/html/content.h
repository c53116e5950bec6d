#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caravel::runtime::html {

// What script puts into a document: bytes, or a stream whose bytes script gives
// when their turn comes.
struct Piece {
  std::string bytes;
  uint32_t stream = 0;  // its number; 0: it is the bytes
};

// Pieces in a row, whose bytes are counted in `total` while they are here.
class Content {
 public:
  explicit Content(size_t& total) : total_(&total) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  Content(Content&& other) noexcept
      : total_(other.total_), pieces_(std::exchange(other.pieces_, {})) {}
  Content& operator=(Content&& other) noexcept {
    std::swap(pieces_, other.pieces_);
    std::swap(total_, other.total_);
    return *this;
  }
  ~Content() { Clear(); }

  bool empty() const { return pieces_.empty(); }
  void Add(Piece piece) {
    *total_ += SizeOf(piece);
    pieces_.push_back(std::move(piece));
  }
  void Clear() {
    for (const Piece& piece : pieces_) *total_ -= SizeOf(piece);
    pieces_.clear();
  }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  static size_t SizeOf(const Piece& piece) {
    return piece.bytes.capacity() + sizeof(Piece);
  }

  size_t* total_;
  std::vector<Piece> pieces_;
};

// What becomes of one token. Later insertions behind it stand before earlier
// ones, as each is put right behind the token.
struct Mutations {
  explicit Mutations(size_t& total)
      : before(total), replacement(total), after(total) {}

  Content before;
  Content replacement;
  Content after;  // from the last to the first
  bool removed = false;
};

}  // namespace caravel::runtime::html
