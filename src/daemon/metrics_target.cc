#include "daemon/metrics_target.h"

#include "control/host_check.h"

namespace caravel::daemon {

// Waits for the next round: an answer must not be given from within Start().
class MetricsTarget::Call final : public net::Answerer {
 public:
  Call(net::Asker& asker, uint16_t status) : asker_(&asker), status_(status) {}

  void OnRequestBody(std::string_view) override {}
  void OnRequestEnd() override {}
  void OnResponseCredit(uint64_t) override {}
  void OnCancel(const Error&) override { asker_ = nullptr; }

  void Answer(const std::string& page) {
    if (asker_ == nullptr) return;
    net::ResponseHead head;
    head.status = status_;
    head.headers.Add("Content-Type", status_ == 200
                                         ? "text/plain; version=0.0.4"
                                         : "text/plain; charset=utf-8");
    const std::string_view body =
        status_ == 200   ? std::string_view(page)
        : status_ == 403 ? "this host name is not allowed; see --api-hosts\n"
                         : "only GET is allowed\n";
    head.body_size = static_cast<int64_t>(body.size());
    asker_->Respond(head, body);
  }

 private:
  net::Asker* asker_;  // nullptr once it has gone
  const uint16_t status_;
};

MetricsTarget::MetricsTarget(net::EventLoop& loop, net::Target& api,
                             std::vector<std::string> hosts,
                             std::function<std::string()> page)
    : loop_(loop),
      api_(api),
      hosts_(std::move(hosts)),
      page_(std::move(page)) {}

MetricsTarget::~MetricsTarget() { loop_.Cancel(timer_); }

net::Answerer& MetricsTarget::Start(net::RequestHead& head, net::Asker& asker) {
  const std::string_view path =
      std::string_view(head.target).substr(0, head.target.find('?'));
  if (path != "/metrics") return api_.Start(head, asker);
  const bool reads = head.method == "GET" || head.method == "HEAD";
  const uint16_t status = !api::IsAllowedHost(head.authority, hosts_) ? 403
                          : reads                                     ? 200
                                                                      : 405;
  if (calls_.empty()) {
    timer_ = loop_.After(std::chrono::nanoseconds(0), [this] { Answer(); });
  }
  calls_.push_back(std::make_unique<Call>(asker, status));
  return *calls_.back();
}

void MetricsTarget::Answer() {
  const std::string page = page_();
  const auto calls = std::exchange(calls_, {});
  for (const auto& call : calls) call->Answer(page);
}

}  // namespace caravel::daemon
