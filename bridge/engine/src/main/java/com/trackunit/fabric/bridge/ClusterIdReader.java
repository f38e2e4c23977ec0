// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes as they are; on the way it learns the cluster's id, and that the consumer has a new view of
 * the cluster, which Kafka's consumer tells its deserializers and nobody else.
 */
final class ClusterIdReader extends ByteArrayDeserializer implements ClusterResourceListener {
  /** For a broker that has no cluster id. */
  private static final String UNKNOWN = "unknown";

  private final AtomicLong updates = new AtomicLong();
  private volatile String id = UNKNOWN;

  @Override
  public void onUpdate(ClusterResource cluster) {
    @Nullable String told = cluster.clusterId();
    id = told == null ? UNKNOWN : told;
    updates.incrementAndGet();
  }

  String id() {
    return id;
  }

  /** How often the consumer has had a new view of the cluster: its topics, their leaders. */
  long updates() {
    return updates.get();
  }
}
