#pragma once
// The caller's mistakes (`Error`, one catalogue of codes) and our own (`InternalError`).

#include <stdexcept>
#include <string>
#include <string_view>

namespace dgen {

/// What kind of mistake the caller made. `code_name` gives the text that messages and `--json` output carry.
enum class ErrorCode {
  bad_arity,            ///< an op got too few or too many inputs
  mixed_graphs,         ///< signals of two graphs were combined
  bad_value,            ///< a number outside what is allowed, or not a number
  bad_type,             ///< a table where a signal is needed, two hops joined, shapes that do not broadcast
  bad_feedback,         ///< a feedback handle that was never closed, or closed twice
  loop_without_delay,   ///< a feedback loop in which no time passes
  unknown_op,           ///< no op of that name
  unknown_name,         ///< a parameter, state or variable that does not exist
  duplicate_name,       ///< two parameters of one name
  syntax,               ///< patch text that does not parse
  compiler_missing,     ///< no C compiler was found
  compiler_failed,      ///< the C compiler refused the generated source
  file_unreadable,      ///< a file cannot be opened or read
  file_malformed,       ///< a file's contents are not what its format says
  file_unwritable,      ///< a file cannot be created or written
  device_unavailable,   ///< no audio device, or it refuses the format
  backend_unavailable,  ///< the back end is not present on this machine
  state_mismatch,       ///< saved state of another patch or version
  limit_exceeded,       ///< larger than this build or machine allows
  not_finite,           ///< a loss, gradient or parameter became infinite or not a number
};

/// The code's text, such as "loop-without-delay".
std::string_view code_name(ErrorCode code);

/// A mistake in what the caller asked for. The text says what was wrong, where, and what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// A mistake of DGen itself: an invariant that does not hold.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws `InternalError` unless `holds`. `what_must_hold` is a sentence about the invariant.
inline void check(bool holds, std::string_view what_must_hold) {
  if (!holds) throw InternalError("internal error, this must hold: " + std::string(what_must_hold));
}

}  // namespace dgen
