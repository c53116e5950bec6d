// Mostly an exchange is decided when it starts and answered in the step behind
// it. It waits where the version's list or the content is not here yet. A
// request that came before the list may turn out to be the Worker's: then the
// exchange stands between both sides until it is over.
// Test: asset_server_test.cc.
#include "host/asset_server.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "host/asset_answer.h"

namespace caravel::host {
namespace {

constexpr size_t kChunk = 64 << 10;
// What is read for one client before the others have their turn.
constexpr size_t kMostChunks = 4;

AssetRequest RequestOf(const net::RequestHead& head) {
  return {.method = head.method,
          .host = head.authority,
          .target = head.target,
          .navigates = head.headers.Find("sec-fetch-mode") == "navigate"};
}

}  // namespace

// A version's assets on this shard: as a Target, its binding.
class AssetServer::Place final : public net::Target {
 public:
  Place(AssetServer& server, registry::WorkerId worker,
        registry::Version version)
      : server_(server),
        worker_(std::move(worker)),
        version_(std::move(version)) {}

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;

  const registry::WorkerId& worker() const { return worker_; }
  const registry::Version& version() const { return version_; }

  AssetStore::Site site;  // nullptr: not here yet
  bool opening = false;
  std::vector<Exchange*> waiting;  // for the site

 private:
  AssetServer& server_;
  const registry::WorkerId worker_;
  const registry::Version version_;
};

class AssetServer::Exchange final : public net::Answerer, private net::Asker {
 public:
  void Begin(AssetServer& server, net::Asker& asker) {
    server_ = &server;
    asker_ = &asker;
  }
  // Makes it fit to be used again.
  void Clear() { *this = Exchange(); }

  bool over() const { return asker_ == nullptr; }

  // ---- until it is decided ----
  void Wait(Place& place, net::RequestHead& head, AssetRoute route) {
    place_ = &place;
    place.waiting.push_back(this);
    head_ = std::make_unique<net::RequestHead>(std::move(head));
    route_ = route;
  }
  // The place where it waits; nullptr: it does not.
  Place*& place() { return place_; }
  net::RequestHead& head() { return *head_; }
  AssetRoute route() const { return route_; }
  // The Worker answers. Requires: not called from within a call of the asker.
  void Forward(net::Answerer& inner) {
    inner_ = &inner;
    if (credit_ > 0) inner_->OnResponseCredit(std::exchange(credit_, 0));
    if (request_ended_) inner_->OnRequestEnd();
  }
  net::Asker& AsAsker() { return *this; }

  // ---- decided ----
  void Decide(AssetPlan plan, bool is_head) {
    plan_ = std::move(plan);
    is_head_ = is_head;
    decided_ = true;
  }
  void SetContent(AssetStore::Content content) {
    content_ = std::move(content);
    server_->QueueStep(*this);
  }
  void Fail(std::string why) {
    failure_ = std::move(why);
    server_->QueueStep(*this);
  }
  const AssetPlan& plan() const { return plan_; }
  bool needs_content() const { return !is_head_ && plan_.size > 0; }
  void set_number(uint64_t number) { number_ = number; }
  uint64_t number() const { return number_; }

  void Step() {
    queued = false;
    if (over() || inner_ != nullptr) return;
    if (!failure_.empty()) {
      std::exchange(asker_, nullptr)
          ->RespondAbort(Error(ErrorCode::kUnavailable, failure_));
    } else if (decided_) {
      Answer();
    }
  }

  bool queued = false;

  // ---- net::Answerer ----
  void OnRequestBody(std::string_view bytes) override {
    if (inner_ != nullptr) inner_->OnRequestBody(bytes);
  }
  void OnRequestEnd() override {
    request_ended_ = true;
    if (inner_ != nullptr) inner_->OnRequestEnd();
  }
  void OnResponseCredit(uint64_t bytes) override {
    if (inner_ != nullptr) return inner_->OnResponseCredit(bytes);
    credit_ += bytes;
    if (started_) server_->QueueStep(*this);
  }
  void OnCancel(const Error& why) override {
    asker_ = nullptr;
    if (inner_ != nullptr) std::exchange(inner_, nullptr)->OnCancel(why);
    server_->QueueStep(*this);
  }

 private:
  void Answer() {
    if (started_) return Send();
    if (!needs_content()) {
      return std::exchange(asker_, nullptr)->Respond(plan_.head, {});
    }
    if (content_ == nullptr) return;
    if (content_->file == nullptr) {
      const std::string_view bytes = content_->bytes;
      return std::exchange(asker_, nullptr)
          ->Respond(plan_.head, bytes.substr(plan_.begin, plan_.size));
    }
    if (asker_->RespondFile(plan_.head,
                            {content_->file, plan_.begin, plan_.size})) {
      asker_ = nullptr;
      return;
    }
    asker_->RespondStart(plan_.head);
    started_ = true;
    Send();
  }

  // Of the file, as far as the asker has granted.
  void Send() {
    for (size_t i = 0; i < kMostChunks && credit_ > 0 && plan_.size > 0; ++i) {
      std::vector<char>& buffer = server_->buffer_;
      const size_t wanted = std::min({credit_, plan_.size, buffer.size()});
      const ssize_t got = ::pread(content_->file->get(), buffer.data(), wanted,
                                  static_cast<off_t>(plan_.begin));
      if (got <= 0) {
        return std::exchange(asker_, nullptr)
            ->RespondAbort(
                Error(ErrorCode::kInternal, "the asset's file cannot be read"));
      }
      const auto size = static_cast<size_t>(got);
      credit_ -= size;
      plan_.begin += size;
      plan_.size -= size;
      asker_->RespondBody({buffer.data(), size});
    }
    if (plan_.size == 0) {
      std::exchange(asker_, nullptr)->RespondEnd();
    } else if (credit_ > 0) {
      server_->QueueStep(*this);
    }
  }

  // ---- net::Asker: of the Worker that answers ----
  void Respond(const net::ResponseHead& head, std::string_view body) override {
    End()->Respond(head, body);
  }
  void RespondStart(const net::ResponseHead& head) override {
    asker_->RespondStart(head);
  }
  void RespondBody(std::string_view bytes) override {
    asker_->RespondBody(bytes);
  }
  void RespondEnd() override { End()->RespondEnd(); }
  void RespondAbort(const Error& why) override { End()->RespondAbort(why); }
  void GrantRequestBody(uint64_t bytes) override {
    asker_->GrantRequestBody(bytes);
  }
  net::Asker* End() {
    inner_ = nullptr;
    server_->QueueStep(*this);
    return std::exchange(asker_, nullptr);
  }

  AssetServer* server_ = nullptr;
  net::Asker* asker_ = nullptr;  // nullptr: the exchange is over
  Place* place_ = nullptr;
  std::unique_ptr<net::RequestHead> head_;
  AssetRoute route_ = AssetRoute::kClient;
  net::Answerer* inner_ = nullptr;  // the Worker, once it answers
  bool request_ended_ = false;
  uint64_t credit_ = 0;
  bool decided_ = false;
  bool is_head_ = false;
  bool started_ = false;
  AssetPlan plan_;
  AssetStore::Content content_;
  std::string failure_;
  uint64_t number_ = 0;  // among those that await a content; 0: none
};

net::Answerer& AssetServer::Place::Start(net::RequestHead& head,
                                         net::Asker& asker) {
  if (site != nullptr) {
    return *server_.StartAt(*this, head, asker, AssetRoute::kBinding);
  }
  Exchange& exchange = server_.Add(asker);
  exchange.Wait(*this, head, AssetRoute::kBinding);
  server_.OpenSite(*this);
  return exchange;
}

AssetServer::AssetServer(net::EventLoop& loop, AssetStore& store, Owner& owner)
    : loop_(loop), store_(store), owner_(owner), buffer_(kChunk) {}

AssetServer::~AssetServer() = default;

AssetServer::Place& AssetServer::PlaceFor(const registry::WorkerId& worker,
                                          const registry::Version& version) {
  const auto found = places_.find(version.id.value);
  if (found != places_.end()) return *found->second;
  return *places_
              .emplace(version.id.value,
                       std::make_unique<Place>(*this, worker, version))
              .first->second;
}

net::Answerer* AssetServer::Start(const registry::PublishedWorker& worker,
                                  const registry::Version& version,
                                  net::RequestHead& head, net::Asker& asker) {
  Place& place = PlaceFor(worker.id, version);
  if (place.site != nullptr) {
    return StartAt(place, head, asker, AssetRoute::kClient);
  }
  Exchange& exchange = Add(asker);
  exchange.Wait(place, head, AssetRoute::kClient);
  OpenSite(place);
  return &exchange;
}

net::Target& AssetServer::Binding(const registry::WorkerId& worker,
                                  const registry::Version& version) {
  return PlaceFor(worker, version);
}

AssetServer::Exchange& AssetServer::Add(net::Asker& asker) {
  std::unique_ptr<Exchange> exchange = spares_.Take();
  if (exchange == nullptr) exchange = std::make_unique<Exchange>();
  exchange->Begin(*this, asker);
  Exchange& added = *exchange;
  exchanges_.emplace(&added, std::move(exchange));
  return added;
}

net::Answerer* AssetServer::StartAt(Place& place, net::RequestHead& head,
                                    net::Asker& asker, AssetRoute route) {
  RuleBudget budget;
  const AssetChoice choice = place.site->Choose(RequestOf(head), route, budget);
  if (choice.kind == AssetChoice::Kind::kWorker) return nullptr;
  Exchange& exchange = Add(asker);
  Decide(place, exchange, head, choice, route, budget);
  return &exchange;
}

void AssetServer::Decide(Place& place, Exchange& exchange,
                         const net::RequestHead& head,
                         const AssetChoice& choice, AssetRoute route,
                         RuleBudget& budget) {
  const AssetSite& site = *place.site;
  const AssetRequest request = RequestOf(head);
  const bool is_head = head.method == "HEAD";
  AssetPlan plan;
  if (choice.kind == AssetChoice::Kind::kAsset) {
    plan = PlanAnswer(site.list().At(choice.index), choice.status,
                      AssetWish::Of(head));
  } else {
    plan.head.body_size = 0;
    if (choice.kind == AssetChoice::Kind::kRedirect) {
      plan.head.status = choice.status;
      plan.head.headers.Add("Location", choice.location);
    } else if (choice.kind == AssetChoice::Kind::kMethodNotAllowed) {
      plan.head.status = 405;
      plan.head.headers.Add("Allow", "GET, HEAD");
    } else {
      plan.head.status = 404;
    }
  }
  site.ApplyHeaderRules(request, budget, plan.head.headers);
  if (budget.exceeded()) return Exceeded(place, exchange, head, route);
  exchange.Decide(std::move(plan), is_head);
  if (route == AssetRoute::kClient) owner_.CountAsset();
  if (exchange.needs_content()) {
    OpenContent(place, exchange, choice.index);
  } else {
    QueueStep(exchange);
  }
}

void AssetServer::Exceeded(Place& place, Exchange& exchange,
                           const net::RequestHead& head, AssetRoute route) {
  if (route == AssetRoute::kBinding)
    return exchange.Fail(std::string(kRulesExceeded));
  ErrorAnswer answer =
      owner_.RulesExceeded(place.worker(), place.version().id, head);
  AssetPlan plan;
  plan.head = std::move(answer.head);
  plan.size = answer.body.size();
  exchange.Decide(std::move(plan), head.method == "HEAD");
  auto page = std::make_shared<AssetContent>();
  page->size = answer.body.size();
  page->bytes = std::move(answer.body);
  exchange.SetContent(std::move(page));
}

void AssetServer::OpenSite(Place& place) {
  if (std::exchange(place.opening, true)) return;
  store_.OpenSite(place.worker(), place.version(),
                  [this, version = place.version().id](
                      const Result<AssetStore::Site>& opened) {
                    // A task must be copyable; a Result is not.
                    AssetStore::Site site = opened ? *opened : nullptr;
                    std::string why =
                        opened ? std::string() : opened.error().ToText();
                    (void)loop_.Post(
                        [this, version, site = std::move(site),
                         why = std::move(why)] { OnSite(version, site, why); });
                  });
}

void AssetServer::OnSite(const registry::VersionId& version,
                         const AssetStore::Site& site, const std::string& why) {
  const auto found = places_.find(version.value);
  if (found == places_.end()) return;
  Place& place = *found->second;
  place.opening = false;
  place.site = site;
  for (Exchange* exchange : std::exchange(place.waiting, {})) {
    exchange->place() = nullptr;
    if (exchange->over()) continue;
    if (site == nullptr) {
      exchange->Fail(why);
      continue;
    }
    net::RequestHead& head = exchange->head();
    RuleBudget budget;
    const AssetChoice choice =
        site->Choose(RequestOf(head), exchange->route(), budget);
    if (choice.kind == AssetChoice::Kind::kWorker) {
      exchange->Forward(owner_.StartWorker(head, exchange->AsAsker()));
    } else {
      Decide(place, *exchange, head, choice, exchange->route(), budget);
    }
  }
}

void AssetServer::OpenContent(Place& place, Exchange& exchange,
                              uint32_t index) {
  const registry::AssetCoding coding = exchange.plan().coding;
  const registry::AssetList::View asset = place.site->list().At(index);
  AssetStore::Content known =
      store_.Find(asset.digests[static_cast<size_t>(coding)]);
  if (known != nullptr) return exchange.SetContent(std::move(known));
  const uint64_t number = ++last_opening_;
  exchange.set_number(number);
  opening_.emplace(number, &exchange);
  store_.OpenContent(
      place.worker(), place.version().id, place.site, index, coding,
      [this, number](const Result<AssetStore::Content>& opened) {
        AssetStore::Content content = opened ? *opened : nullptr;
        std::string why = opened ? std::string() : opened.error().ToText();
        (void)loop_.Post(
            [this, number, content = std::move(content), why = std::move(why)] {
              const auto found = opening_.find(number);
              if (found == opening_.end()) return;
              Exchange& waiting = *found->second;
              waiting.set_number(0);
              opening_.erase(found);
              if (content != nullptr) {
                waiting.SetContent(content);
              } else {
                waiting.Fail(why);
              }
            });
      });
}

void AssetServer::QueueStep(Exchange& exchange) {
  if (std::exchange(exchange.queued, true)) return;
  due_.push_back(&exchange);
}

void AssetServer::Step() {
  stepping_.swap(due_);
  for (Exchange* exchange : stepping_) {
    exchange->Step();
    if (exchange->over() && !exchange->queued) Release(*exchange);
  }
  stepping_.clear();
}

void AssetServer::Release(Exchange& exchange) {
  if (exchange.number() != 0) opening_.erase(exchange.number());
  if (exchange.place() != nullptr) {
    std::erase(exchange.place()->waiting, &exchange);
  }
  const auto found = exchanges_.find(&exchange);
  std::unique_ptr<Exchange> released = std::move(found->second);
  exchanges_.erase(found);
  released->Clear();
  spares_.Return(std::move(released));
}

void AssetServer::Tidy(
    const std::function<bool(const registry::WorkerId&,
                             const registry::VersionId&)>& is_published) {
  std::erase_if(places_, [&](const auto& entry) {
    const Place& place = *entry.second;
    return place.waiting.empty() && !place.opening &&
           !is_published(place.worker(), place.version().id);
  });
}

}  // namespace caravel::host
