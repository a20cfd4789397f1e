#include "runtime/voice_allocator.h"

#include <gtest/gtest.h>

namespace dgen::runtime {
namespace {

TEST(VoiceAllocator, TakesVoicesThatHaveNotPlayedFirst) {
  VoiceAllocator voices(3);
  EXPECT_EQ(voices.take(60, 0), 0);
  EXPECT_EQ(voices.key_up(60, 0, false), 0);
  EXPECT_EQ(voices.take(62, 0), 1);
  EXPECT_EQ(voices.take(64, 0), 2);
  EXPECT_EQ(voices.take(65, 0), 0);
}

TEST(VoiceAllocator, StealsTheReleasedLongestAgoThenTheOldest) {
  VoiceAllocator voices(3);
  for (const int note : {60, 62, 64}) voices.take(note, 0);
  EXPECT_EQ(voices.key_up(64, 0, false), 2);
  EXPECT_EQ(voices.key_up(60, 0, false), 0);
  EXPECT_EQ(voices.take(70, 0), 2);
  EXPECT_EQ(voices.take(71, 0), 0);
  EXPECT_EQ(voices.take(72, 0), 1) << "the oldest of those that are held";
  EXPECT_EQ(voices.take(73, 0), 2);
}

TEST(VoiceAllocator, StealsWhatThePedalHoldsBeforeWhatKeysHold) {
  VoiceAllocator voices(2);
  voices.take(60, 0);
  voices.take(62, 0);
  EXPECT_EQ(voices.key_up(62, 0, true), 1);
  EXPECT_TRUE(voices.is_held(1));
  EXPECT_EQ(voices.take(64, 0), 1);
}

TEST(VoiceAllocator, ReleasesEqualNotesOldestFirstAndKeepsChannelsApart) {
  VoiceAllocator voices(4);
  voices.take(60, 0);
  voices.take(60, 1);
  voices.take(60, 0);
  EXPECT_EQ(voices.key_up(60, 0, false), 0);
  EXPECT_EQ(voices.key_up(60, 0, false), 2);
  EXPECT_EQ(voices.key_up(60, 0, false), -1);
  EXPECT_EQ(voices.key_up(61, 1, false), -1);
  EXPECT_EQ(voices.key_up(60, 1, false), 1);
}

TEST(VoiceAllocator, ReleasesWhatThePedalHoldsOfOneChannel) {
  VoiceAllocator voices(3);
  voices.take(60, 0);
  voices.take(62, 0);
  voices.take(64, 1);
  voices.key_up(60, 0, true);
  voices.key_up(64, 1, true);
  std::vector<int> released;
  voices.release(0, false, [&](int voice) { released.push_back(voice); });
  EXPECT_EQ(released, std::vector{0});
  voices.release(-1, true, [&](int voice) { released.push_back(voice); });
  EXPECT_EQ(released, (std::vector{0, 1, 2}));
}

}  // namespace
}  // namespace dgen::runtime
