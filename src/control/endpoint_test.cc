#include "control/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "control/erased_endpoint.h"
#include "control/openapi.h"
#include "control/router.h"
#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using ::testing::HasSubstr;

struct ItemPath {
  std::string box;
  std::string item;
};
BOOST_DESCRIBE_STRUCT(ItemPath, (), (box, item))

struct ItemQuery {
  std::optional<bool> force;
  std::optional<int> page;
  std::vector<std::string> name;
};
BOOST_DESCRIBE_STRUCT(ItemQuery, (), (force, page, name))

struct ItemInput {
  std::string color;
  std::optional<int> size;
};
BOOST_DESCRIBE_STRUCT(ItemInput, (), (color, size))

struct ItemSeen {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(ItemSeen, (), (text))

Answer<ItemSeen> PutItem(Caller&, const ItemPath& path, Query<ItemQuery> query,
                         ItemInput input) {
  if (input.color == "none") return Error(ErrorCode::kNotFound, "no color");
  if (input.color == "odd") {
    return NumberedError{4711, Error(ErrorCode::kNotFound, "an odd color")};
  }
  return ItemSeen{fmt::format(
      "{} {} {} {} {} {}", path.box, path.item, query->force.value_or(false),
      query->page.value_or(0), query->name.size(), input.color)};
}

inline constexpr Endpoint kPutItem{
    .method = Method::kPut,
    .path = "/boxes/{box}/items/{item}",
    .scope = Scope::kWorkersWrite,
    .summary = "Put an item into a box",
    .example = R"({"color":"red"})",
    .errors = {.not_found = 1234},
    .handler = &PutItem,
};

struct BoxPath {
  std::string box;
};
BOOST_DESCRIBE_STRUCT(BoxPath, (), (box))

Result<Page<ItemSeen>> ListItems(Caller&, const BoxPath&) {
  return Page<ItemSeen>{{{"a"}}, 2, 1, 7};
}

inline constexpr Endpoint kListItems{
    .method = Method::kGet,
    .path = "/boxes/{box}/items",
    .scope = Scope::kWorkersRead,
    .summary = "List the items of a box",
    .handler = &ListItems,
};

Status ClearItems(Caller&, const BoxPath&) { return {}; }

inline constexpr Endpoint kClearItems{
    .method = Method::kDelete,
    .path = "/boxes/{box}/items",
    .scope = Scope::kWorkersWrite,
    .summary = "Empty a box",
    .handler = &ClearItems,
};

Result<ItemSeen> GetSpecial(Caller&) { return ItemSeen{"special"}; }

inline constexpr Endpoint kGetSpecial{
    .method = Method::kGet,
    .path = "/boxes/special/items",
    .scope = Scope::kWorkersRead,
    .summary = "See the special box",
    .handler = &GetSpecial,
};

Result<ItemSeen> Upload(Caller&, Multipart<ItemInput> upload) {
  std::string text = upload.metadata.color;
  for (const Part& part : upload.parts) {
    text += fmt::format(" {}={}", part.name, part.content);
  }
  return ItemSeen{text};
}

inline constexpr Endpoint kUpload{
    .method = Method::kPost,
    .path = "/uploads",
    .scope = Scope::kWorkersWrite,
    .summary = "Upload items",
    .example = R"({"color":"red","more":1})",
    .unknown_keys = UnknownKeys::kIgnore,
    .handler = &Upload,
};

constexpr std::array kTestEndpoints = {
    Erased<kPutItem>(), Erased<kListItems>(), Erased<kClearItems>(),
    Erased<kGetSpecial>(), Erased<kUpload>()};

class EndpointTest : public ::testing::Test {
 protected:
  // Finds the endpoint and runs it: "status body".
  std::string Run(std::string_view method, std::string_view target,
                  std::string body = {}, std::string content_type = {}) {
    const size_t mark = std::min(target.find('?'), target.size());
    auto match = Router(kTestEndpoints).Find(method, target.substr(0, mark));
    if (match.endpoint == nullptr) return "none, allowed: " + match.allowed;
    Request request{
        .path = std::move(match.path),
        .query = std::string(target.substr(std::min(mark + 1, target.size()))),
        .content_type = std::move(content_type),
        .body = std::move(body)};
    const Reply reply = match.endpoint->run(caller_, request);
    return fmt::format("{} {}", reply.status, reply.body);
  }

  TestPlatform platform_;
  const Services services_ = platform_.services();
  Caller caller_{
      .services = services_, .owner = {}, .account = {}, .source = {}};
};

TEST_F(EndpointTest, AHandlerGetsPathQueryAndBody) {
  EXPECT_EQ(Run("PUT",
                "/boxes/a%2Fb/items/c%20d?force=true&page=3&name=x&name=y"
                "&other=1",
                R"({"color":"red"})"),
            R"(200 {"success":true,"errors":[],"messages":[],)"
            R"("result":{"text":"a/b c d true 3 2 red"}})");
}

TEST_F(EndpointTest, WrongInputIsNamed) {
  const auto put = [this](std::string_view query, std::string body) {
    return Run("PUT", fmt::format("/boxes/a/items/b{}", query), body);
  };
  EXPECT_THAT(put("?page=x", R"({"color":"red"})"),
              HasSubstr("page: must be a whole number, is a string"));
  EXPECT_THAT(put("?force=1", R"({"color":"red"})"),
              HasSubstr("force: must be true or false, is a string"));
  EXPECT_THAT(put("?page=%", R"({"color":"red"})"),
              HasSubstr("the query: a %"));
  EXPECT_THAT(put("", R"({"color":"red","sice":1})"),
              HasSubstr("sice: is not a known key (did you mean"));
  EXPECT_EQ(put("", "[]"),
            R"(400 {"success":false,"errors":[{"code":10021,"message":)"
            R"("the body: must be an object, is a list"}],"messages":[],)"
            R"("result":null})");
}

TEST_F(EndpointTest, AnErrorHasTheEndpointsNumberOrItsOwn) {
  EXPECT_THAT(Run("PUT", "/boxes/a/items/b", R"({"color":"none"})"),
              HasSubstr(R"(404 {"success":false,"errors":[{"code":1234,)"));
  EXPECT_THAT(Run("PUT", "/boxes/a/items/b", R"({"color":"odd"})"),
              HasSubstr(R"(404 {"success":false,"errors":[{"code":4711,)"));
}

TEST_F(EndpointTest, APageTellsWherePagersAre) {
  EXPECT_THAT(Run("GET", "/boxes/a/items"),
              HasSubstr(R"("result":[{"text":"a"}],"result_info":{"page":2,)"
                        R"("per_page":1,"count":1,"total_count":7})"));
}

TEST_F(EndpointTest, NothingIsNull) {
  EXPECT_THAT(Run("DELETE", "/boxes/a/items"), HasSubstr(R"("result":null)"));
}

TEST_F(EndpointTest, AnUploadHasMetadataAndParts) {
  const std::string type = "multipart/form-data; boundary=X";
  const std::string part =
      "--X\r\nContent-Disposition: form-data; name=f\r\n\r\n1\r\n";
  EXPECT_THAT(
      Run("POST", "/uploads",
          part + "--X\r\nContent-Disposition: form-data; name=metadata\r\n\r\n"
                 "{\"color\":\"red\",\"more\":1}\r\n--X--",
          type),
      HasSubstr(R"("result":{"text":"red f=1"})"));
  EXPECT_THAT(Run("POST", "/uploads", part + "--X--", type),
              HasSubstr("it has no part \\\"metadata\\\""));
}

TEST_F(EndpointTest, ALiteralSegmentWinsOverAPlaceholder) {
  EXPECT_THAT(Run("GET", "/boxes/special/items"), HasSubstr("special"));
}

TEST_F(EndpointTest, AKnownPathTellsItsMethods) {
  EXPECT_EQ(Run("POST", "/boxes/a/items"), "none, allowed: GET, DELETE");
  EXPECT_EQ(Run("GET", "/boxes"), "none, allowed: ");
  EXPECT_EQ(Run("GET", "/boxes//items"), "none, allowed: ");
  EXPECT_EQ(Run("GET", "/boxes/%/items"), "none, allowed: ");
}

TEST_F(EndpointTest, ExamplesAreChecked) {
  for (const EndpointInfo& endpoint : kTestEndpoints) {
    EXPECT_TRUE(endpoint.check_example()) << endpoint.path;
  }
}

TEST_F(EndpointTest, AFullDiskIsNoFaultOfTheRequest) {
  const Reply reply = FailureReply(
      Error(ErrorCode::kNoSpace, "disk full: cannot write to /data/blobs")
          .Remedy("free space on that file system, then try again"),
      ErrorNumbers().Of(ErrorCode::kNoSpace));
  EXPECT_EQ(reply.status, 507);
  EXPECT_THAT(reply.body, HasSubstr("/data/blobs"));
  EXPECT_THAT(reply.body, HasSubstr("free space"));
}

TEST_F(EndpointTest, OpenApiComesFromTheTypes) {
  const auto document = boost::json::parse(OpenApiDocument(kTestEndpoints));
  const auto at = [&](const char* pointer) -> const boost::json::value& {
    return document.at_pointer(pointer);
  };
  EXPECT_EQ(at("/paths/~1boxes~1{box}~1items~1{item}/put/operationId"),
            "put_boxes_box_items_item");
  EXPECT_EQ(at("/paths/~1boxes~1{box}~1items~1{item}/put/parameters/0/in"),
            "path");
  EXPECT_EQ(at("/paths/~1boxes~1{box}~1items~1{item}/put/requestBody/content/"
               "application~1json/schema/$ref"),
            "#/components/schemas/ItemInput");
  EXPECT_EQ(at("/components/schemas/ItemInput/required"),
            boost::json::parse(R"(["color"])"));
  EXPECT_EQ(at("/components/schemas/ItemInput/properties/size/type"),
            "integer");
}

}  // namespace
}  // namespace caravel::api
