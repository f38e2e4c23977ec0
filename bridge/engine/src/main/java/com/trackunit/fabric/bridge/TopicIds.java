// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which creation of its topic the position in each partition belongs to. A topic that was deleted
 * and created anew has its old name and another id: where it has grown past the old position, a
 * consumer reads on there, and what is before is skipped without a word.
 *
 * <p>The id goes with every committed offset, in its metadata. What the ids are now is asked once
 * after each change of the consumer's view of the cluster: it cannot turn to the new topic before.
 * A broker that knows no topic ids is believed. Not thread-safe.
 */
final class TopicIds implements AutoCloseable {
  private static final Duration CALL_BUDGET = Duration.ofSeconds(10);
  private static final long NEVER = -1;

  /** Stands for the id of a topic that is not there; no topic has it. */
  private static final Uuid MISSING = Uuid.ONE_UUID;

  private static final Logger log = LoggerFactory.getLogger(TopicIds.class);
  private static final Pattern STAMP = Pattern.compile("topic-id=([A-Za-z0-9_-]{22})");

  private final Admin admin;
  private final ClusterIdReader cluster;
  private final Map<TopicPartition, Uuid> known = new HashMap<>();
  private Map<String, KafkaFuture<TopicDescription>> asked = Map.of();
  private long askedAt = NEVER;
  private long settledAt = NEVER;

  /**
   * Knows nothing yet.
   *
   * @param consumerConfig what it has in common with the consumer's configuration
   * @param cluster hears of what the consumer learns
   */
  TopicIds(Map<String, Object> consumerConfig, ClusterIdReader cluster) {
    Map<String, Object> config = new HashMap<>(consumerConfig);
    config.keySet().retainAll(AdminClientConfig.configNames());
    this.admin = Admin.create(config);
    this.cluster = cluster;
  }

  /** A partition is read from what its group has committed, or from wherever a group begins. */
  void assigned(TopicPartition partition, @Nullable OffsetAndMetadata committed) {
    settledAt = NEVER;
    askedAt = NEVER;
    Matcher stamp = STAMP.matcher(committed == null ? "" : committed.metadata());
    if (stamp.matches()) {
      known.put(partition, Uuid.fromString(stamp.group(1)));
    } else {
      known.remove(partition); // nothing committed, or by somebody else: as it is now
    }
  }

  /** What is committed with an offset of this partition. */
  String stamp(TopicPartition partition) {
    Uuid id = known.get(partition);
    return id == null ? "" : "topic-id=" + id;
  }

  /**
   * The partitions whose topic is another one than their position belongs to; each is told once.
   *
   * @param partitions all that are read
   * @param inHand those of which this must be known now; waits for the answer if there are any
   * @throws KafkaException if it must be known and cannot be
   */
  List<TopicPartition> recreated(
      Collection<TopicPartition> partitions, Set<TopicPartition> inHand) {
    long view = cluster.updates();
    if (settledAt == view) {
      return List.of();
    }
    if (askedAt != view) {
      asked = ask(partitions);
      askedAt = view;
    }
    if (inHand.isEmpty() && !asked.values().stream().allMatch(KafkaFuture::isDone)) {
      return List.of();
    }
    Map<String, Uuid> ids = new HashMap<>();
    try {
      for (Map.Entry<String, KafkaFuture<TopicDescription>> answer : asked.entrySet()) {
        ids.put(answer.getKey(), id(answer.getValue()));
      }
    } catch (KafkaException e) {
      askedAt = NEVER;
      if (inHand.isEmpty()) {
        log.debug("topic ids not known yet, asking again: {}", e.toString());
        return List.of();
      }
      throw e;
    }
    inHand.forEach(partition -> mustBeThere(partition, ids));
    settledAt = view;
    return compare(partitions, ids);
  }

  private Map<String, KafkaFuture<TopicDescription>> ask(Collection<TopicPartition> partitions) {
    Set<String> topics =
        partitions.stream().map(TopicPartition::topic).collect(Collectors.toUnmodifiableSet());
    DescribeTopicsOptions options =
        new DescribeTopicsOptions().timeoutMs((int) CALL_BUDGET.toMillis());
    return admin.describeTopics(topics, options).topicNameValues();
  }

  /** Zero where topics have no ids. */
  private static Uuid id(KafkaFuture<TopicDescription> answer) {
    try {
      // The call ends by itself; the second more is for a client that does not.
      return answer.get(CALL_BUDGET.toSeconds() + 1, TimeUnit.SECONDS).topicId();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return MISSING;
      }
      throw new KafkaException("the id of a topic cannot be read", e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("the id of a topic cannot be read in time", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e); // which sets the thread's flag again
    }
  }

  /** What was fetched of a topic that is not there any more cannot be told from what comes next. */
  private static void mustBeThere(TopicPartition partition, Map<String, Uuid> ids) {
    if (MISSING.equals(ids.get(partition.topic()))) {
      throw new UnknownTopicOrPartitionException("topic of " + partition + " was deleted");
    }
  }

  private List<TopicPartition> compare(
      Collection<TopicPartition> partitions, Map<String, Uuid> ids) {
    List<TopicPartition> recreated = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      Uuid now = ids.getOrDefault(partition.topic(), MISSING);
      if (now.equals(MISSING) || now.equals(Uuid.ZERO_UUID)) {
        continue; // what is missing is looked for again when the consumer finds it
      }
      Uuid before = known.put(partition, now);
      if (before != null && !before.equals(now)) {
        recreated.add(partition);
      }
    }
    return recreated;
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
