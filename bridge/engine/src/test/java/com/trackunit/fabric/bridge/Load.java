// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Numbered records by partition, and the judgement of what arrived of them. */
final class Load {
  private final String topic;
  private final int partitions;
  private int sentPerPartition;

  Load(String topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
  }

  /** Sends more records to each partition and waits until Kafka has them all. */
  void send(Brokers brokers, int perPartition) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < perPartition; i++) {
      for (int partition = 0; partition < partitions; partition++) {
        byte[] key = ("p" + partition).getBytes(UTF_8);
        byte[] body = (partition + ":" + (sentPerPartition + i)).getBytes(UTF_8);
        records.add(new ProducerRecord<>(topic, partition, key, body));
      }
    }
    brokers.send(records);
    sentPerPartition += perPartition;
  }

  long total() {
    return (long) sentPerPartition * partitions;
  }

  /** Nothing lost, nothing that was not sent, first occurrences in order. Returns the repeats. */
  int judge(List<Delivery> arrived) {
    Map<Integer, Integer> next = new HashMap<>();
    Set<String> seen = new HashSet<>();
    List<String> reordered = new ArrayList<>();
    for (Delivery message : arrived) {
      String body = new String(message.getBody(), UTF_8);
      if (seen.add(body)) {
        int colon = body.indexOf(':');
        int partition = Integer.parseInt(body.substring(0, colon));
        int number = Integer.parseInt(body.substring(colon + 1));
        int expected = next.merge(partition, 1, Integer::sum) - 1;
        if (number != expected) {
          reordered.add(body + " instead of " + expected);
        }
      }
    }
    assertThat(reordered).as("reordered").isEmpty();
    assertThat(seen).as("arrived, of which lost are missing").hasSize((int) total());
    return arrived.size() - seen.size();
  }
}
