// Test: asset_answer_test.cc.
#include "host/asset_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/hex.h"
#include "host/conditions.h"
#include "net/http_syntax.h"

namespace caravel::host {
namespace {

using registry::AssetCoding;

constexpr size_t kTagBytes = 16;  // of the digest: enough to tell contents
constexpr std::string_view kUsualCaching = "public, max-age=0, must-revalidate";

std::string_view CodingName(AssetCoding coding) {
  return coding == AssetCoding::kBrotli ? "br" : "zstd";
}

// The weight that Accept-Encoding gives a coding, in thousandths; nothing where
// it does not name it.
std::optional<int> WeightOf(std::string_view accept, std::string_view coding) {
  while (true) {
    const std::string_view each = net::NextListElement(accept);
    if (each.empty()) return {};
    const size_t semicolon = std::min(each.find(';'), each.size());
    if (!net::EqualsIgnoringCase(net::TrimWhitespace(each.substr(0, semicolon)),
                                 coding)) {
      continue;
    }
    std::string_view weight =
        net::TrimWhitespace(each.substr(std::min(semicolon + 1, each.size())));
    if (!weight.starts_with("q=") && !weight.starts_with("Q=")) return 1000;
    weight.remove_prefix(2);
    int thousandths = weight.starts_with('1') ? 1000 : 0;
    int digit = 100;
    for (const char c : weight.substr(std::min<size_t>(2, weight.size()))) {
      if (c < '0' || c > '9') break;
      thousandths += (c - '0') * digit;
      digit /= 10;
    }
    return std::min(thousandths, 1000);
  }
}

// The smallest of the contents that the client likes best.
AssetCoding ChooseCoding(const registry::AssetList::View& asset,
                         std::string_view accept) {
  AssetCoding best = AssetCoding::kIdentity;
  if (accept.empty()) return best;
  int best_weight =
      WeightOf(accept, "identity").value_or(WeightOf(accept, "*").value_or(1));
  for (const AssetCoding coding : {AssetCoding::kBrotli, AssetCoding::kZstd}) {
    const auto form = static_cast<size_t>(coding);
    if (!asset.has[form]) continue;
    const int weight = WeightOf(accept, CodingName(coding))
                           .value_or(WeightOf(accept, "*").value_or(0));
    const bool smaller =
        asset.sizes[form] < asset.sizes[static_cast<size_t>(best)];
    if (weight > best_weight ||
        (weight > 0 && weight == best_weight && smaller)) {
      best = coding;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace

AssetWish AssetWish::Of(const net::RequestHead& head) {
  const auto field = [&head](std::string_view name) {
    return head.headers.Find(name).value_or(std::string_view());
  };
  return {.is_head = head.method == "HEAD",
          .if_none_match = field("if-none-match"),
          .if_match = field("if-match"),
          .if_range = field("if-range"),
          .range = field("range"),
          .accept_encoding = field("accept-encoding"),
          .has_authorization = head.headers.Find("authorization").has_value()};
}

AssetPlan PlanAnswer(const registry::AssetList::View& asset, uint16_t status,
                     const AssetWish& wish) {
  AssetPlan plan;
  const std::string tag =
      fmt::format("\"{}\"", base::ToHex(asset.digests[0].substr(0, kTagBytes)));
  const bool ranged = status == 200 && !wish.range.empty() && !wish.is_head;
  // A range is of the bytes as they are.
  if (!ranged) plan.coding = ChooseCoding(asset, wish.accept_encoding);
  const uint64_t size = asset.sizes[static_cast<size_t>(plan.coding)];
  const bool coded = plan.coding != AssetCoding::kIdentity;

  net::ResponseHead& head = plan.head;
  head.status = status;
  if (!asset.type.empty()) head.headers.Add("Content-Type", asset.type);
  // Another coding is another text of the same content.
  head.headers.Add("ETag", coded ? "W/" + tag : tag);
  if (!wish.has_authorization && wish.range.empty()) {
    head.headers.Add("Cache-Control", kUsualCaching);
  }
  if (asset.has[1] || asset.has[2]) head.headers.Add("Vary", "Accept-Encoding");
  if (status == 200) {
    if (!wish.if_match.empty() &&
        !ListHasTag(wish.if_match, tag, TagMatch::kStrong)) {
      head.status = 412;
      head.body_size = 0;
      return plan;
    }
    if (!wish.if_none_match.empty() &&
        ListHasTag(wish.if_none_match, tag, TagMatch::kWeak)) {
      head.status = 304;
      head.body_size = 0;
      return plan;
    }
  }
  if (coded) head.headers.Add("Content-Encoding", CodingName(plan.coding));
  if (status == 200 && !coded) head.headers.Add("Accept-Ranges", "bytes");
  head.body_size = static_cast<int64_t>(size);
  plan.size = size;
  if (!ranged || (!wish.if_range.empty() && wish.if_range != tag)) return plan;
  const auto range = RangeOf(wish.range, size);
  if (!range) return plan;
  plan.begin = range->begin;
  plan.size = range->size;
  SetRange(*range, size, head);
  return plan;
}

}  // namespace caravel::host
