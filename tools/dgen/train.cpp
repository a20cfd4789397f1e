// `dgen train`: a patch's parameters fitted to a recording by gradient descent.

#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/train_search.h"
#include "dgen/training.h"

namespace dgen::tool {

namespace {

void train(TrainOptions options) {
  const LossSpec loss = parse_loss(options.loss);
  const Method method = method_of(options);
  if (options.resume && options.checkpoint.empty())
    throw UsageError("--resume needs --checkpoint FILE, the file to continue from");
  check_search(options);
  check_paths(options);
  run_training(options, loss, method, read_patch(options.patch.path));
}

void add_search(CLI::App& command, SearchChoice& search) {
  constexpr int most = 1 << 30;
  command
      .add_option("--starts", search.starts, "Starts to try all over the ranges before descending; default with --search: 1024")
      ->check(whole_number_from(0, most))
      ->type_name("N");
  const auto choose = [&search](const std::string& word) {
    search.method = word == "random" ? SearchMethod::random
                    : word == "lhs"  ? SearchMethod::latin_hypercube
                                     : SearchMethod::cma_es;
  };
  command
      .add_option_function<std::string>("--search", choose,
                                        "lhs: a Latin hypercube (default with --starts); random; cma-es: generations after it")
      ->check(one_of({"lhs", "random", "cma-es"}))
      ->type_name("lhs|random|cma-es");
  command.add_option("--generations", search.generations, "Most generations of cma-es (default 100)")
      ->check(whole_number_from(1, most))
      ->type_name("N");
  command.add_option("--population", search.population, "Candidates of a generation (default 16, more for many parameters)")
      ->check(whole_number_from(4, 1 << 20))
      ->type_name("N");
  command.add_option("--refine", search.refine, "Best starts to descend from, each by itself (default 4); 0: none")
      ->check(whole_number_from(0, 1024))
      ->type_name("N");
}

}  // namespace

void add_train(CLI::App& app, const std::string& command_line) {
  CLI::App& command = *app.add_subcommand("train", "Fit a patch's parameters to a recording");
  const auto options = std::make_shared<TrainOptions>();
  options->command_line = command_line;
  options->patch.add_patch(command);
  command.add_option("--target", options->target, "Sound file that the patch is to sound like")->required()->type_name("FILE");
  command.add_option("-i,--input", options->input, "Sound file that the patch hears; without it the patch runs by itself")
      ->type_name("FILE");
  command.add_option("-o,--output", options->paths.patch, "Fitted patch to write: the text with other defaults")
      ->required()
      ->type_name("FILE");
  command.add_option("--wav", options->paths.wav, "Sound of the fitted patch to write: .wav, .aif, .aiff or .flac")
      ->type_name("FILE");
  command.add_option("--report", options->paths.page, "Page to write: curves, pictures and sounds in one HTML file")
      ->type_name("FILE");
  command
      .add_option("--save-weights", options->paths.weights,
                  "Fitted values by name to write, as safetensors: for --weights, PyTorch")
      ->type_name("FILE");
  command
      .add_option("--loss", options->loss,
                  "[FACTOR*]mse|l1|esr|log-cosh|si-sdr|spectral[:KEY=VALUE,…], summed by + (default esr)")
      ->type_name("SPEC");
  command
      .add_option("--optimizer", options->optimizer, "sgd, adam (default), adamw, rmsprop, adagrad or lion, with [:KEY=VALUE,…]")
      ->type_name("NAME");
  command
      .add_option("--lr", options->learning_rate,
                  "Learning rate; default 0.01: a step is at most about a hundredth of a parameter's range")
      ->check(number_from(0.0, 1e9))
      ->type_name("X");
  command
      .add_option("--schedule", options->schedule,
                  "cosine (default), constant, step:EVERY[,FACTOR], linear or exponential:FACTOR, after [warmup:STEPS+]")
      ->type_name("SPEC");
  add_choice<Scale>(command, "--scale", options->scale, {{"range", Scale::range}, {"none", Scale::none}},
                    "range: learning rates are parts of each parameter's range (default); none: in its own unit");
  command.add_option("--steps", options->steps, "Steps to take (default 1000); 0 writes the patch as it is")
      ->check(whole_number_from(0, 1000000000))
      ->type_name("N");
  command
      .add_option("--segment", options->segment,
                  "Length of what a step runs; default: all. With -i: from anywhere, else the first")
      ->check(number_from(0.0, 1e6))
      ->type_name("S");
  command.add_option("--pre-roll", options->pre_roll, "Seconds that run before a segment and do not count; default: its length")
      ->check(number_from(0.0, 1e6))
      ->type_name("S");
  command.add_option("--seed", options->seed, "Of the places of segments, and of a search (default 0)")
      ->check(seed_number())
      ->type_name("N");
  command.add_option("--freeze", options->freeze, "Leave this parameter as it is; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_search(command, options->search);
  options->set.add(command);
  command.add_option("--rate", options->rate, "Sample rate of the run; default: the input's, else the target's")
      ->check(number_from(1.0, 1e7))
      ->type_name("HZ");
  command
      .add_option("--checkpoint", options->checkpoint,
                  "File that keeps the state of the training, to continue from: written every 5 s and at the end")
      ->type_name("FILE");
  command.add_flag("--resume", options->resume, "Continue from the checkpoint, bit for bit");
  command.add_option("--threads", options->threads, "Threads; changes nothing but the speed (default: those of the machine)")
      ->check(whole_number_from(1, 1024))
      ->type_name("N");
  command.add_option("--memory", options->memory_mib, "Most memory for what the gradient must remember (default 1024)")
      ->check(number_from(1.0, 1e7))
      ->type_name("MIB");
  options->patch.add_backend(command);
  command.callback([options] { train(*options); });
}

}  // namespace dgen::tool
