#include "runtime/ops/html/matcher.h"

#include <algorithm>

namespace caravel::runtime::html {
namespace {

constexpr size_t kManyAttributes = 16;
constexpr size_t kMaxWork = 16 << 20;

bool Has(const uint64_t* bits, size_t index) {
  return (bits[index / 64] >> (index % 64) & 1) != 0;
}

}  // namespace

void Matcher::Add(std::vector<Selector> selectors, uint32_t owner) {
  for (Selector& selector : selectors) {
    size_t before = kNone;
    for (Selector::Step& step : selector.steps) {
      counts_types_ |= step.compound.CountsTypes();
      const bool last = &step == &selector.steps.back();
      const uint64_t hash =
          step.compound.type ? HashOfName(*step.compound.type) : 0;
      steps_.push_back(
          {std::move(step.compound), hash, before, step.child, last, owner});
      before = steps_.size() - 1;
    }
  }
}

void Matcher::Begin(std::string_view name, uint64_t hash,
                    const std::vector<Attribute>& attributes,
                    OpenElements::Places places) {
  name_ = name;
  hash_ = hash;
  attributes_ = &attributes;
  index_.clear();
  places_ = places;
  next_ = 0;
  matched_.assign(half(), 0);
  owners_.clear();
}

bool Matcher::Run(OpenElements& open) {
  const uint64_t* parent =
      open.size() == 0 ? nullptr : open.words(open.size() - 1);
  for (; next_ < steps_.size(); ++next_) {
    if (work_ > kMaxWork) {
      work_ = 0;
      return false;
    }
    ++work_;
    const Step& step = steps_[next_];
    if (step.before != kNone &&
        (parent == nullptr ||
         !Has(step.child ? parent : parent + half(), step.before))) {
      continue;
    }
    if (!Matches(step.compound, step.hash)) continue;
    matched_[next_ / 64] |= uint64_t{1} << (next_ % 64);
    if (step.last && (owners_.empty() || owners_.back() != step.owner)) {
      owners_.push_back(step.owner);
    }
  }
  return true;
}

void Matcher::Store(OpenElements& open) const {
  const size_t count = half();
  uint64_t* const own = open.words(open.size() - 1);
  const uint64_t* const parent =
      open.size() < 2 ? nullptr : open.words(open.size() - 2) + count;
  for (size_t i = 0; i < count; ++i) {
    own[i] = matched_[i];
    own[count + i] = matched_[i] | (parent == nullptr ? 0 : parent[i]);
  }
}

bool Matcher::Matches(const Compound& compound, uint64_t type_hash) {
  if (compound.type && (type_hash != hash_ || *compound.type != name_)) {
    return false;
  }
  for (const Nth& nth : compound.places) {
    if (!nth.Matches(nth.of_type ? places_.of_type : places_.child)) {
      return false;
    }
  }
  if (!MatchesAttributes(compound)) return false;
  return std::ranges::none_of(compound.excluded, [this](const Compound& each) {
    return Matches(each, each.type ? HashOfName(*each.type) : 0);
  });
}

bool Matcher::MatchesAttributes(const Compound& compound) {
  for (const AttributeTest& test : compound.attributes) {
    const Attribute* attribute = Find(test.name);
    if (attribute == nullptr) return false;
    work_ += attribute->value.size();
    if (!test.Matches(attribute->value)) return false;
  }
  return true;
}

const Attribute* Matcher::Find(std::string_view name) {
  if (attributes_->size() < kManyAttributes) {
    const auto found =
        std::ranges::find_if(*attributes_, [name](const Attribute& attribute) {
          return EqualsIgnoringCase(attribute.name, name);
        });
    return found == attributes_->end() ? nullptr : &*found;
  }
  if (index_.empty()) {
    for (const Attribute& attribute : *attributes_) {
      index_.try_emplace(HashOfName(attribute.name), &attribute);
    }
  }
  const auto found = index_.find(HashOfName(name));
  return found == index_.end() ? nullptr : found->second;
}

}  // namespace caravel::runtime::html
