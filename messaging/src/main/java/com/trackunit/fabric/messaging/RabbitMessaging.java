// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.Channel;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one RabbitMQ: a publishing and a consuming connection, both supervised. When one is
 * lost, it is opened again after a jittered backoff, the topology is applied again, and publishers
 * and consumers go on.
 *
 * <p>Thread-safe. Whoever opened it closes it; that closes its publishers, consumers and channels.
 */
public final class RabbitMessaging implements HealthSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RabbitMessaging.class);

  private final Workers workers = new Workers();
  private final RabbitSettings settings;
  private final Telemetry telemetry;
  private final Observations observations;
  private final List<java.util.function.Consumer<String>> gapListeners =
      new CopyOnWriteArrayList<>();
  private volatile Topology remembered = Topology.empty();
  private final RabbitConnection publishing;
  private final RabbitConnection consuming;
  private final CredentialRefresh refresh;
  private final Set<Publisher> publishers = ConcurrentHashMap.newKeySet();
  private final Set<Consumer> consumers = ConcurrentHashMap.newKeySet();
  private final Set<Requester> requesters = ConcurrentHashMap.newKeySet();
  private final Map<String, Publisher> relays = new ConcurrentHashMap<>();

  private RabbitMessaging(RabbitSettings settings) {
    this.settings = settings;
    this.telemetry = new Telemetry(settings.meters());
    this.observations = new Observations(settings.observations());
    TopologyMemory memory = new TopologyMemory(() -> remembered, this::tellGap);
    this.publishing = new RabbitConnection(settings, "publishing", workers, memory);
    this.consuming = new RabbitConnection(settings, "consuming", workers, memory);
    this.refresh = new CredentialRefresh(settings, workers, List.of(publishing, consuming));
  }

  /**
   * Opens both connections. Blocks, trying again until the open timeout is over.
   *
   * @param settings where and who
   * @return an open messaging
   * @throws RabbitUnavailableException if the broker could not be reached in time
   * @throws RabbitAuthenticationException if the broker refused user, password or virtual host
   */
  public static RabbitMessaging open(RabbitSettings settings) {
    RabbitMessaging messaging = new RabbitMessaging(settings);
    Deadline deadline = Deadline.after(settings.openTimeout(), messaging.workers.ticker());
    try {
      messaging.publishing.open(deadline);
      messaging.consuming.open(deadline);
      messaging.addStateListener(
          change -> {
            if (change.from() == ResourceState.RECOVERING && change.to() == ResourceState.OPEN) {
              messaging.telemetry.reconnected(change.resource());
            }
          });
      messaging.refresh.start(messaging.publishing.credentialsEnd());
      return messaging;
    } catch (RuntimeException e) {
      messaging.close(Duration.ZERO);
      throw e;
    }
  }

  /**
   * Declares exchanges, queues and bindings, and remembers them. With every new connection
   * exchanges and bindings are declared again, and queues as they say ({@link
   * QueueOptions#recreated}). Idempotent. Blocks.
   *
   * @param topology what shall exist
   * @throws TopologyConflictException if something exists with another definition; the message
   *     shows all differences side by side, and what did not conflict was declared, without
   *     bindings
   * @throws IllegalArgumentException if the topology is for another virtual host
   * @throws RabbitUnavailableException if the broker is away or does not answer within the RPC
   *     timeout; nothing is remembered
   */
  public void apply(Topology topology) {
    topology.requireVirtualHost(settings.virtualHost());
    Topology unused =
        remembered.plus(topology); // a conflict with what was asked for before shows here
    // On the consuming connection: a blocked broker does not read the publishing one.
    new Declarations("apply topology", consuming.lineForDeclaring()).declare(topology);
    synchronized (this) {
      remembered = remembered.plus(topology);
    }
  }

  /**
   * Compares a topology with the broker and changes nothing. Blocks. AMQP 0-9-1 cannot ask for
   * bindings, so these are not compared; and a part that somebody deletes at the very moment it is
   * looked at would be declared.
   *
   * @param topology what should exist
   * @return one entry for each exchange or queue that is missing or differs; empty if all is well
   * @throws IllegalArgumentException if the topology is for another virtual host
   * @throws RabbitUnavailableException if the broker is away or does not answer within the RPC
   *     timeout
   */
  public List<TopologyDifference> verify(Topology topology) {
    topology.requireVirtualHost(settings.virtualHost());
    return new Declarations("verify topology", consuming.lineForDeclaring()).compare(topology);
  }

  /**
   * Adds a listener that is told the name of each queue that was missing and has been declared
   * again ({@link QueueOptions#recreated}): what was published to it meanwhile is lost. It runs on
   * a worker thread.
   *
   * @param listener is told of each gap
   */
  public void addGapListener(java.util.function.Consumer<String> listener) {
    gapListeners.add(Objects.requireNonNull(listener, "listener"));
  }

  /** Called after a queue was declared again. */
  private void tellGap(String queue) {
    log.warn("queue '{}' was missing and is declared again: what came meanwhile is lost", queue);
    for (java.util.function.Consumer<String> listener : gapListeners) {
      workers.pool().execute(() -> listener.accept(queue));
    }
  }

  /**
   * Publishes to an exchange.
   *
   * @param exchange its name, at most 255 bytes of UTF-8, or empty for the default exchange
   * @return a builder
   * @throws IllegalArgumentException if the name is too long
   */
  public Publisher.Builder publisher(String exchange) {
    return new Publisher.Builder(exchange, this);
  }

  /**
   * Consumes a queue.
   *
   * @param queue its name, 1 to 255 bytes of UTF-8
   * @return a builder
   * @throws IllegalArgumentException if the name is empty or too long
   */
  public Consumer.Builder consumer(String queue) {
    return new Consumer.Builder(queue, this);
  }

  /**
   * Asks and gets answers.
   *
   * @param exchange where the requests go, at most 255 bytes of UTF-8, or empty for the default
   *     exchange
   * @return a builder
   * @throws IllegalArgumentException if the name is too long
   */
  public Requester.Builder requester(String exchange) {
    return new Requester.Builder(exchange, this);
  }

  /**
   * Answers a request. The answer carries the request's correlation property (or its message id)
   * and, unless it has its own, its {@value CorrelationId#HEADER}. Ack the request when the stage
   * has completed: an answer that is lost on the way is then given again.
   *
   * @param request a delivery with an address to reply to
   * @param answer its routing key does not matter
   * @return as {@link Publisher#publish}. For a requester that waits on its channel (direct
   *     reply-to) Confirmed means that the broker has taken the answer: it tells nobody whether the
   *     asker was still there
   * @throws IllegalArgumentException if the delivery names no address, or the answer cannot be
   *     carried
   */
  public CompletionStage<PublishOutcome> reply(Delivery request, Message answer) {
    return Reply.send(request, answer, relay(""), workers.clock());
  }

  /**
   * Looks into a dead-letter queue.
   *
   * @param queue its name
   * @return to list and replay what is in it
   */
  public DeadLetters deadLetters(String queue) {
    return new DeadLetters(queue, this);
  }

  /** A channel of its own, to be closed by the caller; its calls block. */
  Channel channelForLooking() throws IOException {
    Channel channel = consuming.lineForDeclaring().createChannel();
    if (channel == null) {
      throw new IOException("the connection has no channel left");
    }
    return channel;
  }

  /**
   * Opens a supervised channel, for engines that bring their own window. It opens in the
   * background.
   *
   * @param spec what it is for
   * @param events is told what happens on it
   * @return to be closed by the caller, or with this messaging
   */
  public SupervisedChannel openChannel(ChannelSpec spec, ChannelEvents events) {
    return supervise(spec, Objects.requireNonNull(events, "events"));
  }

  ChannelSupervisor supervise(ChannelSpec spec, ChannelEvents events) {
    return (spec.queue() == null ? publishing : consuming).openChannel(spec, events);
  }

  /**
   * The state of both connections together.
   *
   * @return OPEN only if both are
   */
  public ResourceState state() {
    ResourceState one = publishing.lifecycle().state();
    ResourceState other = consuming.lifecycle().state();
    if (one == other) {
      return one;
    }
    // The one that is further from being usable speaks for both.
    return one == ResourceState.OPEN
        ? other
        : other == ResourceState.OPEN ? one : later(one, other);
  }

  /**
   * Adds a listener for later changes of either connection; the change names which ({@code
   * rabbitmq:publishing}, {@code rabbitmq:consuming}). It runs on a worker thread.
   *
   * @param listener is told of each change
   */
  public void addStateListener(StateListener listener) {
    publishing.lifecycle().addListener(listener);
    consuming.lifecycle().addListener(listener);
  }

  /** Up if both connections are open, publishing is not blocked and every channel is live. */
  @Override
  public Health health() {
    List<Health> parts = new ArrayList<>();
    for (RabbitConnection connection : List.of(publishing, consuming)) {
      parts.add(connection.health());
      connection.channels().forEach(channel -> parts.add(channel.health()));
    }
    return Health.of("rabbitmq", parts);
  }

  /**
   * Closes consumers, requesters, publishers, channels and connections, in this order. Closing
   * twice does nothing. A broker that does not answer costs a second for each of the four steps on
   * top.
   *
   * @param timeout how long consumers and publishers may take to finish; at most a day
   */
  public void close(Duration timeout) {
    Deadline deadline = Deadline.after(timeout, workers.ticker());
    refresh.stop();
    inParallel(consumers, consumer -> consumer.close(deadline.remaining()));
    inParallel(requesters, requester -> requester.close(deadline.remaining()));
    inParallel(publishers, publisher -> publisher.close(deadline.remaining()));
    for (RabbitConnection connection : List.of(consuming, publishing)) {
      inParallel(
          connection.channels(),
          channel -> channel.close(RabbitConnection.atLeastASecond(deadline)));
      connection.close(deadline);
    }
    workers.shutdown();
  }

  /**
   * The virtual host of its connections.
   *
   * @return such as {@code /}
   */
  public String virtualHost() {
    return settings.virtualHost();
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  private static ResourceState later(ResourceState one, ResourceState other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private <T> void inParallel(Set<T> parts, java.util.function.Consumer<T> close) {
    CompletableFuture.allOf(
            parts.stream()
                .map(part -> CompletableFuture.runAsync(() -> close.accept(part), workers.pool()))
                .map(closed -> closed.exceptionally(RabbitMessaging::logged))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /** One part that fails to close must not keep the others open. */
  private static @Nullable Void logged(Throwable e) {
    log.error("close of RabbitMessaging: one part failed, the others go on", e);
    return null;
  }

  /** Refuses to begin what nobody would close any more. */
  void requireOpen(String what) {
    ResourceState now = publishing.lifecycle().state();
    if (now == ResourceState.CLOSING || now == ResourceState.CLOSED) {
      throw new IllegalStateException(what + ": its RabbitMessaging is closed; open another one");
    }
  }

  Telemetry telemetry() {
    return telemetry;
  }

  Observations observations() {
    return observations;
  }

  Workers workers() {
    return workers;
  }

  RabbitConnection publishing() {
    return publishing;
  }

  /** A queue that was applied here; null if this messaging knows nothing of it. */
  Topology.@Nullable Queue known(String queue) {
    return remembered.queues().get(queue);
  }

  /** The publisher that takes messages of consumers elsewhere; shared by them. */
  Publisher relay(String exchange) {
    return relays.computeIfAbsent(
        exchange, name -> publisher(name).maxBodyBytes(Publisher.MAX_BODY_BYTES).build());
  }

  Publisher owned(Publisher publisher) {
    publishers.add(publisher);
    return publisher;
  }

  Consumer owned(Consumer consumer) {
    consumers.add(consumer);
    return consumer;
  }

  void forget(Publisher publisher) {
    publishers.remove(publisher);
  }

  Requester owned(Requester requester) {
    requesters.add(requester);
    return requester;
  }

  void forget(Requester requester) {
    requesters.remove(requester);
  }

  void forget(Consumer consumer) {
    consumers.remove(consumer);
  }
}
