// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What would lose messages on a Kafka is told, and what would not is not. */
@Tag("broker")
@ExtendWith({NoLeaks.class, SharedBrokers.class})
class KafkaChecksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final int RECORDS = 4;

  private final Brokers brokers;
  private final String topic = Brokers.fresh("topic");
  private final String group = Brokers.fresh("group");

  KafkaChecksTest(Brokers shared) {
    brokers = shared;
  }

  @Test
  void aKafkaThatMakesTopicsUpOrElectsUncleanLeadersIsToldOf() throws Exception {
    try (KafkaNode careless =
            KafkaNode.builder()
                .setting("auto.create.topics.enable", "true")
                .setting("unclean.leader.election.enable", "true")
                .start();
        RabbitMessaging rabbit = brokers.openMessaging()) {
      careless.createTopic(topic, 1, Map.of());
      Route route = Route.fromTopic(topic).toExchange("anywhere");
      KafkaSettings settings = KafkaSettings.builder(careless.bootstrapServers()).build();
      try (BridgeEngine bridge =
          BridgeEngine.builder("checked", rabbit, settings).route(route).build()) {
        bridge.start();

        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(bridge.status().get(0).warnings())
                        .satisfiesExactly(
                            one -> assertThat(one).contains("auto.create.topics.enable"),
                            one -> assertThat(one).contains("unclean leaders")));
      }
    }
  }

  @Test
  void aTopicThatIsReadInTimeOnACarefulKafkaIsNoCauseForAWarning() throws Exception {
    recordsOfAge(Map.of("retention.ms", String.valueOf(HOUR)), 0.9, 0.9, 0.1, 0);
    committed(2);

    assertThat(warnings(group)).isEmpty();
    assertThat(warnings(null)).as("as a target").isEmpty();
  }

  @Test
  void aTopicOfWhichNothingWasCommittedYetIsNotReadLate() throws Exception {
    recordsOfAge(Map.of("retention.ms", String.valueOf(HOUR)), 0.9, 0.9, 0.1, 0);

    assertThat(warnings(group)).isEmpty();
  }

  /** The next record is the first, the second, or the last one of those older than half. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void whatWaitsForHalfOfTheRetentionIsToldOf(long next) throws Exception {
    recordsOfAge(Map.of("retention.ms", String.valueOf(HOUR)), 0.9, 0.8, 0.6, 0.1);
    committed(next);

    assertThat(warnings(group))
        .singleElement()
        .asString()
        .contains(topic + "-0", "half of its retention (PT1H)");
  }

  @Test
  void whatWaitsIsToldOfWhereNoRecordIsYounger() throws Exception {
    recordsOfAge(Map.of("retention.ms", String.valueOf(HOUR)), 0.9, 0.8, 0.7, 0.6);
    committed(3);

    assertThat(warnings(group)).hasSize(1);
    committed(RECORDS);
    assertThat(warnings(group)).as("all are read").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"retention.ms, -1", "cleanup.policy, compact"})
  void whatIsKeptForEverIsNeverReadLate(String setting, String value) throws Exception {
    recordsOfAge(Map.of(setting, value), 0.9, 0.8, 0.7, 0.6);
    committed(0);

    assertThat(warnings(group)).isEmpty();
  }

  /** On settings made here: the one is Redpanda's alone, the other needs several brokers. */
  @Test
  void aTargetThatAnswersBeforeItHasTheMessageSafeIsToldOf() {
    assertThat(KafkaChecks.ofTarget("t", config("write.caching", "true"), 1))
        .singleElement()
        .asString()
        .contains("topic 't'", "in memory alone");
    assertThat(KafkaChecks.ofTarget("t", config("write.caching", "false"), 1)).isEmpty();
    assertThat(KafkaChecks.ofTarget("t", config("min.insync.replicas", "1"), 3))
        .singleElement()
        .asString()
        .contains("topic 't'", "3 replicas");
    assertThat(KafkaChecks.ofTarget("t", config("min.insync.replicas", "1"), 1)).isEmpty();
    assertThat(KafkaChecks.ofTarget("t", config("min.insync.replicas", "2"), 3)).isEmpty();
  }

  private static Config config(String name, String value) {
    return new Config(List.of(new ConfigEntry(name, value)));
  }

  private List<String> warnings(@Nullable String asGroup) throws Exception {
    Map<String, Object> client = brokers.kafkaSettings().clientConfig("checks");
    try (KafkaChecks checks = new KafkaChecks(client, Clock.systemUTC())) {
      return checks.warnings(List.of(topic), asGroup);
    }
  }

  /** Each record's age in hours. */
  private void recordsOfAge(Map<String, String> settings, double... ages) throws Exception {
    brokers.kafka.createTopic(topic, 1, settings);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (double age : ages) {
      long at = System.currentTimeMillis() - (long) (age * HOUR);
      records.add(new ProducerRecord<>(topic, 0, at, new byte[] {1}, new byte[] {1}));
    }
    brokers.send(records);
  }

  private void committed(long next) throws Exception {
    try (Admin admin = brokers.newAdmin()) {
      admin
          .alterConsumerGroupOffsets(
              group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(next)))
          .all()
          .get();
    }
  }
}
