#include "host/zone_origins.h"

#include <algorithm>
#include <utility>

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
class ZoneOrigins::Run final : public net::Answerer, public net::Asker {
 public:
  Run(ZoneOrigins& owner, uint64_t number, const Zone& zone, net::Asker& asker)
      : owner_(owner), number_(number), zone_(zone.name()), asker_(asker) {}

  void Begin(const Zone& zone, net::RequestHead& head) {
    origin_ = &owner_.origins_.StartAtOrigin(zone, head, *this);
  }

  // Answerer
  void OnRequestBody(std::string_view bytes) override {
    origin_->OnRequestBody(bytes);
  }
  void OnRequestEnd() override { origin_->OnRequestEnd(); }
  void OnResponseCredit(uint64_t bytes) override {
    origin_->OnResponseCredit(bytes);
  }
  void OnCancel(const Error& why) override {
    origin_->OnCancel(why);
    Leave();
  }

  // Asker
  void Respond(const net::ResponseHead& head, std::string_view body) override {
    asker_.Respond(head, body);
    Leave();
  }
  void RespondStart(const net::ResponseHead& head) override {
    started_ = true;
    asker_.RespondStart(head);
  }
  void RespondBody(std::string_view bytes) override {
    asker_.RespondBody(bytes);
  }
  void RespondEnd() override {
    asker_.RespondEnd();
    Leave();
  }
  void RespondAbort(const Error& why) override {
    owner_.log_.Warning("the origin of a zone failed",
                        {{"zone", zone_}, {"why", why.message()}});
    if (started_) {
      asker_.RespondAbort(
          Error(ErrorCode::kUnavailable, "the origin ended its answer early"));
    } else {
      const ErrorAnswer page = OriginFailed(zone_);
      asker_.Respond(page.head, page.body);
    }
    Leave();
  }
  void GrantRequestBody(uint64_t bytes) override {
    asker_.GrantRequestBody(bytes);
  }

 private:
  // Kept until the end of the call: it is `this` that goes.
  void Leave() { const auto gone = owner_.runs_.extract(number_); }

  ZoneOrigins& owner_;
  const uint64_t number_;
  const std::string zone_;
  net::Asker& asker_;
  net::Answerer* origin_ = nullptr;
  bool started_ = false;
};

class ZoneOrigins::ZoneTarget final : public net::Target {
 public:
  explicit ZoneTarget(ZoneOrigins& owner) : owner_(owner) {}
  void Set(const ZonePtr& zone) { zone_ = zone; }
  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override {
    return owner_.Start(*zone_, head, asker);
  }

 private:
  ZoneOrigins& owner_;
  ZonePtr zone_;
};

ZoneOrigins::ZoneOrigins(Origins& origins, base::Log& log)
    : origins_(origins), log_(log) {}

ZoneOrigins::~ZoneOrigins() = default;

net::Answerer& ZoneOrigins::Start(const Zone& zone, net::RequestHead& head,
                                  net::Asker& asker) {
  const uint64_t number = ++last_run_;
  Run& run =
      *runs_.emplace(number, std::make_unique<Run>(*this, number, zone, asker))
           .first->second;
  run.Begin(zone, head);
  return run;
}

net::Target& ZoneOrigins::TargetOf(const ZonePtr& zone) {
  std::unique_ptr<ZoneTarget>& target = targets_[zone->id().value];
  if (target == nullptr) target = std::make_unique<ZoneTarget>(*this);
  target->Set(zone);
  return *target;
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
