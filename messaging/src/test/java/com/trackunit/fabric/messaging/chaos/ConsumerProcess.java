// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.chaos.NumberedMessage;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import com.trackunit.fabric.testkit.brokers.chaos.SightingFile;
import java.nio.file.Path;
import java.util.List;

/**
 * The program of a JVM of its own, to be killed and frozen: an ordered consumer, a competing one,
 * and one with automatic acks.
 */
final class ConsumerProcess {
  private ConsumerProcess() {}

  static Path sightings(Path folder, String queue) {
    return folder.resolve(queue + ".seen");
  }

  /** Runs in the JVM of its own, until it is killed. */
  public static void main(String[] arguments) throws Exception {
    RabbitAccess access = RabbitAccess.ofEnvironment();
    Path folder = Path.of(arguments[1]);
    SightingFile.Writer ordered = new SightingFile.Writer(sightings(folder, Site.ORDERED));
    SightingFile.Writer competing = new SightingFile.Writer(sightings(folder, Site.COMPETING));
    SightingFile.Writer autoAck = new SightingFile.Writer(sightings(folder, Site.AUTO_ACK));
    RabbitMessaging rabbit = RabbitMessaging.open(Site.settings(access, arguments[0]));
    var lanes =
        rabbit
            .consumer(Site.ORDERED)
            .prefetch(100)
            .concurrency(4)
            .orderedBy(Delivery::routingKey)
            .start(delivery -> seeAndAck(delivery, ordered));
    var competitor =
        rabbit
            .consumer(Site.COMPETING)
            .prefetch(50)
            .concurrency(2)
            .start(delivery -> seeAndAck(delivery, competing));
    NaiveConsumer naive = new NaiveConsumer(access, autoAck);
    Thread.currentThread().join(); // until it is killed
    throw new AssertionError("nobody ends " + List.of(lanes, competitor, naive));
  }

  /** In this order: what was seen is in the file before the broker may forget it. */
  private static void seeAndAck(Delivery delivery, SightingFile.Writer file) {
    file.seen(
        delivery.messageId().orElse("none"),
        delivery.routingKey(),
        NumberedMessage.of(delivery.body()).sequence());
    var unused = delivery.ack();
  }
}
