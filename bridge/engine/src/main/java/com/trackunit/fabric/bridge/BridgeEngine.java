// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.messaging.RabbitMessaging;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves records from Kafka topics to RabbitMQ exchanges, in order per partition, and messages from
 * RabbitMQ queues to Kafka topics, in the order of the queue: at least once (to topics on request
 * effectively once), the bytes untouched, key and headers kept. Offsets are committed and
 * deliveries acknowledged only below the lowest message that the other side has not confirmed, so
 * that a death of the bridge or of either broker loses nothing.
 *
 * <pre>{@code
 * BridgeEngine bridge = BridgeEngine.builder("svc-messaging-bridge", rabbit, KafkaSettings.builder("kafka:9092").build())
 *     .route(Route.fromTopic("tu.images.uploaded").toExchange("tu.image.uploaded"))
 *     .build();
 * bridge.start();
 * }</pre>
 *
 * <p>What cannot be delivered now (a missing exchange or binding, a full queue, a broker that is
 * away) is tried again with a growing pause; its partition waits, {@link #health} says why, and the
 * other partitions go on.
 *
 * <p>Thread-safe. One thread a route, or one for each of its workers. Whoever builds it closes it;
 * the {@link RabbitMessaging} stays open and is its owner's to close, afterwards.
 */
public final class BridgeEngine implements HealthSource, AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** Beyond the deadline, for a thread that is on its way out. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(BridgeEngine.class);

  private final String name;
  private final Ticker ticker = Ticker.system();
  private final ExecutorService listenerThread;
  private final Lifecycle lifecycle;
  private final List<RouteThread> drivers;

  /** By route; the meters keep no hold of these lists. */
  private final Map<String, List<RouteThread>> workers = new LinkedHashMap<>();

  private final Object lock = new Object();
  private boolean started;

  private BridgeEngine(Builder builder) {
    this.name = builder.name;
    // Its thread exists only while there is a listener to call.
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            FabricThreads.named("bridge", "listener"));
    executor.allowCoreThreadTimeOut(true);
    this.listenerThread = executor;
    this.lifecycle = new Lifecycle("bridge " + name, Clock.systemUTC(), executor);
    for (Route route : builder.routes) {
      workers.put(
          route.name(),
          IntStream.range(0, route.concurrency())
              .mapToObj(worker -> thread(route, worker, builder.rabbit, builder.kafka))
              .toList());
    }
    this.drivers = workers.values().stream().flatMap(List::stream).toList();
    if (builder.meters != null) {
      MeterRegistry meters = builder.meters;
      workers.values().forEach(route -> RouteMeters.register(meters, name, route));
    }
    drivers.forEach(driver -> driver.lifecycle().addListener(change -> routeChanged()));
  }

  private RouteThread thread(Route route, int worker, RabbitMessaging rabbit, KafkaSettings kafka) {
    return route.isFromQueue()
        ? QueueDriver.thread(name, route, rabbit, kafka)
        : TopicDriver.thread(name, route, worker, rabbit, kafka);
  }

  /**
   * Describes a bridge.
   *
   * @param name the first half of the consumer groups ({@code {bridge name}.{route name}}): the
   *     instances of one bridge share it, other bridges must not
   * @param rabbit where the exchanges are; not closed by the bridge
   * @param kafka where the topics are
   * @return a builder
   * @throws IllegalArgumentException if the name is blank
   */
  public static Builder builder(String name, RabbitMessaging rabbit, KafkaSettings kafka) {
    return new Builder(name, rabbit, kafka);
  }

  /**
   * Starts the routes and returns at once; {@link #state} becomes OPEN when all of them are
   * connected to both sides. Brokers that are away now are waited for.
   *
   * @throws IllegalStateException if it was started before, or closed
   */
  public void start() {
    synchronized (lock) {
      if (started || lifecycle.state() != ResourceState.OPENING) {
        throw new IllegalStateException(
            "bridge " + name + ": start was called before, or after close; build a new one");
      }
      started = true;
      drivers.forEach(RouteThread::start);
    }
  }

  /**
   * The state now: that of the routes together.
   *
   * @return OPEN only if every route is
   */
  public ResourceState state() {
    return lifecycle.state();
  }

  /**
   * Adds a listener for later changes of {@link #state}; it runs on a thread of the bridge.
   *
   * @param listener is told of each change
   */
  public void addStateListener(StateListener listener) {
    lifecycle.addListener(listener);
  }

  /** Up if every route moves records, or would if there were any; else says what holds them up. */
  @Override
  public Health health() {
    return Health.of("bridge " + name, drivers.stream().map(RouteThread::health).toList());
  }

  /**
   * How each route is doing.
   *
   * @return in the order in which they were added; one for each worker of a route
   */
  public List<RouteStatus> status() {
    return drivers.stream().map(RouteThread::status).toList();
  }

  /**
   * Lets a route take nothing more from its source; what is in flight is settled and committed. It
   * keeps its partitions or its queue. Pausing twice does nothing.
   *
   * @param route its name
   * @throws IllegalArgumentException if no route has that name
   */
  public void pause(String route) {
    workers(route).forEach(worker -> worker.pause(true));
  }

  /**
   * Lets a paused route go on.
   *
   * @param route its name
   * @throws IllegalArgumentException if no route has that name
   */
  public void resume(String route) {
    workers(route).forEach(worker -> worker.pause(false));
  }

  /**
   * Pauses a route and waits until what it had in flight is settled and committed or acknowledged.
   * It stays paused; {@link #resume} lets it go on. Blocks.
   *
   * @param route its name
   * @param timeout how long to wait
   * @return false if it was not drained in time; it is paused all the same
   * @throws IllegalArgumentException if no route has that name
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean drain(String route, Duration timeout) throws InterruptedException {
    Deadline deadline = Deadline.after(timeout, ticker);
    pause(route);
    boolean drained = true;
    for (RouteThread worker : workers(route)) {
      drained &= worker.awaitDrained(deadline);
    }
    return drained;
  }

  private List<RouteThread> workers(String route) {
    List<RouteThread> found = workers.get(route);
    if (found == null) {
      throw new IllegalArgumentException(
          "bridge " + name + ": no route is named '" + route + "'; there are " + workers.keySet());
    }
    return found;
  }

  /** Closes within 10 seconds, see {@link #close(Duration)}. */
  @Override
  public void close() {
    close(CLOSE_TIMEOUT);
  }

  /**
   * Stops reading, waits for the confirms of what is in flight, commits and leaves the consumer
   * groups. What is not confirmed in time is sent again by the next bridge. Blocks; closing twice
   * does nothing.
   *
   * @param timeout how long that may take, all in all; zero waits for nothing
   */
  public void close(Duration timeout) {
    Deadline deadline = Deadline.after(timeout, ticker);
    end("close was called", () -> drivers.forEach(driver -> driver.close(deadline)), deadline);
  }

  /** Ends as a killed process would, for tests: commits nothing and leaves no group. */
  void abandon() {
    end(
        "abandoned",
        () -> drivers.forEach(RouteThread::abandon),
        Deadline.after(CLOSE_TIMEOUT, ticker));
  }

  private void end(String reason, Runnable ending, Deadline deadline) {
    boolean wasStarted;
    synchronized (lock) {
      if (!lifecycle.moveTo(ResourceState.CLOSING, reason)) {
        return;
      }
      wasStarted = started;
    }
    if (wasStarted) {
      ending.run();
      join(deadline);
    }
    lifecycle.moveTo(ResourceState.CLOSED, reason);
    listenerThread.shutdown();
  }

  private void join(Deadline deadline) {
    try {
      for (RouteThread driver : drivers) {
        if (!driver.join(deadline.remaining().plus(GRACE))) {
          driver.interrupt();
          if (!driver.join(GRACE)) {
            log.warn("bridge {}: {} has not ended in time", name, driver.status().route());
          }
        }
      }
    } catch (InterruptedException e) {
      drivers.forEach(RouteThread::interrupt);
      Thread.currentThread().interrupt();
    }
  }

  /** Runs on the routes' threads. */
  private void routeChanged() {
    synchronized (lock) {
      List<RouteStatus> down = new ArrayList<>();
      boolean opening = false;
      for (RouteThread driver : drivers) {
        ResourceState state = driver.lifecycle().state();
        opening |= state == ResourceState.OPENING;
        if (state == ResourceState.RECOVERING || state == ResourceState.CLOSED) {
          down.add(driver.status());
        }
      }
      if (lifecycle.state() == ResourceState.CLOSING) {
        return;
      }
      if (!down.isEmpty()) {
        RouteStatus first = down.get(0);
        lifecycle.moveTo(
            ResourceState.RECOVERING, first.route().name() + " is held up; see its health");
      } else if (!opening) {
        lifecycle.moveTo(ResourceState.OPEN, "every route is open");
      }
    }
  }

  @Override
  public String toString() {
    return lifecycle.toString();
  }

  /** Collects a bridge's routes; not thread-safe. */
  public static final class Builder {
    private final String name;
    private final RabbitMessaging rabbit;
    private final KafkaSettings kafka;
    private final List<Route> routes = new ArrayList<>();
    private @Nullable MeterRegistry meters;

    private Builder(String name, RabbitMessaging rabbit, KafkaSettings kafka) {
      if (Objects.requireNonNull(name, "name").isBlank()) {
        throw new IllegalArgumentException("bridge: name is blank");
      }
      this.name = name;
      this.rabbit = Objects.requireNonNull(rabbit, "rabbit");
      this.kafka = Objects.requireNonNull(kafka, "kafka");
    }

    /**
     * Adds a route.
     *
     * @param route with a name that no other route of this bridge has
     * @return this builder
     * @throws IllegalArgumentException if the name is taken
     */
    public Builder route(Route route) {
      if (routes.stream().anyMatch(other -> other.name().equals(route.name()))) {
        throw new IllegalArgumentException(
            "bridge "
                + name
                + ": two routes are named '"
                + route.name()
                + "' and would share a consumer group; name one with Route.named");
      }
      routes.add(route);
      return this;
    }

    /**
     * Where the routes are measured: {@code fabric.bridge.messages} (counter; tag {@code what}, a
     * {@link RouteCounter} in small letters), {@code fabric.bridge.in.flight}, {@code
     * fabric.bridge.waiting}, {@code fabric.bridge.lag}, {@code fabric.bridge.oldest.age.seconds}
     * and {@code fabric.bridge.up} (gauges), each with the tags {@code bridge} and {@code route}.
     *
     * @param value nowhere unless set
     * @return this builder
     */
    public Builder meterRegistry(MeterRegistry value) {
      this.meters = Objects.requireNonNull(value, "meterRegistry");
      return this;
    }

    /**
     * The bridge, not started.
     *
     * @return at rest until {@link BridgeEngine#start}
     * @throws IllegalArgumentException if it has no route
     */
    public BridgeEngine build() {
      if (routes.isEmpty()) {
        throw new IllegalArgumentException(
            "bridge " + name + ": no route; add at least one with Builder.route");
      }
      return new BridgeEngine(this);
    }
  }
}
