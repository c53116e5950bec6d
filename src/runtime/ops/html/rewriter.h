#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/ops/html/content.h"
#include "runtime/ops/html/matcher.h"
#include "runtime/ops/html/open_elements.h"
#include "runtime/ops/html/tokenizer.h"

namespace caravel::runtime::html {

// Passes a document on, byte by byte as it came, but for what handlers change.
// It stops where a handler is to be called and says which; the handler then may
// change the token until Next() is called again. So script can take its time,
// and nothing calls from here into script.
//
//   push, Next() … until kNeedsInput, push, … , End(), Next() … until kDone
//
// Threads: one at a time.
class Rewriter {
 public:
  // What a handler takes.
  static constexpr uint32_t kElements = 1;
  static constexpr uint32_t kComments = 2;
  static constexpr uint32_t kTexts = 4;
  static constexpr uint32_t kDoctypes = 8;
  static constexpr uint32_t kEnds = 16;

  // Handlers of elements that match, then those of the whole document; the
  // numbers of handlers count from 0 through both. In that order they are
  // called.
  struct Handlers {
    std::vector<uint32_t> of_elements;  // flags
    std::vector<uint32_t> of_document;  // flags
    Matcher matcher;                    // tells the numbers of handlers
    size_t selector_bytes = 0;          // of all that is in `matcher`
  };

  enum class Event : uint8_t {
    kNeedsInput,
    kAgain,  // much was done: call Next() again
    kElement,
    kEndTag,  // of the element whose number is element()
    kComment,
    kText,
    kDoctype,
    kDocumentEnd,
    kStream,  // give what is in stream() to Write(), then call Next() again
    kDone
  };

  enum class Position : uint8_t {
    kBefore,
    kAfter,
    kReplace,
    kPrepend,
    kAppend,
    kInner
  };

  // How a text may be cut, so that each part can be decoded.
  enum class Charset : uint8_t { kUtf8, kSingleByte, kMultibyte };

  Rewriter(Handlers handlers, Charset charset);

  // Requires of both: Next() gave kNeedsInput last, or was not called yet.
  void Push(std::string_view bytes) { work_ += tokenizer_.Push(bytes); }
  void End() { tokenizer_.End(); }
  Event Next();

  // What came out since the last call.
  std::string TakeOutput() { return std::move(output_); }
  bool has_output() const { return !output_.empty(); }
  void Write(std::string_view bytes) { output_ += bytes; }

  // ---- the token that Next() stopped at ----
  // The handlers to be called, in that order.
  std::span<const uint32_t> handlers() const { return called_; }
  // The element's number, of kElement and kEndTag; from 1.
  uint32_t element() const { return serial_; }
  uint32_t stream() const { return stream_; }

  // Of tags: as it is written.
  std::string_view name() const { return name_; }
  void SetName(std::string_view name);
  Namespace name_space() const { return placement_.name_space; }
  bool can_have_content() const { return has_content_; }
  bool self_closing() const { return token_.self_closing; }
  // Of comments and texts, as they are written.
  std::string_view text() const { return text_; }
  bool last_in_text() const { return last_in_text_; }
  void SetComment(std::string_view text);
  // Of doctypes, as it is written.
  std::string_view raw() const { return token_.raw; }

  std::span<const Attribute> attributes() const { return attributes_; }
  const Attribute* FindAttribute(std::string_view name) const;
  void SetAttribute(std::string_view name, std::string_view value);
  void RemoveAttribute(std::string_view name);

  void Insert(Position position, Piece piece);
  void Remove(bool keep_content);
  bool removed() const { return mutations_.removed || removing_ > 0; }
  // Next() is to stop at the element's end tag too.
  void WantEndTag();

  // Bytes of memory.
  size_t held() const;

 private:
  // What is to become of the end of an element.
  struct EndPlan {
    explicit EndPlan(size_t& total) : mutations(total) {}
    Mutations mutations;
    std::optional<std::string> name;
    bool removes_content = false;
    bool wanted = false;
  };

  Event Stop(Event event, std::string_view text = {});
  // Handle a token: the event to stop at, kAgain for none.
  Event Handle();
  Event HandleStartTag();
  Event MatchStartTag();
  Event HandleEndTag();
  Event HandleText();
  Event HandleMarked(Event event, uint32_t kind);
  // The rest of a text whose end has come, if a handler is to know.
  bool EndText();

  void FinishToken();
  void Pass(std::string_view bytes);
  void Queue(Content& content, bool backwards);
  std::string SerializeTag();
  // The innermost element ends; plan_ is then what is to become of its end.
  void CloseLast();
  // The same without a tag of its own: what was to stand at its end stands
  // here.
  void CloseUntold();
  void CallActive(uint32_t kind);
  EndPlan& PlanOfElement();

  const Charset charset_;
  Tokenizer tokenizer_;
  std::vector<uint32_t> flags_;  // of each handler
  // What it may cost to match an element, in bytes looked at.
  size_t weight_;
  Matcher matcher_;
  OpenElements open_;
  // How many open elements each handler is for, and all of them together by
  // kind.
  std::vector<uint32_t> active_;
  size_t active_comments_ = 0;
  size_t active_texts_ = 0;
  // By serial number of the open element.
  std::unordered_map<uint32_t, std::vector<uint32_t>> handlers_of_;
  size_t handlers_bytes_ = 0;
  std::unordered_map<uint32_t, std::unique_ptr<EndPlan>> plans_;
  uint32_t serials_ = 0;
  size_t removing_ = 0;  // open elements whose content goes

  // The token.
  Token token_;
  bool token_waits_ = false;  // it was taken and not handled yet
  bool matching_ = false;     // its matching was interrupted
  Event current_ = Event::kNeedsInput;
  std::vector<uint32_t> called_;
  std::string lower_name_;
  uint64_t hash_ = 0;
  OpenElements::Placement placement_;
  bool has_content_ = false;
  uint32_t serial_ = 0;
  std::string_view name_;
  std::vector<Attribute> attributes_;
  std::deque<std::string> owned_;  // what script wrote of names and values
  size_t owned_bytes_ = 0;
  bool tag_changed_ = false;
  std::string_view text_;
  std::optional<std::string> comment_;
  size_t content_bytes_ = 0;  // of all Content
  Mutations mutations_{content_bytes_};
  std::unique_ptr<EndPlan> plan_;  // of the element or end tag

  // Texts of handlers. A character that is cut goes with the next piece.
  size_t CutAtEnd() const;
  std::string kept_text_;
  std::string piece_;  // the text of the event
  bool in_text_ = false;
  bool last_in_text_ = false;

  std::deque<Piece> queue_;  // what goes out before the next token
  size_t queued_bytes_ = 0;
  uint32_t stream_ = 0;
  std::string output_;
  size_t work_ = 0;
  bool ending_ = false;  // kDocumentEnd was given
  bool done_ = false;
};

}  // namespace caravel::runtime::html
