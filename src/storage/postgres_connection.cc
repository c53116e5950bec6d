// Values travel in binary form (PostgreSQL manual, "Frontend/Backend
// Protocol"): integers and doubles in network byte order, text and bytes as
// they are.
#include "storage/postgres_connection.h"

#include <libpq-fe.h>

#include <bit>
#include <type_traits>
#include <utility>

#include "storage/postgres_errors.h"
#include "storage/postgres_sql.h"

namespace caravel::storage {
namespace {

// From the server's catalogue (pg_type.dat): fixed for ever.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kVarchar = 1043;
constexpr Oid kUnknown = 0;  // the server finds out

constexpr int kBinary = 1;

std::string ToNetworkOrder(uint64_t bits) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(bits >> shift));
  }
  return bytes;
}

uint64_t FromNetworkOrder(std::string_view bytes) {
  uint64_t bits = 0;
  for (const char c : bytes) bits = bits << 8 | static_cast<unsigned char>(c);
  return bits;
}

// The values of one statement, in the arrays that libpq wants.
class Parameters {
 public:
  explicit Parameters(std::span<const SqlValue> values) {
    owned_.reserve(values.size());
    for (const SqlValue& value : values) Add(value);
  }

  int count() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Add(const SqlValue& value) {
    std::visit(
        [&](const auto& held) {
          using T = std::remove_cvref_t<decltype(held)>;
          if constexpr (std::is_same_v<T, std::monostate>) {
            Push(kUnknown, nullptr, 0);
          } else if constexpr (std::is_same_v<T, int64_t>) {
            PushNumber(kInt8, static_cast<uint64_t>(held));
          } else if constexpr (std::is_same_v<T, double>) {
            PushNumber(kFloat8, std::bit_cast<uint64_t>(held));
          } else if constexpr (std::is_same_v<T, std::string>) {
            Push(kText, held.data(), held.size());
          } else {
            Push(kBytea, held.data.data(), held.data.size());
          }
        },
        value.storage());
  }
  void PushNumber(Oid type, uint64_t bits) {
    const std::string& bytes = owned_.emplace_back(ToNetworkOrder(bits));
    Push(type, bytes.data(), bytes.size());
  }
  void Push(Oid type, const char* data, size_t size) {
    types_.push_back(type);
    values_.push_back(data);
    lengths_.push_back(static_cast<int>(size));
    formats_.push_back(kBinary);
  }

  std::vector<std::string> owned_;  // reserved: never moves
  std::vector<Oid> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

Result<SqlValue> ReadField(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return SqlValue();
  const std::string_view bytes(
      PQgetvalue(result, row, column),
      static_cast<size_t>(PQgetlength(result, row, column)));
  const uint64_t bits = FromNetworkOrder(bytes.substr(0, 8));
  switch (PQftype(result, column)) {
    case kInt8:
      return SqlValue(static_cast<int64_t>(bits));
    case kInt4:
      return SqlValue(int64_t{static_cast<int32_t>(bits)});
    case kInt2:
      return SqlValue(int64_t{static_cast<int16_t>(bits)});
    case kBool:
      return SqlValue(static_cast<int64_t>(bits));
    case kFloat8:
      return SqlValue(std::bit_cast<double>(bits));
    case kFloat4:
      return SqlValue(static_cast<double>(
          std::bit_cast<float>(static_cast<uint32_t>(bits))));
    case kText:
    case kVarchar:
      return SqlValue(bytes);
    case kBytea:
      return SqlValue(Bytes{std::string(bytes)});
    default:
      return Error(
                 ErrorCode::kInternal,
                 fmt::format("column \"{}\" has the PostgreSQL type {}, which "
                             "is none of INTEGER, REAL, TEXT and BLOB",
                             PQfname(result, column), PQftype(result, column)))
          .Remedy("CAST it in the statement");
  }
}

Result<SqlAnswer> ReadAnswer(const PGresult* result, std::string_view changed) {
  SqlAnswer answer;
  const int columns = PQnfields(result);
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<SqlValue> values;
    values.reserve(static_cast<size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      CARAVEL_TRY(SqlValue value, ReadField(result, row, column));
      values.push_back(std::move(value));
    }
    answer.rows.emplace_back(std::move(values));
  }
  for (const char digit : changed) {
    answer.changed = answer.changed * 10 + static_cast<uint64_t>(digit - '0');
  }
  return answer;
}

std::string FieldOf(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

}  // namespace

void PostgresConnection::Finish::operator()(pg_conn* handle) const {
  PQfinish(handle);
}

void PostgresConnection::Clear::operator()(pg_result* result) const {
  PQclear(result);
}

PostgresConnection::~PostgresConnection() = default;

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const std::string& address) {
  // Later keys win, but those in `address` are expanded where dbname stands.
  const char* const keys[] = {"connect_timeout", "application_name", "dbname",
                              "client_encoding", "options",          nullptr};
  const char* const values[] = {"5",
                                "caravel",
                                address.c_str(),
                                "UTF8",
                                "-c client_min_messages=warning",
                                nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(keys, values, 1)));
  pg_conn* handle = connection->handle_.get();
  if (PQstatus(handle) == CONNECTION_OK) return connection;
  // libpq gives no SQLSTATE for a connection that was refused.
  const std::string message = PQerrorMessage(handle);
  const bool was_denied =
      message.find("authentication failed") != std::string::npos ||
      message.find("pg_hba.conf") != std::string::npos ||
      message.find("does not exist") != std::string::npos;
  if (was_denied) return PostgresDenied(message);
  return PostgresAway(message);
}

bool PostgresConnection::is_broken() const {
  return PQstatus(handle_.get()) != CONNECTION_OK;
}

Status PostgresConnection::CheckAnswer(const Answer& answer,
                                       std::string_view sql) {
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  if (answer == nullptr) return PostgresAway(PQerrorMessage(handle_.get()));
  PostgresFailure failure = {
      .state = FieldOf(answer.get(), PG_DIAG_SQLSTATE),
      .message = FieldOf(answer.get(), PG_DIAG_MESSAGE_PRIMARY),
      .detail = FieldOf(answer.get(), PG_DIAG_MESSAGE_DETAIL),
      .table = FieldOf(answer.get(), PG_DIAG_TABLE_NAME)};
  if (failure.message.empty()) failure.message = PQerrorMessage(handle_.get());
  conflict_ |= IsPostgresConflict(failure.state);
  return PostgresError(failure, sql);
}

Result<SqlAnswer> PostgresConnection::Run(std::string_view sql,
                                          std::span<const SqlValue> values) {
  const Parameters parameters(values);
  const Answer answer(PQexecParams(handle_.get(), ToPostgresSql(sql).c_str(),
                                   parameters.count(), parameters.types(),
                                   parameters.values(), parameters.lengths(),
                                   parameters.formats(), kBinary));
  CARAVEL_TRY(CheckAnswer(answer, sql));
  // SELECT counts the rows that it returned, which changed nothing.
  const bool selected =
      std::string_view(PQcmdStatus(answer.get())).starts_with("SELECT");
  return ReadAnswer(answer.get(), selected ? "" : PQcmdTuples(answer.get()));
}

Status PostgresConnection::ExecuteScript(std::string_view sql) {
  const Answer answer(PQexec(handle_.get(), ToPostgresSql(sql).c_str()));
  return CheckAnswer(answer, sql);
}

}  // namespace caravel::storage
