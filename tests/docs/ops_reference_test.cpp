#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "dgen/op.h"
#include "support/temporary_folder.h"

namespace {

const std::string page = DGEN_SOURCE_DIR "/docs/ops.md";

TEST(OpReference, IsWhatTheRecordsSay) {
  if (std::getenv("DGEN_UPDATE_DOCS")) spill(page, dgen::op_reference_markdown());
  EXPECT_TRUE(slurp(page) == dgen::op_reference_markdown())
      << page << " is not what the records of the ops say; write it anew with DGEN_UPDATE_DOCS=1 before this program";
}

TEST(OpRecord, HasANameOfItsOwnADocAndAReadableSignature) {
  std::set<std::string_view> names;
  for (const dgen::OpDef* op : dgen::all_ops()) {
    EXPECT_TRUE(names.insert(op->name).second) << op->name;
    EXPECT_FALSE(op->doc.empty()) << op->name;
    EXPECT_EQ(op->doc.find('\n'), std::string_view::npos) << op->name;
    EXPECT_NO_THROW(signature(*op)) << op->name;
    EXPECT_EQ(dgen::find_op(op->name), op);
  }
}

/// The whole list of the original system.
TEST(OpRecord, ExistsForEveryOpOfTheOriginalButLosses) {
  for (const char* name :
       {"add",          "sub",     "mul",      "div",   "abs",    "sign",       "floor",        "mod",           "pow",
        "min",          "max",     "gt",       "lt",    "gte",    "lte",        "eq",           "sin",           "cos",
        "tan",          "asin",    "acos",     "atan",  "exp",    "log",        "log10",        "sqrt",          "phasor",
        "accum",        "latch",   "click",    "delay", "biquad", "compressor", "history_read", "history_write", "memory_read",
        "memory_write", "gswitch", "selector", "seq",   "mix"}) {
    EXPECT_NE(dgen::find_op(name), nullptr) << name;
  }
}

}  // namespace
