#include "daemon/metrics_target.h"

#include "control/host_check.h"

namespace caravel::daemon {
namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

}  // namespace

MetricsTarget::MetricsTarget(net::EventLoop& loop, net::Target& api,
                             std::vector<std::string> hosts,
                             std::function<std::string()> page)
    : api_(api),
      hosts_(std::move(hosts)),
      page_(std::move(page)),
      answers_(loop) {}

net::Answerer& MetricsTarget::Start(net::RequestHead& head, net::Asker& asker) {
  const std::string_view path =
      std::string_view(head.target).substr(0, head.target.find('?'));
  if (path != "/metrics") return api_.Start(head, asker);
  if (!api::IsAllowedHost(head.authority, hosts_)) {
    return answers_.Add(asker, [] {
      return api::Reply{
          .status = 403,
          .content_type = std::string(kPlainText),
          .body = "this host name is not allowed; see --api-hosts\n"};
    });
  }
  if (head.method != "GET" && head.method != "HEAD") {
    return answers_.Add(asker, [] {
      return api::Reply{.status = 405,
                        .content_type = std::string(kPlainText),
                        .body = "only GET is allowed\n"};
    });
  }
  return answers_.Add(asker, [this] {
    return api::Reply{.status = 200,
                      .content_type = "text/plain; version=0.0.4",
                      .body = page_()};
  });
}

}  // namespace caravel::daemon
