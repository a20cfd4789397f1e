#include "dgen/program.h"

#include "runtime/program_data.h"

namespace dgen {

const std::string& Program::name() const { return data_->name; }
Backend Program::backend() const { return data_->backend; }
const std::string& Program::choice() const { return data_->choice; }
int Program::inputs() const { return data_->inputs; }
int Program::outputs() const { return data_->outputs; }
std::span<const ParamInfo> Program::params() const { return data_->params; }
std::span<const StateInfo> Program::states() const { return data_->states; }
const std::string& Program::source() const { return *data_->source; }
std::int64_t Program::latency() const { return data_->latency; }
double Program::compile_seconds() const { return data_->compile_seconds; }
bool Program::from_cache() const { return data_->from_cache; }

}  // namespace dgen
