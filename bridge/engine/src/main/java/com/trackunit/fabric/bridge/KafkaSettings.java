// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/** Where Kafka or Redpanda is. Immutable. */
public final class KafkaSettings {
  /** How soon the group gives the partitions of a killed bridge to another one. */
  static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(3);

  /** A topic or partition that is created later is found within this time. */
  private static final int METADATA_AGE_MS = 30_000;

  /** What RabbitMQ takes at most, with room for its headers. */
  private static final int LARGEST_MESSAGE = 130 * 1024 * 1024;

  private static final Pattern LOCAL = Pattern.compile("((127\\.|localhost:|\\[::1])[^,]*,?)+");

  private final String bootstrapServers;
  private final String clientId;

  private final boolean tls;
  private final @Nullable Path trustedCertificates;
  private final @Nullable KafkaLogin login;

  private KafkaSettings(Builder builder) {
    this.bootstrapServers = builder.bootstrapServers;
    this.clientId = builder.clientId;
    this.tls = builder.tls;
    this.trustedCertificates = builder.trustedCertificates;
    this.login = builder.login;
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
    Builder copy = new Builder(bootstrapServers).clientId(clientId);
    copy.tls = tls;
    copy.trustedCertificates = trustedCertificates;
    copy.login = login;
    return copy;
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
    Map<String, Object> config = clientConfig(routeName);
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
    config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
    return config;
  }

  /** What every client of a route has. */
  Map<String, Object> clientConfig(String role) {
    Map<String, Object> config = new HashMap<>();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId + "-" + role);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000);
    config.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, securityProtocol());
    if (trustedCertificates != null) {
      config.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
      config.put(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG, trustedCertificates.toString());
    }
    if (login != null) {
      config.put(SaslConfigs.SASL_MECHANISM, login.mechanism().wireName());
      // A Password, so that the clients do not log it.
      config.put(SaslConfigs.SASL_JAAS_CONFIG, new Password(login.jaas()));
    }
    return config;
  }

  private String securityProtocol() {
    if (login != null) {
      return tls ? "SASL_SSL" : "SASL_PLAINTEXT";
    }
    return tls ? "SSL" : "PLAINTEXT";
  }

  /** The configuration of what reads a ledger, outside of any group. */
  Map<String, Object> readerConfig(String routeName) {
    Map<String, Object> config = clientConfig(routeName + "-ledger");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return config;
  }

  /**
   * The configuration of a route's producer, which never lets a message be overtaken by a later one
   * of its partition.
   *
   * @param transactionalId null for at least once
   */
  Map<String, Object> producerConfig(Route route, @Nullable String transactionalId) {
    Map<String, Object> config = clientConfig(route.name());
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    // A batch that expires would let later ones take its place: the engine gives up long before.
    config.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        (int) QueueCore.SEND_DEADLINE.multipliedBy(5).toMillis());
    // It is checked before compression, so it says nothing; the broker knows its limit.
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_MESSAGE);
    config.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG, 2 * route.inFlightBytes() + 2L * LARGEST_MESSAGE);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    config.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
    if (transactionalId != null) {
      config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
      config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 15_000);
    }
    return config;
  }

  @Override
  public String toString() {
    return "KafkaSettings["
        + bootstrapServers
        + ", clientId="
        + clientId
        + ", "
        + securityProtocol()
        + (login == null ? "" : ", " + login)
        + "]";
  }

  /** Collects the settings; not thread-safe. */
  public static final class Builder {
    private final String bootstrapServers;
    private String clientId = "fabric-bridge";
    private boolean tls;
    private @Nullable Path trustedCertificates;
    private @Nullable KafkaLogin login;

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
     * Speaks TLS, and checks the brokers' certificates and names against what the JVM trusts.
     *
     * @return this builder; without TLS unless called
     */
    public Builder tls() {
      this.tls = true;
      return this;
    }

    /**
     * Speaks TLS, and checks the brokers' certificates and names against a file.
     *
     * @param certificates PEM, one or more
     * @return this builder
     */
    public Builder tls(Path certificates) {
      this.trustedCertificates = Objects.requireNonNull(certificates, "certificates");
      return tls();
    }

    /**
     * Logs in.
     *
     * @param value how, and as whom; nobody unless set
     * @return this builder
     */
    public Builder login(KafkaLogin value) {
      this.login = Objects.requireNonNull(value, "login");
      return this;
    }

    /**
     * The settings.
     *
     * @return immutable
     * @throws IllegalArgumentException if a password would be sent as it is: PLAIN without TLS to
     *     another machine than this one
     */
    public KafkaSettings build() {
      if (login != null
          && !tls
          && login.mechanism() == KafkaLogin.Mechanism.PLAIN
          && !LOCAL.matcher(bootstrapServers).matches()) {
        throw new IllegalArgumentException(
            "kafka settings: login PLAIN without TLS would send the password readable to "
                + bootstrapServers
                + "; call tls(), or use SCRAM");
      }
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
