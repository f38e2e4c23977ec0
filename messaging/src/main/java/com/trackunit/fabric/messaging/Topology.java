// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
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
  private final @Nullable String virtualHost;

  private Topology(Builder builder) {
    this.exchanges = Collections.unmodifiableMap(new LinkedHashMap<>(builder.exchanges));
    this.queues = Collections.unmodifiableMap(new LinkedHashMap<>(builder.queues));
    this.bindings = Collections.unmodifiableSet(new LinkedHashSet<>(builder.bindings));
    this.virtualHost = builder.virtualHost;
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

  /** One of its queues, with the exchanges and bindings that it needs. */
  Topology around(Queue queue) {
    Builder part = builder().add(queue);
    for (Binding binding : bindings) {
      if (binding.queue().equals(queue.name())) {
        part.bindings.add(binding);
        Exchange exchange = exchanges.get(binding.exchange());
        if (exchange != null) {
          part.exchanges.put(exchange.name(), exchange);
        }
      }
    }
    return part.build();
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

  boolean isEmpty() {
    return exchanges.isEmpty() && queues.isEmpty() && bindings.isEmpty();
  }

  /** Refuses a connection to another virtual host than it was written for. */
  void requireVirtualHost(String connected) {
    if (virtualHost != null && !virtualHost.equals(connected)) {
      throw new IllegalArgumentException(
          "topology: it is for the virtual host '"
              + virtualHost
              + "', but this messaging is connected to '"
              + connected
              + "'; open another one");
    }
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

  record Exchange(String name, String type, Map<String, Object> arguments) {
    @Override
    public String toString() {
      String rest = arguments.isEmpty() ? "" : ", " + arguments;
      return "exchange '" + name + "' (durable " + type + rest + ")";
    }
  }

  record Queue(String name, Map<String, Object> arguments, boolean isRecreated) {
    boolean isQuorum() {
      return "quorum".equals(arguments.get("x-queue-type"));
    }

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

  record Binding(String exchange, String queue, String routingKey, Map<String, Object> arguments) {
    @Override
    public String toString() {
      String rest = arguments.isEmpty() ? "" : ", " + arguments;
      return "binding '" + exchange + "' -> '" + queue + "' (key '" + routingKey + "'" + rest + ")";
    }
  }

  /** Collects the parts. Defining one name in two ways is refused. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Exchange> exchanges = new LinkedHashMap<>();
    private final Map<String, Queue> queues = new LinkedHashMap<>();
    private final Set<Binding> bindings = new LinkedHashSet<>();
    private @Nullable String virtualHost;

    private Builder() {}

    /**
     * Says which virtual host this topology is for; a messaging that is connected to another one
     * refuses it.
     *
     * @param name the virtual host; default any
     * @return this
     */
    public Builder virtualHost(String name) {
      this.virtualHost = Objects.requireNonNull(name, "virtualHost");
      return this;
    }

    /**
     * An exchange whose every binding gets each message: events.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder fanout(String name) {
      return exchange(name, "fanout", Map.of());
    }

    /**
     * An exchange that routes by equal keys: commands.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder direct(String name) {
      return exchange(name, "direct", Map.of());
    }

    /**
     * An exchange that routes by key patterns.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder topic(String name) {
      return exchange(name, "topic", Map.of());
    }

    /**
     * An exchange that routes by headers: see {@link #bindWhenAll} and {@link #bindWhenAny}.
     *
     * @param name the exchange
     * @return this
     * @throws TopologyConflictException if the name has another type already
     */
    public Builder headers(String name) {
      return exchange(name, "headers", Map.of());
    }

    /**
     * Gives an exchange declared above an alternate: what it can route nowhere goes there instead
     * of back to its publisher.
     *
     * @param exchange of this topology
     * @param alternate gets what {@code exchange} cannot route
     * @return this
     * @throws IllegalArgumentException if the exchange is not in this topology yet
     */
    public Builder alternate(String exchange, String alternate) {
      Exchange declared = exchanges.get(exchange);
      if (declared == null) {
        throw new IllegalArgumentException(
            "topology: alternate of exchange '" + exchange + "', which is not declared above");
      }
      exchanges.put(
          exchange,
          new Exchange(
              exchange,
              declared.type(),
              Map.of("alternate-exchange", named("alternate exchange", alternate))));
      return this;
    }

    private Builder exchange(String name, String type, Map<String, Object> arguments) {
      return add(new Exchange(named("exchange", name), type, arguments));
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
      return add(new Queue(name, chosen.arguments(), chosen.isRecreated()));
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
      return bind(exchange, queue, routingKey, Map.of());
    }

    /**
     * Binds a queue to a headers exchange for messages that have all of these headers.
     *
     * @param exchange a headers exchange
     * @param queue where they go
     * @param headers names and values; at least one
     * @return this
     */
    public Builder bindWhenAll(String exchange, String queue, Map<String, Object> headers) {
      return bindHeaders(exchange, queue, "all", headers);
    }

    /**
     * Binds a queue to a headers exchange for messages that have any of these headers.
     *
     * @param exchange a headers exchange
     * @param queue where they go
     * @param headers names and values; at least one
     * @return this
     */
    public Builder bindWhenAny(String exchange, String queue, Map<String, Object> headers) {
      return bindHeaders(exchange, queue, "any", headers);
    }

    private Builder bindHeaders(
        String exchange, String queue, String match, Map<String, Object> headers) {
      if (headers.isEmpty()) {
        throw new IllegalArgumentException(
            "topology: binding of '" + queue + "' to '" + exchange + "' names no header");
      }
      Map<String, Object> arguments = new TreeMap<>(headers);
      arguments.put("x-match", match);
      return bind(exchange, queue, "", Collections.unmodifiableMap(arguments));
    }

    private Builder bind(
        String exchange, String queue, String routingKey, Map<String, Object> arguments) {
      bindings.add(
          new Binding(
              named("exchange", exchange),
              named("queue", queue),
              Objects.requireNonNull(routingKey, "routingKey"),
              arguments));
      return this;
    }

    /**
     * The topology.
     *
     * @return immutable
     */
    public Topology build() {
      return new Topology(this);
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
            "topology", wanted.toString(), "asked for before: " + before, List.of(), null);
      }
    }

    private static String named(String what, String name) {
      return Bounds.name("topology: " + what + " name", name, 1);
    }
  }
}
