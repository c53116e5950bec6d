#include "control/json_decode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "base/nearest_name.h"

namespace caravel::api {
namespace {

// What a person calls the kind of a JSON value.
std::string_view KindOf(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return "a number";
    case boost::json::kind::string:
      return "a string";
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "an object";
  }
  return "something else";
}

// The value as an integer, where it is a whole number that int64_t holds.
std::optional<int64_t> WholeNumber(const boost::json::value& value) {
  if (value.is_int64()) return value.get_int64();
  // 2^53: whole doubles are exact up to here.
  constexpr double kExact = 9007199254740992.0;
  if (value.is_double() && std::abs(value.get_double()) <= kExact &&
      std::trunc(value.get_double()) == value.get_double()) {
    return static_cast<int64_t>(value.get_double());
  }
  return std::nullopt;
}

}  // namespace

std::string Where::Text() const {
  if (around_ == nullptr) return std::string(name_);
  const bool in_document = around_->around_ == nullptr;
  std::string text = in_document ? std::string() : around_->Text();
  if (name_.empty()) return fmt::format("{}[{}]", text, index_);
  if (!text.empty()) text += '.';
  return text.append(name_);
}

Error Where::Wrong(std::string_view what) const {
  return Error(ErrorCode::kInvalid, fmt::format("{}: {}", Text(), what));
}

std::string SnakeCase(std::string_view enumerator) {
  if (enumerator.starts_with('k')) enumerator.remove_prefix(1);
  std::string name;
  for (const char c : enumerator) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !name.empty()) name += '_';
    name += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

Error DecodeSupport::MustBe(std::string_view kind, const Value& value,
                            const Where& where) {
  return where.Wrong(fmt::format("must be {}, is {}", kind, KindOf(value)));
}

Status DecodeSupport::GetInteger(const Value& value, int64_t least,
                                 int64_t most, const Where& where,
                                 int64_t& out) {
  if (!value.is_number()) return MustBe("a whole number", value, where);
  const std::optional<int64_t> number = WholeNumber(value);
  if (!number && value.is_double()) {
    return where.Wrong(
        fmt::format("must be a whole number, is {}", value.get_double()));
  }
  if (!number || *number < least || *number > most) {
    return where.Wrong(fmt::format("must be between {} and {}", least, most));
  }
  out = *number;
  return {};
}

Status DecodeSupport::GetDouble(const Value& value, const Where& where,
                                double& out) {
  boost::json::error_code error;
  out = value.to_number<double>(error);
  return error ? MustBe("a number", value, where) : Status();
}

Status DecodeSupport::GetString(const Value& value, const FieldRule& rule,
                                const Where& where, std::string& out) {
  const boost::json::string* text = value.if_string();
  if (text == nullptr) return MustBe("a string", value, where);
  out.assign(text->data(), text->size());
  return CheckText(out, rule, where);
}

Status DecodeSupport::CheckCount(size_t count, const FieldRule& rule,
                                 std::string_view things, const Where& where) {
  const size_t most = std::min(rule.max_length, kMostItems);
  if (count < rule.min_length) {
    return where.Wrong(fmt::format("must have at least {} {}, has {}",
                                   rule.min_length, things, count));
  }
  if (count > most) {
    return where.Wrong(
        fmt::format("must have at most {} {}, has {}", most, things, count));
  }
  return {};
}

Status DecodeSupport::CheckText(std::string_view text, const FieldRule& rule,
                                const Where& where) {
  if (text.size() < rule.min_length) {
    return where.Wrong(
        text.empty() ? "must not be empty"
                     : fmt::format("must have at least {} characters, has {}",
                                   rule.min_length, text.size()));
  }
  if (text.size() > rule.max_length) {
    return where.Wrong(fmt::format("must have at most {} characters, has {}",
                                   rule.max_length, text.size()));
  }
  return rule.check == nullptr ? Status() : rule.check(text).In(where.Text());
}

Error DecodeSupport::NotOneOf(std::string_view text,
                              const std::vector<std::string>& names,
                              const Where& where) {
  return where.Wrong(fmt::format("must be one of {}, is \"{}\"",
                                 fmt::join(names, ", "), text));
}

Status DecodeSupport::RefuseUnknownKeys(
    const boost::json::object& object,
    const std::vector<std::string_view>& known, const Where& where) {
  for (const auto& [key, value] : object) {
    const std::string_view name(key.data(), key.size());
    if (std::ranges::find(known, name) != known.end()) continue;
    return where.Key(name)
        .Wrong(
            fmt::format("is not a known key{}", base::DidYouMean(name, known)))
        .Remedy(fmt::format("known keys are {}", fmt::join(known, ", ")));
  }
  return {};
}

}  // namespace caravel::api
