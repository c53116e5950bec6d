#pragma once

#include <cstddef>
#include <cstdint>

// The part of Ada's C interface that we call. Ada, an implementation of the URL
// Standard, is in the Node binary that loads us and its symbols are exported
// there, but no header of it comes with the binary. The C interface has been
// the same from Ada 2 to 4.
//
// Text is UTF-8. Any thread may call, one at a time for each ada_url.
extern "C" {

using ada_url = void*;

struct ada_string {  // a view of the ada_url's text, until its next change
  const char* data;
  size_t length;
};
struct ada_owned_string {  // to be freed
  const char* data;
  size_t length;
};

// Offsets into the href, and the port; 0xFFFFFFFF where there is none.
//
//   https://user:pass@example.com:1234/foo/bar?baz#quux
//         |     |    |          | ^^^^|       |   |
//         |     |    |          | |   |       |   `----- hash_start
//         |     |    |          | |   |       `--------- search_start
//         |     |    |          | |   `----------------- pathname_start
//         |     |    |          | `--------------------- port
//         |     |    |          `----------------------- host_end
//         |     |    `---------------------------------- host_start
//         |     `--------------------------------------- username_end
//         `--------------------------------------------- protocol_end
struct ada_url_components {
  uint32_t protocol_end;
  uint32_t username_end;
  uint32_t host_start;
  uint32_t host_end;
  uint32_t port;
  uint32_t pathname_start;
  uint32_t search_start;
  uint32_t hash_start;
};

// Both answer an ada_url to be freed, also when the input is refused.
ada_url ada_parse(const char* input, size_t length);
ada_url ada_parse_with_base(const char* input, size_t input_length,
                            const char* base, size_t base_length);
void ada_free(ada_url url);
bool ada_is_valid(ada_url url);

// Requires of all below: the ada_url is valid.
ada_string ada_get_href(ada_url url);
const ada_url_components* ada_get_components(ada_url url);
// 0 http, 1 not special, 2 https, 3 ws, 4 ftp, 5 wss, 6 file.
uint8_t ada_get_scheme_type(ada_url url);
ada_owned_string ada_get_origin(ada_url url);
void ada_free_owned_string(ada_owned_string text);

// Unicode ToASCII undone, label by label; one that is not valid stays as it is.
ada_owned_string ada_idna_to_unicode(const char* input, size_t length);

// False when the URL Standard's setter refuses; the URL is then as before.
bool ada_set_href(ada_url url, const char* input, size_t length);
bool ada_set_protocol(ada_url url, const char* input, size_t length);
bool ada_set_username(ada_url url, const char* input, size_t length);
bool ada_set_password(ada_url url, const char* input, size_t length);
bool ada_set_host(ada_url url, const char* input, size_t length);
bool ada_set_hostname(ada_url url, const char* input, size_t length);
bool ada_set_port(ada_url url, const char* input, size_t length);
bool ada_set_pathname(ada_url url, const char* input, size_t length);
void ada_set_search(ada_url url, const char* input, size_t length);
void ada_set_hash(ada_url url, const char* input, size_t length);

}  // extern "C"
