#include "host/zone.h"

#include <gmock/gmock.h>

#include "host/routing_table.h"

namespace caravel::host {
namespace {

using registry::WorkerId;

registry::PublishedWorker MakeWorker(std::string id,
                                     std::vector<std::string> hosts,
                                     std::vector<std::string> domains = {}) {
  registry::PublishedWorker worker;
  worker.id.value = std::move(id);
  worker.hosts = std::move(hosts);
  worker.domains = std::move(domains);
  worker.versions.resize(1);
  return worker;
}

registry::PublishedZone MakeZone(std::string name,
                                 std::vector<registry::PublishedRoute> routes,
                                 std::string origin = "http://origin.test") {
  return {.id = {"zone " + name},
          .account = {},
          .name = name,
          .origin = std::move(origin),
          .trusted = false,
          .routes = std::move(routes)};
}

// "worker w", "origin of example.com", "nobody".
std::string Where(const RoutingTable& table, std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t path = url.find('/', scheme + 3);
  const Routed routed =
      table.Find(url.substr(0, scheme),
                 url.substr(scheme + 3, path - scheme - 3), url.substr(path));
  if (routed.worker != nullptr) return "worker " + routed.worker->id.value;
  return routed.zone == nullptr ? "nobody" : "origin of " + routed.zone->name();
}

TEST(ZoneTest, TheMostSpecificRouteWins) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("all", {}), MakeWorker("www", {}),
                   MakeWorker("api", {})},
       .zones = {MakeZone("example.com",
                          {{"*example.com/*", WorkerId{"all"}},
                           {"www.example.com/*", WorkerId{"www"}},
                           {"*example.com/images/cat.png", std::nullopt},
                           {"https://example.com/api/*", WorkerId{"api"}}})}});
  const std::pair<const char*, const char*> kCases[] = {
      {"http://example.com/", "worker all"},
      {"http://www.EXAMPLE.com:8080/", "worker www"},
      {"http://a.example.com/x", "worker all"},
      {"http://a.example.com/images/cat.png", "origin of example.com"},
      {"http://a.example.com/images/cat.png?q", "worker all"},
      {"https://example.com/api/", "worker api"},
      {"http://example.com/api/", "worker all"},
      {"http://example.org/", "nobody"},
  };
  for (const auto& [url, where] : kCases) {
    EXPECT_EQ(Where(table, url), where) << url;
  }
}

TEST(ZoneTest, ARequestTakesNoWayAroundARoute) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("guard", {})},
       .zones = {MakeZone("a.test", {{"a.test/admin/*", WorkerId{"guard"}}})}});
  for (const char* target :
       {"/admin/x", "/x/../admin/x", "/./admin/x", "/x/%2e%2E/admin/x",
        "/x/.%2e/admin/x", "/\\..\\admin\\x", "/x/y/../../admin/", "/%61dmin/x",
        "//admin/x", "/admin//x"}) {
    EXPECT_EQ(Where(table, std::string("http://a.test") + target),
              "worker guard")
        << target;
  }
  EXPECT_EQ(Where(table, "http://a.test/admin/../x"), "origin of a.test");
}

TEST(ZoneTest, ARequestOfTheWholeServerIsOneOfItsRoot) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("guard", {})},
       .zones = {MakeZone("a.test", {{"a.test/*", WorkerId{"guard"}}})}});
  EXPECT_EQ(table.Find("http", "a.test", "*").worker->id.value, "guard");
}

TEST(ZoneTest, TheLongestZoneThatTheHostLiesInCounts) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("outer", {})},
       .zones = {MakeZone("a.test", {{"*a.test/*", WorkerId{"outer"}}}),
                 MakeZone("in.a.test", {})}});
  EXPECT_EQ(Where(table, "http://x.a.test/"), "worker outer");
  EXPECT_EQ(Where(table, "http://x.in.a.test/"), "origin of in.a.test");
  EXPECT_EQ(Where(table, "http://xin.a.test/"), "worker outer");
}

TEST(ZoneTest, HostNamesThenRoutesThenDomainsThenTheOrigin) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("own", {"own.a.test"}), MakeWorker("route", {}),
                   MakeWorker("domain", {}, {"shop.a.test", "own.a.test"}),
                   MakeWorker("any", {"*"})},
       .zones = {MakeZone("a.test", {{"*.a.test/r*", WorkerId{"route"}}})}});
  EXPECT_EQ(Where(table, "http://own.a.test/r"), "worker own");
  EXPECT_EQ(Where(table, "http://shop.a.test/r"), "worker route");
  EXPECT_EQ(Where(table, "http://shop.a.test/"), "worker domain");
  EXPECT_EQ(Where(table, "http://a.test/"), "origin of a.test");
  EXPECT_EQ(Where(table, "http://b.test/"), "worker any");
}

TEST(ZoneTest, APreviewIsTheVersionThatItsHostNames) {
  registry::PublishedWorker worker = MakeWorker("w", {"w.localhost"});
  registry::PublishedPreview preview;
  preview.version.id = {"old"};
  preview.hosts = {"01234567-w.localhost", "alias-w.localhost"};
  worker.previews = {preview};
  const RoutingTable table({.sequence = {1}, .workers = {worker}, .zones = {}});
  for (const std::string& host : preview.hosts) {
    const Routed routed = table.Find("http", host, "/");
    ASSERT_NE(routed.version, nullptr) << host;
    EXPECT_EQ(routed.version->id.value, "old");
  }
  EXPECT_EQ(table.Find("http", "w.localhost", "/").version, nullptr);
  EXPECT_TRUE(table.IsPublished({"w"}, {"old"}));
  worker.previews.clear();
  const auto off = table.With({.sequence = {2},
                               .worker = {"w"},
                               .now = worker,
                               .zone = {},
                               .zone_now = {}});
  EXPECT_EQ(off->Find("http", "alias-w.localhost", "/").worker, nullptr);
  EXPECT_FALSE(off->IsPublished({"w"}, {"old"}));
}

TEST(ZoneTest, ARouteToAWorkerThatIsNotThereDoesNotOpenTheOrigin) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {},
       .zones = {MakeZone("a.test", {{"a.test/*", WorkerId{"gone"}}})}});
  EXPECT_EQ(Where(table, "http://a.test/"), "nobody");
}

TEST(ZoneTest, AWorkerReachesWhatIsBehindTheRoutesOfItsOwnZone) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("route", {}),
                   MakeWorker("domain", {}, {"shop.a.test"}),
                   MakeWorker("other", {})},
       .zones = {MakeZone("a.test", {{"*a.test/*", WorkerId{"route"}}})}});
  for (const char* worker : {"route", "domain"}) {
    const auto behind = table.FindBehindRoutes({worker}, "A.test:8080");
    ASSERT_TRUE(behind) << worker;
    EXPECT_EQ(behind->worker, nullptr);
    EXPECT_EQ(behind->zone->name(), "a.test");
    EXPECT_EQ(table.FindBehindRoutes({worker}, "shop.a.test")->worker->id.value,
              "domain");
  }
  EXPECT_FALSE(table.FindBehindRoutes({"other"}, "a.test"));
  EXPECT_FALSE(table.FindBehindRoutes({"route"}, "b.test"));
}

TEST(ZoneTest, AChangeReplacesAZoneAsAWhole) {
  const RoutingTable table(
      {.sequence = {1},
       .workers = {MakeWorker("w", {})},
       .zones = {MakeZone("a.test", {{"a.test/*", WorkerId{"w"}}})}});
  const auto changed = table.With({.sequence = {2},
                                   .worker = {},
                                   .now = {},
                                   .zone = {"zone a.test"},
                                   .zone_now = MakeZone("a.test", {})});
  EXPECT_EQ(Where(*changed, "http://a.test/"), "origin of a.test");
  const auto gone = changed->With({.sequence = {3},
                                   .worker = {},
                                   .now = {},
                                   .zone = {"zone a.test"},
                                   .zone_now = {}});
  EXPECT_EQ(Where(*gone, "http://a.test/"), "nobody");
  EXPECT_EQ(Where(table, "http://a.test/"), "worker w");
}

}  // namespace
}  // namespace caravel::host
