#pragma once

#include <openssl/x509.h>

#include <optional>
#include <string>

// The extensions of a certificate that hold general names (RFC 5280, section
// 4.2.1.6), as Node writes them: a kind, a colon, and the name. One that could
// be taken for more than one name, by a comma, a quote or a character that is
// not printed, stands in quotes as a text of JSON.
//
// Threads: any. Nothing where the certificate has no such extension, or one
// that cannot be read. OpenSSL's errors are left to be cleared by the caller.
namespace caravel::runtime {

// "DNS:a.example, IP Address:127.0.0.1"
std::optional<std::string> AlternativeNamesOf(const X509* certificate);

// "OCSP - URI:http://…", a line for each.
std::optional<std::string> InfoAccessOf(const X509* certificate);

// An object identifier as numbers ("1.2.840.…").
std::string NumbersOf(const ASN1_OBJECT* object);

}  // namespace caravel::runtime
