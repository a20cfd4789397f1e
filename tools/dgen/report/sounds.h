#pragma once
// The parts of a report that show and play the three sounds.

#include <string>

#include "dgen/report/fit_report.h"

namespace dgen::report {

/// Target, start and result: each playable, with its waveform and spectrogram over one axis of time.
std::string sounds(const FitReport& report);

/// A few periods of the three waveforms over each other, where the target is loudest.
std::string close_up(const FitReport& report);

/// The average spectra of the three over each other.
std::string spectra(const FitReport& report);

}  // namespace dgen::report
