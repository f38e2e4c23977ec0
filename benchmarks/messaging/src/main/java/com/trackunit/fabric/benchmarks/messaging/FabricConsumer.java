// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.trackunit.fabric.messaging.Consumer;
import com.trackunit.fabric.messaging.RabbitMessaging;

/** Ours, as it comes, but for the prefetch. */
final class FabricConsumer implements ConsumeArm {
  private final RabbitMessaging messaging;

  /** Closes the messaging too. */
  FabricConsumer(RabbitMessaging messaging) {
    this.messaging = messaging;
  }

  @Override
  public String name() {
    return "ours";
  }

  @Override
  public void consume(Drain drain) throws InterruptedException {
    Consumer consumer =
        messaging
            .consumer(drain.queue())
            .prefetch(PREFETCH)
            .start(
                delivery -> {
                  var unused = delivery.ack();
                  if (drain.delivered()) {
                    drain.acked();
                  }
                });
    drain.await();
    consumer.close();
  }

  @Override
  public void close() {
    messaging.close();
  }
}
