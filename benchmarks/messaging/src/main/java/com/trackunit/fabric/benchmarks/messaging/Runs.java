// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How one arm runs once. */
final class Runs {
  private Runs() {}

  /** Publishes at full speed, and waits for the last outcome. */
  static Usage.Cost publish(PublishArm arm, String queue, byte[] body, int count) throws Exception {
    System.gc();
    Load load = Load.atOnce(queue, body, count);
    Usage before = Usage.now();
    arm.publish(load);
    load.await();
    return Usage.now().since(before, count);
  }

  /** Consumes what lies in a queue; the rate counts from the first delivery. */
  static Usage.Cost consume(ConsumeArm arm, String queue, int count) throws Exception {
    System.gc();
    Drain drain = new Drain(queue, count);
    Usage before = Usage.now();
    arm.consume(drain);
    Usage.Cost cost = Usage.now().since(before, count);
    return new Usage.Cost(drain.perSecond(), cost.cpuMicros(), cost.bytes());
  }

  /** The arms, each round beginning with another one, so that none is always behind the same. */
  static <T> List<T> inTurn(int round, List<T> arms) {
    List<T> turned = new ArrayList<>(arms);
    Collections.rotate(turned, round);
    return turned;
  }
}
