#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "net/exchange.h"

namespace caravel::host {

// An exchange that is handed on: the answerer of who asks, and the asker of who
// answers. Each is told what the other says, unless a class that derives from
// this one has another idea.
//
// Threads: the one that drives the shard.
class HandedOn : public net::Answerer, public net::Asker {
 public:
  // Those of one owner. They go when their exchange is over, and with the set.
  class Set {
   public:
    Set() = default;
    Set(const Set&) = delete;
    Set& operator=(const Set&) = delete;

    template <typename Run>
    Run& Add(std::unique_ptr<Run> run) {
      Run& added = *run;
      added.set_ = this;
      runs_.emplace(&added, std::move(run));
      return added;
    }

   private:
    friend class HandedOn;
    std::unordered_map<const HandedOn*, std::unique_ptr<HandedOn>> runs_;
  };

  explicit HandedOn(net::Asker& asker) : asker_(asker) {}

  // Who answers from now on: the exchange with another one is over.
  void HandOnTo(net::Answerer& answerer) { answerer_ = &answerer; }

  // Answerer
  void OnRequestBody(std::string_view bytes) override {
    answerer_->OnRequestBody(bytes);
  }
  void OnRequestEnd() override { answerer_->OnRequestEnd(); }
  void OnResponseCredit(uint64_t bytes) override {
    answerer_->OnResponseCredit(bytes);
  }
  void OnCancel(const Error& why) override {
    answerer_->OnCancel(why);
    Leave();
  }

  // Asker
  void Respond(const net::ResponseHead& head, std::string_view body) override {
    asker_.Respond(head, body);
    Leave();
  }
  void RespondStart(const net::ResponseHead& head) override {
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
    asker_.RespondAbort(why);
    Leave();
  }
  void GrantRequestBody(uint64_t bytes) override {
    asker_.GrantRequestBody(bytes);
  }

 protected:
  net::Asker& asker() { return asker_; }
  net::Answerer& answerer() { return *answerer_; }
  // Ends this object, whose exchange is over.
  void Leave() { const auto gone = set_->runs_.extract(this); }

 private:
  net::Asker& asker_;
  net::Answerer* answerer_ = nullptr;
  Set* set_ = nullptr;
};

}  // namespace caravel::host
