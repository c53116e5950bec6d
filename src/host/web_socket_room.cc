// Tests: web_socket_run_test.cc.
#include "host/web_socket_room.h"

#include <utility>

#include "host/web_socket_run.h"

namespace caravel::host {

WebSocketRun* WebSocketRoom::Find(runtime::WebSocketId id) const {
  const auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : found->second;
}

void WebSocketRoom::RelieveUnsent() {
  while (unsent_ > kMostUnsent) {
    WebSocketRun* most = nullptr;
    for (const auto& [id, run] : runs_) {
      if (run->unsent_held() > (most == nullptr ? 0 : most->unsent_held())) {
        most = run;
      }
    }
    if (most == nullptr) return;
    most->CutForRoom();
  }
}

void WebSocketRoom::RelieveArriving() {
  while (arriving_ > kMostArriving) {
    WebSocketRun* most = nullptr;
    size_t least = 2 * WebSocketRun::kWindow;
    for (const auto& [id, run] : runs_) {
      if (run->arriving_held() <= least || !run->listens()) continue;
      most = run;
      least = run->arriving_held();
    }
    if (most == nullptr) return;
    most->Refuse("more arrived than there is room for");
  }
}

void WebSocketRoom::Join(runtime::WebSocketId one, runtime::WebSocketId two) {
  WebSocketRun* first = Find(one);
  WebSocketRun* second = Find(two);
  if (first == nullptr || second == nullptr) return;
  first->PassOnTo(two);
  second->PassOnTo(one);
}

void WebSocketRoom::BeginTurn(runtime::Inbox& inbox) {
  std::swap(in_turn_, told_);
  for (const runtime::WebSocketId id : std::exchange(changed_, {})) {
    WebSocketRun* run = Find(id);
    if (run == nullptr) continue;
    inbox.emplace_back(runtime::WebSocketUnsent{id, run->TellUnsent()});
  }
}

void WebSocketRoom::EndTurn() {
  for (const runtime::WebSocketId id : std::exchange(in_turn_, {})) {
    if (WebSocketRun* run = Find(id)) run->OnTurn();
  }
}

}  // namespace caravel::host
