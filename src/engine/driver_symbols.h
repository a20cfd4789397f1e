#pragma once
// Functions of a driver's library, which is found at run time, into the table of those that an engine calls.

#include <memory>
#include <span>
#include <string>

#include "base/dynlib.h"

namespace dgen::engine {

/// Fills members of a table by their names in the library.
class DriverSymbols {
 public:
  /// complaint: what an error says of a library that lacks NAME, of which NAME is put in place of "$".
  DriverSymbols(const base::DynamicLibrary& library, std::string complaint)
      : library_(library), complaint_(std::move(complaint)) {}

  /// Throws `Error` backend_unavailable where the library has no function of that name.
  template <class Function>
  void operator()(Function*& function, const char* name) const {
    function = reinterpret_cast<Function*>(find(name));
  }

 private:
  void* find(const char* name) const;
  const base::DynamicLibrary& library_;
  std::string complaint_;
};

/// The first of these files that the loader of libraries takes. Throws `Error` backend_unavailable with its reasons, between
/// `before` and `after`.
std::unique_ptr<const base::DynamicLibrary> open_driver(std::span<const char* const> files, const std::string& before,
                                                        const std::string& after);

}  // namespace dgen::engine
