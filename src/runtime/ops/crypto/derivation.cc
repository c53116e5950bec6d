// Tests: web_crypto_test.cc, node_crypto_test.cc.
#include "runtime/ops/crypto/derivation.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "runtime/isolate_state.h"
#include "runtime/memory_account.h"

namespace caravel::runtime {
namespace {

using Block = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string_view ViewOf(const Block& block, size_t size) {
  return {reinterpret_cast<const char*>(block.data()), size};
}

// Fills `out` with blocks, each of which `make(number, block)` computes; their
// numbers start at 1.
template <typename Make>
Status FillByBlocks(unsigned char* out, size_t size, size_t block_size,
                    Make make) {
  Block block{};
  uint32_t number = 0;
  for (size_t done = 0; done < size; done += block_size) {
    CARAVEL_TRY(make(++number, block));
    std::memcpy(out + done, block.data(), std::min(block_size, size - done));
  }
  OPENSSL_cleanse(block.data(), block.size());
  return {};
}

Error CallEnds() { return Error(ErrorCode::kLimit, "the call is being ended"); }

// ---- scrypt ----

// 64 bytes as sixteen little-endian words.
using Words = std::array<uint32_t, 16>;

// RFC 7914, section 3.
void Salsa20Of8Rounds(Words& block) {
  Words x = block;
  const auto quarter = [&x](int a, int b, int c, int d) {
    x[b] ^= std::rotl(x[a] + x[d], 7);
    x[c] ^= std::rotl(x[b] + x[a], 9);
    x[d] ^= std::rotl(x[c] + x[b], 13);
    x[a] ^= std::rotl(x[d] + x[c], 18);
  };
  for (int round = 0; round < 8; round += 2) {
    quarter(0, 4, 8, 12);
    quarter(5, 9, 13, 1);
    quarter(10, 14, 2, 6);
    quarter(15, 3, 7, 11);
    quarter(0, 1, 2, 3);
    quarter(5, 6, 7, 4);
    quarter(10, 11, 8, 9);
    quarter(15, 12, 13, 14);
  }
  for (size_t i = 0; i < x.size(); ++i) block[i] += x[i];
}

// Section 4: mixes `in`, of 2r blocks, into `out`.
void MixBlocks(std::span<const Words> in, std::span<Words> out) {
  const size_t half = in.size() / 2;
  Words last = in.back();
  for (size_t i = 0; i < in.size(); ++i) {
    for (size_t j = 0; j < last.size(); ++j) last[j] ^= in[i][j];
    Salsa20Of8Rounds(last);
    out[i / 2 + (i % 2) * half] = last;
  }
}

// Section 5, on one lane; `table` has room for n times it. False: the call is
// being ended.
bool MixLane(js::Scope& scope, std::span<Words> lane, uint64_t n,
             std::span<Words> table, std::span<Words> spare) {
  const size_t size = lane.size();
  const uint64_t pause = std::max<uint64_t>(1, 16384 / size);
  for (uint64_t i = 0; i < n; ++i) {
    if (i % pause == 0 && scope.state().CallIsEnding()) return false;
    std::ranges::copy(lane, table.begin() + static_cast<ptrdiff_t>(i * size));
    MixBlocks(table.subspan(i * size, size), lane);
  }
  for (uint64_t i = 0; i < n; ++i) {
    if (i % pause == 0 && scope.state().CallIsEnding()) return false;
    const Words& last = lane.back();
    const uint64_t number = (uint64_t{last[1]} << 32 | last[0]) & (n - 1);
    const auto row = table.subspan(number * size, size);
    for (size_t j = 0; j < size; ++j) {
      for (size_t k = 0; k < lane[j].size(); ++k) lane[j][k] ^= row[j][k];
    }
    MixBlocks(lane, spare);
    std::ranges::copy(spare, lane.begin());
  }
  return true;
}

Error NoRoomForScrypt() {
  return Error(ErrorCode::kLimit,
               "scrypt needs more memory than the Worker has")
      .Remedy("use a smaller cost");
}

// Memory for scrypt, counted and wiped.
class ScryptMemory {
 public:
  ScryptMemory(MemoryAccount& account, size_t blocks)
      : account_(account), size_(blocks * sizeof(Words)) {
    reserved_ = account_.Reserve(size_);
    if (reserved_) blocks_.resize(blocks);
  }
  ScryptMemory(const ScryptMemory&) = delete;
  ScryptMemory& operator=(const ScryptMemory&) = delete;
  ~ScryptMemory() {
    OPENSSL_cleanse(blocks_.data(), blocks_.size() * sizeof(Words));
    if (reserved_) account_.Release(size_);
  }

  bool has_room() const { return reserved_; }
  std::span<Words> Take(size_t count) {
    const std::span<Words> taken = std::span(blocks_).subspan(taken_, count);
    taken_ += count;
    return taken;
  }

 private:
  MemoryAccount& account_;
  const size_t size_;
  bool reserved_ = false;
  size_t taken_ = 0;
  std::vector<Words> blocks_;
};

}  // namespace

Status DeriveByHkdf(const EVP_MD* digest, std::string_view key,
                    std::string_view salt, std::string_view info,
                    std::span<unsigned char> out) {
  const auto block_size = static_cast<size_t>(EVP_MD_get_size(digest));
  // Extract: the salt is the key. No salt is as many zeroes, which HMAC pads an
  // empty key with.
  Block extracted{};
  CARAVEL_TRY(Hmac extract, Hmac::Create(digest, salt));
  CARAVEL_TRY(extract.Compute({key}, extracted.data()));
  CARAVEL_TRY(Hmac expand, Hmac::Create(digest, ViewOf(extracted, block_size)));
  OPENSSL_cleanse(extracted.data(), extracted.size());
  return FillByBlocks(
      out.data(), out.size(), block_size, [&](uint32_t number, Block& block) {
        const char counter = static_cast<char>(number);
        const std::string_view before =
            ViewOf(block, number == 1 ? 0 : block_size);
        return expand.Compute({before, info, {&counter, 1}}, block.data());
      });
}

Status DeriveByPbkdf2(js::Scope& scope, Hmac& hmac, std::string_view salt,
                      uint32_t iterations, std::span<unsigned char> out) {
  const size_t block_size = hmac.size();
  const auto make = [&](uint32_t number, Block& block) -> Status {
    const char counter[4] = {
        static_cast<char>(number >> 24), static_cast<char>(number >> 16),
        static_cast<char>(number >> 8), static_cast<char>(number)};
    Block last{};
    CARAVEL_TRY(hmac.Compute({salt, {counter, 4}}, last.data()));
    block = last;
    for (uint32_t i = 1; i < iterations; ++i) {
      if (i % 1024 == 0 && scope.state().CallIsEnding()) return CallEnds();
      CARAVEL_TRY(hmac.Compute({ViewOf(last, block_size)}, last.data()));
      for (size_t j = 0; j < block_size; ++j) block[j] ^= last[j];
    }
    if (scope.state().CallIsEnding()) return CallEnds();
    return {};
  };
  return FillByBlocks(out.data(), out.size(), block_size, make);
}

Status DeriveByScrypt(js::Scope& scope, std::string_view password,
                      std::string_view salt, const ScryptCost& cost,
                      std::span<unsigned char> out) {
  static const EVP_MD* const kSha256 =
      EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  const size_t lane = size_t{2} * cost.r;
  const uint64_t most =
      (uint64_t{1} << 40) / lane;  // of memory: never to be had
  if (cost.n > most || cost.p > most) return NoRoomForScrypt();
  ScryptMemory memory(*scope.state().memory, lane * (cost.n + cost.p + 1));
  if (!memory.has_room()) return NoRoomForScrypt();
  const std::span<Words> lanes = memory.Take(lane * cost.p);
  const std::span<Words> table = memory.Take(lane * cost.n);
  const std::span<Words> spare = memory.Take(lane);
  const std::span<unsigned char> bytes(
      reinterpret_cast<unsigned char*>(lanes.data()), lanes.size_bytes());
  CARAVEL_TRY(Hmac hmac, Hmac::Create(kSha256, password));
  CARAVEL_TRY(DeriveByPbkdf2(scope, hmac, salt, 1, bytes));
  for (uint32_t i = 0; i < cost.p; ++i) {
    if (!MixLane(scope, lanes.subspan(i * lane, lane), cost.n, table, spare)) {
      return CallEnds();
    }
  }
  const std::string_view mixed(reinterpret_cast<const char*>(bytes.data()),
                               bytes.size());
  return DeriveByPbkdf2(scope, hmac, mixed, 1, out);
}

}  // namespace caravel::runtime
