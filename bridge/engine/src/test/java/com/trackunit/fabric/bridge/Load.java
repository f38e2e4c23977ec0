// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Delivery;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Numbered records by partition, and the ledger that judges what arrived of them. */
final class Load {
  private final String topic;
  private final int partitions;
  private final Ledger ledger = new Ledger();
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
        String id = partition + ":" + (sentPerPartition + i);
        ledger.sent(id, String.valueOf(partition), sentPerPartition + i);
        records.add(
            new ProducerRecord<>(topic, partition, ("k" + i).getBytes(UTF_8), id.getBytes(UTF_8)));
      }
    }
    brokers.send(records);
    for (ProducerRecord<byte[], byte[]> record : records) {
      ledger.outcome(new String(record.value(), UTF_8), Ledger.Outcome.CONFIRMED);
    }
    sentPerPartition += perPartition;
  }

  long total() {
    return (long) sentPerPartition * partitions;
  }

  /** Nothing lost, nothing unexpected, everything in order; repeats are in the verdict. */
  Verdict judge(List<Delivery> arrived) {
    for (Delivery message : arrived) {
      String id = new String(message.getBody(), UTF_8);
      int colon = id.indexOf(':');
      ledger.seen(id, id.substring(0, colon), Long.parseLong(id.substring(colon + 1)));
    }
    Verdict verdict = ledger.verdict();
    assertThat(verdict.isAtLeastOnceInOrder()).as("%s", verdict).isTrue();
    return verdict;
  }
}
