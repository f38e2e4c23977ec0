// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Kafka side of a route: one life of a consumer, from subscribing to closing. It tells the core
 * of partitions and records, and does the core's commands. A consumer that has thrown is closed and
 * another one takes its place.
 *
 * <p>Everything runs on the route's thread, the rebalance callbacks too (within a poll).
 */
final class KafkaSource implements ConsumerRebalanceListener {
  /** How long a rebalance may wait for confirms: well below the time the group gives a member. */
  private static final Duration DRAIN_BUDGET = Duration.ofSeconds(5);

  private static final Duration CALL_BUDGET = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(KafkaSource.class);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final RouteCore<TopicPartition, AmqpMessage> core;
  private final Mailbox mailbox;
  private final Ticker ticker;
  private final RecordMapping mapping;
  private final StartPosition start;
  private final KafkaContact contact;
  private final TopicIds topicIds;
  private @Nullable Deadline drainBy;
  private @Nullable Deadline closeBy;
  private boolean abandoned;

  private KafkaSource(
      Map<String, Object> config,
      Route route,
      RouteCore<TopicPartition, AmqpMessage> core,
      Mailbox mailbox,
      Ticker ticker) {
    ClusterIdReader values = new ClusterIdReader();
    this.topicIds = new TopicIds(config, values);
    try {
      this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), values);
    } catch (KafkaException e) {
      topicIds.close();
      throw e;
    }
    this.start = route.startPosition();
    this.core = core;
    this.mailbox = mailbox;
    this.ticker = ticker;
    this.mapping = new RecordMapping(route, values::id);
    this.contact = new KafkaContact(consumer.metrics(), ticker);
  }

  /**
   * Begins to read a topic.
   *
   * @throws KafkaException if no consumer can be made (no host resolves)
   */
  static KafkaSource open(
      Map<String, Object> config,
      Route route,
      RouteCore<TopicPartition, AmqpMessage> core,
      Mailbox mailbox,
      Ticker ticker) {
    KafkaSource source = new KafkaSource(config, route, core, mailbox, ticker);
    Pattern pattern = route.topicPattern();
    if (pattern == null) {
      source.consumer.subscribe(route.topics(), source);
    } else {
      source.consumer.subscribe(pattern, source);
    }
    return source;
  }

  /** Takes what is there, or waits until something is there or in the mailbox. */
  void poll(Duration atMost) {
    ConsumerRecords<byte[], byte[]> records = tryPoll(Duration.ZERO);
    if (records.isEmpty() && mailbox.arm(consumer::wakeup)) {
      try {
        records = tryPoll(atMost);
      } finally {
        mailbox.disarm();
      }
    }
    Set<TopicPartition> begunAnew = beginAnewWhereRecreated(records.partitions());
    for (TopicPartition partition : records.partitions()) {
      if (!begunAnew.contains(partition)) {
        take(partition, records.records(partition));
      }
    }
  }

  private void take(TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      AmqpMessage message = map(record);
      if (message == null) {
        core.filtered(partition, record.offset());
      } else {
        String id = String.valueOf(message.properties().getMessageId());
        core.polled(
            partition, record.offset(), new Outbound<>(id, RecordMapping.size(record), message));
      }
    }
  }

  /**
   * A partition whose topic was deleted and created anew is read from its first record: the old
   * position means nothing there.
   *
   * @param inHand must be judged before anything of them is taken
   */
  private Set<TopicPartition> beginAnewWhereRecreated(Set<TopicPartition> inHand) {
    Set<TopicPartition> recreated = Set.copyOf(topicIds.recreated(core.lanes(), inHand));
    if (!recreated.isEmpty()) {
      log.warn("{} deleted and created anew: read from the beginning", recreated);
      consumer.seekToBeginning(recreated);
      consumer.resume(recreated);
      recreated.forEach(partition -> core.begunAnew(partition, createdAnew(partition)));
    }
    return recreated;
  }

  private static RouteException createdAnew(TopicPartition partition) {
    return new RouteException(
        RouteException.Kind.TOPIC_RECREATED,
        "partition "
            + partition
            + ": its topic was deleted and created anew; the route goes on at its first record, and"
            + " what the old one still held is gone",
        null);
  }

  /** Null if it is not wanted. */
  private @Nullable AmqpMessage map(ConsumerRecord<byte[], byte[]> record) {
    try {
      return mapping.wants(record) ? mapping.map(record) : null;
    } catch (RuntimeException e) {
      // A function of the user's threw: the error policy decides, when it is the record's turn.
      return AmqpMessage.refused("it cannot be mapped: " + e);
    }
  }

  private ConsumerRecords<byte[], byte[]> tryPoll(Duration atMost) {
    try {
      return consumer.poll(atMost);
    } catch (WakeupException e) {
      return ConsumerRecords.empty();
    } catch (OffsetOutOfRangeException e) {
      Map<TopicPartition, Long> gone = new HashMap<>(e.offsetOutOfRangePartitions());
      gone.keySet().removeAll(beginAnewWhereRecreated(Set.copyOf(gone.keySet())));
      gone.forEach((partition, offset) -> core.positionLost(partition, lost(partition, offset)));
      return ConsumerRecords.empty();
    } catch (NoOffsetForPartitionException e) {
      // The committed offset expired between the assignment and now.
      start.seek(consumer, e.partitions(), CALL_BUDGET);
      return ConsumerRecords.empty();
    }
  }

  private static RouteException lost(TopicPartition partition, long offset) {
    return new RouteException(
        RouteException.Kind.POSITION_LOST,
        "partition "
            + partition
            + ": the group has committed offset "
            + offset
            + ", but Kafka no longer has it (retention, or records were deleted); the partition"
            + " stands still so that nothing is skipped unseen: set the group's"
            + " offset (kafka-consumer-groups --reset-offsets) and restart the bridge",
        null);
  }

  void commit(Map<TopicPartition, Long> offsets) {
    Map<TopicPartition, OffsetAndMetadata> stamped = stamped(offsets);
    consumer.commitAsync(
        stamped,
        (done, failure) -> {
          if (failure == null) {
            core.committed(stillMeant(stamped));
          } else {
            // Again with the next commit; while Kafka is away, the route's state says so.
            log.debug("offsets not committed yet: {}", failure.toString());
            core.commitFailed();
          }
        });
  }

  void pause(Collection<TopicPartition> partitions) {
    consumer.pause(partitions);
  }

  void resume(Collection<TopicPartition> partitions) {
    consumer.resume(partitions);
  }

  /** How many records wait in the partitions it has, as far as it has heard. */
  long lag() {
    return core.lanes().stream()
        .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
        .sum();
  }

  /** What is wrong with Kafka, or null if it answers. */
  @Nullable String trouble() {
    return contact.trouble();
  }

  /**
   * Drains, commits and leaves the group, all before a deadline.
   *
   * @throws KafkaException if that did not go well; the consumer is closed all the same
   */
  void close(Deadline deadline) {
    // The last quarter is for the commit and for leaving the group, whatever does not confirm.
    drainBy = Deadline.after(deadline.remaining().multipliedBy(3).dividedBy(4), ticker);
    closeBy = deadline;
    try {
      consumer.close(CloseOptions.timeout(deadline.remaining()));
    } finally {
      forgetAll();
    }
  }

  /** Goes as a killed process would: commits nothing, leaves no group. */
  void abandon() {
    abandoned = true;
    try {
      consumer.close(
          CloseOptions.groupMembershipOperation(
                  CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP)
              .withTimeout(Duration.ZERO));
    } finally {
      forgetAll();
    }
  }

  private void forgetAll() {
    topicIds.close();
    core.lost(core.lanes());
    core.commitFailed();
  }

  // ---- rebalance callbacks ----------------------------------------------------------------------

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    mailbox.disarm();
    contact.joined();
    if (partitions.isEmpty()) {
      return;
    }
    Set<TopicPartition> all = new HashSet<>(partitions);
    Map<TopicPartition, @Nullable OffsetAndMetadata> committed =
        unwoken(() -> consumer.committed(all, CALL_BUDGET));
    List<TopicPartition> begin = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      OffsetAndMetadata offset = committed.get(partition);
      topicIds.assigned(partition, offset);
      if (offset == null) {
        begin.add(partition);
      } else {
        consumer.seek(partition, offset);
      }
    }
    if (!begin.isEmpty()) {
      unwoken(
          () -> {
            start.seek(consumer, begin, CALL_BUDGET);
            return begin;
          });
    }
    log.info("assigned {}, of which {} begin at {}", partitions, begin, start);
    core.assigned(partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (abandoned) {
      return;
    }
    mailbox.disarm();
    List<TopicPartition> held = new ArrayList<>(core.lanes());
    held.retainAll(new HashSet<>(partitions));
    core.drain(held);
    Deadline deadline = drainBy == null ? Deadline.after(DRAIN_BUDGET, ticker) : drainBy;
    while (core.inFlight(held) > 0 && !deadline.hasPassed()) {
      mailbox.await(deadline.remaining());
      mailbox.deliver();
    }
    int unconfirmed = core.inFlight(held);
    Map<TopicPartition, Long> last = core.revoked(held);
    log.info("giving back {}, {} messages unconfirmed", partitions, unconfirmed);
    if (!last.isEmpty()) {
      commitLast(last);
    }
  }

  private void commitLast(Map<TopicPartition, Long> offsets) {
    try {
      Duration budget = closeBy == null ? CALL_BUDGET : closeBy.remaining().dividedBy(2);
      unwoken(
          () -> {
            consumer.commitSync(stamped(offsets), budget);
            return offsets;
          });
    } catch (KafkaException e) {
      // Whoever reads these partitions next sends again what was not committed: never a loss.
      log.warn("last offsets of {} not committed: {}", offsets.keySet(), e.toString());
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    log.warn("lost {} to another member: nothing is committed for them", partitions);
    core.lost(partitions);
  }

  /** A wake-up that came too late for its poll hits the next call; it means nothing there. */
  private static <T> T unwoken(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (WakeupException e) {
        log.trace("a late wake-up", e);
      }
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> stamped(Map<TopicPartition, Long> offsets) {
    Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
    offsets.forEach(
        (partition, offset) ->
            result.put(partition, new OffsetAndMetadata(offset, topicIds.stamp(partition))));
    return result;
  }

  /** Without what was committed for a topic that has been created anew since. */
  private Map<TopicPartition, Long> stillMeant(Map<TopicPartition, OffsetAndMetadata> committed) {
    Map<TopicPartition, Long> result = new HashMap<>();
    committed.forEach(
        (partition, offset) -> {
          if (offset.metadata().equals(topicIds.stamp(partition))) {
            result.put(partition, offset.offset());
          }
        });
    return result;
  }
}
