#pragma once
// The header of a safetensors file: JSON of one shape, {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dgen::train {

struct StoredTensor {
  std::string name, type;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes behind the header
};

/// Reads the header; what "__metadata__" says is passed over. Throws `Error` file_malformed with what is wrong and where.
std::vector<StoredTensor> parse_safetensors_header(std::string_view json);

std::string safetensors_header(const std::vector<StoredTensor>& tensors);

}  // namespace dgen::train
