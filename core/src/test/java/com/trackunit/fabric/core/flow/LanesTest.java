// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanesTest {
  private final Lanes<String> lanes = new Lanes<>();

  @Test
  void aLaneGivesItsNextItemOnlyWhenTheOneBeforeIsThrough() {
    lanes.add("a", "a1");
    lanes.add("a", "a2");
    lanes.add("b", "b1");
    assertThat(lanes.poll()).isEqualTo("a1");
    assertThat(lanes.poll()).isEqualTo("b1");
    assertThat(lanes.poll()).isNull();
    lanes.free("a");
    assertThat(lanes.poll()).isEqualTo("a2");
  }

  @Test
  void itemsWithoutAKeyWaitForNobody() {
    lanes.add(null, "1");
    lanes.add(null, "2");
    assertThat(lanes.poll()).isEqualTo("1");
    assertThat(lanes.poll()).isEqualTo("2");
    lanes.free(null);
    assertThat(lanes.hasReady()).isFalse();
  }

  @Test
  void whatIsTakenAgainComesBeforeAllElseAndHoldsItsLane() {
    lanes.add("a", "a1");
    lanes.add("a", "a2");
    lanes.add("b", "b1");
    assertThat(lanes.poll()).isEqualTo("a1");
    lanes.again("a", "a1");
    assertThat(lanes.poll()).isEqualTo("a1");
    lanes.free("a");
    assertThat(List.of("" + lanes.poll(), "" + lanes.poll())).containsExactly("b1", "a2");
  }

  @Test
  void clearGivesBackWhatWasNotOutAndForgetsTheRest() {
    lanes.add("a", "a1");
    lanes.add("a", "a2");
    lanes.add("b", "b1");
    assertThat(lanes.poll()).isEqualTo("a1");
    assertThat(lanes.size()).isEqualTo(2);
    assertThat(lanes.clear()).containsExactly("b1", "a2");
    assertThat(lanes.size()).isZero();
    lanes.add("a", "a3");
    assertThat(lanes.poll()).isEqualTo("a3");
  }

  @Test
  void freeingALaneThatHasNothingOutIsAMistakeOfTheCaller() {
    assertThatIllegalStateException().isThrownBy(() -> lanes.free("a"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everyItemComesOnceInTheOrderOfItsKeyAndNoLaneHasTwoOut(long seed) {
    Random random = new Random(seed);
    Lanes<int[]> many = new Lanes<>();
    Map<Integer, Integer> added = new HashMap<>();
    Map<Integer, Integer> through = new HashMap<>();
    List<int[]> out = new ArrayList<>();
    Set<Integer> busy = new HashSet<>();
    for (int step = 0; step < 20_000; step++) {
      int key = random.nextInt(8);
      switch (random.nextInt(4)) {
        case 0 -> many.add(key, new int[] {key, added.merge(key, 1, Integer::sum)});
        case 1, 2 -> take(many.poll(), busy, through, out);
        default -> {
          if (!out.isEmpty()) {
            int[] item = out.remove(random.nextInt(out.size()));
            busy.remove(item[0]);
            if (random.nextInt(5) == 0) {
              many.again(item[0], item);
            } else {
              through.merge(item[0], 1, Integer::sum);
              many.free(item[0]);
            }
          }
        }
      }
    }
    int left = many.size() + out.size();
    assertThat(added.values().stream().mapToInt(Integer::intValue).sum())
        .as("seed %d", seed)
        .isEqualTo(through.values().stream().mapToInt(Integer::intValue).sum() + left);
  }

  private static void take(
      int @Nullable [] item, Set<Integer> busy, Map<Integer, Integer> through, List<int[]> out) {
    if (item != null) {
      assertThat(busy.add(item[0])).as("lane %d has one out", item[0]).isTrue();
      assertThat(item[1]).isEqualTo(through.getOrDefault(item[0], 0) + 1);
      out.add(item);
    }
  }
}
