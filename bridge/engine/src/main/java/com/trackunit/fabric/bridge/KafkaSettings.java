// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;

/** Where Kafka or Redpanda is. Immutable. */
public final class KafkaSettings {
  /** How soon the group gives the partitions of a killed bridge to another one. */
  static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(3);

  private final String bootstrapServers;
  private final String clientId;

  private KafkaSettings(Builder builder) {
    this.bootstrapServers = builder.bootstrapServers;
    this.clientId = builder.clientId;
  }

  /**
   * Describes a cluster.
   *
   * @param bootstrapServers one or more {@code host:port}, separated by commas
   * @return a builder
   * @throws IllegalArgumentException if it is blank
   */
  public static Builder builder(String bootstrapServers) {
    return new Builder(bootstrapServers);
  }

  /**
   * A builder with these settings.
   *
   * @return for a copy with changes
   */
  public Builder toBuilder() {
    return new Builder(bootstrapServers).clientId(clientId);
  }

  /**
   * Where the first contact is made.
   *
   * @return one or more {@code host:port}, separated by commas
   */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * How the clients call themselves.
   *
   * @return the beginning of the client ids; a route adds its name
   */
  public String clientId() {
    return clientId;
  }

  /** The configuration of a route's consumer, which commits by hand and never resets by itself. */
  Map<String, Object> consumerConfig(String group, String routeName) {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId + "-" + routeName);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION_TIMEOUT.toMillis());
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) HEARTBEAT_EVERY.toMillis());
    // A topic or partition that is created later is found within this time.
    config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
    config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000);
    return config;
  }

  @Override
  public String toString() {
    return "KafkaSettings[" + bootstrapServers + ", clientId=" + clientId + "]";
  }

  /** Collects the settings; not thread-safe. */
  public static final class Builder {
    private final String bootstrapServers;
    private String clientId = "fabric-bridge";

    private Builder(String bootstrapServers) {
      this.bootstrapServers = notBlank("bootstrapServers", bootstrapServers);
    }

    /**
     * How the clients call themselves, in the broker's logs and quotas.
     *
     * @param value not blank; {@code fabric-bridge} unless set
     * @return this builder
     * @throws IllegalArgumentException if it is blank
     */
    public Builder clientId(String value) {
      this.clientId = notBlank("clientId", value);
      return this;
    }

    /**
     * The settings.
     *
     * @return immutable
     */
    public KafkaSettings build() {
      return new KafkaSettings(this);
    }

    private static String notBlank(String option, String value) {
      if (Objects.requireNonNull(value, option).isBlank()) {
        throw new IllegalArgumentException("kafka settings: " + option + " is blank");
      }
      return value;
    }
  }
}
