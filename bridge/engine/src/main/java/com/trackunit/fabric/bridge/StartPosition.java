// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Where a consumer group begins in a partition for which it has committed nothing yet. */
sealed interface StartPosition {
  /** At the earliest record. */
  record Earliest() implements StartPosition {
    @Override
    public String toString() {
      return "the earliest record";
    }
  }

  /** At an offset, or at the first record behind it that is still there. */
  record Offset(long offset) implements StartPosition {
    @Override
    public String toString() {
      return "offset " + offset;
    }
  }

  /** At the first record of a time or later; where there is none, at the end. */
  record Time(Instant time) implements StartPosition {
    @Override
    public String toString() {
      return time.toString();
    }
  }

  /** Moves a consumer there. */
  default void seek(
      KafkaConsumer<byte[], byte[]> consumer,
      Collection<TopicPartition> partitions,
      Duration budget) {
    if (this instanceof Offset start) {
      Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions, budget);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions, budget);
      for (TopicPartition partition : partitions) {
        long atLeast = first.getOrDefault(partition, 0L);
        long atMost = end.getOrDefault(partition, Long.MAX_VALUE);
        consumer.seek(partition, Math.min(Math.max(start.offset(), atLeast), atMost));
      }
    } else if (this instanceof Time start) {
      Map<TopicPartition, Long> times = new HashMap<>();
      partitions.forEach(partition -> times.put(partition, start.time().toEpochMilli()));
      Map<TopicPartition, @Nullable OffsetAndTimestamp> found =
          consumer.offsetsForTimes(times, budget);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions, budget);
      for (TopicPartition partition : partitions) {
        OffsetAndTimestamp at = found.get(partition);
        consumer.seek(partition, at == null ? end.getOrDefault(partition, 0L) : at.offset());
      }
    } else {
      consumer.seekToBeginning(partitions);
    }
  }
}
