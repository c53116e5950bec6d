#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <string_view>
#include <utility>

#include "control/endpoint_traits.h"
#include "control/json_schema.h"

namespace caravel::api {

// Writes one endpoint's operation of an OpenAPI 3.1 document from the types of
// its handler. The schemas of structs go to the book.
class OperationWriter {
 public:
  explicit OperationWriter(SchemaBook& schemas) : schemas_(schemas) {}

  template <typename Argument>
  void Takes(std::string_view example) {
    using T = std::remove_cvref_t<Argument>;
    if constexpr (kIsPath<Argument>) {
      Parameters<T>("path");
    } else if constexpr (kIsQuery<T>) {
      Parameters<decltype(T::value)>("query");
    } else if constexpr (kIsMultipart<T>) {
      const auto metadata = schemas_.SchemaOf<decltype(T::metadata)>();
      Body("multipart/form-data",
           {{"type", "object"},
            {"properties", {{"metadata", metadata}}},
            {"required", {"metadata"}},
            {"additionalProperties",
             {{"type", "string"}, {"format", "binary"}}}},
           boost::json::object{{"metadata", boost::json::parse(example)}});
    } else if constexpr (kIsFiles<T>) {
      Body("multipart/form-data",
           {{"type", "object"},
            {"additionalProperties",
             {{"type", "string"}, {"format", "binary"}}}},
           boost::json::object());
    } else if constexpr (kIsRawBody<T>) {
      Body("application/octet-stream",
           {{"type", "string"}, {"format", "binary"}}, "");
    } else {
      Body("application/json", schemas_.SchemaOf<T>(),
           boost::json::parse(example));
    }
  }

  template <typename Value>
  void Returns() {
    if constexpr (std::is_same_v<Value, Raw>) {
      result_content_ = {{"application/json", boost::json::object()}};
    } else if constexpr (std::is_void_v<Value>) {
      Envelope({{"type", "null"}});
    } else if constexpr (kIsPage<Value> || kIsCursorPage<Value>) {
      Envelope(schemas_.SchemaOf<decltype(Value::items)>());
    } else {
      Envelope(schemas_.SchemaOf<Value>());
    }
  }

  // The operation object with what `endpoint` says beside its types.
  boost::json::object Finish(const EndpointInfo& endpoint);

 private:
  template <Described T>
  void Parameters(std::string_view place) {
    boost::mp11::mp_for_each<MembersOf<T>>([&]<typename D>(D) {
      static constexpr FieldRule kRule = RuleOf<T, D>();
      using Member =
          std::remove_cvref_t<decltype(std::declval<T>().*D::pointer)>;
      boost::json::object parameter{
          {"name", kRule.key},
          {"in", place},
          {"required", place == "path" || !kMayBeAbsent<Member>},
          {"schema", schemas_.SchemaOf<Member>(kRule)}};
      if (!kRule.description.empty()) {
        parameter["description"] = kRule.description;
      }
      parameters_.push_back(std::move(parameter));
    });
  }

  void Body(std::string_view content_type, boost::json::object schema,
            boost::json::value example);
  void Envelope(boost::json::object result);

  SchemaBook& schemas_;
  boost::json::array parameters_;
  boost::json::object body_;
  boost::json::object result_content_;
};

}  // namespace caravel::api
