#pragma once
// Rules by which a step moves parameters against their gradients. Defaults and formulas are those of PyTorch.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "dgen/learning_rate.h"
#include "dgen/parameters.h"

namespace dgen {

/// Stochastic gradient descent. Sources: Polyak 1964; Nesterov 1983 as in Sutskever et al. 2013.
struct Sgd {
  double learning_rate = 1e-3;
  double momentum = 0;      ///< [0, 1)
  double dampening = 0;     ///< [0, 1]: how much less than all of a gradient enters the momentum
  bool nesterov = false;    ///< needs a momentum and no dampening
  double weight_decay = 0;  ///< pulls coordinates to 0
};

/// Source: Kingma and Ba 2015.
struct Adam {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;  ///< [0, 1)
  double epsilon = 1e-8;
  double weight_decay = 0;  ///< added to the gradient
};

/// Adam whose weight decay stays outside the averages. Source: Loshchilov and Hutter 2019.
struct AdamW {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;  ///< [0, 1)
  double epsilon = 1e-8;
  double weight_decay = 0.01;
};

/// Source: Tieleman and Hinton 2012; centred: Graves 2013.
struct RMSprop {
  double learning_rate = 0.01;
  double alpha = 0.99;  ///< [0, 1)
  double epsilon = 1e-8;
  double momentum = 0;    ///< [0, 1)
  bool centered = false;  ///< divides by the deviation instead of the root mean square
  double weight_decay = 0;
};

/// Source: Duchi, Hazan and Singer 2011.
struct Adagrad {
  double learning_rate = 0.01;
  double learning_rate_decay = 0;
  double initial_accumulator = 0;
  double epsilon = 1e-10;
  double weight_decay = 0;
};

/// Steps by the sign of an interpolated momentum. Source: Chen et al. 2023, algorithm 2.
struct Lion {
  double learning_rate = 1e-4;
  double beta1 = 0.9, beta2 = 0.99;  ///< [0, 1)
  double weight_decay = 0;
};

using Optimizer = std::variant<Sgd, Adam, AdamW, RMSprop, Adagrad, Lion>;

/// "sgd", "adam", "adamw", "rmsprop", "adagrad", "lion".
std::string_view optimizer_name(const Optimizer& optimizer);
/// The optimiser as `optimizer_by_name` reads it, with every setting: "sgd:learning_rate=0.001,momentum=0,…".
std::string to_string(const Optimizer& optimizer);
/// Reads a name and settings: "adam", "sgd:momentum=0.9,nesterov=1". `learning_rate` replaces the default one.
/// Throws `Error` unknown_name with a suggestion, bad_value.
Optimizer optimizer_by_name(std::string_view text, std::optional<double> learning_rate = {});

/// Bounds of the gradients a step uses, in the coordinates of the parameters; 0: none. First by value, then by norm.
struct Clip {
  double value = 0;  ///< largest magnitude of one element
  double norm = 0;   ///< largest Euclidean norm over all parameters
};

/// What a step did.
struct StepReport {
  double gradient_norm = 0;  ///< Euclidean, over all parameters that are not frozen, in coordinates, before clipping
  double learning_rate = 0;  ///< of this step, before the parameters' own factors
  int not_finite = -1;       ///< the first parameter with a gradient or value to be that is not finite: nothing was moved
};

/// An optimiser at work: its memory, and how many steps it took. Everything is computed in double, in the parameters'
/// coordinates (`Mapping`): a rate of 0.1 moves a log parameter by a tenth of a neper and a decibel one by 0.1 dB. The
/// result is projected onto the ranges. Same input, same bits.
class Descent {
 public:
  /// Throws `Error` bad_value naming the setting that is outside its range.
  Descent(const Optimizer& optimizer, const Parameters& parameters, const Schedule& schedule = {}, const Clip& clip = {});

  /// Moves `parameters`, which must be shaped as those of the constructor, against their gradients; a step that is refused
  /// changes nothing, nor what the optimiser remembers. Allocates nothing.
  StepReport step(Parameters& parameters) noexcept;

  const Optimizer& optimizer() const { return optimizer_; }
  std::int64_t steps() const { return steps_; }
  /// Of the next step, before the parameters' own factors.
  double learning_rate() const;
  /// How many numbers an element's memory takes.
  int slots() const { return static_cast<int>(slots_.size()); }
  /// Memory number `slot` of all elements, where the parameters' values are.
  std::span<double> slot(int slot) { return slots_[static_cast<std::size_t>(slot)]; }
  std::span<const double> slot(int slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  /// Continues after `steps` steps, once the slots hold what they held then.
  void resume(std::int64_t steps) { steps_ = steps; }

 private:
  int find_slopes(const Parameters& parameters, double& norm) noexcept;
  void clip_slopes(const Parameters& parameters, double norm) noexcept;
  int commit(Parameters& parameters) noexcept;

  Optimizer optimizer_;
  Schedule schedule_;
  Clip clip_;
  std::vector<ParameterArena> slots_, slots_before_;
  ParameterArena slopes_, positions_, moves_;  // of one step
  std::int64_t steps_ = 0;
};

}  // namespace dgen
