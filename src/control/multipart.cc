#include "control/multipart.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/lower_case.h"

// The body is cut at delimiter lines: CRLF, "--", boundary. The first one may
// stand at the very start. Behind a delimiter come either "--" and the end, or
// padding, CRLF, a header block, an empty line and the content. Searching goes
// forward only, so the work is linear in the body's size.
namespace caravel::api {
namespace {

constexpr std::string_view kCrlf = "\r\n";
constexpr size_t kLongestBoundary = 70;       // RFC 2046, section 5.1.1
constexpr size_t kLongestHeaderBlock = 4096;  // of one part

Error Malformed(std::string_view what) {
  return Error(ErrorCode::kInvalid, fmt::format("multipart body: {}", what))
      .Remedy("send multipart/form-data as RFC 7578 has it");
}

std::string_view Trim(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// HTML, "multipart/form-data encoding algorithm": the three escapes of a name.
std::string Unescape(std::string text) {
  for (const auto& [escape, character] :
       {std::pair{"%22", "\""}, {"%0D", "\r"}, {"%0A", "\n"}}) {
    for (size_t at = text.find(escape); at != std::string::npos;
         at = text.find(escape, at + 1)) {
      text.replace(at, 3, character);
    }
  }
  return text;
}

Status TakeHeader(std::string_view line, Part& part) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return Malformed("a part has a header line without a name");
  }
  const std::string name = base::LowerCase(line.substr(0, colon));
  const std::string_view value = Trim(line.substr(colon + 1));
  if (name == "content-disposition") {
    if (MediaType(value) != "form-data") {
      return Malformed("a part's Content-Disposition is not form-data");
    }
    part.name = Unescape(HeaderParameter(value, "name"));
    part.file_name = Unescape(HeaderParameter(value, "filename"));
  } else if (name == "content-type") {
    part.content_type = MediaType(value);
    part.content_type_line = value;
  } else if (name == "content-transfer-encoding") {
    const std::string encoding = base::LowerCase(value);
    if (encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
      return Malformed(fmt::format(
          "a part's Content-Transfer-Encoding is \"{}\", only binary is "
          "understood",
          encoding));
    }
  }
  return {};
}

// Takes the header block from the front of `rest` and leaves the content.
Status TakeHeaders(std::string_view& rest, Part& part) {
  for (size_t taken = 0;;) {
    const size_t end = rest.find(kCrlf);
    if (end == std::string_view::npos) {
      return Malformed("a part ends within its headers");
    }
    taken += end + kCrlf.size();
    if (taken > kLongestHeaderBlock) {
      return Malformed(fmt::format("a part's headers are longer than {} bytes",
                                   kLongestHeaderBlock));
    }
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + kCrlf.size());
    if (line.empty()) break;
    CARAVEL_TRY(TakeHeader(line, part));
  }
  return part.name.empty()
             ? Malformed("a part has no Content-Disposition with a name")
             : Status();
}

Result<std::string> Boundary(std::string_view content_type) {
  if (MediaType(content_type) != "multipart/form-data") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("Content-Type \"{}\": this request needs "
                             "multipart/form-data",
                             content_type.substr(0, 100)))
        .Remedy("send multipart/form-data as RFC 7578 has it");
  }
  std::string boundary = HeaderParameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > kLongestBoundary) {
    return Malformed(
        fmt::format("Content-Type needs a boundary of 1 to {} characters",
                    kLongestBoundary));
  }
  return boundary;
}

}  // namespace

std::string MediaType(std::string_view value) {
  return base::LowerCase(Trim(value.substr(0, value.find(';'))));
}

std::string HeaderParameter(std::string_view value, std::string_view name) {
  size_t at = value.find(';');
  while (at < value.size()) {
    const size_t equals = value.find('=', at);
    if (equals == std::string_view::npos) return {};
    const bool found =
        base::LowerCase(Trim(value.substr(at + 1, equals - at - 1))) == name;
    std::string text;
    if (value.substr(equals + 1).starts_with('"')) {
      at = equals + 2;
      for (; at < value.size() && value[at] != '"'; ++at) {
        if (value[at] == '\\' && at + 1 < value.size()) ++at;
        text += value[at];
      }
      if (at >= value.size()) return {};  // no closing quote
      at = value.find(';', at);
    } else {
      at = std::min(value.find(';', equals), value.size());
      text = Trim(value.substr(equals + 1, at - equals - 1));
    }
    if (found) return text;
  }
  return {};
}

Result<std::vector<Part>> ParseMultipart(std::string_view content_type,
                                         std::string_view body) {
  CARAVEL_TRY(const std::string boundary, Boundary(content_type));
  const std::string delimiter = "\r\n--" + boundary;
  const std::string_view first = std::string_view(delimiter).substr(2);
  std::string_view rest = body;
  if (rest.starts_with(first)) {
    rest.remove_prefix(first.size());
  } else {
    const size_t preamble = rest.find(delimiter);
    if (preamble == std::string_view::npos) {
      return Malformed("the boundary does not occur in it");
    }
    rest.remove_prefix(preamble + delimiter.size());
  }

  std::vector<Part> parts;
  while (!rest.starts_with("--")) {
    const size_t padding = rest.find_first_not_of(" \t");
    rest.remove_prefix(std::min(padding, rest.size()));
    if (!rest.starts_with(kCrlf)) {
      return Malformed("a boundary is not followed by the end of its line");
    }
    rest.remove_prefix(kCrlf.size());
    if (parts.size() == kMostParts) {
      return Malformed(fmt::format("it has more than {} parts", kMostParts));
    }
    Part& part = parts.emplace_back();
    CARAVEL_TRY(TakeHeaders(rest, part));
    // An empty part's delimiter shares the line end of its empty header line.
    size_t end = 0;
    size_t delimiter_size = first.size();
    if (!rest.starts_with(first)) {
      end = rest.find(delimiter);
      delimiter_size = delimiter.size();
    }
    if (end == std::string_view::npos) {
      return Malformed(
          fmt::format("part \"{}\" has no boundary behind it", part.name));
    }
    part.content = rest.substr(0, end);
    rest.remove_prefix(end + delimiter_size);
  }
  return parts;
}

}  // namespace caravel::api
