// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What was done to a real broker and, indented, what was to be seen of it: scenarios of one line
 * per input, an empty line between them, each for a broker of its own. {@link RecordTraces} writes
 * them anew.
 */
record BrokerTrace(String name, List<String> lines) {
  private static final String SEEN = "  ";

  /** Makes the broker of a scenario. */
  @FunctionalInterface
  interface Maker {
    TracedBroker broker() throws Exception;
  }

  static Stream<BrokerTrace> all() {
    return Stream.of("queue", "publish", "transactions", "group").map(BrokerTrace::recorded);
  }

  static BrokerTrace recorded(String name) {
    String resource = "/traces/" + name + ".trace";
    try (InputStream in =
        Objects.requireNonNull(BrokerTrace.class.getResourceAsStream(resource), resource)) {
      return new BrokerTrace(name, new String(in.readAllBytes(), UTF_8).lines().toList());
    } catch (IOException e) {
      throw new AssertionError(resource, e);
    }
  }

  /** Without what was to be seen. */
  BrokerTrace inputs() {
    return new BrokerTrace(name, lines.stream().filter(line -> !line.startsWith(SEEN)).toList());
  }

  /** The same inputs, and what this broker shows. */
  List<String> replayed(Maker maker) throws Exception {
    List<String> replayed = new ArrayList<>();
    TracedBroker broker = maker.broker();
    try {
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (line.isEmpty()) {
          broker.close();
          broker = maker.broker();
        }
        if (!line.startsWith(SEEN)) {
          replayed.add(line);
        }
        if (!line.isEmpty() && !line.startsWith(SEEN) && !line.startsWith("#")) {
          broker
              .does(List.of(line.split(" ", -1)), seenAfter(i))
              .forEach(seen -> replayed.add(SEEN + seen));
        }
      }
    } finally {
      broker.close();
    }
    return replayed;
  }

  private List<String> seenAfter(int input) {
    return lines.stream()
        .skip(input + 1L)
        .takeWhile(line -> line.startsWith(SEEN))
        .map(String::strip)
        .toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
