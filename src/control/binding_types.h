#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/rules.h"
#include "registry/exports.h"
#include "registry/model.h"
#include "registry/worker_name.h"

// The bindings of an upload, and which of their types Caravel has.
namespace caravel::api {

// One entry of metadata.bindings; fields of types that are refused are not
// read.
struct BindingInput {
  std::string name;
  std::string type;
  std::optional<std::string> text;         // plain_text, secret_text
  std::optional<boost::json::value> json;  // json
  // service
  std::optional<std::string> service;
  std::optional<std::string> entrypoint;
  std::optional<boost::json::value> props;
  std::optional<std::string> part;          // wasm_module, text_blob, data_blob
  std::optional<std::string> namespace_id;  // kv_namespace, ratelimit
  std::optional<boost::json::value> simple;  // ratelimit

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&BindingInput::name, "Name of the property of env")
            .Check(registry::CheckBindingName),
        api::Field(&BindingInput::type, "plain_text, json, secret_text, …"),
        api::Field(&BindingInput::text, "The value of a text")
            .Length(0, 1 << 20),
        api::Field(&BindingInput::json, "The value of a json binding"),
        api::Field(&BindingInput::service, "The Worker that a service calls")
            .Length(1, 255),
        api::Field(&BindingInput::entrypoint,
                   "Which of its exports a service calls")
            .Length(0, registry::kLongestEntrypoint),
        api::Field(&BindingInput::props, "ctx.props of what a service calls"),
        api::Field(&BindingInput::part, "The part of the upload that it is")
            .Length(1, 1024),
        api::Field(&BindingInput::namespace_id,
                   "Id of a KV namespace, or number of a space of rate limits")
            .Length(1, 64),
        api::Field(&BindingInput::simple,
                   "A rate limit: how many calls in how many seconds"));
  }
};
BOOST_DESCRIBE_STRUCT(BindingInput, (),
                      (name, type, text, json, service, entrypoint, props, part,
                       namespace_id, simple))

// Puts the bindings of an upload into `version`, those to inherit among
// `inherited`. kInvalid, naming the binding and the remedy: its type is unknown
// or not built yet, a value is missing, a name is there twice.
Status AddBindings(const std::vector<BindingInput>& inputs,
                   registry::NewVersion& version);

// The types that metadata.keep_bindings names; those without a meaning here
// are left out.
std::vector<registry::BindingType> KeptTypes(
    const std::vector<std::string>& names);

// What a service binding names.
struct ServiceNamed {
  std::string worker;
  std::string entrypoint;  // empty: the default export
};
// Requires: it is one.
ServiceNamed ServiceOf(const registry::Binding& binding);

// A stored binding as the API shows it: secrets without their value.
boost::json::value BindingSeen(const registry::Binding& binding);

}  // namespace caravel::api
