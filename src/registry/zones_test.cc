#include "registry/zones.h"

#include "registry/account_table.h"
#include "registry/host_names.h"
#include "registry/registry_fixture.h"
#include "storage/testing/new_postgres.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ZonesTest : public RegistryTest {
 protected:
  Zones& zones() { return registry_->zones(); }
  AccountId AddAccount(std::string name) {
    const Account added = {.id = {std::string(32, 'b')},
                           .number = 2,
                           .name = name,
                           .subdomain = name,
                           .created = {}};
    ground_.database
        ->Transact([&](storage::Transaction& transaction) {
          return InsertAccount(transaction, added);
        })
        .value();
    return added.id;
  }
  Zone Add(std::string_view name, std::string_view origin = "") {
    return zones().Add(account_.id, name, origin, false).value().zone;
  }
  Result<Zones::RoutesChanged> SetRoutes(std::string_view worker,
                                         std::vector<std::string> patterns) {
    std::vector<Zones::NewRoute> routes;
    for (std::string& pattern : patterns) {
      routes.push_back({.pattern = std::move(pattern)});
    }
    return zones().ReplaceRoutes(account_.id, worker, routes);
  }
  Result<Zones::DomainsChanged> SetDomains(std::string_view worker,
                                           std::vector<std::string> hostnames,
                                           bool may_take = false) {
    std::vector<Zones::NewDomain> domains;
    for (std::string& hostname : hostnames) {
      domains.push_back({.hostname = std::move(hostname)});
    }
    return zones().PutDomains(account_.id, worker, domains,
                              Zones::Others::kRemove, may_take);
  }
  std::vector<std::string> PatternsOf(const PublishedZone& zone) {
    std::vector<std::string> patterns;
    for (const PublishedRoute& route : zone.routes) {
      patterns.push_back(route.pattern);
    }
    return patterns;
  }
};

TEST_P(ZonesTest, AZoneIsPublishedWithItsRoutes) {
  const WorkerId worker = Publish("shop", "d").value().worker.id;
  const Sequence before = LoadSnapshot().sequence;
  const Zone zone = Add("Example.com.", "https://origin.test");
  EXPECT_EQ(zone.name, "example.com");
  SetRoutes("shop", {"example.com/*", "*.Example.com/a"}).value();

  const auto changes = registry_->ChangesAfter(before, 10).value();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[1].zone, zone.id);
  EXPECT_TRUE(changes[1].worker.value.empty());
  const PublishedZone& now = changes[1].zone_now.value();
  EXPECT_EQ(now.origin, "https://origin.test");
  EXPECT_FALSE(now.trusted);
  EXPECT_THAT(PatternsOf(now), ElementsAre("*.Example.com/a", "example.com/*"));
  EXPECT_EQ(now.routes[0].worker, worker);
  EXPECT_THAT(LoadSnapshot().zones, ElementsAre(now));
}

TEST_P(ZonesTest, OnlyTheOperatorsOriginIsTrusted) {
  EXPECT_TRUE(zones()
                  .Add(account_.id, "a.test", "http://10.0.0.5", true)
                  .value()
                  .zone.trusted);
  const Zone zone = Add("b.test", "http://10.0.0.5");
  EXPECT_FALSE(zone.trusted);
  EXPECT_TRUE(zones()
                  .SetOrigin(account_.id, zone.id, "http://10.0.0.6", true)
                  .value()
                  .zone.trusted);
  // Whoever names another one later is asked again.
  EXPECT_FALSE(zones()
                   .SetOrigin(account_.id, zone.id, "http://10.0.0.7", false)
                   .value()
                   .zone.trusted);
}

TEST_P(ZonesTest, ANameIsOneAccountsAlone) {
  const AccountId other = AddAccount("other");
  Add("example.com");
  const auto again = zones().Add(account_.id, "example.com", "", false);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(again.error().ToText(),
            "zone \"example.com\" is there already\n"
            "`./caravel zone set example.com --origin URL` changes its origin");
  for (const char* name : {"example.com", "a.example.com"}) {
    const auto taken = zones().Add(other, name, "", false);
    EXPECT_EQ(taken.error().code(), ErrorCode::kConflict) << name;
    EXPECT_THAT(taken.error().message(), HasSubstr("another account"));
    EXPECT_THAT(taken.error().message(),
                ::testing::Not(HasSubstr(account_.name)));
  }
  Add("b.test.example.org");
  EXPECT_EQ(zones().Add(other, "example.org", "", false).error().code(),
            ErrorCode::kConflict);
  Add("deep.example.com");  // within one's own
  EXPECT_THAT(zones().List(other).value(), IsEmpty());
}

TEST_P(ZonesTest, AnAccountHasSoManyAtMost) {
  for (size_t i = 0; i < Zones::kMaxZones; ++i) {
    Add(fmt::format("zone{}.example", i));
  }
  const auto more = zones().Add(account_.id, "more.example", "", false);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::kLimit);
  EXPECT_TRUE(zones().Add(AddAccount("other"), "more.example", "", false));
}

TEST_P(ZonesTest, NamesOfThePlatformAreNoZones) {
  auto with_domain = OpenOn(*ground_.database, "workers.example.net");
  for (const char* name :
       {"x.localhost", "workers.example.net", "a.workers.example.net"}) {
    EXPECT_EQ(
        with_domain->zones().Add(account_.id, name, "", true).error().code(),
        ErrorCode::kDenied)
        << name;
  }
  EXPECT_EQ(with_domain->zones()
                .Add(account_.id, "example.net", "", false)
                .error()
                .code(),
            ErrorCode::kDenied);
  EXPECT_TRUE(with_domain->zones().Add(account_.id, "example.net", "", true));
}

TEST_P(ZonesTest, OfAnotherAccountNothingIsSeen) {
  const AccountId other = AddAccount("other");
  const Zone zone = Add("example.com");
  EXPECT_EQ(zones().Get(other, zone.id).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(zones().Remove(other, zone.id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(zones().SetOrigin(other, zone.id, "", false).error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(zones().ListRoutes(other, zone.id).error().code(),
            ErrorCode::kNotFound);
  registry_->Publish(other, "w", CodeOf("d"), ByWrangler()).value();
  const auto route = zones().ReplaceRoutes(
      other, "w", {{.pattern = "example.com/*", .zone_id = zone.id.value}});
  EXPECT_EQ(route.error().code(), ErrorCode::kNotFound);
}

TEST_P(ZonesTest, AllRoutesOfAWorkerAreReplaced) {
  Publish("shop", "d").value();
  Add("a.test");
  Add("b.test");
  SetRoutes("shop", {"a.test/*", "b.test/*"}).value();
  const auto changed = SetRoutes("shop", {"b.test/*", "b.test/c*"}).value();
  ASSERT_EQ(changed.routes.size(), 2U);
  const Snapshot snapshot = LoadSnapshot();
  EXPECT_THAT(PatternsOf(snapshot.zones[0]), IsEmpty());
  EXPECT_THAT(PatternsOf(snapshot.zones[1]),
              ElementsAre("b.test/*", "b.test/c*"));
  // Nothing to tell of where nothing changed.
  EXPECT_EQ(SetRoutes("shop", {"b.test/c*", "b.test/*"}).value().sequence,
            Sequence());
}

TEST_P(ZonesTest, ARouteIsOneWorkersAlone) {
  Publish("one", "d").value();
  Publish("two", "d").value();
  const Zone zone = Add("a.test");
  SetRoutes("one", {"a.test/*"}).value();
  const auto taken = SetRoutes("two", {"A.test/*", "a.test/b"});
  EXPECT_EQ(taken.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(taken.error().ToText(),
              HasSubstr("route \"a.test/*\" belongs to Worker \"one\" "
                        "already"));
  // All of it or nothing.
  EXPECT_EQ(zones().ListRoutes(account_.id, zone.id).value().size(), 1U);
  zones().PutRoute(account_.id, zone.id, {}, "a.test/off*", {}).value();
  EXPECT_THAT(SetRoutes("two", {"a.test/off*"}).error().message(),
              HasSubstr("keeps Workers away"));
}

TEST_P(ZonesTest, ARouteLiesInAZone) {
  Publish("shop", "d").value();
  const Zone outer = Add("a.test");
  const Zone inner = Add("in.a.test");
  const auto nowhere = SetRoutes("shop", {"b.test/*"});
  EXPECT_EQ(nowhere.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(nowhere.error().ToText(),
              HasSubstr("caravel zone add DOMAIN --origin URL"));
  const auto elsewhere = zones().ReplaceRoutes(
      account_.id, "shop", {{.pattern = "b.test/*", .zone_name = "a.test"}});
  EXPECT_THAT(elsewhere.error().message(), HasSubstr("does not lie in"));
  const auto routes =
      SetRoutes("shop", {"x.in.a.test/", "*.a.test/*"}).value().routes;
  EXPECT_EQ(routes[0].zone, outer.id);
  EXPECT_EQ(routes[1].zone, inner.id);
}

TEST_P(ZonesTest, RoutesAreAddedChangedAndRemovedOneByOne) {
  Publish("shop", "d").value();
  const Zone zone = Add("a.test");
  const Route made = zones()
                         .PutRoute(account_.id, zone.id, {}, "a.test/*", "shop")
                         .value()
                         .routes[0];
  EXPECT_EQ(zones()
                .PutRoute(account_.id, zone.id, {}, "a.test/*", "shop")
                .error()
                .code(),
            ErrorCode::kConflict);
  zones().PutRoute(account_.id, zone.id, made.id, "a.test/b*", {}).value();
  const auto listed = zones().ListRoutes(account_.id, zone.id).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].id, made.id);
  EXPECT_EQ(listed[0].pattern, "a.test/b*");
  EXPECT_EQ(listed[0].worker, "");
  EXPECT_TRUE(zones().RemoveRoute(account_.id, zone.id, made.id));
  EXPECT_EQ(zones().RemoveRoute(account_.id, zone.id, made.id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(zones()
                .PutRoute(account_.id, zone.id, {}, "a.test/*", "absent")
                .error()
                .code(),
            ErrorCode::kNotFound);
}

TEST_P(ZonesTest, ADomainIsPublishedWithItsWorker) {
  Publish("shop", "d").value();
  Add("a.test");
  const auto set = SetDomains("shop", {"Shop.a.test"}).value();
  ASSERT_EQ(set.domains.size(), 1U);
  EXPECT_EQ(set.domains[0].zone_name, "a.test");
  EXPECT_THAT(OnlyWorker().domains, ElementsAre("shop.a.test"));
  SetDomains("shop", {"www.a.test"}).value();
  EXPECT_THAT(OnlyWorker().domains, ElementsAre("www.a.test"));
  const auto listed = zones().ListDomains(account_.id).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_TRUE(zones().RemoveDomain(account_.id, listed[0].id));
  EXPECT_THAT(OnlyWorker().domains, IsEmpty());
}

TEST_P(ZonesTest, ADomainIsTakenFromAnotherWorkerOnlyIfThatIsSaid) {
  Publish("one", "d").value();
  Publish("two", "d").value();
  Add("a.test");
  SetDomains("one", {"a.test"}).value();
  const auto taken = SetDomains("two", {"a.test"});
  EXPECT_EQ(taken.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(taken.error().message(),
              HasSubstr("custom domain \"a.test\" belongs to Worker \"one\""));
  SetDomains("two", {"a.test"}, /*may_take=*/true).value();
  const Snapshot snapshot = LoadSnapshot();
  EXPECT_THAT(snapshot.workers[0].domains, IsEmpty());
  EXPECT_THAT(snapshot.workers[1].domains, ElementsAre("a.test"));
}

TEST_P(ZonesTest, WithAWorkerGoItsRoutesFirst) {
  Publish("shop", "d").value();
  const Zone zone = Add("a.test");
  SetRoutes("shop", {"a.test/*"}).value();
  SetDomains("shop", {"shop.a.test"}).value();
  const Sequence before = LoadSnapshot().sequence;
  registry_->DeleteWorker(account_.id, "shop").value();
  const auto changes = registry_->ChangesAfter(before, 10).value();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_THAT(changes[0].zone_now.value().routes, IsEmpty());
  EXPECT_FALSE(changes[1].now);
  EXPECT_THAT(zones().ListDomains(account_.id).value(), IsEmpty());
}

TEST_P(ZonesTest, WithAZoneGoItsRoutesAndDomains) {
  Publish("shop", "d").value();
  const Zone zone = Add("a.test");
  SetRoutes("shop", {"a.test/*"}).value();
  SetDomains("shop", {"shop.a.test"}).value();
  const Sequence before = LoadSnapshot().sequence;
  zones().Remove(account_.id, zone.id).value();
  const auto changes = registry_->ChangesAfter(before, 10).value();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_THAT(changes[0].now.value().domains, IsEmpty());
  EXPECT_EQ(changes[1].zone, zone.id);
  EXPECT_FALSE(changes[1].zone_now);
  EXPECT_THAT(LoadSnapshot().zones, IsEmpty());
  EXPECT_THAT(zones().ListRoutesOf(account_.id, "shop").value(), IsEmpty());
}

TEST_P(ZonesTest, VersionsHavePreviewsWhileTheyAreOn) {
  const auto first = Publish("shop", "d1").value();
  const Sequence before = LoadSnapshot().sequence;
  Origin origin = ByWrangler();
  origin.annotations["workers/alias"] = "staging";
  const VersionRecord made =
      registry_->CreateVersion(account_.id, "shop", CodeOf("d2"), origin)
          .value();
  EXPECT_GT(made.sequence, before);
  const PublishedWorker worker = OnlyWorker();
  ASSERT_EQ(worker.versions.size(), 1U);
  ASSERT_EQ(worker.previews.size(), 2U);
  EXPECT_EQ(worker.previews[0].version.bundle_digest, "d2");
  const std::string id = made.version.id.value.substr(0, 8);
  EXPECT_THAT(
      worker.previews[0].hosts,
      ElementsAre(id + "-shop.localhost", id + "-shop.caravel.localhost",
                  "staging-shop.localhost", "staging-shop.caravel.localhost"));
  EXPECT_EQ(worker.previews[1].version.id, first.version->version.id);

  // The newer one takes the alias, and the oldest ones have no preview.
  for (size_t i = 0; i < 10; ++i) {
    registry_->CreateVersion(account_.id, "shop", CodeOf("d"), origin).value();
  }
  EXPECT_EQ(OnlyWorker().previews.size(), 10U);
  EXPECT_EQ(OnlyWorker().previews[0].hosts.size(), 4U);
  EXPECT_EQ(OnlyWorker().previews[1].hosts.size(), 2U);

  registry_->SetSubdomain(account_.id, "shop", std::nullopt, false).value();
  EXPECT_THAT(OnlyWorker().previews, IsEmpty());
}

TEST(PreviewAliasTest, IsALabelTogetherWithTheName) {
  EXPECT_TRUE(CheckPreviewAlias("staging-2", "shop"));
  for (const char* alias : {"", "2nd", "-a", "a-", "Staging", "a.b", "a_b"}) {
    const Status checked = CheckPreviewAlias(alias, "shop");
    ASSERT_FALSE(checked) << alias;
    EXPECT_THAT(checked.error().message(), HasSubstr("preview alias"));
  }
  EXPECT_TRUE(CheckPreviewAlias(std::string(30, 'a'), std::string(32, 'w')));
  EXPECT_FALSE(CheckPreviewAlias(std::string(31, 'a'), std::string(32, 'w')));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, ZonesTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Zones"; });
INSTANTIATE_TEST_SUITE_P(Postgres, ZonesTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Zones"; });

}  // namespace
}  // namespace caravel::registry
