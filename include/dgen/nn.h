#pragma once
// Small neural networks in patches. A layer holds its weights, which are parameters of the graph, and is called with what it
// is applied to, as often as wanted: the weights are shared. Weights are called and shaped as in PyTorch, so that files of
// its state_dict fit (dgen/safetensors.h).

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dgen/graph.h"
#include "dgen/products.h"

namespace dgen::nn {

enum class Activation : std::uint8_t {
  none,
  relu,        ///< max(x, 0); gradient 0 at 0
  leaky_relu,  ///< x, below 0 a hundredth of it
  tanh,
  sigmoid,   ///< 1 / (1 + exp(-x))
  softplus,  ///< log(1 + exp(x))
  silu,      ///< x sigmoid(x). Source: Elfwing, Uchibe, Doya 2018
};

/// The function, element by element. x: any clock and shape.
Signal activate(Operand x, Activation activation);

/// y = weight x + bias.
struct Linear {
  Signal weight;  ///< [outputs, inputs]
  Signal bias;    ///< [outputs]; empty: none
  /// x: [..., inputs], or one number where there is one input; gives [..., outputs]. Throws `Error` bad_type.
  Signal operator()(Operand x) const;
};

struct LinearOptions {
  Initialiser weight = initial::XavierUniform{};
  bool bias = true;  ///< begins with 0
};

/// Parameters NAME.weight and NAME.bias. Throws `Error` bad_value for sizes below 1, duplicate_name.
Linear linear(Graph& graph, std::string_view name, std::int32_t inputs, std::int32_t outputs, const LinearOptions& options = {},
              const char* file = __builtin_FILE(), int line = __builtin_LINE());

/// Layers one after the other.
struct Mlp {
  std::vector<Linear> layers;
  Activation hidden = Activation::tanh, output = Activation::none;
  Signal operator()(Operand x) const;
};

struct MlpOptions {
  Activation hidden = Activation::tanh;  ///< behind every layer but the last
  Activation output = Activation::none;  ///< behind the last
  std::uint64_t seed = 0;
};

/// sizes: inputs, hidden sizes …, outputs. Parameters NAME.0.weight, NAME.0.bias, NAME.1.weight, … Weights begin Xavier-
/// uniform, with a gain of sqrt(2) before relu, leaky_relu and silu. Throws `Error` bad_value for fewer than two sizes.
Mlp mlp(Graph& graph, std::string_view name, std::span<const std::int32_t> sizes, const MlpOptions& options = {},
        const char* file = __builtin_FILE(), int line = __builtin_LINE());

/// A gated recurrent unit, with the equations and the weights of torch.nn.GRUCell. Source: Cho et al. 2014.
struct GruCell {
  Signal weight_ih;         ///< [3 units, inputs]: of reset gate, update gate, candidate
  Signal weight_hh;         ///< [3 units, units]
  Signal bias_ih, bias_hh;  ///< [3 units]
  std::int32_t units = 0;
  /// One step. x: [inputs]; state: [units]; gives the next state.
  Signal operator()(Operand x, Signal state) const;
  /// The recurrence: a step every frame, from zeros. x: frame [inputs]; gives frame [units].
  Signal run(Operand x) const;
};

/// Parameters NAME.weight_ih, NAME.weight_hh, NAME.bias_ih, NAME.bias_hh, uniform within 1 / sqrt(units) as in PyTorch.
GruCell gru_cell(Graph& graph, std::string_view name, std::int32_t inputs, std::int32_t units, std::uint64_t seed = 0,
                 const char* file = __builtin_FILE(), int line = __builtin_LINE());

struct ConvLayer {
  std::int32_t channels = 1;  ///< that come out
  std::int32_t size = 3;      ///< of the kernel
  Convolution how{.pad = Pad::same};
};

/// Convolutions one after the other along the last axis.
struct ConvStack {
  std::vector<Signal> kernels;  ///< [outputs, inputs, size]
  std::vector<Signal> biases;   ///< [outputs]
  std::vector<ConvLayer> layers;
  Activation hidden = Activation::relu, output = Activation::none;
  /// x: [..., inputs, n]; gives [..., outputs, m].
  Signal operator()(Operand x) const;
};

struct ConvOptions {
  Activation hidden = Activation::relu;
  Activation output = Activation::none;
  std::uint64_t seed = 0;
};

/// Parameters NAME.0.weight, NAME.0.bias, … Throws `Error` bad_value for no layer or a size below 1.
ConvStack conv_stack(Graph& graph, std::string_view name, std::int32_t inputs, std::span<const ConvLayer> layers,
                     const ConvOptions& options = {}, const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace dgen::nn
