// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.Date;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The loop one writes by hand when nothing fails: a ring of ids, a semaphore for the window, and
 * the confirms counted on the connection's own thread. No recovery, no deadline, one thread.
 */
final class RawPublisher implements PublishArm {
  private static final int RING = 1 << 16; // how far confirms may be out of order

  private final String name;
  private final Connection connection;
  private final Channel channel;
  private final Semaphore window = new Semaphore(WINDOW);
  private final AtomicReferenceArray<String> ids = new AtomicReferenceArray<>(RING);
  private final String idPrefix = UUID.randomUUID() + "-";
  private final Set<String> returned = new HashSet<>(); // the connection's thread alone
  private long lowest = 1; // the connection's thread alone
  private volatile Load load = Load.atOnce("", new byte[0], 0);
  private volatile long firstOfLoad;

  RawPublisher(String name, Connection connection) throws IOException {
    this.name = name;
    this.connection = connection;
    this.channel = connection.createChannel();
    channel.confirmSelect();
    channel.addReturnListener(back -> returned.add(back.getProperties().getMessageId()));
    channel.addConfirmListener(
        (tag, multiple) -> settled(tag, multiple, true),
        (tag, multiple) -> settled(tag, multiple, false));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  @SuppressWarnings("JavaUtilDate") // what amqp-client takes; an Instant would be one object more
  public void publish(Load all) throws IOException, InterruptedException {
    firstOfLoad = channel.getNextPublishSeqNo();
    load = all;
    for (int i = 0; i < all.count(); i++) {
      all.awaitTurn(i);
      window.acquire();
      long sequence = channel.getNextPublishSeqNo();
      String id = idPrefix + sequence;
      if (!ids.compareAndSet(slot(sequence), null, id)) {
        throw new IllegalStateException("confirms are out of order by more than " + RING);
      }
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder()
              .messageId(id)
              .timestamp(new Date())
              .deliveryMode(2)
              .build();
      channel.basicPublish("", all.queue(), true, properties, all.body());
    }
  }

  private static int slot(long sequence) {
    return (int) sequence & (RING - 1);
  }

  private void settled(long tag, boolean multiple, boolean acked) {
    int settled = 0;
    for (long sequence = multiple ? lowest : tag; sequence <= tag; sequence++) {
      String id = ids.getAndSet(slot(sequence), null);
      if (id != null) {
        settled++;
        boolean cameBack = !returned.isEmpty() && returned.remove(id);
        load.ended(
            (int) (sequence - firstOfLoad), cameBack ? "returned" : acked ? null : "rejected");
      }
    }
    if (multiple) {
      lowest = tag + 1;
    }
    window.release(settled);
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
