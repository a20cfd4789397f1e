// From the plan of a segment to kernels of a device.

#include <algorithm>
#include <chrono>
#include <map>

#include "base/index.h"
#include "dgen/error.h"
#include "lower/resident.h"
#include "passes/plan_segment.h"
#include "passes/simplify.h"
#include "render/device_text.h"
#include "runtime/backends.h"
#include "runtime/device_segment_data.h"
#include "runtime/explain_device.h"
#include "runtime/pipeline.h"
#include "schedule/row_nodes.h"

namespace dgen::runtime {

namespace {

class DeviceLinker {
 public:
  DeviceLinker(std::span<const Signal> wanted, const std::string& name, const SegmentOptions& options,
               const ir::GroupLimits& group)
      : g_(*wanted[0].graph), name_(name), options_(options), group_(group) {
    for (const Signal s : wanted) wanted_.push_back(s.id);
    plan_ = passes::plan_segment(g_, wanted_);
  }

  std::shared_ptr<SegmentData> link() {
    data_ = std::make_shared<SegmentData>();
    made_ = std::make_shared<DeviceSegmentProgram>();
    data_->name = name_;
    data_->inputs = g_.inputs();
    for (const int id : g_.params()) data_->params.push_back(*g_[id].attributes.param);
    data_->is_frames = plan_.is_frames;
    data_->memory_budget = options_.memory_budget;
    const std::size_t runs = plan_.phases.size() - 1;
    for (std::size_t r = 0; r < runs; ++r) number_signals(static_cast<int>(r));
    for (std::size_t r = 0; r < runs; ++r) add_run(r);
    if (!phase(runs).graph->outputs().empty()) add_last(runs);
    find_wanted();
    const bool resident = is_resident();
    for (DeviceRun& run : made_->runs) {
      if (resident) lower::make_resident(run.lowered);
      place(run);
    }
    if (resident) add_update();
    for (DeviceRun& run : made_->runs) lower::place_channels(run.lowered, made_->tape_begin);
    data_->device = made_;
    return data_;
  }

  DeviceSegmentProgram& program() { return *made_; }

 private:
  const passes::Phase& phase(std::size_t r) const { return plan_.phases[r].phase; }
  std::int64_t elements(int id) const { return g_[id].type.shape.elements(); }

  void number_signals(int r) {
    for (const int id : phase(at(r)).outputs) {
      signal_number_.emplace(id, static_cast<int>(data_->signals.size()));
      SegmentSignal signal{.hop = schedule::hop_between_rows(g_[id].type), .stride = elements(id)};
      for (std::size_t w = 0; w < wanted_.size(); ++w) {
        if (wanted_[w] == id) signal.wanted.push_back(static_cast<int>(w));
      }
      data_->signals.push_back(std::move(signal));
    }
    for (const int id : phase(at(r)).sums) {
      if (sum_number_.emplace(id, data_->sums).second) data_->sums += elements(id), home_.emplace(id, r);
    }
  }

  void add_run(std::size_t r) {
    const passes::Phase& its = phase(r);
    const ir::Run direction = its.reversed ? ir::Run::backward : ir::Run::forward;
    const schedule::DeviceSchedule schedule =
        schedule::make_device_schedule(passes::find_scans(*passes::simplify(*its.graph).graph).graph, direction, group_);
    const Graph& scheduled = *schedule.control.graph;
    DeviceRun run{.lowered = lower::lower_device(schedule, name_ + "_run" + std::to_string(r), device_block),
                  .reversed = its.reversed,
                  .depends_on_params = plan_.phases[r].depends_on_params};
    for (const int id : scheduled.params()) run.params.push_back(source_of(r, *scheduled[id].attributes.param));
    for (const int id : its.inputs) {
      const bool from_host = g_[id].op->kind == Kind::input;
      run.host_inputs.push_back(from_host ? static_cast<int>(g_[id].attributes.size) : -1);
      run.inputs.push_back(from_host ? -1 : signal_number_.at(id));
    }
    for (const int id : its.outputs) run.outputs.push_back(signal_number_.at(id));
    for (const lower::TimeSum& sum : run.lowered.sums) {
      const std::size_t number = static_cast<std::size_t>(sum.output) - its.outputs.size();
      run.sum_numbers.push_back(sum_number_.at(its.sums[number]));
    }
    made_->runs.push_back(std::move(run));
  }

  void add_kernels(const lower::DeviceLowered& lowered) {
    for (const std::vector<lower::Launch>* list : {&lowered.block, &lowered.change}) {
      for (const lower::Launch& launch : *list) {
        if (launch.grid != lower::Grid::host) made_->kernels.push_back(render::device_kernel_name(lowered, launch));
      }
    }
  }

  /// Behind what has a place.
  void place(DeviceRun& run) {
    run.memory = lower::plan_device_memory(run.lowered, made_->tape_begin);
    made_->tape_begin = run.memory.bytes;
    run.first_kernel = static_cast<int>(made_->kernels.size());
    add_kernels(run.lowered);
  }

  /// Whether a step may end on the device.
  bool is_resident() const {
    const auto can = [](const DeviceRun& run) { return lower::can_be_resident(run.lowered); };
    if (!options_.update || !std::ranges::all_of(made_->runs, can)) return false;
    return !made_->last || lower::can_be_resident(made_->last->lowered);
  }

  UpdatePlaces::Run places_of(const DeviceRun& run) const {
    const std::vector<ir::Buffer>& buffers = run.lowered.module.buffers;
    UpdatePlaces::Run made{.params = {.size = 0}, .sources = run.params};
    for (const ir::Buffer& buffer : buffers) {
      if (buffer.space == ir::Space::params) made.params = buffer;
    }
    for (std::size_t s = 0; s < run.lowered.sums.size(); ++s) {
      const lower::TimeSum& sum = run.lowered.sums[s];
      made.sums.push_back({buffers[at(sum.total)], buffers[at(sum.rest)], sum.elements, run.sum_numbers[s]});
    }
    return made;
  }

  void add_update() {
    UpdatePlaces places{.wanted = std::vector<UpdatePlaces::Number>(wanted_.size()), .sums = data_->sums};
    for (const DeviceRun& run : made_->runs) places.runs.push_back(places_of(run));
    if (made_->last) {
      made_->last_run.emplace(DeviceRun{.lowered = lower::resident_numbers(made_->last->lowered), .params = made_->last_params});
      place(*made_->last_run);
      places.runs.push_back(places_of(*made_->last_run));
    }
    for (const auto& [wanted, sum] : data_->wanted_sums) places.wanted[at(wanted)] = {.is_sum = true, .first = sum.number};
    for (const NumberPlace& value : data_->values) {
      UpdatePlaces::Number& number = places.wanted[static_cast<std::size_t>(value.number)];
      number.constants = value.constants;
      if (!value.constants.empty()) continue;
      const lower::ValueSlot& slot = made_->last->lowered.values[static_cast<std::size_t>(value.offset)];
      number.first = slot.first;
      number.buffer = made_->last_run->lowered.module.buffers[at(slot.buffer)];
    }
    made_->update.emplace(make_update(*options_.update, places, name_ + "_update", made_->tape_begin));
    made_->tape_begin = made_->update->end;
    made_->first_update = static_cast<int>(made_->kernels.size());
    add_kernels(made_->update->lowered);
  }

  ParamSource source_of(std::size_t r, const ParamInfo& param) {
    using From = ParamSource::From;
    for (const int sum : phase(r).received) {
      const bool rest = param.name == passes::rest_name(sum);
      if (!rest && param.name != passes::sum_name(sum)) continue;
      if (sum >= 0) {
        if (r < plan_.phases.size() - 1) made_->runs[at(home_.at(sum))].sums_needed = true;
        return {rest ? From::sum_rest : From::sum, sum_number_.at(sum), param.elements()};
      }
      if (sum == passes::frame_count) return {rest ? From::frames_rest : From::frames, -1};
      return {rest ? From::ticks_rest : From::ticks, passes::hop_of_count(sum)};
    }
    std::int64_t first = 0;
    for (const ParamInfo& known : data_->params) {
      if (known.name == param.name) return {From::host, first, param.elements()};
      first += known.elements();
    }
    throw InternalError("internal error, this must hold: a run's parameters are the graph's, or sums");
  }

  void add_last(std::size_t r) {
    made_->last = std::make_shared<const Compiled>(compile_graph(*phase(r).graph, {}, name_ + "_last", ir::Run::forward));
    const Graph& scheduled = *made_->last->schedule.graph;
    for (const int id : scheduled.params()) made_->last_params.push_back(source_of(r, *scheduled[id].attributes.param));
    for (std::size_t k = 0; k < phase(r).outputs.size(); ++k) {
      const Output& output = scheduled.outputs()[k];
      const Node& node = scheduled[output.node];
      NumberPlace place{.elements = node.type.shape.elements(), .parts = 1, .offset = -1};
      const auto& values = made_->last->lowered.values;
      const auto slot = std::ranges::find_if(values, [&](const lower::ValueSlot& value) { return value.name == output.name; });
      if (slot != values.end()) {
        place.offset = slot - values.begin();
      } else {
        check(node.op->kind == Kind::constant || node.op->kind == Kind::tensor, "a value that lies nowhere is constant");
        place.constants = node.op->kind == Kind::tensor ? *node.attributes.table : std::vector{node.attributes.value};
      }
      for (std::size_t w = 0; w < wanted_.size(); ++w) {
        if (wanted_[w] != phase(r).outputs[k]) continue;
        place.number = static_cast<std::int64_t>(w);
        data_->values.push_back(place);
      }
    }
  }

  void find_wanted() {
    for (std::size_t w = 0; w < wanted_.size(); ++w) {
      const Node& node = g_[wanted_[w]];
      const auto number = static_cast<int>(w);
      if (node.op->kind == Kind::input) data_->wanted_inputs.emplace_back(number, static_cast<int>(node.attributes.size));
      const auto sum = sum_number_.find(wanted_[w]);
      if (sum == sum_number_.end()) continue;
      data_->wanted_sums.emplace_back(number, NumberPlace{.number = sum->second, .elements = elements(sum->first)});
    }
  }

  const Graph& g_;
  const std::string name_;
  const SegmentOptions& options_;
  const ir::GroupLimits group_;
  std::vector<int> wanted_;
  passes::SegmentPlan plan_;
  std::shared_ptr<SegmentData> data_;
  std::shared_ptr<DeviceSegmentProgram> made_;
  std::map<int, int> signal_number_, home_;  ///< by node; home: of a sum, its run
  std::map<int, std::int64_t> sum_number_;
};

std::string explain(const DeviceSegmentProgram& program) {
  std::string text;
  for (std::size_t r = 0; r < program.runs.size(); ++r) {
    const DeviceRun& run = program.runs[r];
    text += "run " + std::to_string(r) + (run.reversed ? ", backward" : ", forward");
    text += run.depends_on_params ? "\n" : "; depends on no parameter: left out when the inputs are the same\n";
    for (const std::string& kernel : explain_kernels(run.lowered)) text += "  " + kernel + "\n";
  }
  if (!program.update) return text + "sums and control values are computed by the host, in double\n";
  return text + "at the end of a training step: " + std::to_string(program.update->lowered.block.size()) +
         " kernels that hand sums and parameters on and move the parameters; the host reads one block of numbers a step\n";
}

}  // namespace

std::vector<std::shared_ptr<const SegmentData>> device_segments(Backend backend, std::span<const std::vector<Signal>> wanted,
                                                                std::span<const std::string> names, const SegmentOptions& options,
                                                                const render::DeviceDialect& dialect,
                                                                const BuildDeviceCode& build, const ir::GroupLimits& group) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<SegmentData>> made;
  std::vector<DeviceSegmentProgram*> programs;
  std::vector<const lower::DeviceLowered*> lowered;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    DeviceLinker linker(wanted[k], names[k], options, group);
    made.push_back(linker.link());
    made.back()->backend = backend;
    programs.push_back(&linker.program());
    const DeviceSegmentProgram& program = linker.program();
    for (const DeviceRun& run : program.runs) lowered.push_back(&run.lowered);
    if (program.last_run) lowered.push_back(&program.last_run->lowered);
    if (program.update) lowered.push_back(&program.update->lowered);
  }
  const auto source = std::make_shared<const std::string>(render::render_device(dialect, lowered));
  const std::shared_ptr<const engine::DeviceCode> code = build(*source);
  const auto fits = [&](const lower::DeviceLowered* one) { return takes_groups(code.get(), *one); };
  if (!std::ranges::all_of(lowered, fits)) return device_segments(backend, wanted, names, options, dialect, build, {});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::vector<std::shared_ptr<const SegmentData>> all;
  for (std::size_t k = 0; k < made.size(); ++k) {
    programs[k]->code = code;
    made[k]->source = source;
    made[k]->compile_seconds = seconds;
    made[k]->explained = explain(*programs[k]);
    all.push_back(made[k]);
  }
  return all;
}

std::vector<SegmentProgram> compile_device_segments(std::span<const std::vector<Signal>> wanted,
                                                    std::span<const std::string> names, const SegmentOptions& options) {
  const Backend backend = options.compile.backend;
  const BackendDef& def = def_of(backend);
  check(def.is_device(), "only devices have kernels");
  std::vector<SegmentProgram> programs;
  for (const auto& data : device_segments(backend, wanted, names, options, def.dialect(), def.build, group_limits(backend)))
    programs.emplace_back(data);
  return programs;
}

}  // namespace dgen::runtime
