// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** The queues and topics that an operator deletes and makes again; what was in them is gone. */
final class Places implements AutoCloseable {
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
