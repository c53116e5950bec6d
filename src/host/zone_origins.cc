#include "host/zone_origins.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "host/error_page.h"
#include "runtime/ops/request_ops.h"

namespace caravel::host {
namespace {

constexpr std::string_view kForwardedField = "X-Forwarded-For";
// The zone whose Worker asks: what others say under this name is left out.
constexpr std::string_view kWorkerField = "CF-Worker";

void AppendHop(std::string_view hop, std::string& hops) {
  hops.append(hops.empty() ? "" : ", ").append(hop);
}

}  // namespace

// Stands between the asker and the pool's exchange for one thing: that an
// origin's failure becomes an answer.
class ZoneOrigins::Run final : public HandedOn {
 public:
  Run(base::Log& log, const Zone& zone, net::Asker& asker)
      : HandedOn(asker), log_(log), zone_(zone.name()) {}

  void RespondStart(const net::ResponseHead& head) override {
    started_ = true;
    HandedOn::RespondStart(head);
  }
  void RespondAbort(const Error& why) override {
    log_.Warning("the origin of a zone failed",
                 {{"zone", zone_}, {"why", why.message()}});
    if (started_) {
      return HandedOn::RespondAbort(
          Error(ErrorCode::kUnavailable, "the origin ended its answer early"));
    }
    const ErrorAnswer page = OriginFailed(zone_);
    HandedOn::Respond(page.head, page.body);
  }

 private:
  base::Log& log_;
  const std::string zone_;
  bool started_ = false;
};

net::Answerer& ZoneOrigins::Way::Start(net::RequestHead& head,
                                       net::Asker& asker) {
  const ZonePtr taken = std::exchange(zone, nullptr);
  CARAVEL_CHECK(taken != nullptr);
  return owner_.Start(*taken, head, asker);
}

ZoneOrigins::ZoneOrigins(Origins& origins, base::Log& log)
    : origins_(origins), log_(log) {}

ZoneOrigins::~ZoneOrigins() = default;

net::Answerer& ZoneOrigins::Start(const Zone& zone, net::RequestHead& head,
                                  net::Asker& asker) {
  Run& run = runs_.Add(std::make_unique<Run>(log_, zone, asker));
  run.HandOnTo(origins_.StartAtOrigin(zone, head, run));
  return run;
}

net::Target& ZoneOrigins::To(ZonePtr zone) {
  way_.zone = std::move(zone);
  return way_;
}

void AddClientFields(net::RequestHead& head) {
  net::Headers fields;
  std::string forwarded;
  bool has_scheme = false;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const net::Headers::Field field = head.headers[i];
    const auto is = [&field](std::string_view name) {
      return net::EqualsIgnoringCase(field.name, name);
    };
    if (std::ranges::any_of(runtime::kPlatformFields, is) || is(kWorkerField)) {
      continue;
    }
    if (is(kForwardedField)) {
      AppendHop(field.value, forwarded);
      continue;
    }
    has_scheme = has_scheme || is(runtime::kSchemeField);
    fields.Add(field.name, field.value);
  }
  AppendHop(head.proxy.empty() ? head.client : head.proxy, forwarded);
  for (const std::string_view name : runtime::kClientAddressFields) {
    fields.Add(name, head.client);
  }
  fields.Add(kForwardedField, forwarded);
  if (!has_scheme) fields.Add(runtime::kSchemeField, head.scheme);
  fields.Add(runtime::kVisitorField, runtime::VisitorOf(head));
  fields.Add(runtime::kRayField, runtime::RayOf(head));
  head.headers = std::move(fields);
}

void AddSubrequestFields(net::RequestHead& head, const std::string& zone) {
  net::Headers fields;
  std::string forwarded;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const net::Headers::Field field = head.headers[i];
    if (net::EqualsIgnoringCase(field.name, runtime::kRayField) ||
        net::EqualsIgnoringCase(field.name, kWorkerField)) {
      continue;
    }
    if (net::EqualsIgnoringCase(field.name, kForwardedField)) {
      AppendHop(field.value, forwarded);
    } else {
      fields.Add(field.name, field.value);
    }
  }
  const auto client = head.headers.Find(runtime::kClientAddressFields[0]);
  if (client) AppendHop(*client, forwarded);
  if (!forwarded.empty()) fields.Add(kForwardedField, forwarded);
  fields.Add(kWorkerField, zone);
  fields.Add(runtime::kRayField, runtime::RayOf(head));
  head.headers = std::move(fields);
}

}  // namespace caravel::host
