// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;

/** A consumer one writes by hand when nothing fails: one ack for a quarter of the prefetch. */
final class RawConsumer implements ConsumeArm {
  private static final int TOGETHER = PREFETCH / 4;

  private final String name;
  private final Connection connection;

  RawConsumer(String name, Connection connection) {
    this.name = name;
    this.connection = connection;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void consume(Drain drain) throws Exception {
    Channel channel = connection.createChannel();
    channel.basicQos(PREFETCH);
    channel.basicConsume(
        drain.queue(),
        false,
        new DefaultConsumer(channel) {
          private int unacked;

          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            boolean isLast = drain.delivered();
            if (++unacked == TOGETHER || isLast) {
              channel.basicAck(envelope.getDeliveryTag(), true);
              unacked = 0;
            }
            if (isLast) {
              drain.acked();
            }
          }
        });
    drain.await();
    channel.close();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
