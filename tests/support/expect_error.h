#pragma once
// Must-fail programs: what they throw, and what the message says.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "dgen/error.h"

/// Expects `program` to throw an `Error` of this code whose text holds `part`.
inline void expect_error(dgen::ErrorCode code, const std::string& part, const std::function<void()>& program) {
  try {
    program();
    ADD_FAILURE() << "accepted; expected an error that says: " << part;
  } catch (const dgen::Error& error) {
    EXPECT_EQ(dgen::code_name(error.code()), dgen::code_name(code)) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what() << "\nlacks: " << part;
  }
}
