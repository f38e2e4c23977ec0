// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.samples.gateway.SocketEndpoint.SocketClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that speaks graphql-transport-ws (github.com/enisdenjo/graphql-ws, PROTOCOL.md):
 * the handshake, the token's end, pings, and the messages to and from its operations.
 *
 * <p>Jetty calls the listener methods one at a time; timers and answers come from other threads.
 *
 * <p>Public only because Jetty calls listeners by method handles that need it so.
 */
public final class GraphqlSocket implements Session.Listener.AutoDemanding {
  static final String SUBPROTOCOL = "graphql-transport-ws";

  private static final Logger log = LoggerFactory.getLogger(GraphqlSocket.class);

  private final GraphqlEngine engine;
  private final BearerTokens tokens;
  private final SocketLimits limits;
  private final SocketClock clock;
  private final CallContext upgrade;

  private final Map<String, SocketOperation> operations = new ConcurrentHashMap<>();
  private final Map<String, Future<?>> timers = new ConcurrentHashMap<>();
  private final AtomicBoolean isClosing = new AtomicBoolean();
  private volatile @Nullable Outbox outbox;
  private volatile Caller caller;
  private volatile boolean hasPong = true;
  private boolean hasInit;
  private volatile boolean isAcknowledged;

  GraphqlSocket(
      GraphqlEngine engine,
      BearerTokens tokens,
      SocketLimits limits,
      SocketClock clock,
      CallContext upgrade) {
    this.engine = engine;
    this.tokens = tokens;
    this.limits = limits;
    this.clock = clock;
    this.upgrade = upgrade;
    this.caller = Objects.requireNonNull(upgrade.caller());
  }

  @Override
  public void onWebSocketOpen(Session session) {
    outbox = new Outbox(session, limits.unsentCharacters(), this::tooSlow);
    after("init", limits.initTimeout(), () -> close(4408, "Connection initialisation timeout"));
    closeAtExpiry();
    long every = limits.pingEvery().toNanos();
    timers.put(
        "ping", clock.timers().scheduleAtFixedRate(this::ping, every, every, TimeUnit.NANOSECONDS));
  }

  @Override
  public void onWebSocketText(String text) {
    try {
      JsonNode message = Json.read(text, "the message");
      switch (message.path("type").asText()) {
        case "connection_init" -> init(message.path("payload"));
        case "ping" -> send("pong", null, message.get("payload"));
        case "pong" -> {}
        case "subscribe" -> subscribe(id(message), message.path("payload"));
        case "complete" -> complete(id(message));
        default -> throw Refusal.badRequest("Unknown message type");
      }
    } catch (Refusal refusal) {
      close(4400, String.valueOf(refusal.getMessage()));
    } catch (RuntimeException e) {
      log.error("a message failed unexpectedly, correlation {}", upgrade.correlation(), e);
      close(1011, "Internal error");
    }
  }

  @Override
  public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
    callback.succeed();
    close(4400, "Messages are text");
  }

  @Override
  public void onWebSocketPong(ByteBuffer payload) {
    hasPong = true;
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    log.debug("socket failed, correlation {}", upgrade.correlation(), cause);
    release();
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    callback.succeed();
    log.info("socket closed with {}, correlation {}", code, upgrade.correlation());
    release();
  }

  /** Sends a close frame, once, and lets go of everything. Never blocks. */
  void close(int code, String reason) {
    Outbox box = outbox;
    if (box != null && isClosing.compareAndSet(false, true)) {
      box.close(code, reason, clock.timers());
    }
    release();
  }

  /** Sends one message; {@code id} and {@code payload} only where there are any. */
  void send(String type, @Nullable String id, @Nullable Object payload) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", type);
    if (id != null) {
      message.put("id", id);
    }
    if (payload != null) {
      message.put("payload", payload);
    }
    Outbox box = outbox;
    if (box != null && !isClosing.get()) {
      box.send(Json.write(message));
    }
  }

  private void init(JsonNode payload) {
    if (hasInit) {
      close(4429, "Too many initialisation requests");
      return;
    }
    hasInit = true;
    cancel("init");
    try {
      JsonNode authorization = authorization(payload);
      if (authorization.isTextual()) {
        Caller fresh = tokens.caller(authorization.textValue());
        if (!fresh.owner().equals(caller.owner())) {
          close(4403, "Forbidden: the token is another subject's");
          return;
        }
        caller = fresh;
        closeAtExpiry();
      }
    } catch (Refusal refusal) {
      close(refusal.status() == 503 ? 1013 : 4403, "Forbidden: " + refusal.getMessage());
      return;
    }
    isAcknowledged = true;
    send("connection_ack", null, null);
  }

  /** Clients put it under either spelling, as in the header. */
  private static JsonNode authorization(JsonNode payload) {
    JsonNode upper = payload.path("Authorization");
    return upper.isMissingNode() ? payload.path("authorization") : upper;
  }

  private void subscribe(String id, JsonNode payload) {
    if (!isAcknowledged) {
      close(4401, "Unauthorized");
      return;
    }
    GraphqlRequest request = GraphqlRequest.of(payload);
    SocketOperation operation = new SocketOperation(id, this);
    if (operations.putIfAbsent(id, operation) != null) {
      close(4409, "Subscriber for " + id + " already exists");
      return;
    }
    try {
      if (operations.size() > limits.operations()) {
        throw Refusal.of(
            429, "TOO_MANY_OPERATIONS", "at most " + limits.operations() + " run at once");
      }
      GraphqlEngine.Prepared prepared = engine.prepare(request);
      engine.authorize(prepared, caller);
      engine.execute(prepared, callOf(request)).whenComplete(operation::answered);
    } catch (Refusal refusal) {
      operation.refuse(refusal);
    }
  }

  /**
   * Several operations share the upgrade's headers, so each may bring its own ids as extensions.
   */
  private CallContext callOf(GraphqlRequest request) {
    String correlation = text(request.extensions().get(CorrelationId.HEADER));
    if (correlation == null) {
      correlation = upgrade.requestedCorrelation().map(CorrelationId::value).orElse(null);
    }
    String trace = text(request.extensions().get(TraceParent.HEADER));
    return CallContext.of(correlation, trace == null ? upgrade.trace().value() : trace).by(caller);
  }

  private static @Nullable String text(@Nullable Object value) {
    return value instanceof String text ? text : null;
  }

  private void complete(String id) {
    SocketOperation operation = operations.remove(id);
    if (operation != null) {
      operation.cancel();
    }
  }

  /** True for the one that may send the operation's last message; its id is free from then on. */
  boolean finish(String id, SocketOperation operation) {
    return operations.remove(id, operation);
  }

  boolean isRunning(String id, SocketOperation operation) {
    return operations.get(id) == operation;
  }

  private static String id(JsonNode message) {
    String id = message.path("id").textValue();
    if (id == null || id.isEmpty()) {
      throw Refusal.badRequest("`id` is missing or not a string");
    }
    return id;
  }

  private void closeAtExpiry() {
    // The timer drops part of a millisecond; too early it would leave the end to the next ping.
    Duration left = Duration.between(clock.wall().instant(), caller.expiresAt()).plusMillis(1);
    after("expiry", left, this::closeIfExpired);
  }

  private void closeIfExpired() {
    if (!clock.wall().instant().isBefore(caller.expiresAt())) {
      close(4403, "Forbidden: the token has expired");
    }
  }

  /** Also looks at the wall clock: the timer's own one may have stood still while suspended. */
  private void ping() {
    closeIfExpired();
    Outbox box = outbox;
    if (box == null || isClosing.get()) {
      return;
    }
    if (!hasPong) {
      log.info("no pong in {}, correlation {}", limits.pingEvery(), upgrade.correlation());
      box.disconnect();
      release();
      return;
    }
    hasPong = false;
    box.ping();
  }

  private void tooSlow() {
    log.warn("subscriber too slow, closing; correlation {}", upgrade.correlation());
    close(1013, "Too slow: too much is waiting to be sent");
  }

  private void after(String timer, Duration delay, Runnable task) {
    cancel(timer);
    timers.put(
        timer, clock.timers().schedule(task, Math.max(0, delay.toMillis()), TimeUnit.MILLISECONDS));
  }

  private void cancel(String timer) {
    Future<?> running = timers.remove(timer);
    if (running != null) {
      running.cancel(false);
    }
  }

  private void release() {
    for (String timer : timers.keySet()) {
      cancel(timer);
    }
    for (String id : operations.keySet()) {
      complete(id);
    }
  }

  /** A socket that closes as soon as it is open, with a code that an HTTP answer cannot carry. */
  public static final class Refused implements Session.Listener.AutoDemanding {
    @Override
    public void onWebSocketOpen(Session session) {
      session.close(4406, "Subprotocol not acceptable", Callback.NOOP);
    }

    /** The client left first. */
    @Override
    public void onWebSocketError(Throwable cause) {
      log.debug("a refused socket broke off: {}", cause.toString());
    }
  }
}
