# What `cmake --install` puts where, so that find_package(dgen) gives dgen::dgen and, where it was built, dgen::audio.
include(CMakePackageConfigHelpers)
set(dgen_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dgen)

install(DIRECTORY include/dgen DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} PATTERN audio*.h EXCLUDE)
install(TARGETS dgen EXPORT dgenTargets)
install(EXPORT dgenTargets NAMESPACE dgen:: DESTINATION ${dgen_package_dir})
# The audio library is an export of its own, as its dependencies may be missing where only the compiler is wanted.
if(TARGET dgen_audio)
  install(FILES include/dgen/audio.h include/dgen/audio_device.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dgen)
  install(TARGETS dgen_audio EXPORT dgenAudioTargets)
  install(EXPORT dgenAudioTargets NAMESPACE dgen:: DESTINATION ${dgen_package_dir})
endif()
if(TARGET dgen_tool)
  install(TARGETS dgen_tool)
endif()

configure_package_config_file(cmake/dgenConfig.cmake.in ${PROJECT_BINARY_DIR}/dgenConfig.cmake
  INSTALL_DESTINATION ${dgen_package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dgenConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dgenConfig.cmake ${PROJECT_BINARY_DIR}/dgenConfigVersion.cmake
  DESTINATION ${dgen_package_dir})
