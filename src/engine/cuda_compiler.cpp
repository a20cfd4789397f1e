// CUDA C++ to PTX, which the driver makes code of the GPU from.

#include <algorithm>
#include <vector>

#include "dgen/error.h"
#include "engine/cuda.h"
#include "engine/cuda_api.h"
#include "engine/trouble.h"

namespace dgen::engine {

namespace {

using cuda::Compilation;
using cuda::compiler;

class OwnedCompilation {
 public:
  explicit OwnedCompilation(const std::string& source) {
    const int error = compiler().CreateProgram(&compilation_, source.c_str(), "dgen.cu", 0, nullptr, nullptr);
    if (error != cuda::success)
      throw Error(ErrorCode::backend_unavailable, std::string("NVRTC takes no source: ") + compiler().GetErrorString(error));
  }
  OwnedCompilation(const OwnedCompilation&) = delete;
  OwnedCompilation& operator=(const OwnedCompilation&) = delete;
  ~OwnedCompilation() { compiler().DestroyProgram(&compilation_); }
  Compilation get() const { return compilation_; }

 private:
  Compilation compilation_ = nullptr;
};

/// Text that NVRTC gives as a size, with its zero, and characters.
template <class Size, class Get>
std::string text_of(Compilation compilation, Size size_of, Get get) {
  std::size_t size = 0;
  if (size_of(compilation, &size) != cuda::success || size <= 1) return {};
  std::string text(size, '\0');
  if (get(compilation, text.data()) != cuda::success) return {};
  text.resize(size - 1);
  return text;
}

/// The latest architecture that the compiler has and the device runs. Throws where it has none so old.
int architecture_for(int capability) {
  int count = 0;
  std::vector<int> known;
  if (compiler().GetNumSupportedArchs(&count) == cuda::success && count > 0) {
    known.resize(static_cast<std::size_t>(count));
    if (compiler().GetSupportedArchs(known.data()) != cuda::success) known.clear();
  }
  int best = 0;
  for (const int architecture : known) {
    if (architecture <= capability) best = std::max(best, architecture);
  }
  if (best > 0) return best;
  throw Error(ErrorCode::backend_unavailable, "NVRTC has no architecture for a GPU of compute capability " +
                                                  std::to_string(capability / 10) + "." + std::to_string(capability % 10) +
                                                  "; install the CUDA toolkit of the GPU's time");
}

}  // namespace

std::string compile_cuda(const std::string& source, int capability) {
  const OwnedCompilation compilation(source);
  const std::string architecture = "--gpu-architecture=compute_" + std::to_string(architecture_for(capability));
  // Denormals are zero as on every back end; divisions and roots are rounded correctly; products may be contracted, as in C.
  const char* options[] = {architecture.c_str(), "--std=c++17",      "--ftz=true",
                           "--prec-div=true",    "--prec-sqrt=true", "--fmad=true"};
  const int error = compiler().CompileProgram(compilation.get(), static_cast<int>(std::size(options)), options);
  if (error != cuda::success) {
    const std::string log = text_of(compilation.get(), compiler().GetProgramLogSize, compiler().GetProgramLog);
    throw Error(ErrorCode::compiler_failed, std::string("CUDA: NVRTC refuses the generated source, ") +
                                                compiler().GetErrorString(error) + advice_of(Trouble::compiler_refuses) +
                                                (log.empty() ? "it says nothing more" : log));
  }
  return text_of(compilation.get(), compiler().GetPTXSize, compiler().GetPTX);
}

}  // namespace dgen::engine
