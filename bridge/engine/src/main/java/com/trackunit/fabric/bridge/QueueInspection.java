// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.messaging.QueueOptions;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.messaging.TopologyDifference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a queue was declared. AMQP 0-9-1 cannot ask, but a declaration that differs is refused with
 * the first argument that does: each refusal is believed, until none comes. Blocking.
 */
final class QueueInspection {
  private static final String TYPE = "x-queue-type";

  /** More arguments than a queue can have. */
  private static final int MOST_ARGUMENTS = 32;

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private QueueInspection() {}

  /**
   * Its arguments.
   *
   * @return empty if it does not exist, or the broker's words are not understood
   * @throws com.trackunit.fabric.core.FabricException if the broker is away, or does not let us ask
   */
  static Optional<Map<String, Object>> arguments(RabbitMessaging rabbit, String queue) {
    Map<String, Object> believed = new LinkedHashMap<>(Map.of(TYPE, "classic"));
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      Topology asked =
          Topology.builder().queue(queue, options -> declare(options, believed)).build();
      List<TopologyDifference> differences = rabbit.verify(asked);
      if (differences.isEmpty()) {
        return Optional.of(believed);
      }
      TopologyDifference first = differences.get(0);
      if (first.isMissing() || !first.property().startsWith("x-")) {
        return Optional.empty();
      }
      if (first.found().equals("none")) {
        believed.remove(first.property());
      } else {
        believed.put(first.property(), value(first.found()));
      }
    }
    return Optional.empty();
  }

  private static void declare(QueueOptions options, Map<String, Object> arguments) {
    arguments.forEach(options::argument);
  }

  private static Object value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    return NUMBER.matcher(text).matches() ? Long.valueOf(text) : text;
  }
}
