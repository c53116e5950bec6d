#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/spares.h"
#include "host/asset_site.h"
#include "host/asset_store.h"
#include "host/error_page.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "registry/published.h"

namespace caravel::host {

// Answers requests from the assets of versions, on one shard and without
// entering any isolate; what no asset answers goes on to the Worker. A request
// for which the version's rules cost more than their budget is answered with an
// error, or fails where a Worker asks.
//
// Threads: the one that drives the loop.
class AssetServer {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // Begins an exchange with the Worker's code, as a Target does.
    virtual net::Answerer& StartWorker(net::RequestHead& head,
                                       net::Asker& asker) = 0;
    // A client has been answered.
    virtual void CountAsset() = 0;
    // Tells the Worker's log that the rules of its assets have exceeded the
    // budget of a client's request, and gives the answer to that.
    virtual ErrorAnswer RulesExceeded(const registry::WorkerId& worker,
                                      const registry::VersionId& version,
                                      const net::RequestHead& head) = 0;
  };

  // All outlive the server.
  AssetServer(net::EventLoop& loop, AssetStore& store, Owner& owner);
  ~AssetServer();

  // Begins an exchange, as a Target does; nullptr, and `head` as it was, when
  // the Worker is to answer. Requires: the version has assets.
  net::Answerer* Start(const registry::PublishedWorker& worker,
                       const registry::Version& version, net::RequestHead& head,
                       net::Asker& asker);
  // Where the version's Worker asks by its binding. Valid until Step().
  net::Target& Binding(const registry::WorkerId& worker,
                       const registry::Version& version);

  bool HasWork() const { return !due_.empty(); }
  // Says what there is to say, outside of calls of askers.
  void Step();
  // Forgets versions for which `is_published` is false.
  void Tidy(
      const std::function<bool(const registry::WorkerId&,
                               const registry::VersionId&)>& is_published);

 private:
  class Exchange;
  class Place;

  Place& PlaceFor(const registry::WorkerId& worker,
                  const registry::Version& version);
  Exchange& Add(net::Asker& asker);
  // Requires: the place has its site.
  net::Answerer* StartAt(Place& place, net::RequestHead& head,
                         net::Asker& asker, AssetRoute route);
  void OpenSite(Place& place);
  // `site` is nullptr where it could not be had.
  void OnSite(const registry::VersionId& version, const AssetStore::Site& site,
              const std::string& why);
  // Requires: the choice is not the Worker.
  void Decide(Place& place, Exchange& exchange, const net::RequestHead& head,
              const AssetChoice& choice, AssetRoute route, RuleBudget& budget);
  void Exceeded(Place& place, Exchange& exchange, const net::RequestHead& head,
                AssetRoute route);
  void OpenContent(Place& place, Exchange& exchange, uint32_t index);
  void QueueStep(Exchange& exchange);
  void Release(Exchange& exchange);

  net::EventLoop& loop_;
  AssetStore& store_;
  Owner& owner_;
  std::unordered_map<std::string, std::unique_ptr<Place>> places_;
  boost::unordered_flat_map<Exchange*, std::unique_ptr<Exchange>> exchanges_;
  boost::unordered_flat_map<uint64_t, Exchange*> opening_;  // await a content
  uint64_t last_opening_ = 0;
  base::Spares<Exchange> spares_{256};
  std::vector<Exchange*> due_;
  std::vector<Exchange*> stepping_;
  std::vector<char> buffer_;
};

}  // namespace caravel::host
