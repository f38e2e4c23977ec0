// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscriptions over the {@code graphql-transport-ws} protocol: connects, subscribes, and does both
 * again when the connection is lost. A refused token is replaced once; a second refusal, or a peer
 * that breaks the protocol, ends it.
 *
 * <p>The protocol does not answer to {@code subscribe}. A {@code ping} goes after it: the peer
 * reads in order, so its {@code pong} tells that the subscriptions are known, and the socket is
 * ready.
 *
 * <p>All state belongs to one thread, which also asks for tokens and runs the callbacks. OkHttp's
 * threads only hand events over; each names the connection (epoch) it came from, and those of an
 * older one are dropped.
 */
final class SubscriptionSocket implements AutoCloseable {
  static final String PROTOCOL = "graphql-transport-ws";

  private static final Logger log = LoggerFactory.getLogger(SubscriptionSocket.class);
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(15);
  private static final int FORBIDDEN = 4403;
  // 4401 before ack, 4400 bad message, 4406 subprotocol, 4409 duplicate id, 4429 second init: the
  // same again would end the same.
  private static final Set<Integer> FATAL_CODES = Set.of(4400, 4401, 4406, 4409, 4429);
  private static final int NORMAL_CLOSURE = 1000;

  private final OkHttpClient http;
  private final HttpUrl url;
  private final TokenSource tokens;
  private final List<Subscription> subscriptions;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(FabricThreads.named("trackunit-client", "socket"));
  private final Backoff backoff =
      Backoff.exponential(
          Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault());
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  // close() reads the socket from elsewhere; the rest is touched on the thread only.
  private volatile @Nullable WebSocket socket;
  private volatile boolean closed;
  private int epoch;
  private int failures;
  private boolean tokenRefused;
  private boolean acknowledged;
  private boolean established;

  private SubscriptionSocket(
      OkHttpClient http, HttpUrl url, TokenSource tokens, List<Subscription> subscriptions) {
    // The upgrade's Authorization header must not follow a redirect.
    this.http =
        http.newBuilder()
            .followRedirects(false)
            .followSslRedirects(false)
            .pingInterval(Duration.ofSeconds(20))
            .build();
    this.url = url;
    this.tokens = tokens;
    this.subscriptions = List.copyOf(subscriptions);
  }

  /** Begins to connect; the caller closes it. */
  static SubscriptionSocket open(
      OkHttpClient http, HttpUrl url, TokenSource tokens, List<Subscription> subscriptions) {
    SubscriptionSocket opened = new SubscriptionSocket(http, url, tokens, subscriptions);
    opened.onThread(opened::connect);
    return opened;
  }

  /** Completes when the peer knows every subscription for the first time. */
  CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /** Completes, exceptionally, when there is no use in going on. */
  CompletableFuture<Void> failure() {
    return failure.copy();
  }

  /** Says goodbye without waiting for the answer. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    WebSocket open = socket;
    if (open != null) {
      boolean unused = open.close(NORMAL_CLOSURE, "done");
    }
  }

  private void connect() {
    int current = ++epoch;
    acknowledged = false;
    established = false;
    try {
      Request upgrade =
          new Request.Builder()
              .url(url)
              .header("Authorization", "Bearer " + tokens.token(tokenRefused).reveal())
              .header("Sec-WebSocket-Protocol", PROTOCOL)
              .build();
      WebSocket connecting = http.newWebSocket(upgrade, new Listener(current));
      socket = connecting;
      if (closed) {
        connecting.cancel();
        return;
      }
    } catch (FabricException e) {
      end(e);
      return;
    }
    after(HANDSHAKE_TIMEOUT, () -> onHandshakeTimeout(current));
  }

  private void onHandshakeTimeout(int of) {
    if (of == epoch && !established) {
      onLost(of, "no handshake within " + HANDSHAKE_TIMEOUT);
    }
  }

  private void onOpen(int of, WebSocket opened, Response response) {
    if (of != epoch) {
      return;
    }
    if (!PROTOCOL.equals(response.header("Sec-WebSocket-Protocol"))) {
      broken("the peer does not speak " + PROTOCOL);
      return;
    }
    send(opened, Map.of("type", "connection_init"));
  }

  private void onMessage(int of, WebSocket from, String text) {
    if (of != epoch) {
      return;
    }
    JsonNode message = Json.object(text);
    if (message == null) {
      broken("a message is not a JSON object");
      return;
    }
    switch (message.path("type").asText()) {
      case "connection_ack" -> onAcknowledged(from);
      case "ping" -> send(from, Map.of("type", "pong"));
      case "pong" -> onPong();
      case "next" -> onNext(message);
      case "error" -> end(Json.graphqlError(field(message), message.path("payload")));
      case "complete" -> onLost(of, field(message) + " was ended by the peer");
      default -> broken("a message has a type it does not know");
    }
  }

  private void onAcknowledged(WebSocket from) {
    acknowledged = true;
    for (Subscription subscription : subscriptions) {
      Map<String, ?> payload =
          Map.of("query", subscription.query(), "variables", subscription.variables());
      send(from, Map.of("id", subscription.field(), "type", "subscribe", "payload", payload));
    }
    send(from, Map.of("type", "ping"));
  }

  private void onPong() {
    if (acknowledged) {
      established = true;
      failures = 0;
      tokenRefused = false;
      ready.complete(null);
    }
  }

  private void onNext(JsonNode message) {
    JsonNode errors = message.at("/payload/errors");
    if (errors.isArray() && !errors.isEmpty()) {
      end(Json.graphqlError(field(message), errors));
      return;
    }
    for (Subscription subscription : subscriptions) {
      JsonNode event = message.path("payload").path("data").path(subscription.field());
      if (subscription.field().equals(message.path("id").asText()) && event.isObject()) {
        subscription.onEvent().accept(event);
      }
    }
  }

  private void onClosing(int of, int code, String reason) {
    if (of != epoch) {
      return;
    }
    if (code == FORBIDDEN) {
      onTokenRefused(of, "close code " + code);
    } else if (FATAL_CODES.contains(code)) {
      broken("the peer closed with " + code + " " + Json.quote(reason));
    } else {
      onLost(of, "closed with " + code + " " + Json.quote(reason));
    }
  }

  private void onFailure(int of, Throwable cause, @Nullable Integer status) {
    if (of != epoch) {
      return;
    }
    if (status == null || status >= 500) {
      onLost(of, status == null ? cause.getClass().getSimpleName() : "HTTP " + status);
    } else if (status == 401 || status == 403) {
      onTokenRefused(of, "HTTP " + status);
    } else {
      broken("the upgrade was answered with HTTP " + status + ", expected 101; check the URL");
    }
  }

  private void onTokenRefused(int of, String how) {
    if (tokenRefused) {
      end(
          new TrackunitClientException(
              Reason.SIGN_IN,
              "subscription: " + how + ", a new token was refused too; sign in again"));
      return;
    }
    tokenRefused = true;
    drop();
    log.debug("connection {}: {}, taking a new token", of, how);
    connect();
  }

  private void onLost(int of, String why) {
    drop();
    failures++;
    Duration delay = backoff.delay(failures);
    log.info("subscription: connection {} lost ({}), again in {}", of, why, delay);
    after(delay, this::connect);
  }

  private void broken(String what) {
    end(new TrackunitClientException(Reason.PROTOCOL, "subscription: " + what));
  }

  private void end(FabricException cause) {
    drop();
    ready.completeExceptionally(cause);
    failure.completeExceptionally(cause);
  }

  private void drop() {
    epoch++;
    WebSocket open = socket;
    if (open != null) {
      open.cancel();
      socket = null;
    }
  }

  private static String field(JsonNode message) {
    return "subscription " + Json.quote(message.path("id").asText());
  }

  private static void send(WebSocket to, Map<String, ?> message) {
    // False means that the socket is closing, which its listener hears as well.
    boolean unused = to.send(Json.write(message));
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(() -> run(task));
    } catch (RejectedExecutionException e) {
      log.debug("an event came after close", e);
    }
  }

  private void after(Duration delay, Runnable task) {
    try {
      var unused = thread.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("nothing follows after close", e);
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (FabricException e) {
      end(e);
    } catch (RuntimeException e) {
      end(new TrackunitClientException(Reason.PROTOCOL, "subscription: an event broke it", e));
    }
  }

  /** Hands OkHttp's events over to the thread, with the epoch they belong to. */
  private final class Listener extends WebSocketListener {
    private final int of;

    Listener(int of) {
      this.of = of;
    }

    @Override
    public void onOpen(WebSocket webSocket, Response response) {
      onThread(() -> SubscriptionSocket.this.onOpen(of, webSocket, response));
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
      onThread(() -> SubscriptionSocket.this.onMessage(of, webSocket, text));
    }

    @Override
    public void onClosing(WebSocket webSocket, int code, String reason) {
      webSocket.close(NORMAL_CLOSURE, null);
      onThread(() -> SubscriptionSocket.this.onClosing(of, code, reason));
    }

    @Override
    public void onFailure(WebSocket webSocket, Throwable cause, @Nullable Response response) {
      Integer status = response == null ? null : response.code();
      onThread(() -> SubscriptionSocket.this.onFailure(of, cause, status));
    }
  }
}
