# Compiles every header of INCLUDE/dgen alone with COMPILER.
file(GLOB headers ${INCLUDE}/dgen/*.h)
set(faults "")
foreach(header ${headers})
  execute_process(
    COMMAND ${COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Wshadow -Wconversion -Werror -Wno-missing-field-initializers
      -I ${INCLUDE} -x c++ -include ${header} /dev/null
    RESULT_VARIABLE status ERROR_VARIABLE said)
  if(NOT status EQUAL 0)
    string(APPEND faults "${header}:\n${said}\n")
  endif()
endforeach()
if(faults)
  message(FATAL_ERROR "${faults}")
endif()
