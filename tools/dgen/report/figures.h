#pragma once
// The figures and plots of a report that say how well the fit went.

#include <string>

#include "dgen/report/fit_report.h"

namespace dgen::report {

/// Energy of the difference over that of the target, in dB; at least -200.
double waveform_error_db(const AudioBuffer& sound, const AudioBuffer& target);

/// Mean difference of level of the bands of a third of an octave that are within 60 dB of the target's loudest, in dB.
double spectrum_difference_db(const AudioBuffer& sound, const AudioBuffer& target);

/// Loss over steps; logarithmic unless a loss is 0 or below.
std::string loss_plot(const FitReport& report);

/// The values a parameter took over the steps.
std::string trajectory_plot(const FitReport& report, const FittedParam& param);

/// Where the value was and is between the ends of its range; empty where it has none.
std::string range_gauge(const FittedParam& param);

}  // namespace dgen::report
