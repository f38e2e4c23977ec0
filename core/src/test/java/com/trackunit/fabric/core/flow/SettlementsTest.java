// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettlementsTest {
  @Test
  void theWatermarkNeverPassesTheLowestUnsettled() {
    Settlements<String> settlements = new Settlements<>();
    settlements.register(1, "a");
    settlements.register(2, "b");
    settlements.register(3, "c");

    settlements.settle(3);
    settlements.settle(2);
    assertThat(settlements.settledThrough()).isEmpty();

    assertThat(settlements.settle(1)).isEqualTo("a");
    assertThat(settlements.settledThrough()).hasValue(3);
    assertThat(settlements.outstanding()).isZero();
  }

  @Test
  void gapsBetweenPositionsAreNoObstacle() {
    Settlements<String> settlements = new Settlements<>();
    settlements.register(10, "a");
    settlements.register(25, "b");

    settlements.settle(10);
    assertThat(settlements.settledThrough()).hasValue(10);
    settlements.settle(25);
    assertThat(settlements.settledThrough()).hasValue(25);
  }

  @Test
  void settlingTwiceOrUnknownAnswersNull() {
    Settlements<String> settlements = new Settlements<>();
    settlements.register(5, "a");
    settlements.register(7, "b");

    assertThat(settlements.settle(6)).isNull();
    assertThat(settlements.settle(7)).isEqualTo("b");
    assertThat(settlements.settle(7)).isNull();
    assertThat(settlements.settle(5)).isEqualTo("a");
    assertThat(settlements.settle(5)).isNull();
  }

  @Test
  void aPositionThatDoesNotRiseIsRefused() {
    Settlements<String> settlements = new Settlements<>();
    settlements.register(5, "a");
    settlements.settle(5);

    assertThatThrownBy(() -> settlements.register(5, "again"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("position 5 registered after 5");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20_261_123, -7})
  void itAgreesWithAPlainModelUnderRandomInterleavings(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Settlements<Long> settlements = new Settlements<>();
    NavigableMap<Long, Boolean> settledByPosition = new TreeMap<>();
    long next = random.nextLong(100);
    for (int step = 0; step < 20_000; step++) {
      String where = "seed " + seed + ", step " + step;
      int action = random.nextInt(10);
      if (action < 5) {
        next += 1 + random.nextInt(3);
        settlements.register(next, next);
        settledByPosition.put(next, false);
      } else if (!settledByPosition.isEmpty()) {
        long first = settledByPosition.firstKey();
        long position = first + random.nextLong(next - first + 2);
        if (action < 9) {
          boolean outstanding = Boolean.FALSE.equals(settledByPosition.get(position));
          assertThat(settlements.settle(position))
              .as(where)
              .isEqualTo(outstanding ? position : null);
          settledByPosition.computeIfPresent(position, (key, settled) -> true);
        } else {
          List<Long> expected = new ArrayList<>();
          settledByPosition
              .headMap(position, true)
              .replaceAll(
                  (key, settled) -> {
                    if (!settled) {
                      expected.add(key);
                    }
                    return true;
                  });
          assertThat(settlements.settleThrough(position)).as(where).isEqualTo(expected);
        }
      }
      assertThat(settlements.settledThrough()).as(where).isEqualTo(watermark(settledByPosition));
      assertThat(settlements.outstanding())
          .as(where)
          .isEqualTo((int) settledByPosition.values().stream().filter(s -> !s).count());
      forgetAllButTheWatermark(settledByPosition);
    }
    assertThat(settlements.outstandingPayloads())
        .isEqualTo(
            settledByPosition.entrySet().stream()
                .filter(entry -> !entry.getValue())
                .map(Map.Entry::getKey)
                .toList());
  }

  private static OptionalLong watermark(NavigableMap<Long, Boolean> settledByPosition) {
    OptionalLong watermark = OptionalLong.empty();
    for (var entry : settledByPosition.entrySet()) {
      if (!entry.getValue()) {
        break;
      }
      watermark = OptionalLong.of(entry.getKey());
    }
    return watermark;
  }

  private static void forgetAllButTheWatermark(NavigableMap<Long, Boolean> settledByPosition) {
    OptionalLong watermark = watermark(settledByPosition);
    if (watermark.isPresent()) {
      settledByPosition.headMap(watermark.getAsLong()).clear();
    }
  }
}
