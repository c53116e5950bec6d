// What script changes of a token, and what goes out in its place.
#include <algorithm>

#include "runtime/ops/html/rewriter.h"

namespace caravel::runtime::html {

// ---- what script changes ----

void Rewriter::SetName(std::string_view name) {
  owned_bytes_ += name.size();
  name_ = owned_.emplace_back(name);
  tag_changed_ = true;
  if (current_ == Event::kElement && has_content_) {
    PlanOfElement().name = std::string(name);
  }
}

const Attribute* Rewriter::FindAttribute(std::string_view name) const {
  return FindAttributeIn(attributes_, name);
}

void Rewriter::SetAttribute(std::string_view name, std::string_view value) {
  tag_changed_ = true;
  owned_bytes_ += value.size();
  const std::string& kept = owned_.emplace_back(value);
  for (Attribute& attribute : attributes_) {
    if (!EqualsIgnoringCase(attribute.name, name)) continue;
    attribute.value = kept;
    attribute.raw = {};
    return;
  }
  owned_bytes_ += name.size();
  std::string& kept_name = owned_.emplace_back(name);
  for (char& c : kept_name) c = ToLower(c);
  attributes_.push_back({kept_name, kept, {}});
}

void Rewriter::RemoveAttribute(std::string_view name) {
  const size_t before = attributes_.size();
  std::erase_if(attributes_, [name](const Attribute& attribute) {
    return EqualsIgnoringCase(attribute.name, name);
  });
  if (attributes_.size() != before) tag_changed_ = true;
}

void Rewriter::SetComment(std::string_view text) {
  comment_ = std::string(text);
  text_ = *comment_;
}

Rewriter::EndPlan& Rewriter::PlanOfElement() {
  if (plan_ == nullptr) plan_ = std::make_unique<EndPlan>(content_bytes_);
  return *plan_;
}

void Rewriter::WantEndTag() { PlanOfElement().wanted = true; }

void Rewriter::Insert(Position position, Piece piece) {
  const bool element = current_ == Event::kElement;
  switch (position) {
    case Position::kBefore:
      mutations_.before.Add(std::move(piece));
      return;
    case Position::kAfter:
      if (element && has_content_) {
        PlanOfElement().mutations.after.Add(std::move(piece));
      } else {
        mutations_.after.Add(std::move(piece));
      }
      return;
    case Position::kReplace:
      Remove(false);
      mutations_.replacement.Clear();
      mutations_.replacement.Add(std::move(piece));
      return;
    case Position::kPrepend:
      if (has_content_) mutations_.after.Add(std::move(piece));
      return;
    case Position::kAppend:
      if (ending_) {
        mutations_.before.Add(std::move(piece));
      } else if (has_content_) {
        PlanOfElement().mutations.before.Add(std::move(piece));
      }
      return;
    case Position::kInner:
      if (!has_content_) return;
      mutations_.after.Clear();
      mutations_.after.Add(std::move(piece));
      PlanOfElement().mutations.before.Clear();
      PlanOfElement().removes_content = true;
      return;
  }
}

void Rewriter::Remove(bool keep_content) {
  mutations_.removed = true;
  if (current_ != Event::kElement || !has_content_) return;
  EndPlan& plan = PlanOfElement();
  plan.mutations.removed = true;
  if (keep_content) return;
  mutations_.after.Clear();
  plan.mutations.before.Clear();
  plan.removes_content = true;
}

// ---- what goes out ----

void Rewriter::Pass(std::string_view bytes) {
  if (removing_ > 0) return;
  if (queue_.empty()) {
    output_ += bytes;
    return;
  }
  queued_bytes_ += bytes.size();
  queue_.push_back({std::string(bytes)});
}

void Rewriter::Queue(Content& content, bool backwards) {
  if (removing_ == 0) {
    std::vector<Piece> pieces = content.pieces();
    if (backwards) std::ranges::reverse(pieces);
    for (Piece& piece : pieces) {
      queued_bytes_ += piece.bytes.size();
      queue_.push_back(std::move(piece));
    }
  }
  content.Clear();
}

std::string Rewriter::SerializeTag() {
  if (!tag_changed_) return std::string(token_.raw);
  std::string tag = current_ == Event::kEndTag ? "</" : "<";
  tag += name_;
  if (current_ == Event::kElement) {
    for (const Attribute& attribute : attributes_) {
      tag += ' ';
      if (!attribute.raw.empty()) {
        tag += attribute.raw;
        // A value that is missing would be what follows.
        if (attribute.value.empty() &&
            attribute.raw.size() > attribute.name.size() &&
            attribute.raw.find_last_not_of(" \t\n\f\r=") <
                attribute.raw.find_last_of('=')) {
          tag += "\"\"";
        }
        continue;
      }
      tag += attribute.name;
      tag += "=\"";
      for (const char c : attribute.value) {
        if (c == '"') {
          tag += "&quot;";
        } else {
          tag += c;
        }
      }
      tag += '"';
    }
    // A blank, as the last value may be without quotes.
    if (token_.self_closing) tag += attributes_.empty() ? "/" : " /";
  }
  tag += '>';
  return tag;
}

// Queues what has become of the token that script had.
void Rewriter::FinishToken() {
  std::string own;
  switch (current_) {
    case Event::kElement:
    case Event::kEndTag:
      own = SerializeTag();
      break;
    case Event::kComment:
      own = comment_ ? "<!--" + *comment_ + "-->" : std::string(token_.raw);
      break;
    case Event::kDoctype:
      own = token_.raw;
      break;
    case Event::kText:
      own = std::move(piece_);
      break;
    case Event::kDocumentEnd:
      done_ = true;
      break;
    default:
      return;
  }
  Queue(mutations_.before, false);
  if (mutations_.removed) {
    Queue(mutations_.replacement, false);
  } else if (removing_ == 0 && !own.empty()) {
    queued_bytes_ += own.size();
    queue_.push_back({std::move(own)});
  }
  Queue(mutations_.after, true);
  mutations_.replacement.Clear();
  mutations_.removed = false;
  if (current_ == Event::kElement && plan_ != nullptr && has_content_) {
    if (plan_->removes_content) ++removing_;
    plans_.emplace(serial_, std::move(plan_));
  }
  plan_.reset();
  comment_.reset();
  attributes_.clear();
  owned_.clear();
  owned_bytes_ = 0;
  tag_changed_ = false;
  last_in_text_ = false;
  // Nothing may refer to the token's bytes from here on: they go with the
  // input.
  name_ = {};
  text_ = {};
  if (!token_waits_) token_.raw = {};
  called_.clear();
  current_ = Event::kNeedsInput;
}

}  // namespace caravel::runtime::html
