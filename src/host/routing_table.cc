#include "host/routing_table.h"

#include <algorithm>

#include "base/check.h"

namespace caravel::host {
namespace {

std::string_view WithoutPort(std::string_view authority) {
  if (authority.ends_with(']')) return authority;
  const size_t colon = authority.rfind(':');
  return colon == std::string_view::npos ? authority
                                         : authority.substr(0, colon);
}

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
}

void RoutingTable::Add(WorkerPtr worker) {
  for (const std::string& host : worker->hosts) hosts_[host] = worker;
  names_[NameKey(worker->account.value, worker->name)] = worker;
  workers_[worker->id.value] = std::move(worker);
}

std::shared_ptr<const RoutingTable> RoutingTable::With(
    const registry::Change& change) const {
  CARAVEL_CHECK(change.sequence > sequence_, change.sequence.value,
                sequence_.value);
  auto next = std::make_shared<RoutingTable>(*this);
  next->sequence_ = change.sequence;
  const auto old = next->workers_.find(change.worker.value);
  if (old != next->workers_.end()) {
    for (const std::string& host : old->second->hosts) {
      const auto entry = next->hosts_.find(host);
      // Another Worker may have taken the name over meanwhile.
      if (entry != next->hosts_.end() && entry->second == old->second) {
        next->hosts_.erase(entry);
      }
    }
    const auto named = next->names_.find(
        NameKey(old->second->account.value, old->second->name));
    if (named != next->names_.end() && named->second == old->second) {
      next->names_.erase(named);
    }
    next->workers_.erase(old);
  }
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
  next->tailed_ = std::move(workers);
  return next;
}

const registry::PublishedWorker* RoutingTable::FindWorker(
    std::string_view authority) const {
  std::string host(WithoutPort(authority));
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  if (host.ends_with('.')) host.pop_back();
  auto found = hosts_.find(host);
  if (found == hosts_.end()) found = hosts_.find("*");
  return found == hosts_.end() ? nullptr : found->second.get();
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

std::vector<std::string> RoutingTable::Hosts(size_t limit) const {
  std::vector<std::string> hosts;
  hosts.reserve(hosts_.size());
  for (const auto& [host, worker] : hosts_) hosts.push_back(host);
  std::sort(hosts.begin(), hosts.end());
  if (hosts.size() > limit) hosts.resize(limit);
  return hosts;
}

bool RoutingTable::IsPublished(const registry::WorkerId& worker,
                               const registry::VersionId& version) const {
  const auto found = workers_.find(worker.value);
  return found != workers_.end() &&
         std::any_of(
             found->second->versions.begin(), found->second->versions.end(),
             [&](const registry::Version& v) { return v.id == version; });
}

}  // namespace caravel::host
