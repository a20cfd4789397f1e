// A file is the header's length as u64, the header, and the numbers; all little end first.

#include "dgen/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "base/bytes.h"
#include "base/text.h"
#include "base/whole_file.h"
#include "dgen/error.h"
#include "train/safetensors_header.h"

namespace dgen {

namespace {

using train::StoredTensor;

constexpr std::uint64_t longest_header = 100'000'000;  // bytes, as the format says

constexpr std::string_view reserved = "__metadata__";  // of the header: texts, no tensor

std::size_t bytes_each(Stored stored) { return stored == Stored::f32 ? 4 : 8; }

double number_at(std::string_view bytes, std::size_t width) {
  std::uint64_t bits = 0;
  for (std::size_t k = width; k-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[k]);
  return width == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))) : std::bit_cast<double>(bits);
}

/// What is wrong with one tensor, in words.
[[noreturn]] void refuse(const StoredTensor& t, const std::string& what) {
  throw Error(ErrorCode::file_malformed, "tensor '" + t.name + "' " + what);
}

Shape shape_of(const StoredTensor& t) {
  Shape shape;
  if (t.shape.size() > shape.extent.size())
    refuse(t, "has " + std::to_string(t.shape.size()) + " axes; DGen's have up to " + std::to_string(shape.extent.size()));
  std::uint64_t elements = 1;
  for (const std::uint64_t extent : t.shape) {
    if (extent < 1 || extent > std::numeric_limits<std::int32_t>::max() ||
        elements > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / extent)
      refuse(t, "has an axis of " + std::to_string(extent) + " elements");
    elements *= extent;
    shape.extent[static_cast<std::size_t>(shape.rank++)] = static_cast<std::int32_t>(extent);
  }
  return shape;
}

NamedTensor tensor_of(const StoredTensor& t, std::string_view data) {
  if (t.type != "F32" && t.type != "F64") refuse(t, "is stored as " + t.type + "; DGen reads F32 and F64");
  const std::size_t width = t.type == "F32" ? 4 : 8;
  NamedTensor made{.name = t.name, .shape = shape_of(t)};
  if (t.begin > t.end || t.end > data.size())
    refuse(t, "lies at bytes " + std::to_string(t.begin) + " … " + std::to_string(t.end) + " of " + std::to_string(data.size()) +
                  ": the file is truncated, or its header wrong");
  const auto elements = static_cast<std::uint64_t>(made.shape.elements());
  if ((t.end - t.begin) / width != elements || (t.end - t.begin) % width != 0)
    refuse(t, "has the shape " + to_string(made.shape) + " in " + t.type + " and " + std::to_string(t.end - t.begin) + " bytes");
  for (std::uint64_t at = t.begin; at < t.end; at += width) made.values.push_back(number_at(data.substr(at), width));
  return made;
}

std::vector<NamedTensor> tensors_of(std::string_view bytes) {
  const auto malformed = [](const std::string& what) { return Error(ErrorCode::file_malformed, what); };
  if (bytes.size() < 8) throw malformed("it is truncated: it has " + std::to_string(bytes.size()) + " bytes");
  const std::uint64_t header = base::ByteReader(bytes).whole();
  if (header > longest_header)
    throw malformed("it is no safetensors file: its header would be " + std::to_string(header) + " bytes long");
  if (header > bytes.size() - 8)
    throw malformed("it is truncated: its header has " + std::to_string(header) + " bytes, and there are " +
                    std::to_string(bytes.size() - 8));
  std::vector<StoredTensor> stored = train::parse_safetensors_header(bytes.substr(8, header));
  const std::string_view data = bytes.substr(8 + header);
  std::ranges::stable_sort(stored, {}, &StoredTensor::begin);
  std::vector<NamedTensor> tensors;
  std::uint64_t end = 0;
  for (const StoredTensor& t : stored) {
    tensors.push_back(tensor_of(t, data));
    if (t.begin < end) refuse(t, "overlaps the one before it");
    if (t.begin > end) refuse(t, "leaves a gap of " + std::to_string(t.begin - end) + " bytes before it");
    end = t.end;
  }
  if (end < data.size()) throw malformed("its last " + std::to_string(data.size() - end) + " bytes belong to no tensor");
  return tensors;
}

/// Throws unless the tensor can be written as it is.
void check_writable(const NamedTensor& t, Stored stored) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::bad_value, "write_safetensors: tensor '" + t.name + "' " + why);
  };
  if (t.name == reserved) refuse("has a name that the format keeps for itself; give it another");
  if (std::ssize(t.values) != t.shape.elements())
    refuse("has the shape " + to_string(t.shape) + " and " + std::to_string(t.values.size()) + " values");
  if (stored == Stored::f64) return;
  for (std::size_t k = 0; k < t.values.size(); ++k) {
    if (!std::isfinite(t.values[k]) || std::isfinite(static_cast<float>(t.values[k]))) continue;
    refuse("holds " + base::number_text(t.values[k]) + " as element " + std::to_string(k) +
           ", which is beyond float32; write it as Stored::f64");
  }
}

const NamedTensor* find(std::span<const NamedTensor> tensors, const std::string& name) {
  const auto found = std::ranges::find(tensors, name, &NamedTensor::name);
  return found == tensors.end() ? nullptr : &*found;
}

}  // namespace

std::vector<NamedTensor> read_safetensors(const std::string& path) {
  const std::string bytes = base::read_whole_file(path);
  try {
    return tensors_of(bytes);
  } catch (const Error& error) {
    throw Error(error.code(), "the weights '" + path + "': " + error.what());
  }
}

void write_safetensors(const std::string& path, std::span<const NamedTensor> tensors, Stored stored) {
  std::vector<StoredTensor> list;
  std::set<std::string> names;
  base::ByteWriter data;
  std::uint64_t end = 0;
  for (const NamedTensor& t : tensors) {
    if (!names.insert(t.name).second)
      throw Error(ErrorCode::duplicate_name, "write_safetensors: there are two tensors '" + t.name + "'");
    check_writable(t, stored);
    StoredTensor& made = list.emplace_back(StoredTensor{.name = t.name, .type = stored == Stored::f32 ? "F32" : "F64"});
    for (int axis = 0; axis < t.shape.rank; ++axis)
      made.shape.push_back(static_cast<std::uint64_t>(t.shape.extent[static_cast<std::size_t>(axis)]));
    made.begin = end;
    made.end = end += t.values.size() * bytes_each(stored);
    for (const double value : t.values) {
      const std::uint64_t bits =
          stored == Stored::f32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value)) : std::bit_cast<std::uint64_t>(value);
      std::string bytes;
      for (std::size_t k = 0; k < bytes_each(stored); ++k) bytes += static_cast<char>(bits >> 8 * k & 255);
      data.bytes(bytes);
    }
  }
  const std::string header = train::safetensors_header(list);
  base::ByteWriter file;
  file.whole(header.size());
  file.bytes(header);
  file.bytes(data.take());
  base::replace_whole_file(path, file.take());
}

void load_weights(Parameters& parameters, const std::string& path, Weights wanted) {
  const std::vector<NamedTensor> tensors = read_safetensors(path);
  const auto mismatch = [&](const std::string& what) {
    return Error(ErrorCode::state_mismatch, "the weights '" + path + "' do not go with this patch: " + what);
  };
  for (const NamedTensor& t : tensors) {
    const auto known = std::ranges::find(parameters.list(), t.name, &Parameter::name);
    if (known == parameters.list().end()) throw mismatch("there is no parameter '" + t.name + "'");
    if (known->shape != t.shape)
      throw mismatch("'" + t.name + "' has the shape " + to_string(t.shape) + ", the parameter " + to_string(known->shape));
    for (const double value : t.values) {
      if (!std::isfinite(value)) throw mismatch("'" + t.name + "' holds what is not a finite number");
      const float nearest = static_cast<float>(std::clamp(value, known->min, known->max));
      if (static_cast<float>(value) != nearest)  // the end of a range, written as F32, may lie a rounding beyond it
        throw mismatch("'" + t.name + "' holds " + base::number_text(value) + ", which is outside the range of the parameter");
    }
  }
  for (const Parameter& p : parameters.list()) {
    if (wanted == Weights::all && !find(tensors, p.name)) throw mismatch("it has no tensor for parameter '" + p.name + "'");
  }
  Parameters changed = parameters;
  for (const NamedTensor& t : tensors) changed.set(t.name, t.values);
  std::ranges::copy(changed.values(), parameters.values().begin());
}

void save_weights(const Parameters& parameters, const std::string& path, Stored stored) {
  std::vector<NamedTensor> tensors;
  for (int k = 0; k < parameters.count(); ++k) {
    const std::span<const double> values = parameters.values(k);
    tensors.push_back({parameters[k].name, parameters[k].shape, {values.begin(), values.end()}});
  }
  write_safetensors(path, tensors, stored);
}

}  // namespace dgen
