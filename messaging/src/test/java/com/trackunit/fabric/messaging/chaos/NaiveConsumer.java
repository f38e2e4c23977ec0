// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.testkit.brokers.chaos.NumberedMessage;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import com.trackunit.fabric.testkit.brokers.chaos.SightingFile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The usual mistake: automatic acks, and work done in batches. The broker forgets a message when it
 * has written it to the socket; a process that dies takes its batch along.
 */
final class NaiveConsumer {
  private static final int BATCH = 50;

  private record Received(String id, String key, long sequence) {}

  private final SightingFile.Writer file;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

  /** Consumes until its process ends. */
  NaiveConsumer(RabbitAccess access, SightingFile.Writer file) throws Exception {
    this.file = file;
    Connection connection = access.rawClient().newConnection("naive");
    Channel channel = connection.createChannel();
    channel.basicConsume(
        Site.AUTO_ACK,
        true,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            received.add(
                new Received(
                    properties.getMessageId(),
                    envelope.getRoutingKey(),
                    NumberedMessage.of(body).sequence()));
          }
        });
    Thread worker = new Thread(this::work, "naive");
    worker.setDaemon(true);
    worker.start();
  }

  private void work() {
    List<Received> batch = new ArrayList<>();
    try {
      while (true) {
        Received next = received.poll(500, TimeUnit.MILLISECONDS);
        if (next != null) {
          batch.add(next);
        }
        if (next == null || batch.size() >= BATCH) {
          batch.forEach(one -> file.seen(one.id(), one.key(), one.sequence()));
          batch.clear();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
