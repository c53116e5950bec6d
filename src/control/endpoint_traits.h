#pragma once

#include <charconv>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

#include "control/endpoint.h"
#include "control/json_encode.h"
#include "control/multipart.h"

// How a handler's parameters are filled from a request, and its result written:
// the typed half of endpoint.h.
namespace caravel::api {

// The query string as a described struct.
template <Described T>
struct Query {
  T value{};
  const T* operator->() const { return &value; }
};

// A multipart body: the JSON of its part "metadata", and the other parts, whose
// contents lie in the request.
template <Described T>
struct Multipart {
  T metadata{};
  std::vector<Part> parts;
};

// A multipart body without metadata.
struct Files {
  std::vector<Part> parts;
};

// A body of any type. Valid as long as the request.
struct RawBody {
  std::string_view content_type;
  std::string_view bytes;
};

template <typename T>
inline constexpr bool kIsRawBody = std::is_same_v<T, RawBody>;
template <typename T>
inline constexpr bool kIsQuery = false;
template <typename T>
inline constexpr bool kIsQuery<Query<T>> = true;
template <typename T>
inline constexpr bool kIsMultipart = false;
template <typename T>
inline constexpr bool kIsMultipart<Multipart<T>> = true;
template <typename T>
inline constexpr bool kIsPage = false;
template <typename T>
inline constexpr bool kIsPage<Page<T>> = true;
template <typename T>
inline constexpr bool kIsCursorPage = false;
template <typename T>
inline constexpr bool kIsCursorPage<CursorPage<T>> = true;

template <typename T>
inline constexpr bool kIsFiles = std::is_same_v<T, Files>;

// Of a handler's parameter type.
template <typename Argument>
inline constexpr bool kIsPath = std::is_lvalue_reference_v<Argument>;
template <typename Argument>
inline constexpr bool kIsJsonBody =
    !kIsPath<Argument> && !kIsQuery<Argument> && !kIsMultipart<Argument> &&
    !kIsFiles<Argument> && !kIsRawBody<Argument>;

// Text of a path or a query as the JSON that a T would have there; text that
// does not fit stays text, so that decoding names what is wrong.
template <typename T>
boost::json::value JsonOfText(const std::string& text) {
  if constexpr (kIsOptional<T> || kIsList<T>) {
    return JsonOfText<typename T::value_type>(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text == "true" || text == "false") return text == "true";
  } else if constexpr (std::is_integral_v<T>) {
    int64_t number = 0;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, number).ptr == end) return number;
  }
  return boost::json::value(boost::json::string(text));
}

// Named texts as a described struct. A list collects repetitions; of anything
// else the last counts. Names that T does not know are ignored.
template <Described T, typename Pairs>
Status DecodeTexts(const Pairs& pairs, std::string_view what, T& out) {
  boost::json::object object;
  boost::mp11::mp_for_each<MembersOf<T>>([&]<typename D>(D) {
    static constexpr FieldRule kRule = RuleOf<T, D>();
    using Member = std::remove_cvref_t<decltype(out.*D::pointer)>;
    for (const auto& [name, text] : pairs) {
      if (name != kRule.key) continue;
      if constexpr (kIsList<Member>) {
        object.emplace(kRule.key, boost::json::array())
            .first->value()
            .as_array()
            .push_back(JsonOfText<Member>(text));
      } else {
        object[kRule.key] = JsonOfText<Member>(text);
      }
    }
  });
  return DecodeValue(boost::json::value(std::move(object)), out, Where(what),
                     UnknownKeys::kIgnore);
}

// The untyped half of decoding a request; endpoint.cc.
class RequestSupport {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  static Result<Pairs> QueryPairs(const Request& request);
  // The parts without "metadata", whose text goes to `metadata`.
  static Result<std::vector<Part>> UploadParts(const Request& request,
                                               std::string_view& metadata);
  static Reply FailureOf(const ErrorNumbers& numbers, std::optional<int> number,
                         const Error& error);
};

template <typename Argument>
Status BindArgument(const Request& request, UnknownKeys unknown,
                    std::remove_cvref_t<Argument>& out) {
  if constexpr (kIsPath<Argument>) {
    return DecodeTexts(request.path, "the path", out);
  } else if constexpr (kIsQuery<Argument>) {
    CARAVEL_TRY(const auto pairs, RequestSupport::QueryPairs(request));
    return DecodeTexts(pairs, "the query", out.value);
  } else if constexpr (kIsFiles<Argument>) {
    CARAVEL_TRY(out.parts, ParseMultipart(request.content_type, request.body));
    return {};
  } else if constexpr (kIsMultipart<Argument>) {
    std::string_view text;
    CARAVEL_TRY(out.parts, RequestSupport::UploadParts(request, text));
    CARAVEL_TRY(const boost::json::value document, ParseJson(text, "metadata"));
    return DecodeValue(document, out.metadata, Where("metadata"), unknown);
  } else if constexpr (kIsRawBody<Argument>) {
    out = {.content_type = request.content_type, .bytes = request.body};
    return {};
  } else {
    CARAVEL_TRY(const boost::json::value document,
                ParseJson(request.body, "the body"));
    return DecodeValue(document, out, Where("the body"), unknown);
  }
}

template <typename Argument>
Status CheckExampleOf(std::string_view example, UnknownKeys unknown) {
  if constexpr (kIsMultipart<Argument>) {
    using Metadata = decltype(Argument::metadata);
    auto value = DecodeJson<Metadata>(example, "metadata", unknown);
    if (!value) return std::move(value).error();
  } else if constexpr (kIsJsonBody<Argument>) {
    auto value = DecodeJson<Argument>(example, "the body", unknown);
    if (!value) return std::move(value).error();
  }
  return {};
}

template <typename T>
Reply ReplyOf(T value) {
  if constexpr (std::is_same_v<T, Raw>) {
    return {.content_type = std::move(value.content_type),
            .body = std::move(value.body),
            .headers = std::move(value.headers)};
  } else if constexpr (kIsPage<T>) {
    return SuccessReply(EncodeJson(value.items),
                        boost::json::object{
                            {"page", value.page},
                            {"per_page", value.per_page},
                            {"count", value.items.size()},
                            {"total_count", value.total_count},
                        });
  } else if constexpr (kIsCursorPage<T>) {
    return SuccessReply(EncodeJson(value.items),
                        boost::json::object{{"count", value.items.size()},
                                            {"cursor", value.cursor}});
  } else {
    return SuccessReply(EncodeJson(value));
  }
}

template <typename Handler>
struct HandlerTraits;

template <typename R, typename... Arguments>
struct HandlerTraits<R (*)(Caller&, Arguments...)> {
  using Value = typename R::value_type;
  using ArgumentList = boost::mp11::mp_list<Arguments...>;

  static constexpr bool kHasJsonBody = (kIsJsonBody<Arguments> || ...);
  static constexpr bool kHasUpload = (kIsMultipart<Arguments> || ...);
  static constexpr bool kHasFiles = (kIsFiles<Arguments> || ...);
  static constexpr bool kHasRawBody = (kIsRawBody<Arguments> || ...);
  template <typename Argument>
  static constexpr bool kIsBody =
      kIsJsonBody<Argument> || kIsMultipart<Argument> || kIsFiles<Argument> ||
      kIsRawBody<Argument>;
  static_assert((int{kIsPath<Arguments>} + ... + 0) <= 1 &&
                    (int{kIsQuery<Arguments>} + ... + 0) <= 1 &&
                    (int{kIsBody<Arguments>} + ... + 0) <= 1,
                "a handler takes one path, one query, one body");

  static Reply Run(R (*handler)(Caller&, Arguments...), Caller& caller,
                   const Request& request, UnknownKeys unknown,
                   const ErrorNumbers& numbers) {
    std::tuple<std::remove_cvref_t<Arguments>...> values;
    Status bound;
    std::apply(
        [&](auto&... value) {
          ((bound = bound ? BindArgument<Arguments>(request, unknown, value)
                          : std::move(bound)),
           ...);
        },
        values);
    if (!bound) {
      return RequestSupport::FailureOf(numbers, {}, bound.error());
    }
    auto result = std::apply(
        [&](auto&... value) {
          return handler(caller, std::forward<Arguments>(value)...);
        },
        values);
    if (!result) {
      std::optional<int> number;
      if constexpr (requires { result.number(); }) number = result.number();
      return RequestSupport::FailureOf(numbers, number,
                                       std::move(result).error());
    }
    if constexpr (std::is_void_v<Value>) {
      return SuccessReply(nullptr);
    } else {
      return ReplyOf(std::move(result).value());
    }
  }

  static Status CheckExample(std::string_view example, UnknownKeys unknown) {
    Status status;
    ((status = status ? CheckExampleOf<Arguments>(example, unknown)
                      : std::move(status)),
     ...);
    return status;
  }
};

}  // namespace caravel::api
