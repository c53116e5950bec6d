#include "storage/transaction_errors.h"

namespace caravel::storage {

Error DuplicateRow(std::string_view table, std::string_view columns) {
  return Error(ErrorCode::kConflict,
               fmt::format("table \"{}\": a row with this {} exists already",
                           table, columns));
}

Error BrokenReference() {
  return Error(ErrorCode::kConflict,
               "a row refers to another one that does not exist, or is still "
               "referred to by another");
}

Error WentOnAfterFailure() {
  return Error(ErrorCode::kInternal,
               "a statement of a transaction failed, and its function did not "
               "return the error: nothing was committed");
}

}  // namespace caravel::storage
