// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CurrentTargetTest {
  private static final Target POD = new Target("rabbitmq-0", "uid-0", 5672);

  private final CurrentTarget current = new CurrentTarget();
  private final Deadline now = Deadline.after(Duration.ZERO, Ticker.system());

  @Test
  void aSuspicionThatComesWhileThePodIsLookedAtIsNotForgotten() throws InterruptedException {
    assertThat(current.use(POD)).isTrue();
    current.suspect(POD, "the link broke");

    assertThat(current.awaitWork(now, false)).as("a wait that looks at none").isNull();
    assertThat(current.use(POD)).as("used again without a probe").isFalse();
    assertThat(current.now()).isNull();
    assertThat(current.awaitWork(now, true)).isEqualTo("the link broke");
    assertThat(current.use(POD)).isTrue();
  }

  @Test
  void aSuspicionOfAnotherPodIsNone() throws InterruptedException {
    assertThat(current.use(POD)).isTrue();
    current.suspect(new Target("rabbitmq-1", "uid-1", 5672), "the link broke");

    assertThat(current.now()).isEqualTo(POD);
    assertThat(current.awaitWork(now, true)).isNull();
  }

  @Test
  void withoutAPodThereIsNothingToSuspect() throws InterruptedException {
    assertThat(current.use(POD)).isTrue();
    current.suspect(POD, "the link broke");
    current.drop();

    assertThat(current.awaitWork(now, true)).isNull();
    assertThat(current.use(POD)).isTrue();
  }
}
