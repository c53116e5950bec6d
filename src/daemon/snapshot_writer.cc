#include "daemon/snapshot_writer.h"

namespace caravel::daemon {

SnapshotWriter::SnapshotWriter(net::EventLoop& loop, base::Log& log,
                               const PublishedState& state,
                               registry::SnapshotFile& file,
                               std::chrono::milliseconds retry_pause)
    : loop_(loop),
      log_(log),
      state_(state),
      file_(file),
      retry_pause_(retry_pause),
      self_(std::make_shared<SnapshotWriter*>(this)),
      thread_(std::in_place, /*threads=*/1U, /*longest_queue=*/1U) {}

SnapshotWriter::~SnapshotWriter() {
  loop_.Cancel(retry_timer_);
  *self_ = nullptr;
  thread_.reset();  // joins; a save that has not begun is dropped
  if (!saving_ && !behind_ && !failing_) return;
  if (Status saved = file_.Save(state_.ToSnapshot()); !saved) {
    log_.Error("the snapshot of what is published is not saved",
               {{"reason", saved.error().ToText()}});
  }
}

void SnapshotWriter::OnAdvance() {
  behind_ = true;
  if (!saving_) Begin();
}

void SnapshotWriter::Begin() {
  loop_.Cancel(retry_timer_);
  behind_ = false;
  saving_ = true;
  auto save = [this, self = self_, snapshot = state_.ToSnapshot()] {
    auto saved = std::make_shared<Status>(file_.Save(snapshot));
    (void)loop_.Post([self, saved] {
      if (*self != nullptr) (*self)->OnSaved(*saved);
    });
  };
  CARAVEL_CHECK(thread_->Post(std::move(save)), behind_);
}

void SnapshotWriter::OnSaved(const Status& saved) {
  saving_ = false;
  if (!saved) {
    if (!std::exchange(failing_, true)) {
      log_.Error("the snapshot of what is published is not saved",
                 {{"reason", saved.error().ToText()}});
    }
    retry_timer_ = loop_.After(retry_pause_, [this] { Begin(); });
    return;
  }
  if (std::exchange(failing_, false)) {
    log_.Info("the snapshot of what is published is saved again");
  }
  if (behind_) Begin();
}

}  // namespace caravel::daemon
