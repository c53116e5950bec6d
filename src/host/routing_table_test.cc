#include "host/routing_table.h"

#include <gmock/gmock.h>

namespace caravel::host {
namespace {

registry::PublishedWorker MakeWorker(std::string id,
                                     std::vector<std::string> hosts) {
  registry::PublishedWorker worker;
  worker.id.value = std::move(id);
  worker.hosts = std::move(hosts);
  worker.versions.resize(1);
  worker.versions[0].id.value = "v1";
  worker.traffic = {{{"v1"}, 10'000}};
  return worker;
}

const registry::PublishedWorker* WorkerAt(const RoutingTable& table,
                                          std::string_view authority) {
  return table.Find("http", authority, "/").worker;
}

RoutingTable TableWith(std::vector<registry::PublishedWorker> workers) {
  return RoutingTable({{1}, std::move(workers)});
}

TEST(RoutingTableTest, AHostIsFoundInAnyCaseWithAndWithoutPort) {
  const RoutingTable table = TableWith({MakeWorker("a", {"hello.localhost"})});
  for (const char* authority :
       {"hello.localhost", "HELLO.localhost:8787", "hello.localhost."}) {
    ASSERT_NE(WorkerAt(table, authority), nullptr) << authority;
    EXPECT_EQ(WorkerAt(table, authority)->id.value, "a");
  }
  EXPECT_EQ(WorkerAt(table, "other.localhost"), nullptr);
  EXPECT_EQ(WorkerAt(table, ""), nullptr);
  EXPECT_EQ(WorkerAt(table, "[::1]"), nullptr);
}

TEST(RoutingTableTest, AStarAnswersWhereNoNameDoes) {
  const RoutingTable table = TableWith(
      {MakeWorker("any", {"*"}), MakeWorker("a", {"hello.localhost"})});
  EXPECT_EQ(WorkerAt(table, "hello.localhost")->id.value, "a");
  EXPECT_EQ(WorkerAt(table, "127.0.0.1:8787")->id.value, "any");
  EXPECT_EQ(WorkerAt(table, "")->id.value, "any");
}

TEST(RoutingTableTest, AChangeReplacesAWorkerAsAWhole) {
  const RoutingTable table =
      TableWith({MakeWorker("a", {"old.localhost", "both.localhost"})});
  const auto next = table.With(
      {{2}, {"a"}, MakeWorker("a", {"both.localhost", "new.localhost"})});
  EXPECT_EQ(next->sequence().value, 2U);
  EXPECT_EQ(WorkerAt(*next, "old.localhost"), nullptr);
  EXPECT_NE(WorkerAt(*next, "both.localhost"), nullptr);
  EXPECT_NE(WorkerAt(*next, "new.localhost"), nullptr);
  EXPECT_NE(WorkerAt(table, "old.localhost"), nullptr);
}

TEST(RoutingTableTest, AWorkerIsFoundByItsNameInItsAccountAlone) {
  const auto named = [](std::string id, std::string account, std::string name) {
    registry::PublishedWorker worker = MakeWorker(std::move(id), {});
    worker.account.value = std::move(account);
    worker.name = std::move(name);
    return worker;
  };
  const RoutingTable table =
      TableWith({named("a", "one", "shop"), named("b", "two", "shop")});
  ASSERT_NE(table.FindByName({"one"}, "shop"), nullptr);
  EXPECT_EQ(table.FindByName({"one"}, "shop")->id.value, "a");
  EXPECT_EQ(table.FindByName({"two"}, "shop")->id.value, "b");
  EXPECT_EQ(table.FindByName({"three"}, "shop"), nullptr);
  EXPECT_EQ(table.FindByName({"one"}, "other"), nullptr);

  const auto renewed = table.With({{2}, {"a"}, named("a", "one", "store")});
  EXPECT_EQ(renewed->FindByName({"one"}, "shop"), nullptr);
  EXPECT_EQ(renewed->FindByName({"one"}, "store")->id.value, "a");
  const auto removed = renewed->With({{3}, {"b"}, std::nullopt});
  EXPECT_EQ(removed->FindByName({"two"}, "shop"), nullptr);
}

TEST(RoutingTableTest, AHeldVersionStaysSoAcrossChanges) {
  const RoutingTable table = TableWith({MakeWorker("a", {"x.localhost"})});
  EXPECT_FALSE(table.IsHeld({"v1"}));
  const auto holding = table.Holding({{"v1"}});
  const auto changed =
      holding->With({{2}, {"b"}, MakeWorker("b", {"y.localhost"})});
  EXPECT_TRUE(changed->IsHeld({"v1"}));
  EXPECT_FALSE(changed->IsHeld({"v2"}));
  EXPECT_NE(WorkerAt(*changed, "x.localhost"), nullptr);
  EXPECT_FALSE(changed->Holding({})->IsHeld({"v1"}));
}

TEST(RoutingTableTest, ARemovedWorkerIsGoneAndANameCanPassToAnother) {
  const RoutingTable table = TableWith({MakeWorker("a", {"x.localhost"})});
  const auto taken = table.With({{2}, {"b"}, MakeWorker("b", {"x.localhost"})});
  EXPECT_EQ(WorkerAt(*taken, "x.localhost")->id.value, "b");
  const auto removed = taken->With({{3}, {"a"}, std::nullopt});
  EXPECT_EQ(WorkerAt(*removed, "x.localhost")->id.value, "b");
  EXPECT_FALSE(removed->IsPublished({"a"}, {"v1"}));
  EXPECT_TRUE(removed->IsPublished({"b"}, {"v1"}));
}

}  // namespace
}  // namespace caravel::host
