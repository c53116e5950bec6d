// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/general_names.h"

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "runtime/ops/crypto/openssl.h"

namespace caravel::runtime {
namespace {

using GeneralNames =
    std::unique_ptr<GENERAL_NAMES, FreeWith<&GENERAL_NAMES_free>>;
using AccessDescriptions =
    std::unique_ptr<AUTHORITY_INFO_ACCESS,
                    FreeWith<&AUTHORITY_INFO_ACCESS_free>>;

enum class NameText { kAscii, kUtf8 };

bool IsPlain(unsigned char letter, NameText text) {
  if (letter < ' ' || letter == 0x7f) return false;
  return letter < 0x80 || text == NameText::kUtf8;
}

bool MayStandBare(std::string_view name, NameText text) {
  return std::all_of(name.begin(), name.end(), [text](char letter) {
    return IsPlain(static_cast<unsigned char>(letter), text) &&
           std::string_view("\"\\,'").find(letter) == std::string_view::npos;
  });
}

// `kind` stands before the name, within its quotes, if it has any.
void AppendName(std::string_view kind, std::string_view name, NameText text,
                std::string& out) {
  if (MayStandBare(name, text)) {
    out.append(kind).append(name);
    return;
  }
  out += '"';
  out += kind;
  for (const char letter : name) {
    const auto octet = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (letter != ',' && IsPlain(octet, text)) {
      out += letter;
    } else {
      out += fmt::format("\\u{:04x}", octet);
    }
  }
  out += '"';
}

std::string_view TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

void AppendAddress(const ASN1_OCTET_STRING* address, std::string& out) {
  const std::string_view bytes = TextOf(address);
  const auto octet = [bytes](size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]));
  };
  if (bytes.size() == 4) {
    out += fmt::format("{}.{}.{}.{}", octet(0), octet(1), octet(2), octet(3));
  } else if (bytes.size() == 16) {
    for (size_t at = 0; at < bytes.size(); at += 2) {
      if (at > 0) out += ':';
      out += fmt::format("{:X}", octet(at) << 8 | octet(at + 1));
    }
  } else {
    out += fmt::format("<invalid length={}>", bytes.size());
  }
}

bool AppendDirectoryName(const X509_NAME* name, std::string& out) {
  // RFC 2253, but in UTF-8, whose escapes are those of AppendName().
  constexpr unsigned long kFlags =
      XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB & ~ASN1_STRFLGS_ESC_CTRL;
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, kFlags) < 0) {
    return false;
  }
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  AppendName("", {bytes, static_cast<size_t>(size)}, NameText::kUtf8, out);
  return true;
}

struct OtherKind {
  int number;
  std::string_view prefix;
  int type;
};
constexpr auto kOtherKinds = std::to_array<OtherKind>(
    {{NID_id_on_SmtpUTF8Mailbox, "SmtpUTF8Mailbox:", V_ASN1_UTF8STRING},
     {NID_XmppAddr, "XmppAddr:", V_ASN1_UTF8STRING},
     {NID_SRVName, "SRVName:", V_ASN1_IA5STRING},
     {NID_ms_upn, "UPN:", V_ASN1_UTF8STRING},
     {NID_NAIRealm, "NAIRealm:", V_ASN1_UTF8STRING}});

void AppendOtherName(const OTHERNAME* name, std::string& out) {
  out += "othername:";
  const int number = OBJ_obj2nid(name->type_id);
  for (const OtherKind& kind : kOtherKinds) {
    if (kind.number != number || name->value == nullptr ||
        name->value->type != kind.type) {
      continue;
    }
    AppendName(
        kind.prefix, TextOf(name->value->value.asn1_string),
        kind.type == V_ASN1_UTF8STRING ? NameText::kUtf8 : NameText::kAscii,
        out);
    return;
  }
  out += "<unsupported>";
}

bool AppendGeneralName(const GENERAL_NAME* name, std::string& out) {
  const auto text = [&out](std::string_view kind, const ASN1_STRING* value) {
    out += kind;
    AppendName("", TextOf(value), NameText::kAscii, out);
    return true;
  };
  switch (name->type) {
    case GEN_DNS:
      return text("DNS:", name->d.dNSName);
    case GEN_EMAIL:
      return text("email:", name->d.rfc822Name);
    case GEN_URI:
      return text("URI:", name->d.uniformResourceIdentifier);
    case GEN_DIRNAME:
      out += "DirName:";
      return AppendDirectoryName(name->d.directoryName, out);
    case GEN_IPADD:
      out += "IP Address:";
      AppendAddress(name->d.iPAddress, out);
      return true;
    case GEN_RID:
      out += "Registered ID:";
      out += NumbersOf(name->d.registeredID);
      return true;
    case GEN_OTHERNAME:
      AppendOtherName(name->d.otherName, out);
      return true;
    case GEN_X400:
      out += "X400Name:<unsupported>";
      return true;
    case GEN_EDIPARTY:
      out += "EdiPartyName:<unsupported>";
      return true;
    default:
      return false;
  }
}

// What the extension holds, to be freed; nullptr where it is not there or is
// none. Of several the first counts.
void* ReadExtension(const X509* certificate, int number) {
  const int at = X509_get_ext_by_NID(certificate, number, -1);
  return at < 0 ? nullptr : X509V3_EXT_d2i(X509_get_ext(certificate, at));
}

}  // namespace

std::optional<std::string> AlternativeNamesOf(const X509* certificate) {
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      ReadExtension(certificate, NID_subject_alt_name)));
  if (names == nullptr) return std::nullopt;
  std::string out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (i > 0) out += ", ";
    if (!AppendGeneralName(sk_GENERAL_NAME_value(names.get(), i), out)) {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::string> InfoAccessOf(const X509* certificate) {
  const AccessDescriptions all(static_cast<AUTHORITY_INFO_ACCESS*>(
      ReadExtension(certificate, NID_info_access)));
  if (all == nullptr) return std::nullopt;
  std::string out;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(all.get()); ++i) {
    const ACCESS_DESCRIPTION* const each =
        sk_ACCESS_DESCRIPTION_value(all.get(), i);
    std::array<char, 80> method{};
    i2t_ASN1_OBJECT(method.data(), static_cast<int>(method.size()),
                    each->method);
    if (i > 0) out += '\n';
    out += method.data();
    out += " - ";
    if (!AppendGeneralName(each->location, out)) return std::nullopt;
  }
  return out;
}

std::string NumbersOf(const ASN1_OBJECT* object) {
  std::array<char, 256> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  return text.data();
}

}  // namespace caravel::runtime
