#include "control/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "control/operation_writer.h"

namespace caravel::api {
namespace {

boost::json::object EnvelopeSchema() {
  const boost::json::object error{
      {"type", "object"},
      {"properties",
       {{"code", {{"type", "integer"}}}, {"message", {{"type", "string"}}}}},
      {"required", {"code", "message"}}};
  return {{"type", "object"},
          {"properties",
           {{"success", {{"type", "boolean"}}},
            {"errors", {{"type", "array"}, {"items", error}}},
            {"messages", {{"type", "array"}, {"items", {{"type", "string"}}}}},
            {"result", boost::json::object()},
            {"result_info", {{"type", "object"}}}}},
          {"required", {"success", "errors", "messages", "result"}}};
}

std::string LowerMethod(Method method) {
  std::string name(MethodName(method));
  for (char& c : name) c = static_cast<char>(c - 'A' + 'a');
  return name;
}

// "put_accounts_account_id_workers_scripts_script_name"
std::string OperationId(const EndpointInfo& endpoint) {
  std::string id = LowerMethod(endpoint.method);
  for (const char c : endpoint.path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      id += c;
    } else if (c != '}' && !id.ends_with('_')) {
      id += '_';
    }
  }
  return id;
}

}  // namespace

void OperationWriter::Body(std::string_view content_type,
                           boost::json::object schema,
                           boost::json::value example) {
  body_ = {
      {"required", true},
      {"content",
       {{content_type,
         {{"schema", std::move(schema)}, {"example", std::move(example)}}}}}};
}

void OperationWriter::Envelope(boost::json::object result) {
  result_content_ = {
      {"application/json",
       {{"schema",
         {{"allOf",
           {{{"$ref", "#/components/schemas/Envelope"}},
            {{"type", "object"},
             {"properties", {{"result", std::move(result)}}}}}}}}}}};
}

boost::json::object OperationWriter::Finish(const EndpointInfo& endpoint) {
  boost::json::object operation{{"operationId", OperationId(endpoint)},
                                {"summary", endpoint.summary}};
  boost::json::array security;
  if (endpoint.scope != Scope::kPublic) {
    boost::json::array scopes;
    if (const std::string_view name = ScopeName(endpoint.scope);
        !name.empty()) {
      scopes.emplace_back(name);
    }
    security.push_back(boost::json::object{{"token", std::move(scopes)}});
  }
  operation["security"] = std::move(security);
  if (!parameters_.empty()) operation["parameters"] = std::move(parameters_);
  if (!body_.empty()) operation["requestBody"] = std::move(body_);
  operation["responses"] = {
      {"200",
       {{"description", "Done"}, {"content", std::move(result_content_)}}},
      {"default",
       {{"description", "Refused; errors[0] has the number and the reason"},
        {"content",
         {{"application/json",
           {{"schema", {{"$ref", "#/components/schemas/Envelope"}}}}}}}}}};
  return operation;
}

std::string OpenApiDocument(std::span<const EndpointInfo> endpoints) {
  SchemaBook schemas;
  boost::json::object paths;
  for (const EndpointInfo& endpoint : endpoints) {
    OperationWriter writer(schemas);
    endpoint.describe(writer);
    auto& path = paths[endpoint.path];
    if (path.is_null()) path.emplace_object();
    path.as_object()[LowerMethod(endpoint.method)] = writer.Finish(endpoint);
  }
  boost::json::object components = schemas.Take();
  components["Envelope"] = EnvelopeSchema();
  return boost::json::serialize(boost::json::object{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Caravel API"},
        {"version", "4"},
        {"description",
         "The Cloudflare API v4, as far as Caravel has it. Paths that are not "
         "listed answer 404 with the error code 7000."}}},
      {"servers", {{{"url", "/client/v4"}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(components)},
        {"securitySchemes",
         {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}});
}

std::string ApiTable(std::span<const EndpointInfo> endpoints) {
  std::string table = "| method | path | scope | does |\n|---|---|---|---|\n";
  for (const EndpointInfo& endpoint : endpoints) {
    const std::string_view scope = ScopeName(endpoint.scope);
    table += fmt::format("| {} | `{}` | {} | {} |\n",
                         MethodName(endpoint.method), endpoint.path,
                         endpoint.scope == Scope::kPublic ? "none"
                         : scope.empty()                  ? "any token"
                                         : fmt::format("`{}`", scope),
                         endpoint.summary);
  }
  return table;
}

}  // namespace caravel::api
