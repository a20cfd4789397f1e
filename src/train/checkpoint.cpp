#include "train/checkpoint.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/text.h"
#include "dgen/error.h"

namespace dgen::train {

namespace {

// magic | version | bytes of the body | body | checksum of all before
constexpr std::string_view magic = "dgen training checkpoint\n";
constexpr std::uint64_t version = 4;
constexpr std::size_t head_bytes = magic.size() + 16, seal_bytes = 32;

void write(base::ByteWriter& out, const Parameter& p) {
  out.text(p.name);
  out.number(p.min);
  out.number(p.max);
  out.whole(static_cast<std::uint64_t>(p.mapping));
  out.whole(static_cast<std::uint64_t>(p.elements));
  out.whole(static_cast<std::uint64_t>(p.shape.rank));
  for (int axis = 0; axis < p.shape.rank; ++axis) out.whole(static_cast<std::uint64_t>(p.shape.extent[at(axis)]));
}

Shape read_shape(base::ByteReader& in) {
  Shape shape;
  const std::uint64_t rank = in.length(8);
  if (rank > shape.extent.size()) throw Error(ErrorCode::file_malformed, "a shape has " + std::to_string(rank) + " axes");
  for (shape.rank = 0; shape.rank < static_cast<int>(rank); ++shape.rank)
    shape.extent[at(shape.rank)] = static_cast<std::int32_t>(in.whole());
  return shape;
}

Parameter read_parameter(base::ByteReader& in) {
  Parameter p;
  p.name = in.text();
  p.min = in.number();
  p.max = in.number();
  p.mapping = static_cast<Mapping>(in.whole());
  p.elements = static_cast<std::int64_t>(in.whole());
  p.shape = read_shape(in);
  return p;
}

std::string body_of(const Checkpoint& c) {
  base::ByteWriter out;
  for (const std::string& text : {c.note, c.patch, c.recording, c.segments, c.optimizer}) out.text(text);
  out.whole(c.parameters.size());
  for (const Parameter& p : c.parameters) write(out, p);
  for (const std::int64_t count : {c.step, c.skipped, c.descent_steps, c.since_watched})
    out.whole(static_cast<std::uint64_t>(count));
  for (const double loss : {c.best_loss, c.watched_loss}) out.number(loss);
  for (const ParameterArena* arena : {&c.values, &c.good_values, &c.best_values}) out.numbers(*arena);
  out.whole(c.slots.size());
  for (const ParameterArena& slot : c.slots) out.numbers(slot);
  for (const std::string& text : {c.states, c.backend}) out.text(text);
  out.whole(static_cast<std::uint64_t>(c.carried));
  out.whole(static_cast<std::uint64_t>(c.history_steps));
  out.whole(static_cast<std::uint64_t>(c.history_stride));
  out.numbers(c.history);
  return out.take();
}

Checkpoint read_body(std::string_view bytes) {
  base::ByteReader in(bytes);
  Checkpoint c;
  for (std::string* text : {&c.note, &c.patch, &c.recording, &c.segments, &c.optimizer}) *text = in.text();
  for (std::uint64_t left = in.length(48); left > 0; --left) c.parameters.push_back(read_parameter(in));
  for (std::int64_t* count : {&c.step, &c.skipped, &c.descent_steps, &c.since_watched})
    *count = static_cast<std::int64_t>(in.whole());
  for (double* loss : {&c.best_loss, &c.watched_loss}) *loss = in.number();
  for (ParameterArena* arena : {&c.values, &c.good_values, &c.best_values}) *arena = in.numbers<ParameterArena>();
  for (std::uint64_t left = in.length(8); left > 0; --left) c.slots.push_back(in.numbers<ParameterArena>());
  for (std::string* text : {&c.states, &c.backend}) *text = in.text();
  c.carried = static_cast<std::int64_t>(in.whole());
  c.history_steps = static_cast<std::int64_t>(in.whole());
  c.history_stride = static_cast<std::int64_t>(in.whole());
  c.history = in.numbers<std::vector<double>>();
  if (!in.at_end()) throw Error(ErrorCode::file_malformed, "there is more in it than a checkpoint");
  return c;
}

std::string range_text(const Parameter& p) {
  std::string text = base::number_text(p.min) + " … " + base::number_text(p.max);
  if (p.mapping == Mapping::log) text += " (log)";
  if (p.mapping == Mapping::decibel) text += " (decibel)";
  if (p.shape.rank > 0) return text + ", of the shape " + to_string(p.shape);
  return text + (p.elements == 1 ? "" : ", " + std::to_string(p.elements) + " elements");
}

/// The first difference of two lists of parameters, or nothing.
std::string difference(const std::vector<Parameter>& saved, const std::vector<Parameter>& here) {
  const auto find = [](const std::vector<Parameter>& list, const std::string& name) -> const Parameter* {
    for (const Parameter& p : list) {
      if (p.name == name) return &p;
    }
    return nullptr;
  };
  for (const Parameter& p : saved) {
    const Parameter* other = find(here, p.name);
    if (!other) return "it has a parameter '" + p.name + "', which is not in this patch";
    if (range_text(p) != range_text(*other))
      return "in it parameter '" + p.name + "' is in " + range_text(p) + ", in this patch in " + range_text(*other);
  }
  for (const Parameter& p : here) {
    if (!find(saved, p.name)) return "it has no parameter '" + p.name + "', which this patch has";
  }
  for (std::size_t k = 0; k < here.size(); ++k) {
    if (saved[k].name != here[k].name) return "its parameters are in another order than this patch's";
  }
  return {};
}

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  const std::string body = body_of(checkpoint);
  base::ByteWriter numbers;
  numbers.whole(version);
  numbers.whole(body.size());
  std::string bytes = std::string(magic) + numbers.take() + body;
  return bytes + base::to_hex(base::hash(bytes));
}

Checkpoint decode(std::string_view bytes, const std::string& path) {
  const std::string file = "the checkpoint '" + path + "'";
  const auto malformed = [&](const std::string& why) { return Error(ErrorCode::file_malformed, file + " " + why); };
  if (bytes.empty()) throw malformed("is empty");
  if (!bytes.starts_with(magic.substr(0, bytes.size()))) throw malformed("is not a checkpoint of a training");
  if (bytes.size() < head_bytes) throw malformed("is truncated: it ends after " + std::to_string(bytes.size()) + " bytes");
  base::ByteReader head(bytes.substr(magic.size()));
  if (const std::uint64_t written = head.whole(); written != version) {
    throw Error(ErrorCode::state_mismatch, file + " is in version " + std::to_string(written) +
                                               " of the format, and this DGen reads version " + std::to_string(version) +
                                               "; start the training anew, or use the DGen that wrote it");
  }
  const std::uint64_t body = head.whole();
  const std::size_t left = bytes.size() - head_bytes;
  if (left < seal_bytes || body > left - seal_bytes)
    throw malformed("is truncated: " + std::to_string(bytes.size()) + " bytes are there, and more were written");
  if (body < left - seal_bytes) throw malformed("is damaged: it is longer than what was written");
  const std::string_view sealed = bytes.substr(0, bytes.size() - seal_bytes);
  if (bytes.substr(sealed.size()) != base::to_hex(base::hash(sealed))) throw malformed("is damaged: its checksum does not match");
  try {
    return read_body(sealed.substr(head_bytes));
  } catch (const Error& error) {
    throw malformed(std::string("is damaged: ") + error.what());
  }
}

void check_same(const Checkpoint& saved, const Checkpoint& here, const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::state_mismatch, "the checkpoint '" + path + "' does not go with this training: " + why);
  };
  if (const std::string what = difference(saved.parameters, here.parameters); !what.empty()) refuse(what);
  if (saved.patch != here.patch)
    refuse("it is of a patch or loss that computes something else; to go on from its values, start anew from the fitted patch");
  if (saved.recording != here.recording) refuse("it was made with another recording");
  if (saved.segments != here.segments) refuse("it was made with " + saved.segments + "; here are " + here.segments);
  if (saved.optimizer != here.optimizer) refuse("its optimiser is " + saved.optimizer + ", here it is " + here.optimizer);
  if (saved.slots.size() != here.slots.size())
    refuse("its optimiser remembers " + std::to_string(saved.slots.size()) + " numbers a parameter, here it is " +
           std::to_string(here.slots.size()) + ": a momentum was turned on or off");
  bool fits = true;
  const auto same_size = [&](const ParameterArena& a) { fits = fits && a.size() == here.values.size(); };
  same_size(saved.values), same_size(saved.good_values), same_size(saved.best_values);
  for (const ParameterArena& slot : saved.slots) same_size(slot);
  if (!fits || saved.step < 0 || saved.descent_steps < 0) refuse("its numbers are not those of this patch");
}

}  // namespace dgen::train
