// Bytes as a client could send them: read as requests one behind the other,
// each with its body. However the bytes are cut into pieces, the same requests
// must come out, and nothing in them that HTTP forbids.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/http1_chunked.h"
#include "net/http1_parser.h"
#include "net/http1_request.h"
#include "net/http_syntax.h"

namespace {

using namespace caravel;
using namespace caravel::net;

// What a reader made of the bytes, as text that can be compared.
class Reader {
 public:
  // Takes more bytes; false once nothing more will be read.
  bool Read(std::string_view bytes) {
    input_ += bytes;
    while (true) {
      const size_t before = input_.size();
      const bool in_body = in_body_;
      if (!(in_body_ ? ReadBody() : ReadHead())) return false;
      if (input_.size() == before && in_body == in_body_) return true;
    }
  }
  const std::string& result() const { return result_; }

 private:
  bool ReadHead() {
    switch (parser_.Parse(input_, progress_)) {
      case Http1HeadParser::Outcome::kIncomplete:
        CARAVEL_CHECK(progress_.position <= input_.size());
        return true;
      case Http1HeadParser::Outcome::kRefused:
        return Refuse(parser_.refusal().status);
      case Http1HeadParser::Outcome::kComplete:
        break;
    }
    CARAVEL_CHECK(parser_.head_size() <= input_.size());
    const auto refusal = ReadHttp1Request(parser_, head_, framing_);
    if (refusal.has_value()) return Refuse(refusal->status);
    CheckHead();
    result_ += head_.method + " " + head_.authority + " " + head_.target + "\n";
    for (size_t i = 0; i < head_.headers.size(); ++i) {
      result_.append(head_.headers[i].name).append(":");
      result_.append(head_.headers[i].value).append("\n");
    }
    input_.erase(0, parser_.head_size());
    in_body_ = true;
    received_ = 0;
    chunks_.Reset();
    return true;
  }

  void CheckHead() const {
    CARAVEL_CHECK(head_.headers.IsSound());
    CARAVEL_CHECK(IsToken(head_.method));
    CARAVEL_CHECK(IsRequestTarget(head_.target));
    CARAVEL_CHECK(head_.authority.empty() || IsAuthority(head_.authority));
    CARAVEL_CHECK(!framing_.chunked || framing_.length == 0);
    for (size_t i = 0; i < head_.headers.size(); ++i) {
      const FieldKind kind = KindOf(head_.headers[i].name);
      // A Worker sees what it is asked to upgrade to.
      const bool upgrades =
          kind == FieldKind::kUpgrade && head_.upgrade == "websocket";
      CARAVEL_CHECK(kind == FieldKind::kOrdinary || kind == FieldKind::kHost ||
                    kind == FieldKind::kDate || upgrades);
    }
  }

  bool ReadBody() {
    if (!framing_.chunked) {
      const size_t size = static_cast<size_t>(
          std::min<uint64_t>(input_.size(), framing_.length - received_));
      result_.append(input_, 0, size);
      received_ += size;
      input_.erase(0, size);
      in_body_ = received_ < framing_.length;
      return true;
    }
    const ChunkedDecoder::Step step = chunks_.Decode(
        input_.data(), input_.size(), std::numeric_limits<uint64_t>::max());
    CARAVEL_CHECK(step.consumed <= input_.size());
    CARAVEL_CHECK(step.body.size() <= step.consumed);
    result_ += step.body;
    if (step.outcome == ChunkedDecoder::Outcome::kRefused) return Refuse(400);
    input_.erase(0, step.consumed);
    in_body_ = step.outcome == ChunkedDecoder::Outcome::kMore;
    return true;
  }

  bool Refuse(int status) {
    CARAVEL_CHECK(status >= 400 && status <= 599, status);
    result_ += "refused\n";
    return false;
  }

  // Small, so that the limits are met.
  Http1HeadParser parser_{
      {.target_bytes = 64, .field_bytes = 64, .head_bytes = 512, .fields = 8}};
  ChunkedDecoder chunks_;
  RequestHead head_;
  Http1Framing framing_;
  std::string input_;
  Http1HeadProgress progress_;
  bool in_body_ = false;
  uint64_t received_ = 0;
  std::string result_;
};

// Which limit a head breaks first may depend on how it is cut, that it breaks
// one may not.
std::string ReadInPieces(std::string_view bytes, size_t piece) {
  Reader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    if (!reader.Read(bytes.substr(0, piece))) break;
  }
  return reader.result();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = 1 + data[0] % 32;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1),
                               size - 1);
  const std::string whole = ReadInPieces(bytes, size);
  CARAVEL_CHECK(ReadInPieces(bytes, piece) == whole, piece);
  CARAVEL_CHECK(ReadInPieces(bytes, 1) == whole);
  return 0;
}
