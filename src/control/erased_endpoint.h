#pragma once

#include "control/endpoint.h"
#include "control/endpoint_traits.h"
#include "control/operation_writer.h"

namespace caravel::api {

// Whether each field of Path stands in `path` as {field}, and nothing else
// does.
template <Described Path>
constexpr bool PathHasFields(std::string_view path) {
  size_t fields = 0;
  bool all = true;
  boost::mp11::mp_for_each<MembersOf<Path>>([&](auto descriptor) {
    const std::string_view name = descriptor.name;
    ++fields;
    bool found = false;
    for (size_t at = path.find('{'); at != std::string_view::npos;
         at = path.find('{', at + 1)) {
      if (path.substr(at + 1, name.size()) == name &&
          path.substr(at + 1 + name.size(), 1) == "}") {
        found = true;
      }
    }
    all = all && found;
  });
  size_t placeholders = 0;
  for (const char c : path) placeholders += c == '{' ? 1 : 0;
  return all && placeholders == fields;
}

template <typename Argument>
constexpr bool ArgumentFitsPath(std::string_view path) {
  if constexpr (kIsPath<Argument>) {
    return PathHasFields<std::remove_cvref_t<Argument>>(path);
  } else {
    return true;
  }
}

// The declaration without its handler's type. Compile-time errors say what does
// not fit together.
template <const auto& kEndpoint>
constexpr EndpointInfo Erased() {
  using Traits =
      HandlerTraits<std::remove_cvref_t<decltype(kEndpoint.handler)>>;
  static_assert(
      []<typename... Arguments>(boost::mp11::mp_list<Arguments...>) {
        return (ArgumentFitsPath<Arguments>(kEndpoint.path) && ...);
      }(typename Traits::ArgumentList()),
      "the path's placeholders are not the fields of the path struct");
  static_assert(kEndpoint.example.empty() ==
                    !(Traits::kHasJsonBody || Traits::kHasUpload),
                "an endpoint has an example where it has a body");
  return {
      .method = kEndpoint.method,
      .path = kEndpoint.path,
      .scope = kEndpoint.scope,
      .summary = kEndpoint.summary,
      .example = kEndpoint.example,
      .errors = kEndpoint.errors,
      .body_limit = kEndpoint.body_limit > 0 ? kEndpoint.body_limit
                    : Traits::kHasUpload || Traits::kHasFiles ? kUploadBodyLimit
                    : Traits::kHasJsonBody || Traits::kHasRawBody
                        ? kJsonBodyLimit
                        : 0,
      .in_account =
          kEndpoint.path.find("{account_id}") != std::string_view::npos,
      .lane = Traits::kHasUpload  ? Lane::kUploads
              : Traits::kHasFiles ? Lane::kAssets
                                  : Lane::kGeneral,
      .run =
          [](Caller& caller, const Request& request) {
            return Traits::Run(kEndpoint.handler, caller, request,
                               kEndpoint.unknown_keys, kEndpoint.errors);
          },
      .check_example =
          [] {
            return Traits::CheckExample(kEndpoint.example,
                                        kEndpoint.unknown_keys);
          },
      .describe =
          [](OperationWriter& writer) {
            [&writer]<typename... Arguments>(
                boost::mp11::mp_list<Arguments...>) {
              (writer.template Takes<Arguments>(kEndpoint.example), ...);
            }(typename Traits::ArgumentList());
            writer.template Returns<typename Traits::Value>();
          },
  };
}

}  // namespace caravel::api
