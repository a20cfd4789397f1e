# Installs BUILD below WORK, moves the tree, then configures, builds and runs the CONSUMER against it, as a user would.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# The program that README.md shows is part of the consumer.
file(READ ${README} readme)
string(REGEX MATCH "```cpp\n([^`]*)```" found "${readme}")
if(NOT found)
  message(FATAL_ERROR "${README} shows no C++ program")
endif()
file(WRITE ${WORK}/readme.cpp "${CMAKE_MATCH_1}")

set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
file(REMOVE_RECURSE ${WORK}/staged ${WORK}/prefix ${WORK}/build)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/staged)
# Moved, so that a path of the first place written into the package shows.
file(RENAME ${WORK}/staged ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_CXX_FLAGS=${flags} -DCMAKE_PREFIX_PATH=${WORK}/prefix -DREADME_PROGRAM=${WORK}/readme.cpp)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
if(NOT output MATCHES "consumed dgen")
  message(FATAL_ERROR "the consumer ran and said: ${output}")
endif()
run(${WORK}/build/readme)
if(NOT output MATCHES "^0 0\\.0431")  # of a sine of 330 Hz at 48 kHz
  message(FATAL_ERROR "the program of README.md ran and said: ${output}")
endif()
