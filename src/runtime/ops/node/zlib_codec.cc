// deflate, zlib and gzip for node:zlib, by the zlib that is in the Node binary.
//
// Tests: zlib_binding_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/zlib_codec.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/memory_account.h"
#include "runtime/ops/pushed_input.h"
#include "runtime/ops/zlib_memory.h"

namespace caravel::runtime {
namespace {

const char* NameOfZlibError(int code) {
  switch (code) {
    case Z_NEED_DICT:
      return "Z_NEED_DICT";
    case Z_ERRNO:
      return "Z_ERRNO";
    case Z_STREAM_ERROR:
      return "Z_STREAM_ERROR";
    case Z_DATA_ERROR:
      return "Z_DATA_ERROR";
    case Z_MEM_ERROR:
      return "Z_MEM_ERROR";
    case Z_BUF_ERROR:
      return "Z_BUF_ERROR";
    default:
      return "Z_VERSION_ERROR";
  }
}

bool IsDeflating(ZlibMode mode) {
  return mode == ZlibMode::kDeflate || mode == ZlibMode::kGzip ||
         mode == ZlibMode::kDeflateRaw;
}

// As deflateInit2() and inflateInit2() take them: the sign and the higher bits
// tell the format.
int FormatBits(ZlibMode mode, int window_bits) {
  switch (mode) {
    case ZlibMode::kGzip:
    case ZlibMode::kGunzip:
      return window_bits + 16;
    case ZlibMode::kUnzip:
      return window_bits + 32;
    case ZlibMode::kDeflateRaw:
    case ZlibMode::kInflateRaw:
      return -window_bits;
    default:
      return window_bits;
  }
}

class DeflateCodec final : public ZlibCodec {
 public:
  DeflateCodec(const ZlibSettings& settings, MemoryAccount& account)
      : settings_(settings), dictionary_(account) {
    CountMemory(stream_, account);
  }
  ~DeflateCodec() override {
    if (!started_) return;
    if (IsDeflating(settings_.mode)) {
      deflateEnd(&stream_);
    } else {
      inflateEnd(&stream_);
    }
  }

  // False when there is no memory.
  [[nodiscard]] bool SetDictionary(std::string_view dictionary) {
    return dictionary.empty() || dictionary_.Set(dictionary);
  }

  Outcome Write(int flush, std::string_view& input,
                std::span<char>& output) override {
    if (Outcome failure = Start()) return failure;
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    const auto available_in = static_cast<uInt>(std::min(input.size(), kMost));
    const auto available_out =
        static_cast<uInt>(std::min(output.size(), kMost));
    // zlib's interface is older than const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = available_in;
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = available_out;
    const int result =
        IsDeflating(settings_.mode) ? deflate(&stream_, flush) : Inflate(flush);
    Outcome failure = FailureOf(result, flush);
    input.remove_prefix(available_in - stream_.avail_in);
    output = output.subspan(available_out - stream_.avail_out);
    ForgetBuffers();
    return failure;
  }

  Outcome Reset() override {
    magic_seen_ = 0;
    holds_gzip_ = settings_.mode == ZlibMode::kGunzip;
    if (!started_) return {};
    const int result = IsDeflating(settings_.mode) ? deflateReset(&stream_)
                                                   : inflateReset(&stream_);
    if (result != Z_OK) return Fail("Failed to reset stream", result);
    return UseDictionary();
  }

  Outcome SetParameters(int level, int strategy) override {
    settings_.level = level;
    settings_.strategy = strategy;
    if (!started_ || (settings_.mode != ZlibMode::kDeflate &&
                      settings_.mode != ZlibMode::kDeflateRaw)) {
      return {};
    }
    const int result = deflateParams(&stream_, level, strategy);
    // Z_BUF_ERROR: there is something to be flushed first.
    if (result == Z_OK || result == Z_BUF_ERROR) return {};
    return Fail("Failed to set parameters", result);
  }

 private:
  static Failure Fail(std::string_view message, int code) {
    return {std::string(message), code, NameOfZlibError(code)};
  }

  // zlib's state of up to 260 KB, when there is something for it to do.
  Outcome Start() {
    if (started_) return {};
    const int bits = FormatBits(settings_.mode, settings_.window_bits);
    const int result =
        IsDeflating(settings_.mode)
            ? deflateInit2(&stream_, settings_.level, Z_DEFLATED, bits,
                           settings_.memory_level, settings_.strategy)
            : inflateInit2(&stream_, bits);
    if (result != Z_OK) return Fail("Zlib error", result);
    started_ = true;
    return UseDictionary();
  }

  // Formats that name their dictionary ask for it (Z_NEED_DICT); the others
  // must have it before they begin.
  Outcome UseDictionary() {
    if (dictionary_.empty()) return {};
    int result = Z_OK;
    if (settings_.mode == ZlibMode::kDeflate ||
        settings_.mode == ZlibMode::kDeflateRaw) {
      result =
          deflateSetDictionary(&stream_, dictionary_bytes(), dictionary_size());
    } else if (settings_.mode == ZlibMode::kInflateRaw) {
      result =
          inflateSetDictionary(&stream_, dictionary_bytes(), dictionary_size());
    }
    if (result == Z_OK) return {};
    return Fail("Failed to set dictionary", result);
  }

  int Inflate(int flush) {
    if (settings_.mode == ZlibMode::kUnzip) LookForGzip();
    int result = inflate(&stream_, flush);
    if (result == Z_NEED_DICT && !dictionary_.empty()) {
      result =
          inflateSetDictionary(&stream_, dictionary_bytes(), dictionary_size());
      if (result == Z_OK) {
        result = inflate(&stream_, flush);
      } else if (result == Z_DATA_ERROR) {
        result = Z_NEED_DICT;  // it is another one
      }
    }
    // Another member follows, unless zeros do, which pad.
    while (result == Z_STREAM_END && holds_gzip_ && !settings_.reject_garbage &&
           stream_.avail_in > 0 && *stream_.next_in != 0) {
      inflateReset(&stream_);
      result = inflate(&stream_, flush);
    }
    return result;
  }

  // Whether what is to be unzipped begins as gzip does, which may come in two
  // writes. zlib tells the formats apart by itself.
  void LookForGzip() {
    constexpr uint8_t kMagic[] = {0x1f, 0x8b};
    for (uInt i = 0; i < stream_.avail_in && magic_seen_ < 2; ++i) {
      if (stream_.next_in[i] != kMagic[magic_seen_]) {
        magic_seen_ = 3;
        return;
      }
      ++magic_seen_;
    }
    holds_gzip_ = magic_seen_ == 2;
  }

  Outcome FailureOf(int result, int flush) const {
    switch (result) {
      case Z_STREAM_END:
        return {};
      case Z_OK:
      case Z_BUF_ERROR:
        if (flush == Z_FINISH && stream_.avail_out != 0) return UnexpectedEnd();
        return {};
      case Z_NEED_DICT:
        return Fail(
            dictionary_.empty() ? "Missing dictionary" : "Bad dictionary",
            result);
      default:
        return Fail(stream_.msg == nullptr ? "Zlib error" : stream_.msg,
                    result);
    }
  }

  // What JS lent is looked at in Write() alone; deflateParams() would write
  // too.
  void ForgetBuffers() {
    stream_.next_in = nullptr;
    stream_.avail_in = 0;
    stream_.next_out = &no_output_;
    stream_.avail_out = 0;
  }

  const Bytef* dictionary_bytes() const {
    return reinterpret_cast<const Bytef*>(dictionary_.rest().data());
  }
  uInt dictionary_size() const {
    return static_cast<uInt>(dictionary_.rest().size());
  }

  ZlibSettings settings_;
  PushedInput dictionary_;
  z_stream stream_ = {};
  Bytef no_output_ = 0;
  bool started_ = false;
  int magic_seen_ = 0;  // bytes of gzip's two; 3: it is no gzip
  bool holds_gzip_ = settings_.mode == ZlibMode::kGunzip;
};

}  // namespace

ZlibCodec::Failure UnexpectedEnd() {
  return {"unexpected end of file", Z_BUF_ERROR, "Z_BUF_ERROR"};
}

std::unique_ptr<ZlibCodec> MakeZlibCodec(const ZlibSettings& settings,
                                         std::string_view dictionary,
                                         MemoryAccount& account,
                                         std::string& failure) {
  auto codec = std::make_unique<DeflateCodec>(settings, account);
  if (codec->SetDictionary(dictionary)) return codec;
  failure = "Initialization failed";
  return nullptr;
}

}  // namespace caravel::runtime
