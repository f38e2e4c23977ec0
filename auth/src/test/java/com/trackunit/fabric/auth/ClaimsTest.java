// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ClaimsTest {
  /** Compared each with each, so many texts would take minutes. */
  private static final int MANY = 200_000;

  @Test
  @Timeout(60)
  void textsThatAnAttackerMadeHashAlikeAreNotComparedEachWithEach() {
    List<String> alike = alike();
    assertThat(alike.stream().map(String::hashCode).distinct()).hasSize(1);

    assertThat(new Claims(Map.of("roles", alike), new byte[0]).texts("roles")).hasSize(MANY);
    String scopes = String.join(" ", alike);
    assertThat(new Claims(Map.of("scp", scopes), new byte[0]).words("scp")).hasSize(MANY);
  }

  @Test
  void manyTextsAreReadAsFewAreAndCannotBeChanged() {
    List<String> twice = List.of("a", "b", "a");
    assertThat(new Claims(Map.of("roles", twice), new byte[0]).texts("roles"))
        .containsExactlyInAnyOrder("a", "b")
        .isUnmodifiable();
    String scopes = alike().stream().limit(40).collect(Collectors.joining("  ", " ", " "));
    assertThat(new Claims(Map.of("scp", scopes), new byte[0]).words("scp"))
        .containsExactlyInAnyOrderElementsOf(alike().subList(0, 40))
        .isUnmodifiable();
  }

  /** Three pairs of letters each; all pairs have the same hash, 31 times one letter and another. */
  private static List<String> alike() {
    List<String> pairs = new ArrayList<>();
    for (char first = 'a'; first < 'a' + 60; first++) {
      pairs.add("" + first + (char) (2_000 - 31 * (first - 'a')));
    }
    List<String> alike = new ArrayList<>();
    for (String first : pairs) {
      for (String second : pairs) {
        for (String third : pairs) {
          if (alike.size() < MANY) {
            alike.add(first + second + third);
          }
        }
      }
    }
    return alike;
  }
}
