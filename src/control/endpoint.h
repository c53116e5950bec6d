#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/answer.h"
#include "control/json_decode.h"
#include "control/scope.h"

// One endpoint of the API, stated once: its handler's signature and this
// declaration give routing, decoding, errors, the OpenAPI document and the
// tests.
//
//   Result<Route> PutRoute(Caller& caller, const RoutePath& path,
//                          Query<RouteQuery> query, RouteInput input);
//
//   inline constexpr api::Endpoint kPutRoute{
//       .method = Method::kPut,
//       .path = "/accounts/{account_id}/workers/routes/{route_id}",
//       .scope = Scope::kWorkersWrite,
//       .summary = "Send the requests that match a pattern to a Worker",
//       .example = R"({"pattern":"example.com/*"})",
//       .handler = &PutRoute,
//   };
//
// A handler takes the Caller and then, each at most once and in any order:
//   const Path&   a described struct; its fields are the path's placeholders
//   Query<T>      the query string; parameters that T does not know are ignored
//   Multipart<T>  a multipart/form-data body whose part "metadata" is a T
//   Files         a multipart/form-data body of parts alone
//   RawBody       a body of any type, as it came
//   any other     a JSON body, whatever its content type says
// and returns Result<R> or Answer<R>, where R is void, Page<T>, Raw, or what
// json_encode.h writes. It runs on a thread that may block. kEndpoints
// (control/endpoints.h) lists all.
namespace caravel::api {

enum class Method : unsigned char { kGet, kPost, kPut, kPatch, kDelete };

// "GET"
std::string_view MethodName(Method method);

// The threads that a handler runs on, on each of which accounts take turns
// (control/api_server.h).
enum class Lane : unsigned char {
  kGeneral,
  kUploads,  // of Workers, whose code a host starts
  kAssets,   // contents of assets, which are coded
};

struct Caller;  // control/services.h

// A request, matched with its endpoint.
struct Request {
  std::map<std::string, std::string, std::less<>> path = {};  // by placeholder
  std::string query = {};                                     // as it came
  std::string content_type = {};                              // as it came
  std::string body = {};                                      // whole
};

inline constexpr size_t kJsonBodyLimit = 1 << 20;
inline constexpr size_t kUploadBodyLimit = 100 << 20;

template <typename Handler>
struct Endpoint {
  Method method;
  std::string_view path;  // below /client/v4
  Scope scope;
  std::string_view summary;
  // A JSON body that is right; of a multipart body its metadata. Empty: the
  // endpoint takes no body, or any.
  std::string_view example = {};
  UnknownKeys unknown_keys = UnknownKeys::kRefuse;
  ErrorNumbers errors = {};
  size_t body_limit = 0;  // bytes; 0: the usual one for its kind
  Handler handler;
};

class OperationWriter;  // control/openapi.h

// An endpoint whose handler's type is hidden: what kEndpoints holds.
struct EndpointInfo {
  Method method;
  std::string_view path;
  Scope scope;
  std::string_view summary;
  std::string_view example;
  ErrorNumbers errors;
  size_t body_limit;  // bytes; 0: takes none
  bool in_account;    // the path names an account
  Lane lane;

  // Decodes, calls the handler, encodes. Blocks.
  Reply (*run)(Caller& caller, const Request& request);
  // Decodes `example` as the body would be.
  Status (*check_example)();
  void (*describe)(OperationWriter& writer);
};

}  // namespace caravel::api
