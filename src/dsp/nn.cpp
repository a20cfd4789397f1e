#include "dgen/nn.h"

#include <cmath>
#include <string>

#include "dgen/activations.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "graph/describe.h"

namespace dgen::nn {

namespace {

/// "nn: 'net' (model.cpp:12)"
std::string called(std::string_view name, const Origin& origin) {
  return "nn: '" + std::string(name) + "' (" + to_string(origin) + ")";
}

void check_size(std::string_view name, const char* what, std::int64_t size, const Origin& origin) {
  if (size >= 1) return;
  throw Error(ErrorCode::bad_value,
              called(name, origin) + " has " + std::to_string(size) + " " + what + "; it must have 1 or more");
}

/// The signal that a layer is called with. Throws `Error` bad_value naming the layer and the place of the call.
Signal given(const Operand& x, const char* layer) {
  if (x.signal) return x.signal;
  throw Error(ErrorCode::bad_value, std::string(layer) + " (" + to_string(x.origin) + "): " +
                                        (x.is_number ? "it takes a signal, not a number; make one with Graph::constant"
                                                     : "the signal is empty; it was never assigned"));
}

/// Keeps the spread of values through a layer whose activation lets about half of them through. Source: He et al. 2015.
double gain_before(Activation activation) {
  switch (activation) {
    case Activation::relu:
    case Activation::leaky_relu:
    case Activation::silu: return std::sqrt(2.0);
    case Activation::none:
    case Activation::tanh:
    case Activation::sigmoid:
    case Activation::softplus: return 1;
  }
  return 1;
}

std::string part_of(std::string_view name, std::size_t layer) { return std::string(name) + "." + std::to_string(layer); }

}  // namespace

Signal activate(Operand operand, Activation activation) {
  const Signal x = given(operand, "nn::activate");
  const Graph::Scope scope(*x.graph, "activate", operand.origin);
  switch (activation) {
    case Activation::none: return x;
    case Activation::relu: return dgen::relu(x);
    case Activation::leaky_relu: return max(x, 0.01 * x);
    case Activation::tanh: return dgen::tanh(x);
    case Activation::sigmoid: return dgen::sigmoid(x);
    case Activation::softplus: return dgen::softplus(x);
    case Activation::silu: return x * dgen::sigmoid(x);
  }
  return x;
}

Signal Linear::operator()(Operand operand) const {
  Signal x = given(operand, "nn::Linear");
  const Graph::Scope scope(*x.graph, "linear", operand.origin);
  if ((*x.graph)[x.id].type.shape.rank == 0) x = reshape(x, extents({1}));
  const Signal y = dgen::linear(x, weight);
  return bias ? y + bias : y;
}

Linear linear(Graph& graph, std::string_view name, std::int32_t inputs, std::int32_t outputs, const LinearOptions& options,
              const char* file, int line) {
  check_size(name, "inputs", inputs, {file, line, 0});
  check_size(name, "outputs", outputs, {file, line, 0});
  const std::string prefix(name);
  Linear made{.weight = graph.param(prefix + ".weight", extents({outputs, inputs}), options.weight, {}, file, line)};
  if (options.bias) made.bias = graph.param(prefix + ".bias", extents({outputs}), initial::Constant{}, {}, file, line);
  return made;
}

Signal Mlp::operator()(Operand x) const {
  Signal y = given(x, "nn::Mlp");
  const Graph::Scope scope(*y.graph, "mlp", x.origin);
  for (std::size_t k = 0; k < layers.size(); ++k) y = activate(layers[k](y), k + 1 < layers.size() ? hidden : output);
  return y;
}

Mlp mlp(Graph& graph, std::string_view name, std::span<const std::int32_t> sizes, const MlpOptions& options, const char* file,
        int line) {
  if (sizes.size() < 2)
    throw Error(ErrorCode::bad_value, called(name, {file, line, 0}) + " needs a number of inputs and one of outputs");
  Mlp made{.hidden = options.hidden, .output = options.output};
  for (std::size_t k = 0; k + 1 < sizes.size(); ++k) {
    const double gain = gain_before(k + 2 < sizes.size() ? options.hidden : options.output);
    const LinearOptions layer{.weight = initial::XavierUniform{.gain = gain, .seed = options.seed}};
    made.layers.push_back(linear(graph, part_of(name, k), sizes[k], sizes[k + 1], layer, file, line));
  }
  return made;
}

Signal GruCell::operator()(Operand operand, Signal state) const {
  const Signal x = given(operand, "nn::GruCell");
  given({state, operand.origin.file.data(), operand.origin.line}, "nn::GruCell, state");
  const Graph::Scope scope(*x.graph, "gru_cell", operand.origin);
  const Signal from_x = dgen::linear(x, weight_ih) + bias_ih, from_state = dgen::linear(state, weight_hh) + bias_hh;
  const auto gate = [this](Signal all, std::int32_t k) { return slice(all, -1, {k * units, (k + 1) * units}); };
  const Signal reset = dgen::sigmoid(gate(from_x, 0) + gate(from_state, 0));
  const Signal keep = dgen::sigmoid(gate(from_x, 1) + gate(from_state, 1));
  const Signal candidate = dgen::tanh(gate(from_x, 2) + reset * gate(from_state, 2));
  return candidate + keep * (state - candidate);
}

Signal GruCell::run(Operand operand) const {
  const Signal x = given(operand, "nn::GruCell");
  Graph& graph = *x.graph;
  const Graph::Scope scope(graph, "gru", operand.origin);
  const Signal before = ops::cell(expand(graph.constant(0), extents({units})));
  const Signal next = (*this)(hold(x), before);
  graph.close(before, next);
  return next;
}

GruCell gru_cell(Graph& graph, std::string_view name, std::int32_t inputs, std::int32_t units, std::uint64_t seed,
                 const char* file, int line) {
  check_size(name, "inputs", inputs, {file, line, 0});
  check_size(name, "units", units, {file, line, 0});
  const std::string prefix(name);
  const double bound = 1 / std::sqrt(static_cast<double>(units));
  const auto weight = [&](const char* part, const Shape& shape) {
    return graph.param(prefix + part, shape, initial::Uniform{.low = -bound, .high = bound, .seed = seed}, {}, file, line);
  };
  return {.weight_ih = weight(".weight_ih", extents({3 * units, inputs})),
          .weight_hh = weight(".weight_hh", extents({3 * units, units})),
          .bias_ih = weight(".bias_ih", extents({3 * units})),
          .bias_hh = weight(".bias_hh", extents({3 * units})),
          .units = units};
}

Signal ConvStack::operator()(Operand x) const {
  Signal y = given(x, "nn::ConvStack");
  const Graph::Scope scope(*y.graph, "conv_stack", x.origin);
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const Shape& bias = (*y.graph)[biases[k].id].type.shape;
    y = conv1d(y, kernels[k], layers[k].how) + reshape(biases[k], extents({bias.extent[0], 1}));
    y = activate(y, k + 1 < layers.size() ? hidden : output);
  }
  return y;
}

ConvStack conv_stack(Graph& graph, std::string_view name, std::int32_t inputs, std::span<const ConvLayer> layers,
                     const ConvOptions& options, const char* file, int line) {
  const Origin origin{file, line, 0};
  check_size(name, "layers", std::ssize(layers), origin);
  check_size(name, "inputs", inputs, origin);
  ConvStack made{.layers = {layers.begin(), layers.end()}, .hidden = options.hidden, .output = options.output};
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const std::string prefix = part_of(name, k);
    check_size(prefix, "channels", layers[k].channels, origin);
    check_size(prefix, "elements in its kernel", layers[k].size, origin);
    const double gain = gain_before(k + 1 < layers.size() ? options.hidden : options.output);
    made.kernels.push_back(graph.param(prefix + ".weight", extents({layers[k].channels, inputs, layers[k].size}),
                                       initial::XavierUniform{.gain = gain, .seed = options.seed}, {}, file, line));
    made.biases.push_back(graph.param(prefix + ".bias", extents({layers[k].channels}), initial::Constant{}, {}, file, line));
    inputs = layers[k].channels;
  }
  return made;
}

}  // namespace dgen::nn
