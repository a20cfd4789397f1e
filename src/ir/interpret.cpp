#include "ir/interpret.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "dgen/error.h"
#include "ir/element.h"

namespace dgen::ir {

namespace {

/// One call of a function or kernel.
class Frame {
 public:
  Frame(const Module& module, const Function& function, std::span<const Lanes> arguments, Memory* memory,
        const InterpretOptions& options)
      : module_(module), function_(function), arguments_(arguments), memory_(memory), options_(options),
        values_(function.values.size()), variables_(function.variables.size()) {
    check(arguments.size() == function.arguments.size(), "a function is called with as many arguments as it takes");
    for (std::size_t k = 0; k < arguments.size(); ++k) {
      check(arguments[k].type == function.arguments[k], "an argument has the type that the function declares");
      check(static_cast<int>(arguments[k].bits.size()) == count(arguments[k].type), "an argument has one element per lane");
    }
  }

  void run() { block(function_.body); }
  const Lanes& value(int id) const {
    const Lanes& found = values_[static_cast<std::size_t>(id)];
    check(!found.bits.empty(), "a value is computed before it is used");
    return found;
  }

 private:
  int count(Type type) const { return type.octet ? octet_elements : type.wide ? options_.lanes : 1; }
  std::int32_t integer(int id) const { return static_cast<std::int32_t>(value(id).bits[0]); }

  /// Checks that `elements` elements from `first` lie in the buffer or its padding, and returns their first byte.
  std::byte* bytes_at(int buffer, std::int64_t first, int elements) {
    const Buffer& b = module_.buffers[static_cast<std::size_t>(buffer)];
    check(memory_ != nullptr, "a function that returns a value does not touch buffers");
    if (first < 0 || first >= b.size || first + elements > b.size + padding) {
      throw InternalError("internal error: element " + std::to_string(first) + " of buffer " + b.name + ", which has " +
                          std::to_string(b.size));
    }
    return (*memory_)[static_cast<std::size_t>(buffer)].data() + first * bytes(b.scalar);
  }

  void transfer(Lanes& lanes, int buffer, std::int64_t first, bool store) {
    const auto size = static_cast<std::size_t>(bytes(lanes.type.scalar));
    std::byte* at = bytes_at(buffer, first, static_cast<int>(lanes.bits.size()));
    for (std::uint64_t& element : lanes.bits) {
      static_assert(std::endian::native == std::endian::little, "elements are the low bytes of their bits");
      store ? std::memcpy(at, &element, size) : std::memcpy(&element, at, size);
      at += size;
    }
  }

  Lanes memory_value(const Instr& v) {
    Lanes result{v.type, std::vector<std::uint64_t>(static_cast<std::size_t>(count(v.type)))};
    if (v.code == Code::load || v.code == Code::load_once) {
      transfer(result, v.ref, integer(v.args[0]), false);
      return result;
    }
    if (v.code == Code::load_back) {
      transfer(result, v.ref, integer(v.args[0]) - (options_.lanes - 1), false);
      std::reverse(result.bits.begin(), result.bits.end());
      return result;
    }
    const Lanes& index = value(v.args[0]);
    for (std::size_t k = 0; k < result.bits.size(); ++k) {
      Lanes one{{v.type.scalar, false}, {0}};
      transfer(one, v.ref, static_cast<std::int32_t>(index.bits[k]), false);
      result.bits[k] = one.bits[0];
    }
    return result;
  }

  Lanes call(const Instr& v) {
    std::vector<Lanes> passed;
    for (const int id : v.args)
      if (id >= 0) passed.push_back(value(id));
    return evaluate(module_, module_.functions[static_cast<std::size_t>(v.ref)], passed, options_);
  }

  Lanes elementwise(const Instr& v) {
    Lanes result{v.type, std::vector<std::uint64_t>(static_cast<std::size_t>(count(v.type)))};
    const auto operand = [&](std::size_t k, std::size_t lane) {
      return v.args[k] >= 0 ? value(v.args[k]).bits[lane] : std::uint64_t{0};
    };
    for (std::size_t k = 0; k < result.bits.size(); ++k) {
      result.bits[k] =
          element_of(v, value(v.args[0]).type.scalar, operand(0, k), operand(1, k), operand(2, k), options_.flush_denormals);
    }
    return result;
  }

  Lanes filled(Type type, std::uint64_t bits) const { return {type, std::vector(static_cast<std::size_t>(count(type)), bits)}; }

  Lanes permuted(const Instr& v) const {
    const std::vector<std::uint64_t>&a = value(v.args[0]).bits, &b = value(v.args[1]).bits;
    check(static_cast<int>(a.size()) == module_.lanes, "a module of fixed lanes runs on vectors of so many");
    Lanes result{v.type, std::vector<std::uint64_t>(a.size())};
    for (std::size_t k = 0; k < a.size(); ++k) {
      const auto from = static_cast<std::size_t>(v.pattern[k]);
      result.bits[k] = from < a.size() ? a[from] : b[from - a.size()];
    }
    return result;
  }

  Lanes rearranged(const Instr& v) const {
    const std::vector<std::uint64_t>&a = value(v.args[0]).bits, &b = value(v.args[1]).bits;
    Lanes result{v.type, std::vector<std::uint64_t>(a.size())};
    const std::size_t lanes = a.size(), half = v.code == Code::interleave_high ? lanes / 2 : 0, odd = v.code == Code::odd_lanes;
    const bool interleaves = v.code == Code::interleave_low || v.code == Code::interleave_high;
    for (std::size_t k = 0; k < lanes; ++k) {
      if (interleaves)
        result.bits[k] = (k % 2 == 0 ? a : b)[half + k / 2];
      else
        result.bits[k] = 2 * k < lanes ? a[2 * k + odd] : b[2 * k - lanes + odd];
    }
    return result;
  }

  Lanes compute(const Instr& v) {
    switch (v.code) {
      case Code::constant: return filled(v.type, bits_of(v.type.scalar, v.number, v.integer));
      case Code::argument: return arguments_[static_cast<std::size_t>(v.integer)];
      case Code::get: return variables_[static_cast<std::size_t>(v.ref)];
      case Code::broadcast: return filled(v.type, value(v.args[0]).bits[0]);
      case Code::lane: {
        Lanes lanes = filled(v.type, 0);
        for (std::size_t k = 0; k < lanes.bits.size(); ++k) lanes.bits[k] = k;
        return lanes;
      }
      case Code::lanes: return filled(v.type, static_cast<std::uint64_t>(options_.lanes));
      case Code::last: return filled(v.type, value(v.args[0]).bits.back());
      case Code::shift_up: {
        Lanes moved = value(v.args[1]);
        const Lanes& from = value(v.args[0]);
        const auto by = std::min(static_cast<std::ptrdiff_t>(v.integer), static_cast<std::ptrdiff_t>(moved.bits.size()));
        std::rotate(moved.bits.begin(), moved.bits.end() - by, moved.bits.end());
        std::copy(from.bits.begin(), from.bits.end() - by, moved.bits.begin() + by);
        return moved;
      }
      case Code::shift_down: {
        Lanes moved = value(v.args[0]);
        moved.bits.erase(moved.bits.begin());
        moved.bits.push_back(value(v.args[1]).bits.front());
        return moved;
      }
      case Code::first: return filled(v.type, value(v.args[0]).bits[0]);
      case Code::interleave_low:
      case Code::interleave_high:
      case Code::even_lanes:
      case Code::odd_lanes: return rearranged(v);
      case Code::permute: return permuted(v);
      case Code::load:
      case Code::load_back:
      case Code::load_once:
      case Code::gather: return memory_value(v);
      case Code::call: return call(v);
      default: return elementwise(v);
    }
  }

  void loop(const Stmt& stmt) {
    const std::int32_t end = integer(stmt.end);
    const std::int32_t step = stmt.by_lanes ? options_.lanes : 1;
    for (std::int32_t i = integer(stmt.begin); i < end; i += step) {
      values_[static_cast<std::size_t>(stmt.value)] = {{Scalar::i32, false}, {static_cast<std::uint32_t>(i)}};
      block(stmt.body);
    }
  }

  void block(const std::vector<Stmt>& body) {
    for (const Stmt& stmt : body) statement(stmt);
  }

  void statement(const Stmt& stmt) {
    switch (stmt.form) {
      case Stmt::Form::let:
        values_[static_cast<std::size_t>(stmt.value)] = compute(function_.values[static_cast<std::size_t>(stmt.value)]);
        return;
      case Stmt::Form::store: {
        Lanes stored = value(stmt.value);
        if (stmt.back) std::reverse(stored.bits.begin(), stored.bits.end());
        return transfer(stored, stmt.ref, integer(stmt.at) - (stmt.back ? options_.lanes - 1 : 0), true);
      }
      case Stmt::Form::set: variables_[static_cast<std::size_t>(stmt.ref)] = value(stmt.value); return;
      case Stmt::Form::loop: return loop(stmt);
      case Stmt::Form::branch: return block(value(stmt.value).bits[0] != 0 ? stmt.body : stmt.otherwise);
      case Stmt::Form::barrier: break;  // groups of work items are of devices
      case Stmt::Form::comment: return;
    }
    throw InternalError("internal error: the interpreter met a statement that it does not run");
  }

  const Module& module_;
  const Function& function_;
  std::span<const Lanes> arguments_;
  Memory* memory_;
  const InterpretOptions& options_;
  std::vector<Lanes> values_;
  std::vector<Lanes> variables_;
};

}  // namespace

Lanes lanes_of(Type type, std::span<const double> numbers) {
  Lanes lanes{type, {}};
  for (const double number : numbers) lanes.bits.push_back(as_bits(type.scalar, number));
  return lanes;
}

double number_of(const Lanes& value, int lane) {
  return as_number(value.type.scalar, value.bits[static_cast<std::size_t>(lane)]);
}

Lanes evaluate(const Module& module, const Function& function, std::span<const Lanes> arguments,
               const InterpretOptions& options) {
  check(function.result >= 0, "a function that is evaluated returns a value");
  Frame frame(module, function, arguments, nullptr, options);
  frame.run();
  return frame.value(function.result);
}

Memory allocate(const Module& module) {
  Memory memory;
  for (const Buffer& buffer : module.buffers) {
    memory.emplace_back(static_cast<std::size_t>((buffer.size + padding) * bytes(buffer.scalar)));
  }
  for (std::size_t k = 0; k < module.buffers.size(); ++k) {
    std::int64_t index = 0;
    for (const double value : module.buffers[k].contents) set_element(module, memory, static_cast<int>(k), index++, value);
  }
  return memory;
}

double element(const Module& module, const Memory& memory, int buffer, std::int64_t index) {
  const Scalar scalar = module.buffers[static_cast<std::size_t>(buffer)].scalar;
  const auto size = static_cast<std::size_t>(bytes(scalar));
  std::uint64_t bits = 0;
  std::memcpy(&bits, memory[static_cast<std::size_t>(buffer)].data() + static_cast<std::size_t>(index) * size, size);
  return as_number(scalar, bits);
}

void set_element(const Module& module, Memory& memory, int buffer, std::int64_t index, double value) {
  const Scalar scalar = module.buffers[static_cast<std::size_t>(buffer)].scalar;
  const auto size = static_cast<std::size_t>(bytes(scalar));
  const std::uint64_t bits = as_bits(scalar, value);
  std::memcpy(memory[static_cast<std::size_t>(buffer)].data() + static_cast<std::size_t>(index) * size, &bits, size);
}

void run(const Module& module, const Function& kernel, Memory& memory, std::int32_t frames, std::int64_t position,
         const InterpretOptions& options) {
  check(kernel.result < 0, "a function that runs on buffers is a kernel");
  check(memory.size() == module.buffers.size(), "memory holds one vector of bytes per buffer");
  const std::array arguments{Lanes{{Scalar::i32, false}, {static_cast<std::uint32_t>(frames)}},
                             Lanes{{Scalar::i64, false}, {static_cast<std::uint64_t>(position)}}};
  Frame(module, kernel, arguments, &memory, options).run();
}

}  // namespace dgen::ir
