// Weights in safetensors files: bytes as the format says, and what is refused.

#include "dgen/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen;

std::string length_of(std::size_t count) {
  std::string bytes;
  for (int k = 0; k < 8; ++k) bytes += static_cast<char>(count >> 8 * k & 255);
  return bytes;
}

std::string file_of(const std::string& header, const std::string& data) { return length_of(header.size()) + header + data; }

std::string floats(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) {
    for (int k = 0; k < 4; ++k) bytes += static_cast<char>(std::bit_cast<std::uint32_t>(value) >> 8 * k & 255);
  }
  return bytes;
}

class Safetensors : public ::testing::Test {
 protected:
  const TemporaryFolder folder;
  const std::string path = folder / "weights.safetensors";

  void refuse(const std::string& header, const std::string& data, const std::string& why) {
    spill(path, file_of(header, data));
    expect_error(ErrorCode::file_malformed, why, [&] { read_safetensors(path); });
  }
};

/// As the Python package `safetensors` 0.8 writes {"b": [1, 2, 3], "a": [[4], [5]]}, with metadata and spaces behind.
TEST_F(Safetensors, ReadsAFileOfTheFormat) {
  spill(path,
        file_of(R"( {"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},)"
                R"("a\u00e9\"":{"dtype":"F64","shape":[2, 1],"data_offsets":[12,28]}}   )",
                floats({1, 2, 3}) + length_of(std::bit_cast<std::uint64_t>(4.0)) + length_of(std::bit_cast<std::uint64_t>(5.5))));
  const std::vector<NamedTensor> read = read_safetensors(path);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].values, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(read[1].name, "a\xc3\xa9\"");
  EXPECT_EQ(to_string(read[1].shape), "[2, 1]");
  EXPECT_EQ(read[1].values, (std::vector<double>{4, 5.5}));
}

TEST_F(Safetensors, BringsBackWhatItWrote) {
  Graph g;
  g.param("gain", 0.5);
  g.param("net.weight", extents({2, 3}), initial::Normal{.seed = 1});
  Parameters saved(g), loaded(g);
  saved.set("gain", 0.1);
  for (const Stored stored : {Stored::f32, Stored::f64}) {
    save_weights(saved, path, stored);
    load_weights(loaded, path);
    for (std::size_t k = 0; k < saved.values().size(); ++k) {
      const double value = saved.values()[k];
      EXPECT_EQ(loaded.values()[k], stored == Stored::f64 ? value : static_cast<double>(static_cast<float>(value)));
    }
  }
  EXPECT_EQ(slurp(path).substr(8, 20), R"({"gain":{"dtype":"F6)");
}

/// 0.1 as float32 is larger than 0.1.
TEST_F(Safetensors, BringsBackTheEndsOfRanges) {
  Graph g;
  g.param("w", extents({2}), initial::Values{{-0.1, 0.1}}, {.min = -0.1, .max = 0.1});
  Parameters parameters(g);
  save_weights(parameters, path);
  load_weights(parameters, path);
  EXPECT_EQ(parameters.values()[0], -0.1);
  EXPECT_EQ(parameters.values()[1], 0.1);
  const NamedTensor beyond{"w", extents({2}), {0, 0.1001}};
  write_safetensors(path, std::span(&beyond, 1));
  expect_error(ErrorCode::state_mismatch, "outside the range", [&] { load_weights(parameters, path); });
}

TEST_F(Safetensors, SaysWhatIsWrongWithAFile) {
  const std::string one = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", data = floats({1, 2});
  refuse(one, floats({1}), "lies at bytes 0 … 8 of 4: the file is truncated");
  refuse(one, data + "x", "its last 1 bytes belong to no tensor");
  refuse(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", data, "'w' has the shape [3] in F32 and 8 bytes");
  refuse(R"({"w":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}})", data, "'w' is stored as BF16; DGen reads F32 and F64");
  refuse(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})", "", "has an axis of 0 elements");
  refuse(R"({"w":{"dtype":"F32","shape":[1,1,1,1,1,1,1],"data_offsets":[0,4]}})", floats({1}), "has 7 axes");
  const std::string first = R"({"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)";
  refuse(first + R"("w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", data, "'w' overlaps the one before it");
  refuse(first + R"("w":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})", floats({1, 2, 3, 4}),
         "'w' leaves a gap of 4 bytes");
  refuse(first + R"("v":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})", data, "two tensors 'v'");
  refuse(R"({"w":{"dtype":"F32","shape":[2]}})", data, "lacks its dtype, shape or data_offsets");
  refuse(R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", data, "a whole number from 0 on is missing");
  refuse(R"({"w")", data, "a ':' is missing");
  spill(path, length_of(1000) + "{}");
  expect_error(ErrorCode::file_malformed, "its header has 1000 bytes", [&] { read_safetensors(path); });
  spill(path, "RIFFabcdWAVE");
  expect_error(ErrorCode::file_malformed, "it is no safetensors file", [&] { read_safetensors(path); });
  spill(path, "abc");
  expect_error(ErrorCode::file_malformed, "truncated: it has 3 bytes", [&] { read_safetensors(path); });
}

TEST_F(Safetensors, WritesNothingThatReadsBackAsSomethingElse) {
  const auto refuse_to_write = [&](const NamedTensor& t, const std::string& why) {
    expect_error(ErrorCode::bad_value, why, [&] { write_safetensors(path, std::span(&t, 1)); });
    EXPECT_FALSE(std::filesystem::exists(path));
  };
  refuse_to_write({"__metadata__", extents({1}), {1}}, "'__metadata__' has a name that the format keeps for itself");
  const NamedTensor large{"w", extents({2}), {1, -1e39}};
  refuse_to_write(large, "'w' holds -1e+39 as element 1, which is beyond float32; write it as Stored::f64");
  write_safetensors(path, std::span(&large, 1), Stored::f64);
  EXPECT_EQ(read_safetensors(path)[0].values, large.values);
}

TEST_F(Safetensors, SaysWhatDoesNotGoWithThePatch) {
  Graph g;
  g.param("w", extents({2}), initial::Constant{1});
  g.param("b", 0);
  Parameters parameters(g);
  const auto expect = [&](const NamedTensor& t, const std::string& why) {
    write_safetensors(path, std::span(&t, 1));
    expect_error(ErrorCode::state_mismatch, why, [&] { load_weights(parameters, path); });
  };
  expect({"w", extents({1, 2}), {1, 2}}, "'w' has the shape [1, 2], the parameter [2]");
  expect({"v", extents({2}), {1, 2}}, "there is no parameter 'v'");
  expect({"w", extents({2}), {1, 2}}, "it has no tensor for parameter 'b'");
  load_weights(parameters, path, Weights::some);
  EXPECT_EQ(parameters.values()[1], 2);
}

}  // namespace
