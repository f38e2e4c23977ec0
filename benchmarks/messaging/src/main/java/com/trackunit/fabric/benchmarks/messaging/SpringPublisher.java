// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.ConnectionFactory;
import java.util.Date;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/**
 * Spring's template with correlated confirms and returns. At its best it keeps one channel for all
 * of it ({@code invoke}) and converts nothing; as it comes it takes a channel for every message.
 */
final class SpringPublisher implements PublishArm {
  private final boolean isTuned;
  private final CachingConnectionFactory connections;
  private final RabbitTemplate template;
  private final Semaphore window = new Semaphore(WINDOW);
  private final String idPrefix = UUID.randomUUID() + "-";
  private long nextId = 1;

  SpringPublisher(boolean isTuned, ConnectionFactory factory) {
    this.isTuned = isTuned;
    this.connections = new CachingConnectionFactory(factory);
    connections.setPublisherConfirmType(ConfirmType.CORRELATED);
    connections.setPublisherReturns(true);
    this.template = new RabbitTemplate(connections);
    template.setMandatory(true);
  }

  @Override
  public String name() {
    return isTuned ? "springInvoke" : "springDefault";
  }

  @Override
  public void publish(Load load) throws InterruptedException {
    if (isTuned) {
      template.invoke(
          operations -> {
            sendAll(load);
            return true;
          });
    } else {
      sendAll(load);
    }
  }

  @SuppressWarnings("JavaUtilDate") // what Spring takes
  private void sendAll(Load load) {
    for (int i = 0; i < load.count(); i++) {
      load.awaitTurn(i);
      window.acquireUninterruptibly();
      int index = i;
      String id = idPrefix + nextId++;
      CorrelationData correlation = new CorrelationData(id);
      var unused =
          correlation
              .getFuture()
              .whenComplete(
                  (confirm, failure) -> {
                    boolean isConfirmed =
                        confirm != null && confirm.ack() && correlation.getReturned() == null;
                    load.ended(index, isConfirmed ? null : "ended " + confirm + ", " + failure);
                    window.release();
                  });
      MessageProperties properties = new MessageProperties();
      properties.setMessageId(id);
      properties.setTimestamp(new Date());
      properties.setDeliveryMode(MessageDeliveryMode.PERSISTENT);
      template.send("", load.queue(), new Message(load.body(), properties), correlation);
    }
  }

  @Override
  public void close() {
    template.destroy();
    connections.destroy();
  }
}
