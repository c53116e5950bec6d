#include "host/routing_table.h"

#include <algorithm>

#include "base/check.h"
#include "host/authority.h"

namespace caravel::host {
namespace {

// Neither an id nor a name has a slash.
std::string NameKey(std::string_view account, std::string_view name) {
  std::string key(account);
  key += '/';
  key += name;
  return key;
}

}  // namespace

RoutingTable::RoutingTable(registry::Snapshot snapshot,
                           std::vector<registry::VersionId> held)
    : sequence_(snapshot.sequence), held_(std::move(held)) {
  for (registry::PublishedWorker& worker : snapshot.workers) {
    Add(std::make_shared<const registry::PublishedWorker>(std::move(worker)));
  }
  for (registry::PublishedZone& zone : snapshot.zones) {
    Add(std::make_shared<const Zone>(std::move(zone)));
  }
}

void RoutingTable::Add(WorkerPtr worker) {
  for (const std::string& host : worker->hosts) hosts_[host] = worker;
  names_[NameKey(worker->account.value, worker->name)] = worker;
  for (const std::string& host : worker->domains) domains_[host] = worker;
  for (const registry::PublishedPreview& preview : worker->previews) {
    for (const std::string& host : preview.hosts) {
      previews_[host] = {worker, &preview.version};
    }
  }
  workers_[worker->id.value] = std::move(worker);
}

void RoutingTable::Remove(const registry::WorkerId& worker) {
  const auto old = workers_.find(worker.value);
  if (old == workers_.end()) return;
  const auto remove = [&old](ByHost& names,
                             const std::vector<std::string>& hosts) {
    for (const std::string& host : hosts) {
      const auto entry = names.find(host);
      // Another Worker may have taken the name over meanwhile.
      if (entry != names.end() && entry->second == old->second) {
        names.erase(entry);
      }
    }
  };
  remove(hosts_, old->second->hosts);
  remove(domains_, old->second->domains);
  for (const registry::PublishedPreview& preview : old->second->previews) {
    for (const std::string& host : preview.hosts) {
      const auto entry = previews_.find(host);
      if (entry != previews_.end() && entry->second.worker == old->second) {
        previews_.erase(entry);
      }
    }
  }
  const auto named =
      names_.find(NameKey(old->second->account.value, old->second->name));
  if (named != names_.end() && named->second == old->second) {
    names_.erase(named);
  }
  workers_.erase(old);
}

void RoutingTable::Add(ZonePtr zone) {
  zone_names_[zone->id().value] = zone->name();
  const std::string& name = zone->name();
  zones_[name] = std::move(zone);
}

void RoutingTable::Remove(const registry::ZoneId& zone) {
  const auto name = zone_names_.find(zone.value);
  if (name == zone_names_.end()) return;
  // Another zone may have taken the name over meanwhile.
  const auto entry = zones_.find(name->second);
  if (entry != zones_.end() && entry->second->id() == zone) zones_.erase(entry);
  zone_names_.erase(name);
}

std::shared_ptr<const RoutingTable> RoutingTable::With(
    const registry::Change& change) const {
  CARAVEL_CHECK(change.sequence > sequence_, change.sequence.value,
                sequence_.value);
  auto next = std::make_shared<RoutingTable>(*this);
  next->sequence_ = change.sequence;
  if (!change.zone.value.empty()) {
    next->Remove(change.zone);
    if (change.zone_now) {
      next->Add(std::make_shared<const Zone>(*change.zone_now));
    }
    return next;
  }
  next->Remove(change.worker);
  if (change.now) {
    next->Add(std::make_shared<const registry::PublishedWorker>(*change.now));
  }
  return next;
}

std::shared_ptr<const RoutingTable> RoutingTable::Holding(
    std::vector<registry::VersionId> versions) const {
  auto next = std::make_shared<RoutingTable>(*this);
  next->held_ = std::move(versions);
  return next;
}

std::shared_ptr<const RoutingTable> RoutingTable::Tailing(
    std::vector<registry::WorkerId> workers) const {
  auto next = std::make_shared<RoutingTable>(*this);
  auto tailed = std::make_shared<TailedWorkers>();
  for (const registry::WorkerId& worker : workers) {
    tailed->ids.insert(worker.value);
  }
  tailed->workers = std::move(workers);
  next->tailed_ = std::move(tailed);
  return next;
}

std::shared_ptr<const RoutingTable> RoutingTable::TailingAs(
    const RoutingTable& other) const {
  auto next = std::make_shared<RoutingTable>(*this);
  next->tailed_ = other.tailed_;
  return next;
}

ZonePtr RoutingTable::ZoneOf(std::string_view host) const {
  if (zones_.empty()) return nullptr;
  while (true) {
    const auto found = zones_.find(std::string(host));
    if (found != zones_.end()) return found->second;
    const size_t dot = host.find('.');
    if (dot == std::string_view::npos) return nullptr;
    host.remove_prefix(dot + 1);
  }
}

ZonePtr RoutingTable::FindZone(const registry::ZoneId& id) const {
  const auto name = zone_names_.find(id.value);
  if (name == zone_names_.end()) return nullptr;
  const auto found = zones_.find(name->second);
  return found == zones_.end() ? nullptr : found->second;
}

ZonePtr RoutingTable::FindZone(const registry::AccountId& account,
                               std::string_view authority) const {
  ZonePtr zone = ZoneOf(registry::LowerHost(WithoutPort(authority)));
  return zone != nullptr && zone->account() == account ? zone : nullptr;
}

const registry::PublishedWorker* RoutingTable::WorkerOf(
    const ByHost& names, const std::string& host) const {
  const auto found = names.find(host);
  return found == names.end() ? nullptr : found->second.get();
}

Routed RoutingTable::Find(std::string_view scheme, std::string_view authority,
                          std::string_view target) const {
  const std::string host = registry::LowerHost(WithoutPort(authority));
  Routed routed{.worker = WorkerOf(hosts_, host)};
  if (routed.worker != nullptr) return routed;
  if (const auto preview = previews_.find(host); preview != previews_.end()) {
    routed.worker = preview->second.worker.get();
    routed.version = preview->second.version;
    return routed;
  }
  routed.zone = ZoneOf(host);
  if (routed.zone == nullptr) {
    routed.worker = WorkerOf(hosts_, "*");
    return routed;
  }
  const auto route = routed.zone->Find(scheme, host, target);
  if (route && route->worker) {
    const auto found = workers_.find(route->worker->value);
    if (found != workers_.end()) {
      routed.worker = found->second.get();
    } else {
      routed.zone = nullptr;  // not to the origin around the Worker
    }
    return routed;
  }
  routed.worker = WorkerOf(domains_, host);
  return routed;
}

std::optional<Routed> RoutingTable::FindBehindRoutes(
    const registry::WorkerId& worker, std::string_view authority) const {
  const std::string host = registry::LowerHost(WithoutPort(authority));
  Routed routed{.worker = nullptr, .version = nullptr, .zone = ZoneOf(host)};
  if (routed.zone == nullptr) return std::nullopt;
  const registry::PublishedWorker* domain = WorkerOf(domains_, host);
  const auto runs = [&] {
    if (routed.zone->Runs(worker)) return true;
    const auto found = workers_.find(worker.value);
    return found != workers_.end() &&
           std::ranges::any_of(found->second->domains,
                               [&](const std::string& name) {
                                 return ZoneOf(name) == routed.zone;
                               });
  };
  if (!runs()) return std::nullopt;
  routed.worker = domain;
  return routed;
}

const registry::PublishedWorker* RoutingTable::FindByName(
    const registry::AccountId& account, std::string_view name) const {
  const auto found = names_.find(NameKey(account.value, name));
  return found == names_.end() ? nullptr : found->second.get();
}

const registry::PublishedWorker* RoutingTable::FindById(
    const registry::WorkerId& id) const {
  const auto found = workers_.find(id.value);
  return found == workers_.end() ? nullptr : found->second.get();
}

bool RoutingTable::IsPublished(const registry::WorkerId& worker,
                               const registry::VersionId& version) const {
  const auto found = workers_.find(worker.value);
  return found != workers_.end() &&
         (std::ranges::any_of(found->second->versions,
                              [&](const registry::Version& each) {
                                return each.id == version;
                              }) ||
          std::ranges::any_of(found->second->previews,
                              [&](const registry::PublishedPreview& each) {
                                return each.version.id == version;
                              }));
}

}  // namespace caravel::host
