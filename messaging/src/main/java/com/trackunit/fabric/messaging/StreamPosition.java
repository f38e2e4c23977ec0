// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.flow.Settlements;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream consumer goes on in its next epoch: behind what is settled without a gap. The
 * broker does not remember it for AMQP 0-9-1 consumers; starting again as at first would repeat all
 * or, with {@code next}, lose what came meanwhile. Not thread-safe.
 */
final class StreamPosition {
  static final String OFFSET = "x-stream-offset";

  private final Map<String, Object> arguments;
  private Settlements<Long> epoch = new Settlements<>();
  private long lastDelivered = -1;
  private long resumeAt = -1;

  StreamPosition(Map<String, Object> arguments) {
    this.arguments = Map.copyOf(arguments);
  }

  /** The arguments to subscribe with now. */
  Map<String, Object> arguments() {
    if (resumeAt < 0) {
      return arguments;
    }
    Map<String, Object> resumed = new LinkedHashMap<>(arguments);
    resumed.put(OFFSET, resumeAt);
    return resumed;
  }

  void delivered(@Nullable Object offsetHeader) {
    if (offsetHeader instanceof Long offset && offset > lastDelivered) {
      epoch.register(offset, offset);
      lastDelivered = offset;
      if (resumeAt < 0) {
        resumeAt = offset;
      }
    }
  }

  void settled(@Nullable Object offsetHeader) {
    if (offsetHeader instanceof Long offset && epoch.settle(offset) != null) {
      epoch.settledThrough().ifPresent(through -> resumeAt = through + 1);
    }
  }

  void epochOver() {
    epoch = new Settlements<>();
    lastDelivered = -1;
  }
}
