#pragma once

#include <cstdint>
#include <string_view>

#include "host/asset_site.h"
#include "net/exchange.h"
#include "registry/asset_list.h"

namespace caravel::host {

// What of a request decides how an asset is answered, beside which.
struct AssetWish {
  bool is_head = false;
  std::string_view if_none_match = {};
  std::string_view if_match = {};
  std::string_view if_range = {};
  std::string_view range = {};
  std::string_view accept_encoding = {};
  bool has_authorization = false;

  static AssetWish Of(const net::RequestHead& head);
};

// The head of an answer, and which bytes of which content are its body.
struct AssetPlan {
  net::ResponseHead head = {};
  registry::AssetCoding coding = registry::AssetCoding::kIdentity;
  uint64_t begin = 0;
  uint64_t size = 0;  // 0: no content is needed
};

// How `asset`, chosen with `status`, answers: whole, a part of it, or that it
// has not changed (RFC 9110, sections 12.5.3, 13 and 14).
AssetPlan PlanAnswer(const registry::AssetList::View& asset, uint16_t status,
                     const AssetWish& wish);

}  // namespace caravel::host
