// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StartupChecksTest {
  private static final Route ROUTE = Route.fromQueue("q").toTopic("t");

  @Test
  void effectivelyOnceNeedsASingleActiveConsumer() {
    RouteException refusal =
        Objects.requireNonNull(
            StartupChecks.ofQueue(ROUTE.effectivelyOnce(), Map.of("x-queue-type", "quorum"))
                .refusal());

    assertThat(refusal.kind()).isEqualTo(RouteException.Kind.UNSUITABLE);
    assertThat(refusal).hasMessageContainingAll("queue 'q'", "x-single-active-consumer");
  }

  @Test
  void whatWouldLoseMessagesIsToldAndWhatWouldNotIsNot() {
    assertThat(StartupChecks.ofQueue(ROUTE, Map.of("x-queue-type", "quorum")).refusal()).isNull();
    assertThat(StartupChecks.ofQueue(ROUTE, Map.of("x-queue-type", "quorum")).warnings())
        .satisfiesExactly(
            one -> assertThat(one).contains("x-single-active-consumer"),
            one -> assertThat(one).contains("dead-letter exchange"),
            one -> assertThat(one).contains("x-delivery-limit"));
    Map<String, Object> good =
        Map.of(
            "x-queue-type",
            "quorum",
            "x-single-active-consumer",
            true,
            "x-dead-letter-exchange",
            "",
            "x-delivery-limit",
            5L);
    assertThat(StartupChecks.ofQueue(ROUTE, good).warnings()).isEmpty();
    assertThat(StartupChecks.ofQueue(ROUTE.onError(ErrorPolicy.skip()), good).warnings())
        .singleElement()
        .asString()
        .contains("skips");
  }
}
