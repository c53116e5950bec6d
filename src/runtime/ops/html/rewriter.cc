#include "runtime/ops/html/rewriter.h"

#include "runtime/ops/utf8.h"

namespace caravel::runtime::html {
namespace {

// Bytes of the document between two looks at whether the call is to end.
constexpr size_t kMaxRewriting = 4 << 20;
constexpr size_t kBytesOfEntry = 96;
constexpr size_t kMaxCut = 1024;

TextMode ModeOf(std::string_view name) {
  if (name == "title" || name == "textarea") return TextMode::kRcdata;
  if (name == "script") return TextMode::kScript;
  if (name == "plaintext") return TextMode::kPlaintext;
  if (name == "style" || name == "xmp" || name == "iframe" ||
      name == "noembed" || name == "noframes" || name == "noscript") {
    return TextMode::kRawtext;
  }
  return TextMode::kData;
}

}  // namespace

Rewriter::Rewriter(Handlers handlers, Charset charset)
    : charset_(charset),
      flags_(std::move(handlers.of_elements)),
      weight_(handlers.matcher.steps() + handlers.selector_bytes / 2),
      matcher_(std::move(handlers.matcher)),
      open_(matcher_.words()) {
  active_.resize(flags_.size());
  for (const uint32_t flags : handlers.of_document) {
    flags_.push_back(flags);
    active_.push_back(1);
    active_comments_ += (flags & kComments) != 0;
    active_texts_ += (flags & kTexts) != 0;
  }
}

Rewriter::Event Rewriter::Stop(Event event, std::string_view text) {
  current_ = event;
  text_ = text;
  return event;
}

Rewriter::Event Rewriter::Next() {
  FinishToken();
  for (;;) {
    while (!queue_.empty()) {
      const Piece piece = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= piece.bytes.size();
      stream_ = piece.stream;
      if (stream_ != 0) return Event::kStream;
      output_ += piece.bytes;
    }
    if (done_) return Event::kDone;
    if (work_ > kMaxRewriting) {
      work_ = 0;
      return Event::kAgain;
    }
    if (!token_waits_) {
      token_ = tokenizer_.Next();
      if (token_.kind == Token::Kind::kNeedsInput) return Event::kNeedsInput;
      work_ += token_.raw.size() + 16;
      token_waits_ = true;
    }
    if (token_.kind != Token::Kind::kText && EndText()) return current_;
    const Event event = Handle();
    if (event == Event::kAgain && matching_) return event;
    token_waits_ = false;
    if (event != Event::kAgain) return event;
  }
}

Rewriter::Event Rewriter::Handle() {
  switch (token_.kind) {
    case Token::Kind::kText:
      return HandleText();
    case Token::Kind::kStartTag:
      return matching_ ? MatchStartTag() : HandleStartTag();
    case Token::Kind::kEndTag:
      return HandleEndTag();
    case Token::Kind::kComment:
      if (active_comments_ > 0) return HandleMarked(Event::kComment, kComments);
      break;
    case Token::Kind::kDoctype:
      return HandleMarked(Event::kDoctype, kDoctypes);
    case Token::Kind::kEnd:
      ending_ = true;
      removing_ = 0;
      called_.clear();
      CallActive(kEnds);
      if (called_.empty()) {
        done_ = true;
        return Event::kAgain;
      }
      return Stop(Event::kDocumentEnd);
    default:
      break;
  }
  Pass(token_.raw);
  return Event::kAgain;
}

void Rewriter::CallActive(uint32_t kind) {
  for (size_t i = 0; i < flags_.size(); ++i) {
    if (active_[i] > 0 && (flags_[i] & kind) != 0) {
      called_.push_back(static_cast<uint32_t>(i));
    }
  }
}

Rewriter::Event Rewriter::HandleMarked(Event event, uint32_t kind) {
  called_.clear();
  CallActive(kind);
  work_ += flags_.size();
  if (called_.empty()) {
    Pass(token_.raw);
    return Event::kAgain;
  }
  return Stop(event, token_.text);
}

// ---- texts ----

Rewriter::Event Rewriter::HandleText() {
  if (active_texts_ == 0) {
    Pass(token_.raw);
    return Event::kAgain;
  }
  called_.clear();
  CallActive(kTexts);
  work_ += flags_.size();
  in_text_ = true;
  last_in_text_ = false;
  piece_ = std::move(kept_text_);
  piece_ += token_.raw;
  const size_t cut = CutAtEnd();
  kept_text_ = piece_.substr(piece_.size() - cut);
  piece_.resize(piece_.size() - cut);
  if (piece_.empty()) return Event::kAgain;
  return Stop(Event::kText, piece_);
}

size_t Rewriter::CutAtEnd() const {
  if (charset_ == Charset::kUtf8) return IncompleteUtf8Tail(piece_);
  if (charset_ == Charset::kSingleByte) return 0;
  // No character of several bytes has one below '0' but for the first: what
  // follows the last such byte waits, unless there is none in a long time.
  size_t cut = 0;
  while (cut < piece_.size() && cut < kMaxCut) {
    if (static_cast<unsigned char>(piece_[piece_.size() - 1 - cut]) < '0') {
      return cut;
    }
    ++cut;
  }
  return cut == kMaxCut ? 0 : cut;
}

bool Rewriter::EndText() {
  if (!in_text_) return false;
  in_text_ = false;
  last_in_text_ = true;
  piece_ = std::move(kept_text_);
  kept_text_.clear();
  called_.clear();
  CallActive(kTexts);
  Stop(Event::kText, piece_);
  return true;
}

// ---- tags ----

Rewriter::Event Rewriter::HandleStartTag() {
  lower_name_ = token_.name;
  for (char& c : lower_name_) c = ToLower(c);
  hash_ = HashOfName(lower_name_);
  const bool font =
      lower_name_ == "font" &&
      (FindAttributeIn(tokenizer_.attributes(), "color") != nullptr ||
       FindAttributeIn(tokenizer_.attributes(), "face") != nullptr ||
       FindAttributeIn(tokenizer_.attributes(), "size") != nullptr);
  placement_ =
      open_.Place(lower_name_, font || EndsForeignContent(lower_name_));
  for (; placement_.closes > 0; --placement_.closes) CloseUntold();
  const OpenElements::Places places =
      open_.Count(hash_, matcher_.counts_types());
  matcher_.Begin(lower_name_, hash_, tokenizer_.attributes(), places);
  return MatchStartTag();
}

Rewriter::Event Rewriter::MatchStartTag() {
  matching_ = !matcher_.Run(open_);
  if (matching_) return Event::kAgain;
  work_ += weight_ * (1 + attributes_.size() / 8);
  const bool html = placement_.name_space == Namespace::kHtml;
  has_content_ = html ? !IsVoid(lower_name_) : !token_.self_closing;
  serial_ = 0;
  called_.clear();
  for (const uint32_t handler : matcher_.owners()) {
    if ((flags_[handler] & kElements) != 0) called_.push_back(handler);
  }
  if (!called_.empty() || !matcher_.owners().empty()) serial_ = ++serials_;
  if (has_content_) {
    bool html_annotation = false;
    if (lower_name_ == "annotation-xml") {
      const Attribute* encoding =
          FindAttributeIn(tokenizer_.attributes(), "encoding");
      html_annotation =
          encoding != nullptr &&
          (EqualsIgnoringCase(encoding->value, "text/html") ||
           EqualsIgnoringCase(encoding->value, "application/xhtml+xml"));
    }
    open_.Open(lower_name_, hash_, placement_.name_space, html_annotation)
        .serial = serial_;
    matcher_.Store(open_);
    tokenizer_.AllowCdata(!html);
    if (html && ModeOf(lower_name_) != TextMode::kData) {
      tokenizer_.SetMode(ModeOf(lower_name_), lower_name_);
    }
    std::vector<uint32_t> inside;
    for (const uint32_t handler : matcher_.owners()) {
      if ((flags_[handler] & (kComments | kTexts)) == 0) continue;
      inside.push_back(handler);
      if (active_[handler]++ > 0) continue;
      active_comments_ += (flags_[handler] & kComments) != 0;
      active_texts_ += (flags_[handler] & kTexts) != 0;
    }
    if (!inside.empty()) {
      handlers_bytes_ += inside.capacity() * sizeof(uint32_t);
      handlers_of_.emplace(serial_, std::move(inside));
    }
  }
  if (called_.empty()) {
    Pass(token_.raw);
    return Event::kAgain;
  }
  name_ = token_.name;
  attributes_ = tokenizer_.attributes();
  return Stop(Event::kElement);
}

void Rewriter::CloseUntold() {
  CloseLast();
  if (plan_ == nullptr) return;
  Queue(plan_->mutations.before, false);
  Queue(plan_->mutations.after, true);
  plan_.reset();
}

void Rewriter::CloseLast() {
  const uint32_t serial = open_.at(open_.size() - 1).serial;
  open_.CloseLast();
  tokenizer_.AllowCdata(open_.InForeignContent());
  if (serial == 0) return;
  if (const auto found = handlers_of_.find(serial);
      found != handlers_of_.end()) {
    for (const uint32_t handler : found->second) {
      if (--active_[handler] > 0) continue;
      active_comments_ -= (flags_[handler] & kComments) != 0;
      active_texts_ -= (flags_[handler] & kTexts) != 0;
    }
    handlers_bytes_ -= found->second.capacity() * sizeof(uint32_t);
    handlers_of_.erase(found);
  }
  if (const auto found = plans_.find(serial); found != plans_.end()) {
    plan_ = std::move(found->second);
    plans_.erase(found);
    if (plan_->removes_content) --removing_;
  }
}

Rewriter::Event Rewriter::HandleEndTag() {
  hash_ = HashOfName(token_.name);
  const size_t index = open_.Find(hash_);
  if (index == open_.size()) {
    Pass(token_.raw);
    return Event::kAgain;
  }
  work_ += open_.size() - index;
  serial_ = open_.at(index).serial;
  while (open_.size() > index + 1) CloseUntold();
  CloseLast();
  if (plan_ == nullptr) {
    Pass(token_.raw);
    return Event::kAgain;
  }
  mutations_ = std::move(plan_->mutations);
  name_ = token_.name;
  if (plan_->name) SetName(*plan_->name);
  current_ = Event::kEndTag;
  if (plan_->wanted) return Stop(Event::kEndTag);
  FinishToken();
  return Event::kAgain;
}

size_t Rewriter::held() const {
  return tokenizer_.held() + open_.held() + content_bytes_ + queued_bytes_ +
         queue_.size() * sizeof(Piece) + output_.capacity() + owned_bytes_ +
         owned_.size() * sizeof(std::string) +
         attributes_.capacity() * sizeof(Attribute) + kept_text_.capacity() +
         piece_.capacity() + (comment_ ? comment_->capacity() : 0) +
         handlers_bytes_ +
         (handlers_of_.size() + plans_.size()) * kBytesOfEntry +
         plans_.size() * sizeof(EndPlan);
}

}  // namespace caravel::runtime::html
