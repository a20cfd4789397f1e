# How everything is compiled: language, warnings, sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers)
if(DGEN_WERROR)
  add_compile_options(-Werror)
endif()

if(DGEN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "DGEN_FUZZ needs clang, this is ${CMAKE_CXX_COMPILER_ID}; use the preset `fuzz`")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(DGEN_SANITIZE)
  add_compile_options(-fsanitize=${DGEN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DGEN_SANITIZE})
  # The code that checks makes g++ warn of uninitialised values in the standard library.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  # With its null checks, g++ 12 takes the address of a function for no constant, and the records' static_asserts fail
  # (its bug 71962). AddressSanitizer finds null dereferences all the same.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fno-sanitize=null,nonnull-attribute,returns-nonnull-attribute)
  endif()
endif()

# A compiler cache saves time where there is one; nothing depends on it.
find_program(DGEN_CCACHE ccache)
if(DGEN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DGEN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${DGEN_CCACHE})
endif()
