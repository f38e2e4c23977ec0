// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The queues and topics that an operator deletes and makes again; what was in them is gone. */
final class Places implements AutoCloseable {
  private static final Duration UNTIL_NOBODY_READS = Duration.ofMinutes(1);

  private final KafkaNode kafka;
  private final RabbitMessaging rabbit;
  private final RabbitAccess access;
  private final Ledger up;
  private final Ledger down;
  private TopicReader upReader;

  /** Reads the topic of the way up from now on. */
  Places(KafkaNode kafka, RabbitMessaging rabbit, RabbitAccess access, Ledger up, Ledger down) {
    this.kafka = kafka;
    this.rabbit = rabbit;
    this.access = access;
    this.up = up;
    this.down = down;
    this.upReader = new TopicReader(kafka.bootstrapServers(), Site.UP, up);
  }

  /** The queue that a route comes from. */
  void deleteSourceQueue() throws Exception {
    access.operate(channel -> channel.queueDelete(Site.UP));
  }

  /**
   * Not within the same milliseconds: RabbitMQ 3.10 then takes the old consumers over to the new
   * queue without a word and forgets to deliver, as a remark in its rabbit_channel.erl fears.
   */
  void declareSourceQueue() {
    Site.declare(rabbit, Site.UP);
    up.deleted(key -> true);
  }

  /** The queue that a route goes to: until it is there again, the broker sends messages back. */
  void deleteTargetQueue() throws Exception {
    access.operate(channel -> channel.queueDelete(Site.DOWN));
  }

  void declareTargetQueue() {
    down.sentBack(key -> true);
    Site.declare(rabbit, Site.DOWN);
    down.deleted(key -> true);
  }

  /** The topic that a route goes to. */
  void deleteTargetTopic() throws Exception {
    upReader.close();
    recreate(Site.UP);
    up.deleted(key -> true);
    upReader = new TopicReader(kafka.bootstrapServers(), Site.UP, up);
  }

  /** The topic that a route comes from. */
  void deleteSourceTopic() throws Exception {
    recreate(Site.DOWN);
    down.deleted(key -> true);
  }

  /** What an operator does once the route stands still; no bridge runs meanwhile. */
  void resetOffsets() throws Exception {
    Map<TopicPartition, OffsetAndMetadata> beginning = new HashMap<>();
    for (int partition = 0; partition < Site.PARTITIONS; partition++) {
      beginning.put(new TopicPartition(Site.DOWN, partition), new OffsetAndMetadata(0));
    }
    Deadline deadline = Deadline.after(UNTIL_NOBODY_READS, Ticker.system());
    try (Admin admin = admin()) {
      while (true) {
        try {
          admin
              .alterConsumerGroupOffsets(Site.DOWN_GROUP, beginning)
              .all()
              .get(30, TimeUnit.SECONDS);
          return;
        } catch (ExecutionException e) {
          // A bridge that did not leave in time is a member until its session ends.
          if (deadline.hasPassed()) {
            throw e;
          }
          TimeUnit.MILLISECONDS.sleep(100);
        }
      }
    }
  }

  private void recreate(String topic) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
      while (admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(topic)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
    kafka.createTopic(topic, Site.PARTITIONS, Map.of());
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @Override
  public void close() {
    upReader.close();
  }
}
