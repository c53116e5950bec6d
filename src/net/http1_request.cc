// Tests: http1_request_test.cc, with the corpus of smuggled requests.
#include "net/http1_request.h"

#include <charconv>
#include <limits>
#include <string>

#include "net/http_syntax.h"

namespace caravel::net {
namespace {

// The fields that decide something, gathered in one walk.
struct DecidingFields {
  int hosts = 0;
  std::string_view host;
  int lengths = 0;
  std::string_view length;
  int codings = 0;  // Transfer-Encoding fields
  bool connection_close = false;
  bool connection_keep_alive = false;
  bool connection_names_fields = false;
  bool connection_upgrade = false;
  std::string_view websocket;  // the Upgrade field, where it names that
  bool expects = false;
  bool expects_continue = true;  // where it expects: nothing but that
};

void ReadConnection(std::string_view list, DecidingFields& fields) {
  for (std::string_view option = NextListElement(list); !option.empty();
       option = NextListElement(list)) {
    if (EqualsIgnoringCase(option, "close")) {
      fields.connection_close = true;
    } else if (EqualsIgnoringCase(option, "keep-alive")) {
      fields.connection_keep_alive = true;
    } else if (EqualsIgnoringCase(option, "upgrade")) {
      fields.connection_upgrade = true;
    } else if (KindOf(option) == FieldKind::kOrdinary) {
      fields.connection_names_fields = true;
    }
  }
}

void ReadUpgrade(std::string_view list, DecidingFields& fields) {
  for (std::string_view protocol = NextListElement(list); !protocol.empty();
       protocol = NextListElement(list)) {
    if (EqualsIgnoringCase(protocol, "websocket")) fields.websocket = protocol;
  }
}

// Adds to `headers` what an answerer is to see.
DecidingFields Sort(const std::vector<Headers::Field>& all, Headers& headers) {
  DecidingFields fields;
  for (const Headers::Field& field : all) {
    switch (KindOf(field.name)) {
      case FieldKind::kHost:
        ++fields.hosts;
        fields.host = field.value;
        break;
      case FieldKind::kConnection:
        ReadConnection(field.value, fields);
        continue;
      case FieldKind::kContentLength:
        ++fields.lengths;
        fields.length = field.value;
        continue;
      case FieldKind::kTransferEncoding:
        ++fields.codings;
        continue;
      case FieldKind::kExpect:
        fields.expects = true;
        fields.expects_continue &=
            EqualsIgnoringCase(field.value, "100-continue");
        continue;
      case FieldKind::kUpgrade:
        ReadUpgrade(field.value, fields);
        continue;
      case FieldKind::kHopByHop:
        continue;
      case FieldKind::kOrdinary:
      case FieldKind::kDate:
        break;
    }
    headers.Add(field.name, field.value);
  }
  return fields;
}

bool ConnectionNames(const std::vector<Headers::Field>& all,
                     std::string_view name) {
  for (const Headers::Field& field : all) {
    if (KindOf(field.name) != FieldKind::kConnection) continue;
    std::string_view list = field.value;
    for (std::string_view option = NextListElement(list); !option.empty();
         option = NextListElement(list)) {
      if (EqualsIgnoringCase(option, name)) return true;
    }
  }
  return false;
}

// Rare: drops the ordinary fields that Connection names (RFC 9110, 7.6.1).
void DropNamedFields(const std::vector<Headers::Field>& all, Headers& headers) {
  const Headers before = headers;
  headers.Clear();
  for (size_t i = 0; i < before.size(); ++i) {
    const Headers::Field field = before[i];
    if (KindOf(field.name) == FieldKind::kOrdinary &&
        ConnectionNames(all, field.name)) {
      continue;
    }
    headers.Add(field.name, field.value);
  }
}

std::optional<Http1Refusal> ReadCodings(
    const std::vector<Headers::Field>& all) {
  int chunked = 0;
  bool last_is_chunked = false;
  bool unknown = false;
  for (const Headers::Field& field : all) {
    if (KindOf(field.name) != FieldKind::kTransferEncoding) continue;
    std::string_view list = field.value;
    for (std::string_view coding = NextListElement(list); !coding.empty();
         coding = NextListElement(list)) {
      last_is_chunked = EqualsIgnoringCase(coding, "chunked");
      chunked += last_is_chunked ? 1 : 0;
      unknown |= !last_is_chunked;
    }
  }
  if (!last_is_chunked) {
    return Http1Refusal{
        400,
        "Transfer-Encoding does not end in \"chunked\": the length of the "
        "body cannot be known"};
  }
  if (chunked > 1) {
    return Http1Refusal{400, "Transfer-Encoding names \"chunked\" twice"};
  }
  if (unknown) {
    return Http1Refusal{501,
                        "of the transfer codings only \"chunked\" is known"};
  }
  return std::nullopt;
}

std::optional<Http1Refusal> ReadBodyFraming(const Http1HeadParser& parsed,
                                            const DecidingFields& fields,
                                            Http1Framing& framing) {
  if (fields.lengths > 0 && fields.codings > 0) {
    return Http1Refusal{
        400, "the request has both Content-Length and Transfer-Encoding"};
  }
  if (fields.lengths > 1) {
    return Http1Refusal{400, "the request has more than one Content-Length"};
  }
  if (fields.lengths == 1) {
    const char* begin = fields.length.data();
    const char* end = begin + fields.length.size();
    int64_t length = 0;
    const auto [parsed_end, error] = std::from_chars(begin, end, length);
    if (fields.length.empty() || !Is(kDigit, fields.length.front()) ||
        parsed_end != end) {
      return Http1Refusal{400, "Content-Length is not a number"};
    }
    if (error != std::errc()) {
      return Http1Refusal{413, "Content-Length is too large"};
    }
    framing.length = static_cast<uint64_t>(length);
  }
  if (fields.codings > 0) {
    if (parsed.minor_version() == 0) {
      return Http1Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    }
    framing.chunked = true;
    return ReadCodings(parsed.fields());
  }
  return std::nullopt;
}

constexpr Http1Refusal kBadHost = {400, "the host of the request is not valid"};

// Sets `head.authority` and `head.target` (RFC 9112, 3.2 and 3.3).
std::optional<Http1Refusal> ReadTarget(std::string_view target,
                                       const DecidingFields& fields,
                                       RequestHead& head) {
  head.authority.assign(fields.host);
  if (target.front() == '/') {
    head.target.assign(target);
    return std::nullopt;
  }
  if (target == "*") {
    if (head.method != "OPTIONS") {
      return Http1Refusal{400, "the target \"*\" is for OPTIONS only"};
    }
    head.target.assign(target);
    return std::nullopt;
  }
  const size_t colon = target.find("://");
  const std::string_view scheme = target.substr(0, colon);
  if (colon == std::string_view::npos ||
      !(EqualsIgnoringCase(scheme, "http") ||
        EqualsIgnoringCase(scheme, "https"))) {
    return Http1Refusal{
        400, "the request target is neither a path nor an http address"};
  }
  const std::string_view rest = target.substr(colon + 3);
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (!IsAuthority(authority)) return kBadHost;
  head.authority.assign(authority);
  head.target.assign(rest.substr(end));
  if (!head.target.starts_with('/')) head.target.insert(0, 1, '/');
  return std::nullopt;
}

// The Host field says what the target says (RFC 9112, 3.2.2).
void ReplaceHost(Headers& headers, std::string_view authority) {
  const Headers before = headers;
  headers.Clear();
  headers.Add("host", authority);
  for (size_t i = 0; i < before.size(); ++i) {
    const Headers::Field field = before[i];
    if (KindOf(field.name) == FieldKind::kHost) continue;
    headers.Add(field.name, field.value);
  }
}

}  // namespace

std::optional<Http1Refusal> ReadHttp1Request(const Http1HeadParser& parsed,
                                             RequestHead& head,
                                             Http1Framing& framing) {
  framing = {};
  framing.http_1_0 = parsed.minor_version() == 0;
  if (parsed.method() == "CONNECT") {
    return Http1Refusal{501, "CONNECT is not served: this is not a proxy"};
  }
  head.method.assign(parsed.method());
  head.headers.Clear();
  const DecidingFields fields = Sort(parsed.fields(), head.headers);

  if (fields.hosts > 1) {
    return Http1Refusal{400, "the request has more than one Host"};
  }
  if (fields.hosts == 0 && !framing.http_1_0) {
    return Http1Refusal{400, "the request has no Host"};
  }
  if (fields.hosts == 1 && !IsAuthority(fields.host)) return kBadHost;
  if (auto refusal = ReadTarget(parsed.target(), fields, head)) return refusal;
  if (head.authority != fields.host) ReplaceHost(head.headers, head.authority);
  if (auto refusal = ReadBodyFraming(parsed, fields, framing)) return refusal;

  if (fields.expects && !framing.http_1_0) {
    if (!fields.expects_continue) {
      return Http1Refusal{417, "only 100-continue can be expected"};
    }
    framing.expects_continue = framing.chunked || framing.length > 0;
  }
  framing.keep_alive = !fields.connection_close &&
                       (!framing.http_1_0 || fields.connection_keep_alive);
  if (fields.connection_names_fields) {
    DropNamedFields(parsed.fields(), head.headers);
  }
  head.http.assign(framing.http_1_0 ? "HTTP/1.0" : "HTTP/1.1");
  head.body_size = framing.chunked ? -1 : static_cast<int64_t>(framing.length);
  head.upgrade.clear();
  if (!fields.websocket.empty() && fields.connection_upgrade &&
      !framing.http_1_0 && head.method == "GET" && head.body_size == 0) {
    framing.upgrade = true;
    head.upgrade.assign("websocket");
    head.body_size = -1;
    head.headers.Add("upgrade", fields.websocket);
  }
  return std::nullopt;
}

}  // namespace caravel::net
