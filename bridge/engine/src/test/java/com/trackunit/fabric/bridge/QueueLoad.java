// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Numbered messages in a queue, by key, and the ledger that judges what arrived of them in Kafka.
 */
final class QueueLoad {
  private static final int KEYS = 8;

  private final String queue;
  private final Ledger ledger = new Ledger();
  private int sent;

  QueueLoad(String queue) {
    this.queue = queue;
  }

  /** Publishes and waits until RabbitMQ has confirmed them all. */
  void send(Brokers brokers, int count) throws Exception {
    int from = sent;
    sent += count;
    brokers.withChannel(
        channel -> {
          channel.confirmSelect();
          for (int i = from; i < sent; i++) {
            String key = "key" + i % KEYS;
            String id = key + ":" + i;
            ledger.sent(id, key, i);
            AMQP.BasicProperties properties =
                new AMQP.BasicProperties.Builder()
                    .messageId(id)
                    .deliveryMode(2)
                    .headers(Map.of("x-kafka-key", key))
                    .build();
            channel.basicPublish("", queue, properties, id.getBytes(UTF_8));
            if (i % 500 == 499) {
              channel.waitForConfirmsOrDie(30_000);
            }
          }
          channel.waitForConfirmsOrDie(30_000);
          return true;
        });
    for (int i = from; i < sent; i++) {
      ledger.outcome("key" + i % KEYS + ":" + i, Ledger.Outcome.CONFIRMED);
    }
  }

  int total() {
    return sent;
  }

  /** Nothing lost, nothing unexpected, everything in order; repeats are in the verdict. */
  Verdict judge(List<ConsumerRecord<byte[], byte[]>> arrived) {
    for (ConsumerRecord<byte[], byte[]> record : arrived) {
      String id = new String(record.value(), UTF_8);
      int colon = id.indexOf(':');
      assertThat(new String(record.key(), UTF_8)).isEqualTo(id.substring(0, colon));
      ledger.seen(id, id.substring(0, colon), Long.parseLong(id.substring(colon + 1)));
    }
    Verdict verdict = ledger.verdict();
    assertThat(verdict.isAtLeastOnceInOrder()).as("%s", verdict).isTrue();
    return verdict;
  }
}
