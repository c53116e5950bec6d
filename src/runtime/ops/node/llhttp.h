#pragma once

#include <cstddef>
#include <cstdint>

// The part of llhttp's interface that we call. llhttp, Node's HTTP/1.1 parser,
// is in the Node binary that loads us and its symbols are exported there, but
// no header of it comes with the binary. As of llhttp 9.4; http_parser_test.cc
// holds what is declared here to the binary's.
//
// Threads: one at a time for each parser.
extern "C" {

// What a parser keeps, to which only its functions look. Larger than llhttp's
// own, which has 96 bytes.
struct llhttp_t {
  uint64_t words[32];
};

using llhttp_cb = int (*)(llhttp_t* parser);
using llhttp_data_cb = int (*)(llhttp_t* parser, const char* at, size_t length);

// Each may be null. 0 goes on; another number ends with an error. Data comes in
// as many pieces as it arrives in.
struct llhttp_settings_t {
  llhttp_cb on_message_begin = nullptr;
  llhttp_data_cb on_protocol = nullptr;
  llhttp_data_cb on_url = nullptr;
  llhttp_data_cb on_status = nullptr;
  llhttp_data_cb on_method = nullptr;
  llhttp_data_cb on_version = nullptr;
  llhttp_data_cb on_header_field = nullptr;
  llhttp_data_cb on_header_value = nullptr;
  llhttp_data_cb on_chunk_extension_name = nullptr;
  llhttp_data_cb on_chunk_extension_value = nullptr;
  // 1: no body follows; 2: nor another message.
  llhttp_cb on_headers_complete = nullptr;
  llhttp_data_cb on_body = nullptr;
  llhttp_cb on_message_complete = nullptr;
  llhttp_cb on_protocol_complete = nullptr;
  llhttp_cb on_url_complete = nullptr;
  llhttp_cb on_status_complete = nullptr;
  llhttp_cb on_method_complete = nullptr;
  llhttp_cb on_version_complete = nullptr;
  llhttp_cb on_header_field_complete = nullptr;
  llhttp_cb on_header_value_complete = nullptr;
  llhttp_cb on_chunk_extension_name_complete = nullptr;
  llhttp_cb on_chunk_extension_value_complete = nullptr;
  llhttp_cb on_chunk_header = nullptr;
  llhttp_cb on_chunk_complete = nullptr;
  llhttp_cb on_reset = nullptr;
};

// Results of llhttp_execute().
inline constexpr int HPE_OK = 0;
inline constexpr int HPE_PAUSED = 21;
inline constexpr int HPE_PAUSED_UPGRADE = 22;
inline constexpr int HPE_USER = 24;

// `settings` outlives the parser. Type 1: requests; 2: responses.
void llhttp_init(llhttp_t* parser, int type, const llhttp_settings_t* settings);
int llhttp_execute(llhttp_t* parser, const char* data, size_t length);
int llhttp_finish(llhttp_t* parser);
void llhttp_pause(llhttp_t* parser);
void llhttp_resume(llhttp_t* parser);
void llhttp_resume_after_upgrade(llhttp_t* parser);
int llhttp_get_errno(const llhttp_t* parser);
// Null where there is none.
const char* llhttp_get_error_reason(const llhttp_t* parser);
const char* llhttp_get_error_pos(const llhttp_t* parser);
// `reason` is not copied.
void llhttp_set_error_reason(llhttp_t* parser, const char* reason);
const char* llhttp_errno_name(int error);

uint8_t llhttp_get_http_major(llhttp_t* parser);
uint8_t llhttp_get_http_minor(llhttp_t* parser);
uint8_t llhttp_get_method(llhttp_t* parser);
int llhttp_get_status_code(llhttp_t* parser);
uint8_t llhttp_get_upgrade(llhttp_t* parser);
int llhttp_should_keep_alive(const llhttp_t* parser);

void llhttp_set_lenient_headers(llhttp_t* parser, int enabled);
void llhttp_set_lenient_chunked_length(llhttp_t* parser, int enabled);
void llhttp_set_lenient_keep_alive(llhttp_t* parser, int enabled);
void llhttp_set_lenient_transfer_encoding(llhttp_t* parser, int enabled);
void llhttp_set_lenient_version(llhttp_t* parser, int enabled);
void llhttp_set_lenient_data_after_close(llhttp_t* parser, int enabled);
void llhttp_set_lenient_optional_lf_after_cr(llhttp_t* parser, int enabled);
void llhttp_set_lenient_optional_crlf_after_chunk(llhttp_t* parser,
                                                  int enabled);
void llhttp_set_lenient_optional_cr_before_lf(llhttp_t* parser, int enabled);
void llhttp_set_lenient_spaces_after_chunk_size(llhttp_t* parser, int enabled);
void llhttp_set_lenient_header_value_relaxed(llhttp_t* parser, int enabled);

}  // extern "C"
