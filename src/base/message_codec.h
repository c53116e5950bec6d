#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/codec.h"

// A std::variant of messages as bytes: a kind byte, which is the index in the
// variant, then the encoded struct. Decoding is safe on hostile bytes, as
// base/codec.h is.
namespace caravel::base {

template <typename Message>
std::string EncodeMessage(const Message& message) {
  static_assert(std::variant_size_v<Message> < 256);
  std::string bytes(1, static_cast<char>(message.index()));
  std::visit([&](const auto& body) { bytes += Encode(body); }, message);
  return bytes;
}

template <typename Message>
Result<Message> DecodeMessage(std::string_view bytes) {
  if (bytes.empty()) {
    return Error(ErrorCode::kInvalid, "an empty packet is no message");
  }
  using Decoder = Result<Message> (*)(std::string_view);
  constexpr auto kDecoders =
      []<size_t... kKinds>(std::index_sequence<kKinds...>) {
        return std::array<Decoder, sizeof...(kKinds)>{
            [](std::string_view body) -> Result<Message> {
              using Body = std::variant_alternative_t<kKinds, Message>;
              CARAVEL_TRY(Body decoded, Decode<Body>(body).In(fmt::format(
                                            "message of kind {}", kKinds)));
              return Message(std::in_place_index<kKinds>, std::move(decoded));
            }...};
      }(std::make_index_sequence<std::variant_size_v<Message>>());
  const auto kind = static_cast<unsigned char>(bytes.front());
  if (kind >= kDecoders.size()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("message of the unknown kind {}", kind))
        .Remedy("the two sides are of different builds: restart both");
  }
  return kDecoders[kind](bytes.substr(1));
}

}  // namespace caravel::base
