#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "control/answer.h"
#include "control/rules.h"

namespace caravel::api {

// What pagers ask with. The third of them asks page after page until one is
// empty, so `page` must always be honoured.
struct PageQuery {
  std::optional<uint32_t> page;
  std::optional<uint32_t> per_page;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&PageQuery::page, "Which page, 1 is the first")
            .Range(1, 1'000'000),
        api::Field(&PageQuery::per_page, "Items a page").Range(1, 1000));
  }
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (page, per_page))

inline constexpr uint32_t kItemsAPage = 50;

// The page of `all` that `query` asks for.
template <typename T>
Page<T> PageOf(std::vector<T> all, const PageQuery& query) {
  Page<T> page{.items = {},
               .page = query.page.value_or(1),
               .per_page = query.per_page.value_or(kItemsAPage),
               .total_count = all.size()};
  const uint64_t first =
      std::min<uint64_t>((page.page - 1) * page.per_page, all.size());
  const uint64_t last = std::min<uint64_t>(first + page.per_page, all.size());
  page.items.assign(std::make_move_iterator(all.begin() + first),
                    std::make_move_iterator(all.begin() + last));
  return page;
}

}  // namespace caravel::api
