// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Connections and how they ended, bytes by direction, probes, changes of the pod. Its one tag of
 * open values is the Service, of which a process forwards to a few. Thread-safe.
 */
final class ForwardMetrics {
  private final Tags tags;
  private final MeterRegistry registry;
  private final Counter toPod;
  private final Counter fromPod;
  private final Counter podChanges;

  ForwardMetrics(MeterRegistry registry, ServiceAddress service) {
    this.registry = registry;
    this.tags = Tags.of("service", service.toString());
    this.toPod = bytes("to_pod");
    this.fromPod = bytes("from_pod");
    this.podChanges =
        Counter.builder("fabric.portforward.pod.changes")
            .description("How often another pod was taken")
            .tags(tags)
            .register(registry);
  }

  /** How a connection or a probe ended. */
  enum Outcome {
    /** In order, by either side. */
    CLOSED("closed"),
    /** The link broke, or the pod refused. */
    FAILED("failed"),
    /** No pod was reached in time, or there were too many. */
    REFUSED("refused"),
    /** The pod speaks the protocol. */
    GOOD("good");

    private final String tag;

    Outcome(String tag) {
      this.tag = tag;
    }
  }

  private Counter bytes(String direction) {
    return Counter.builder("fabric.portforward.bytes")
        .description("Bytes forwarded")
        .baseUnit("bytes")
        .tags(tags.and("direction", direction))
        .register(registry);
  }

  void watch(IntSupplier open) {
    Gauge.builder("fabric.portforward.connections.open", open, IntSupplier::getAsInt)
        .description("Local connections now")
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  void toPod(int bytes) {
    toPod.increment(bytes);
  }

  void fromPod(int bytes) {
    fromPod.increment(bytes);
  }

  void podChanged() {
    podChanges.increment();
  }

  void connectionEnded(Outcome outcome) {
    Counter.builder("fabric.portforward.connections")
        .description("Local connections, by how they ended")
        .tags(tags.and("outcome", outcome.tag))
        .register(registry)
        .increment();
  }

  void probed(Outcome outcome, long nanos) {
    Timer.builder("fabric.portforward.probes")
        .description("Probes of the pod, the dial included")
        .tags(tags.and("outcome", outcome.tag))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }
}
