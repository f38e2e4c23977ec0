// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * Whether a consumer is in touch with its cluster. A consumer whose brokers are away says nothing:
 * it polls and finds no records. Its metrics tell: how many connections it has, and how long ago it
 * sent its last heartbeat. Not thread-safe.
 */
final class KafkaContact {
  private static final long LOOK_EVERY_NANOS = Duration.ofMillis(500).toNanos();

  /** Two heartbeats left out, and a second of grace. */
  private static final double SILENCE_SECONDS = 2 * KafkaSettings.HEARTBEAT_EVERY.toSeconds() + 1.0;

  private final Map<MetricName, ? extends Metric> metrics;
  private final Ticker ticker;
  private @Nullable Metric connections;
  private @Nullable Metric heartbeat;
  private boolean joined;
  private long lookedAt;
  private int looksWithoutConnection;
  private @Nullable String trouble;

  KafkaContact(Map<MetricName, ? extends Metric> metrics, Ticker ticker) {
    this.metrics = metrics;
    this.ticker = ticker;
    this.lookedAt = ticker.nanos();
  }

  /** The consumer is a member of its group. */
  void joined() {
    joined = true;
  }

  /** What is wrong, or null if nothing is. */
  @Nullable String trouble() {
    if (ticker.nanos() - lookedAt >= LOOK_EVERY_NANOS) {
      lookedAt = ticker.nanos();
      look();
    }
    if (trouble != null) {
      return trouble;
    }
    return joined ? null : "Kafka: not a member of the consumer group yet";
  }

  private void look() {
    connections = connections == null ? find("connection-count") : connections;
    heartbeat = heartbeat == null ? find("last-heartbeat-seconds-ago") : heartbeat;
    looksWithoutConnection = value(connections, 1) == 0 ? looksWithoutConnection + 1 : 0;
    double silence = value(heartbeat, 0);
    // One look without a connection may fall between two attempts.
    if (looksWithoutConnection >= 2) {
      trouble = "Kafka: no connection to any broker";
    } else if (joined && silence > SILENCE_SECONDS) {
      trouble = "Kafka: out of touch with the group's coordinator for " + (int) silence + " s";
    } else {
      trouble = null;
    }
  }

  private @Nullable Metric find(String name) {
    for (Map.Entry<MetricName, ? extends Metric> entry : metrics.entrySet()) {
      if (entry.getKey().name().equals(name)) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static double value(@Nullable Metric metric, double unknown) {
    return metric != null && metric.metricValue() instanceof Double seen ? seen : unknown;
  }
}
