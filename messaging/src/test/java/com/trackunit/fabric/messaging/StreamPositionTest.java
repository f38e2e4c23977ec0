// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamPositionTest {
  private final StreamPosition position =
      new StreamPosition(Map.of("x-stream-offset", "next", "a", 1));

  @Test
  void theFirstEpochStartsAsAsked() {
    assertThat(position.arguments()).isEqualTo(Map.of("x-stream-offset", "next", "a", 1));
  }

  @Test
  void whatWasDeliveredButNotSettledIsAskedForAgain() {
    position.delivered(40L);
    position.delivered(41L);
    position.epochOver();
    assertThat(position.arguments()).containsEntry("x-stream-offset", 40L).containsEntry("a", 1);
  }

  @Test
  void theNextEpochStartsBehindWhatIsSettledWithoutAGap() {
    for (long offset : new long[] {40, 41, 43, 44}) {
      position.delivered(offset);
    }
    position.settled(40L);
    position.settled(43L);
    assertThat(position.arguments()).containsEntry("x-stream-offset", 41L);
    position.settled(41L);
    assertThat(position.arguments()).containsEntry("x-stream-offset", 44L);
    position.epochOver();
    position.settled(44L);
    assertThat(position.arguments()).containsEntry("x-stream-offset", 44L);
    position.delivered(44L);
    position.settled(44L);
    assertThat(position.arguments()).containsEntry("x-stream-offset", 45L);
  }
}
