// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** How one arm runs once. */
final class Runs {
  private static final long REST_NANOS = Duration.ofMillis(100).toNanos();

  private Runs() {}

  /** Publishes at full speed, and waits for the last outcome. */
  static Usage.Cost publish(PublishArm arm, String queue, byte[] body, int count) throws Exception {
    rest();
    Load load = Load.atOnce(queue, body, count);
    Usage before = Usage.now();
    arm.publish(load);
    load.await();
    return Usage.now().since(before, count);
  }

  /** Publishes at a rate, for some seconds, and waits for the last outcome. */
  static Load publishAt(double perSecond, PublishArm arm, String queue, byte[] body, double seconds)
      throws Exception {
    rest();
    Load load = Load.atRate(queue, body, (int) (seconds * perSecond), perSecond);
    arm.publish(load);
    load.await();
    return load;
  }

  /** Consumes what lies in a queue; the rate counts from the first delivery. */
  static Usage.Cost consume(ConsumeArm arm, String queue, int count) throws Exception {
    rest();
    Drain drain = new Drain(queue, count);
    Usage before = Usage.now();
    arm.consume(drain);
    Usage.Cost cost = Usage.now().since(before, count);
    return new Usage.Cost(drain.perSecond(), cost.cpuMicros(), cost.bytes());
  }

  /** So that what the run before has left behind, here and in the broker, is done first. */
  private static void rest() {
    System.gc();
    LockSupport.parkNanos(REST_NANOS);
  }

  /**
   * The arms, each round beginning with another one, and backwards when all have begun once, so
   * that none is always behind the same.
   */
  static <T> List<T> inTurn(int round, List<T> arms) {
    List<T> turned = new ArrayList<>(arms);
    Collections.rotate(turned, round);
    if (round / arms.size() % 2 == 1) {
      Collections.reverse(turned);
    }
    return turned;
  }
}
