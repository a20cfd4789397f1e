// The biquad modes against SciPy's lfilter and sosfilt, on noise, by every engine.

#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "base/subprocess.h"
#include "dgen/filters.h"
#include "support/engines.h"
#include "support/play.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen_test;
using Values = std::vector<double>;

constexpr double sample_rate = 44100;
constexpr std::int64_t frames = 6000;
constexpr double q = 0.9, gain = 2.5;
constexpr int modes = 9;

Values from_bytes(const std::string& bytes) {
  Values values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

/// For each mode what lfilter, then what sosfilt makes of `noise`. Empty, with a failure, where SciPy cannot be run.
std::vector<Values> by_scipy(const Values& noise, double cutoff_hz) {
  const TemporaryFolder folder;
  spill(folder / "noise", {reinterpret_cast<const char*>(noise.data()), noise.size() * sizeof(double)});
  dgen::base::Command command{.program = "/usr/bin/python3"};
  command.arguments = {DGEN_SOURCE_DIR "/tests/scipy/biquad_reference.py", folder / "noise", folder / "result",
                       std::to_string(sample_rate)};
  for (int mode = 0; mode < modes; ++mode) {
    command.arguments.push_back(std::to_string(mode) + ":" + std::to_string(cutoff_hz) + ":" + std::to_string(q) + ":" +
                                std::to_string(gain));
  }
  const dgen::base::Completed completed = dgen::base::run(command);
  if (!completed.succeeded()) {
    ADD_FAILURE() << "/usr/bin/python3 with SciPy is needed (Debian packages python3, python3-scipy): "
                  << describe_failure(completed, command) << "\n"
                  << completed.errors;
    return {};
  }
  const Values all = from_bytes(slurp(folder / "result"));
  std::vector<Values> results;
  for (std::size_t at = 0; at < all.size(); at += noise.size()) {
    results.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                         all.begin() + static_cast<std::ptrdiff_t>(at + noise.size()));
  }
  return results;
}

double peak(const Values& x) {
  double most = 0;
  for (const double value : x) most = std::max(most, std::fabs(value));
  return most;
}

/// Largest difference in parts of the peak of `expected`.
double error(const Values& actual, const Values& expected) {
  Values difference;
  for (std::size_t n = 0; n < actual.size(); ++n) difference.push_back(actual[n] - expected[n]);
  return peak(difference) / peak(expected);
}

std::string scientific(double value) {
  std::ostringstream text;
  text << std::scientific << value;
  return text.str();
}

class BiquadByScipy : public testing::TestWithParam<std::tuple<Engine, double>> {};

TEST_P(BiquadByScipy, AgreesInEveryMode) {
  const auto [engine, cutoff_hz] = GetParam();
  // float64: SciPy's direct forms lose up to 1.3e-11 at 20 Hz. float32: up to 1.3e-6 was measured, at 20 Hz.
  const double tolerance = engine == Engine::float64 ? 1e-10 : 5e-6;
  const Values noise = white_noise(frames);
  const std::vector<Values> expected = by_scipy(noise, cutoff_hz);
  ASSERT_EQ(expected.size(), 2u * modes);
  for (int mode = 0; mode < modes; ++mode) {
    dgen::Graph g;
    g.output(biquad(g.input(), cutoff_hz, q, gain, static_cast<double>(mode)));
    const Values actual = run(g, engine, {noise}, frames, sample_rate)[0];
    const double by_lfilter = error(actual, expected[2 * static_cast<std::size_t>(mode)]);
    const double by_sosfilt = error(actual, expected[2 * static_cast<std::size_t>(mode) + 1]);
    EXPECT_LE(by_lfilter, tolerance) << "mode " << mode;
    EXPECT_LE(by_sosfilt, tolerance) << "mode " << mode;
    RecordProperty("error_of_mode_" + std::to_string(mode), scientific(by_lfilter));
  }
}

INSTANTIATE_TEST_SUITE_P(Cutoffs, BiquadByScipy,
                         testing::Combine(testing::ValuesIn(every_engine), testing::Values(20.0, 60.0, 1000.0, 5000.0)),
                         [](const auto& test) {
                           return std::string(engine_name(std::get<0>(test.param))) + "_" +
                                  std::to_string(static_cast<int>(std::get<1>(test.param))) + "_hz";
                         });

}  // namespace
