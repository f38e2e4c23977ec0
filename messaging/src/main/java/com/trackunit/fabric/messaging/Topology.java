// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges, queues and bindings as a value. All are durable. Immutable; {@link
 * RabbitMessaging#apply} declares it.
 */
public final class Topology {
  private final Map<String, Exchange> exchanges;
  private final Map<String, Queue> queues;
  private final Set<Binding> bindings;

  private Topology(
      Map<String, Exchange> exchanges, Map<String, Queue> queues, Set<Binding> bindings) {
    this.exchanges = Collections.unmodifiableMap(new LinkedHashMap<>(exchanges));
    this.queues = Collections.unmodifiableMap(new LinkedHashMap<>(queues));
    this.bindings = Collections.unmodifiableSet(new LinkedHashSet<>(bindings));
  }

  /**
   * An empty topology to add to.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Nothing at all. */
  static Topology empty() {
    return builder().build();
  }

  Map<String, Exchange> exchanges() {
    return exchanges;
  }

  Map<String, Queue> queues() {
    return queues;
  }

  Set<Binding> bindings() {
    return bindings;
  }

  /**
   * This topology and another one together.
   *
   * @throws TopologyConflictException if they define one name in two ways
   */
  Topology plus(Topology other) {
    Builder both = builder();
    both.exchanges.putAll(exchanges);
    both.queues.putAll(queues);
    both.bindings.addAll(bindings);
    other.exchanges.values().forEach(both::add);
    other.queues.values().forEach(both::add);
    both.bindings.addAll(other.bindings);
    return both.build();
  }

  @Override
  public String toString() {
    return "Topology[" + exchanges.values() + ", " + queues.values() + ", " + bindings + "]";
  }

  record Exchange(String name, String type) {
    @Override
    public String toString() {
      return "exchange '" + name + "' (durable " + type + ")";
    }
  }

  record Queue(String name, Map<String, Object> arguments) {
    boolean isStream() {
      return "stream".equals(arguments.get("x-queue-type"));
    }

    /** Where it sends dead letters; null if it drops them. */
    Detours.@Nullable Target deadLetters() {
      Object exchange = arguments.get("x-dead-letter-exchange");
      Object key = arguments.get("x-dead-letter-routing-key");
      return exchange == null
          ? null
          : new Detours.Target(exchange.toString(), key == null ? null : key.toString());
    }

    @Override
    public String toString() {
      return "queue '" + name + "' (durable, " + arguments + ")";
    }
  }

  record Binding(String exchange, String queue, String routingKey) {
    @Override
    public String toString() {
      return "binding '" + exchange + "' -> '" + queue + "' (key '" + routingKey + "')";
    }
  }

  /** Collects the parts. Defining one name in two ways is refused. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Exchange> exchanges = new LinkedHashMap<>();
    private final Map<String, Queue> queues = new LinkedHashMap<>();
    private final Set<Binding> bindings = new LinkedHashSet<>();

    private Builder() {}

    /**
     * An exchange whose every binding gets each message: events.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder fanout(String name) {
      return add(new Exchange(named("exchange", name), "fanout"));
    }

    /**
     * An exchange that routes by equal keys: commands.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder direct(String name) {
      return add(new Exchange(named("exchange", name), "direct"));
    }

    /**
     * An exchange that routes by key patterns.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder topic(String name) {
      return add(new Exchange(named("exchange", name), "topic"));
    }

    /**
     * A quorum queue without further options.
     *
     * @param name the queue
     * @return this
     * @throws TopologyConflictException if the name has another definition already
     */
    public Builder queue(String name) {
      return queue(name, QueueOptions::quorum);
    }

    /**
     * A queue; quorum unless the options say otherwise.
     *
     * @param name the queue
     * @param options sets its kind and limits
     * @return this
     * @throws IllegalArgumentException if the options do not fit together
     * @throws TopologyConflictException if the name has another definition already
     */
    public Builder queue(String name, Consumer<QueueOptions> options) {
      QueueOptions chosen = new QueueOptions(named("queue", name));
      options.accept(chosen);
      return add(new Queue(name, chosen.arguments()));
    }

    /**
     * Binds a queue with an empty key, as fanout exchanges need it.
     *
     * @param exchange where messages are published
     * @param queue where they go
     * @return this
     */
    public Builder bind(String exchange, String queue) {
      return bind(exchange, queue, "");
    }

    /**
     * Binds a queue.
     *
     * @param exchange where messages are published
     * @param queue where they go
     * @param routingKey the key, or the pattern of a topic exchange
     * @return this
     */
    public Builder bind(String exchange, String queue, String routingKey) {
      bindings.add(
          new Binding(
              named("exchange", exchange),
              named("queue", queue),
              Objects.requireNonNull(routingKey, "routingKey")));
      return this;
    }

    /**
     * The topology.
     *
     * @return immutable
     */
    public Topology build() {
      return new Topology(exchanges, queues, bindings);
    }

    private Builder add(Exchange exchange) {
      Exchange before = exchanges.putIfAbsent(exchange.name(), exchange);
      refuseDifferent(before, exchange);
      return this;
    }

    private Builder add(Queue queue) {
      Queue before = queues.putIfAbsent(queue.name(), queue);
      refuseDifferent(before, queue);
      return this;
    }

    private static void refuseDifferent(@Nullable Object before, Object wanted) {
      if (before != null && !before.equals(wanted)) {
        throw new TopologyConflictException(
            "topology", wanted.toString(), "asked for before: " + before, null);
      }
    }

    private static String named(String what, String name) {
      if (name.isEmpty() || WireLimits.utf8Length(name) > WireLimits.MAX_SHORT_STRING) {
        throw new IllegalArgumentException(
            "topology: " + what + " name '" + name + "', expected 1 to 255 bytes of UTF-8");
      }
      return name;
    }
  }
}
