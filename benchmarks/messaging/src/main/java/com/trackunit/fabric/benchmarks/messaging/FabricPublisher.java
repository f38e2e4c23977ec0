// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;

/** Ours, as it comes: it makes id and timestamp itself. */
final class FabricPublisher implements PublishArm {
  private final RabbitMessaging messaging;
  private final Publisher publisher;

  /** Closes the messaging too. */
  FabricPublisher(RabbitMessaging messaging) {
    this.messaging = messaging;
    this.publisher = messaging.publisher("").inFlight(WINDOW).build();
  }

  @Override
  public String name() {
    return "ours";
  }

  @Override
  public void publish(Load load) {
    for (int i = 0; i < load.count(); i++) {
      load.awaitTurn(i);
      int index = i;
      var unused =
          publisher
              .publish(Message.of(load.body()).routingKey(load.queue()))
              .whenComplete(
                  (outcome, failure) ->
                      load.ended(
                          index,
                          outcome != null && outcome.isConfirmed()
                              ? null
                              : "ended " + outcome + ", " + failure));
    }
  }

  @Override
  public void close() {
    publisher.close();
    messaging.close();
  }
}
